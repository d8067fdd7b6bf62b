"""Whether a value is valid, for schema/tenant-sender.v1.schema.json: made by `make generate`."""

import re
from functools import cache
from typing import Any

_compiled = cache(re.compile)


def _0(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _1(v: Any) -> bool:
    if not _0(v): return False
    return True


def _2(v: Any) -> bool:
    if not _0(v): return False
    return True


def _3(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^-?[0-9]+\\Z').search(v): return False
    return True


def _4(v: Any) -> bool:
    if not _3(v): return False
    return True


def _5(v: Any) -> bool:
    if not _0(v): return False
    return True


def _6(v: Any) -> bool:
    if not _0(v): return False
    return True


def _7(v: Any) -> bool:
    if not _0(v): return False
    return True


def _8(v: Any) -> bool:
    return True


def _9(v: Any) -> bool:
    return True


_KEYS_10: dict[str, Any] = {'value': _8}


def _10(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_10.get(name, _9)(value): return False
    return True


def _11(v: Any) -> bool:
    if not (v == 'password' or v == 'clientSecret' or v == 'accessToken' or v == 'apiKeyValue'): return False
    return True


_KEYS_13: dict[str, Any] = {'key': _11}


def _12(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        for name, value in v.items():
            if not _KEYS_13.get(name, _9)(value): return False
    return True


def _13(v: Any) -> bool:
    if not _12(v): return False
    return True


def _14(v: Any) -> bool:
    if not _0(v): return False
    return True


def _15(v: Any) -> bool:
    if not (isinstance(v, str) or isinstance(v, bool)): return False
    return True


def _16(v: Any) -> bool:
    if not _15(v): return False
    return True


def _17(v: Any) -> bool:
    return False


_KEYS_20: dict[str, Any] = {'key': _14, 'value': _16}


def _18(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not (_10(v) if _13(v) else True): return False
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_20.get(name, _17)(value): return False
    return True


def _19(v: Any) -> bool:
    if not _18(v): return False
    return True


def _20(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_19, v)): return False
    return True


def _21(v: Any) -> bool:
    if not _20(v): return False
    return True


_KEYS_25: dict[str, Any] = {'name': _1, 'smtpServerHost': _2, 'smtpPort': _4, 'fromAddress': _5, 'userName': _6, 'password': _7, 'properties': _21}


def _22(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'fromAddress' not in v: return False
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_25.get(name, _17)(value): return False
    return True


_KEYS_27: dict[str, Any] = {'smtpServerHost': _2, 'smtpPort': _4, 'fromAddress': _5, 'userName': _6, 'password': _7, 'properties': _21}


def _23(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'fromAddress' not in v: return False
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_27.get(name, _17)(value): return False
    return True


def _24(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('\\S').search(v): return False
    return True


_KEYS_30: dict[str, Any] = {'smtpServerHost': _24}


def _25(v: Any) -> bool:
    if isinstance(v, dict):
        if 'smtpServerHost' not in v: return False
        for name, value in v.items():
            if not _KEYS_30.get(name, _9)(value): return False
    return True


def _26(v: Any) -> bool:
    if not _25(v): return False
    return True


def _27(v: Any) -> bool:
    if isinstance(v, dict):
        if 'smtpPort' not in v: return False
    return True


def _28(v: Any) -> bool:
    if not _27(v): return False
    return True


_KEYS_35: dict[str, Any] = {'fromAddress': _24}


def _29(v: Any) -> bool:
    if isinstance(v, dict):
        if 'fromAddress' not in v: return False
        for name, value in v.items():
            if not _KEYS_35.get(name, _9)(value): return False
    return True


def _30(v: Any) -> bool:
    if not _29(v): return False
    return True


def _31(v: Any) -> bool:
    if not (v == 'mail.smtp.signature'): return False
    return True


_KEYS_39: dict[str, Any] = {'key': _31, 'value': _24}


def _32(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_39.get(name, _9)(value): return False
    return True


def _33(v: Any) -> bool:
    if not _32(v): return False
    return True


def _34(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_33, v)): return False
    return True


_KEYS_43: dict[str, Any] = {'properties': _34}


def _35(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_43.get(name, _9)(value): return False
    return True


def _36(v: Any) -> bool:
    if not _35(v): return False
    return True


def _37(v: Any) -> bool:
    if not (v == 'mail.smtp.replyTo'): return False
    return True


_KEYS_47: dict[str, Any] = {'key': _37, 'value': _24}


def _38(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_47.get(name, _9)(value): return False
    return True


def _39(v: Any) -> bool:
    if not _38(v): return False
    return True


def _40(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_39, v)): return False
    return True


_KEYS_51: dict[str, Any] = {'properties': _40}


def _41(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_51.get(name, _9)(value): return False
    return True


def _42(v: Any) -> bool:
    if not _41(v): return False
    return True


_KEYS_54: dict[str, Any] = {'userName': _24, 'password': _24}


def _43(v: Any) -> bool:
    if isinstance(v, dict):
        if 'userName' not in v: return False
        if 'password' not in v: return False
        for name, value in v.items():
            if not _KEYS_54.get(name, _9)(value): return False
    return True


def _44(v: Any) -> bool:
    if not _43(v): return False
    return True


def _45(v: Any) -> bool:
    if not _26(v): return False
    if not _28(v): return False
    if not _30(v): return False
    if not _36(v): return False
    if not _42(v): return False
    if not _44(v): return False
    return True


def _46(v: Any) -> bool:
    if not _45(v): return False
    return True


_KEYS_59: dict[str, Any] = {'name': _1, 'smtpServerHost': _2, 'smtpPort': _4, 'fromAddress': _5, 'userName': _6, 'password': _7, 'properties': _21}


def _47(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _46(v): return False
    if isinstance(v, dict):
        if 'fromAddress' not in v: return False
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_59.get(name, _17)(value): return False
    return True


_KEYS_61: dict[str, Any] = {'smtpServerHost': _2, 'smtpPort': _4, 'fromAddress': _5, 'userName': _6, 'password': _7, 'properties': _21}


def _48(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _46(v): return False
    if isinstance(v, dict):
        if 'fromAddress' not in v: return False
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_61.get(name, _17)(value): return False
    return True


VALID = {
    '/$defs/6.0.0': _22,
    '/$defs/6.0.0-put': _23,
    '/$defs/7.2.0': _47,
    '/$defs/7.2.0-put': _48,
    '/$defs/7.3.0': _22,
    '/$defs/7.3.0-put': _23,
}
