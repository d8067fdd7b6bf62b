"""Whether a value is valid, for schema/settings.schema.json: made by `make generate`."""

import re
from functools import cache
from typing import Any

_compiled = cache(re.compile)


def _0(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    return True


def _1(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[Mm][Ww][0-9]{0,3}\\Z').search(v): return False
    return True


def _2(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_1, v)): return False
    return True


_KEYS_3: dict[str, Any] = {}


def _3(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_3.get(name, _2)(value): return False
    return True


def _4(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_0, v)): return False
    return True


def _5(v: Any) -> bool:
    if not (isinstance(v, bool)): return False
    return True


def _6(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
        if v > 512: return False
    return True


def _7(v: Any) -> bool:
    if not (isinstance(v, (int, float)) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0.01: return False
    return True


def _8(v: Any) -> bool:
    if not (isinstance(v, (int, float)) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0.1: return False
        if v > 600: return False
    return True


def _9(v: Any) -> bool:
    if not (isinstance(v, (int, float)) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0.1: return False
        if v > 3600: return False
    return True


def _10(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 99: return False
    return True


def _11(v: Any) -> bool:
    if not _0(v): return False
    return True


def _12(v: Any) -> bool:
    return False


_KEYS_14: dict[str, Any] = {'product-version': _11}


def _13(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_14.get(name, _12)(value): return False
    return True


def _14(v: Any) -> bool:
    if not _0(v): return False
    return True


_KEYS_17: dict[str, Any] = {'format': _14}


def _15(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_17.get(name, _12)(value): return False
    return True


def _16(v: Any) -> bool:
    if not _0(v): return False
    return True


def _17(v: Any) -> bool:
    if not _0(v): return False
    return True


def _18(v: Any) -> bool:
    if not _0(v): return False
    return True


def _19(v: Any) -> bool:
    if not _6(v): return False
    return True


def _20(v: Any) -> bool:
    if not _7(v): return False
    return True


def _21(v: Any) -> bool:
    if not _8(v): return False
    return True


_KEYS_25: dict[str, Any] = {'product-version': _11, 'format': _14, 'ca-file': _16, 'secrets-dir': _17, 'policy': _18, 'concurrency': _19, 'rate': _20, 'timeout': _21}


def _22(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_25.get(name, _12)(value): return False
    return True


def _23(v: Any) -> bool:
    if not _2(v): return False
    return True


def _24(v: Any) -> bool:
    if not _2(v): return False
    return True


def _25(v: Any) -> bool:
    if not _4(v): return False
    return True


def _26(v: Any) -> bool:
    if not _5(v): return False
    return True


def _27(v: Any) -> bool:
    if not _0(v): return False
    return True


_KEYS_32: dict[str, Any] = {'product-version': _11, 'format': _14, 'select': _23, 'ignore': _24, 'exclude': _25, 'strict': _26, 'baseline': _27}


def _28(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_32.get(name, _12)(value): return False
    return True


_KEYS_34: dict[str, Any] = {'product-version': _11, 'format': _14, 'secrets-dir': _17}


def _29(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_34.get(name, _12)(value): return False
    return True


def _30(v: Any) -> bool:
    if not _10(v): return False
    return True


def _31(v: Any) -> bool:
    if not _0(v): return False
    return True


_KEYS_38: dict[str, Any] = {'product-version': _11, 'format': _14, 'backup': _30, 'backup-dir': _31}


def _32(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_38.get(name, _12)(value): return False
    return True


_KEYS_40: dict[str, Any] = {'product-version': _11, 'format': _14}


def _33(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_40.get(name, _12)(value): return False
    return True


_KEYS_42: dict[str, Any] = {'product-version': _11, 'format': _14, 'ca-file': _16, 'secrets-dir': _17}


def _34(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_42.get(name, _12)(value): return False
    return True


def _35(v: Any) -> bool:
    if not _0(v): return False
    return True


def _36(v: Any) -> bool:
    if not _0(v): return False
    return True


def _37(v: Any) -> bool:
    if not _6(v): return False
    return True


def _38(v: Any) -> bool:
    if not _9(v): return False
    return True


def _39(v: Any) -> bool:
    if not _5(v): return False
    return True


_KEYS_49: dict[str, Any] = {'product-version': _11, 'format': _14, 'ca-file': _16, 'trust-store': _35, 'trust-store-password-file': _36, 'secrets-dir': _17, 'policy': _18, 'concurrency': _19, 'per-host': _37, 'rate': _20, 'timeout': _21, 'deadline': _38, 'require-auth': _39}


def _40(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_49.get(name, _12)(value): return False
    return True


_KEYS_51: dict[str, Any] = {'product-version': _0, 'format': _0, 'select': _2, 'ignore': _2, 'per-file-ignores': _3, 'exclude': _4, 'strict': _5, 'baseline': _0, 'ca-file': _0, 'trust-store': _0, 'trust-store-password-file': _0, 'secrets-dir': _0, 'policy': _0, 'concurrency': _6, 'per-host': _6, 'rate': _7, 'timeout': _8, 'deadline': _9, 'require-auth': _5, 'backup': _10, 'backup-dir': _0, 'init': _13, 'upgrade': _15, 'status': _22, 'validate': _28, 'render': _29, 'merge': _32, 'effective': _33, 'import': _34, 'plan': _22, 'apply': _22, 'verify': _40}


def _41(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_51.get(name, _12)(value): return False
    return True


VALID = {
    '': _41,
}
