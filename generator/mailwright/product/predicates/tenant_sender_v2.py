"""Whether a value is valid, for schema/tenant-sender.v2.schema.json: made by `make generate`."""

import re
from functools import cache
from typing import Any

_compiled = cache(re.compile)


def _0(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('\\S').search(v): return False
    return True


def _1(v: Any) -> bool:
    return True


_KEYS_2: dict[str, Any] = {'smtpServerHost': _0}


def _2(v: Any) -> bool:
    if isinstance(v, dict):
        if 'smtpServerHost' not in v: return False
        for name, value in v.items():
            if not _KEYS_2.get(name, _1)(value): return False
    return True


def _3(v: Any) -> bool:
    if not _2(v): return False
    return True


def _4(v: Any) -> bool:
    if isinstance(v, dict):
        if 'smtpPort' not in v: return False
    return True


def _5(v: Any) -> bool:
    if not _4(v): return False
    return True


_KEYS_7: dict[str, Any] = {'fromAddress': _0}


def _6(v: Any) -> bool:
    if isinstance(v, dict):
        if 'fromAddress' not in v: return False
        for name, value in v.items():
            if not _KEYS_7.get(name, _1)(value): return False
    return True


def _7(v: Any) -> bool:
    if not _6(v): return False
    return True


def _8(v: Any) -> bool:
    if not (v == 'mail.smtp.signature'): return False
    return True


_KEYS_11: dict[str, Any] = {'key': _8, 'value': _0}


def _9(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_11.get(name, _1)(value): return False
    return True


def _10(v: Any) -> bool:
    if not _9(v): return False
    return True


def _11(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_10, v)): return False
    return True


_KEYS_15: dict[str, Any] = {'properties': _11}


def _12(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_15.get(name, _1)(value): return False
    return True


def _13(v: Any) -> bool:
    if not _12(v): return False
    return True


def _14(v: Any) -> bool:
    if not (v == 'mail.smtp.replyTo'): return False
    return True


_KEYS_19: dict[str, Any] = {'key': _14, 'value': _0}


def _15(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_19.get(name, _1)(value): return False
    return True


def _16(v: Any) -> bool:
    if not _15(v): return False
    return True


def _17(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_16, v)): return False
    return True


_KEYS_23: dict[str, Any] = {'properties': _17}


def _18(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_23.get(name, _1)(value): return False
    return True


def _19(v: Any) -> bool:
    if not _18(v): return False
    return True


def _20(v: Any) -> bool:
    if not _3(v): return False
    if not _5(v): return False
    if not _7(v): return False
    if not _13(v): return False
    if not _19(v): return False
    return True


def _21(v: Any) -> bool:
    if not _20(v): return False
    return True


def _22(v: Any) -> bool:
    if isinstance(v, dict):
        if 'authType' not in v: return False
    return True


def _23(v: Any) -> bool:
    if not _22(v): return False
    return True


def _24(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL'): return False
    return True


def _25(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _26(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_24(v) or _25(v)): return False
    return True


_KEYS_33: dict[str, Any] = {'authType': _26}


def _27(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_33.get(name, _1)(value): return False
    return True


def _28(v: Any) -> bool:
    if not _27(v): return False
    return True


def _29(v: Any) -> bool:
    if not (v == 'userName'): return False
    return True


_KEYS_37: dict[str, Any] = {'key': _29, 'value': _0}


def _30(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_37.get(name, _1)(value): return False
    return True


def _31(v: Any) -> bool:
    if not _30(v): return False
    return True


def _32(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_31, v)): return False
    return True


def _33(v: Any) -> bool:
    if not (v == 'password'): return False
    return True


_KEYS_42: dict[str, Any] = {'key': _33, 'value': _0}


def _34(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_42.get(name, _1)(value): return False
    return True


def _35(v: Any) -> bool:
    if not _34(v): return False
    return True


def _36(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_35, v)): return False
    return True


def _37(v: Any) -> bool:
    if not _32(v): return False
    if not _36(v): return False
    return True


_KEYS_47: dict[str, Any] = {'properties': _37}


def _38(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_47.get(name, _1)(value): return False
    return True


def _39(v: Any) -> bool:
    if not (v == 'BASIC'): return False
    return True


def _40(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc])\\Z').search(v): return False
    return True


def _41(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_39(v) or _40(v)): return False
    return True


_KEYS_52: dict[str, Any] = {'authType': _41}


def _42(v: Any) -> bool:
    if isinstance(v, dict):
        if 'authType' not in v: return False
        for name, value in v.items():
            if not _KEYS_52.get(name, _1)(value): return False
    return True


def _43(v: Any) -> bool:
    if not (_38(v) if _42(v) else True): return False
    return True


def _44(v: Any) -> bool:
    if not _43(v): return False
    return True


def _45(v: Any) -> bool:
    if not (v == 'clientId'): return False
    return True


_KEYS_57: dict[str, Any] = {'key': _45, 'value': _0}


def _46(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_57.get(name, _1)(value): return False
    return True


def _47(v: Any) -> bool:
    if not _46(v): return False
    return True


def _48(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_47, v)): return False
    return True


def _49(v: Any) -> bool:
    if not (v == 'clientSecret'): return False
    return True


_KEYS_62: dict[str, Any] = {'key': _49, 'value': _0}


def _50(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_62.get(name, _1)(value): return False
    return True


def _51(v: Any) -> bool:
    if not _50(v): return False
    return True


def _52(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_51, v)): return False
    return True


def _53(v: Any) -> bool:
    if not (v == 'tokenEndpoint'): return False
    return True


_KEYS_67: dict[str, Any] = {'key': _53, 'value': _0}


def _54(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_67.get(name, _1)(value): return False
    return True


def _55(v: Any) -> bool:
    if not _54(v): return False
    return True


def _56(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_55, v)): return False
    return True


def _57(v: Any) -> bool:
    if not _48(v): return False
    if not _52(v): return False
    if not _56(v): return False
    return True


_KEYS_72: dict[str, Any] = {'properties': _57}


def _58(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_72.get(name, _1)(value): return False
    return True


def _59(v: Any) -> bool:
    if not (v == 'CLIENT_CREDENTIAL'): return False
    return True


def _60(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _61(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_59(v) or _60(v)): return False
    return True


_KEYS_77: dict[str, Any] = {'authType': _61}


def _62(v: Any) -> bool:
    if isinstance(v, dict):
        if 'authType' not in v: return False
        for name, value in v.items():
            if not _KEYS_77.get(name, _1)(value): return False
    return True


def _63(v: Any) -> bool:
    if not (_58(v) if _62(v) else True): return False
    return True


def _64(v: Any) -> bool:
    if not _63(v): return False
    return True


def _65(v: Any) -> bool:
    if not (v == 'scopes'): return False
    return True


_KEYS_82: dict[str, Any] = {'key': _65, 'value': _0}


def _66(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_82.get(name, _1)(value): return False
    return True


def _67(v: Any) -> bool:
    if not _66(v): return False
    return True


def _68(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_67, v)): return False
    return True


def _69(v: Any) -> bool:
    if not _68(v): return False
    return True


_KEYS_87: dict[str, Any] = {'properties': _69}


def _70(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_87.get(name, _1)(value): return False
    return True


def _71(v: Any) -> bool:
    if not (_70(v) if _62(v) else True): return False
    return True


def _72(v: Any) -> bool:
    if not _71(v): return False
    return True


def _73(v: Any) -> bool:
    if not _23(v): return False
    if not _28(v): return False
    if not _44(v): return False
    if not _64(v): return False
    if not _72(v): return False
    return True


def _74(v: Any) -> bool:
    if not _73(v): return False
    return True


def _75(v: Any) -> bool:
    if not _21(v): return False
    if not _74(v): return False
    return True


def _76(v: Any) -> bool:
    if not _75(v): return False
    return True


def _77(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _78(v: Any) -> bool:
    if not _77(v): return False
    return True


def _79(v: Any) -> bool:
    if not _77(v): return False
    return True


def _80(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^-?[0-9]+\\Z').search(v): return False
    return True


def _81(v: Any) -> bool:
    if not _80(v): return False
    return True


def _82(v: Any) -> bool:
    if not _77(v): return False
    return True


def _83(v: Any) -> bool:
    if not _77(v): return False
    return True


def _84(v: Any) -> bool:
    return True


_KEYS_103: dict[str, Any] = {'value': _84}


def _85(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_103.get(name, _1)(value): return False
    return True


def _86(v: Any) -> bool:
    if not (v == 'password' or v == 'clientSecret' or v == 'accessToken' or v == 'apiKeyValue'): return False
    return True


_KEYS_106: dict[str, Any] = {'key': _86}


def _87(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        for name, value in v.items():
            if not _KEYS_106.get(name, _1)(value): return False
    return True


def _88(v: Any) -> bool:
    if not _87(v): return False
    return True


def _89(v: Any) -> bool:
    if not _77(v): return False
    return True


def _90(v: Any) -> bool:
    if not (isinstance(v, str) or isinstance(v, bool)): return False
    return True


def _91(v: Any) -> bool:
    if not _90(v): return False
    return True


def _92(v: Any) -> bool:
    return False


_KEYS_113: dict[str, Any] = {'key': _89, 'value': _91}


def _93(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not (_85(v) if _88(v) else True): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_113.get(name, _92)(value): return False
    return True


def _94(v: Any) -> bool:
    if not _93(v): return False
    return True


def _95(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_94, v)): return False
    return True


def _96(v: Any) -> bool:
    if not _95(v): return False
    return True


_KEYS_118: dict[str, Any] = {'name': _78, 'smtpServerHost': _79, 'smtpPort': _81, 'fromAddress': _82, 'authType': _83, 'properties': _96}


def _97(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _76(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_118.get(name, _92)(value): return False
    return True


_KEYS_120: dict[str, Any] = {'smtpServerHost': _79, 'smtpPort': _81, 'fromAddress': _82, 'authType': _83, 'properties': _96}


def _98(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _76(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_120.get(name, _92)(value): return False
    return True


def _99(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL' or v == 'BEARER' or v == 'API_KEY' or v == 'NONE'): return False
    return True


def _100(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Aa][Pp][Ii]_[Kk][Ee][Yy]|[Nn][Oo][Nn][Ee])\\Z').search(v): return False
    return True


def _101(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_99(v) or _100(v)): return False
    return True


_KEYS_125: dict[str, Any] = {'authType': _101}


def _102(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_125.get(name, _1)(value): return False
    return True


def _103(v: Any) -> bool:
    if not _102(v): return False
    return True


def _104(v: Any) -> bool:
    if not (v == 'accessToken'): return False
    return True


_KEYS_129: dict[str, Any] = {'key': _104, 'value': _0}


def _105(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_129.get(name, _1)(value): return False
    return True


def _106(v: Any) -> bool:
    if not _105(v): return False
    return True


def _107(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_106, v)): return False
    return True


def _108(v: Any) -> bool:
    if not _107(v): return False
    return True


_KEYS_134: dict[str, Any] = {'properties': _108}


def _109(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_134.get(name, _1)(value): return False
    return True


def _110(v: Any) -> bool:
    if not (v == 'BEARER'): return False
    return True


def _111(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Ee][Aa][Rr][Ee][Rr])\\Z').search(v): return False
    return True


def _112(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_110(v) or _111(v)): return False
    return True


_KEYS_139: dict[str, Any] = {'authType': _112}


def _113(v: Any) -> bool:
    if isinstance(v, dict):
        if 'authType' not in v: return False
        for name, value in v.items():
            if not _KEYS_139.get(name, _1)(value): return False
    return True


def _114(v: Any) -> bool:
    if not (_109(v) if _113(v) else True): return False
    return True


def _115(v: Any) -> bool:
    if not _114(v): return False
    return True


def _116(v: Any) -> bool:
    if not (v == 'apiKeyHeader'): return False
    return True


_KEYS_144: dict[str, Any] = {'key': _116, 'value': _0}


def _117(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_144.get(name, _1)(value): return False
    return True


def _118(v: Any) -> bool:
    if not _117(v): return False
    return True


def _119(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_118, v)): return False
    return True


def _120(v: Any) -> bool:
    if not (v == 'apiKeyValue'): return False
    return True


_KEYS_149: dict[str, Any] = {'key': _120, 'value': _0}


def _121(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_149.get(name, _1)(value): return False
    return True


def _122(v: Any) -> bool:
    if not _121(v): return False
    return True


def _123(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_122, v)): return False
    return True


def _124(v: Any) -> bool:
    if not _119(v): return False
    if not _123(v): return False
    return True


_KEYS_154: dict[str, Any] = {'properties': _124}


def _125(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_154.get(name, _1)(value): return False
    return True


def _126(v: Any) -> bool:
    if not (v == 'API_KEY'): return False
    return True


def _127(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Aa][Pp][Ii]_[Kk][Ee][Yy])\\Z').search(v): return False
    return True


def _128(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_126(v) or _127(v)): return False
    return True


_KEYS_159: dict[str, Any] = {'authType': _128}


def _129(v: Any) -> bool:
    if isinstance(v, dict):
        if 'authType' not in v: return False
        for name, value in v.items():
            if not _KEYS_159.get(name, _1)(value): return False
    return True


def _130(v: Any) -> bool:
    if not (_125(v) if _129(v) else True): return False
    return True


def _131(v: Any) -> bool:
    if not _130(v): return False
    return True


def _132(v: Any) -> bool:
    if not _23(v): return False
    if not _103(v): return False
    if not _44(v): return False
    if not _64(v): return False
    if not _115(v): return False
    if not _131(v): return False
    return True


def _133(v: Any) -> bool:
    if not _132(v): return False
    return True


_KEYS_165: dict[str, Any] = {'providerURL': _0}


def _134(v: Any) -> bool:
    if isinstance(v, dict):
        if 'providerURL' not in v: return False
        for name, value in v.items():
            if not _KEYS_165.get(name, _1)(value): return False
    return True


def _135(v: Any) -> bool:
    if not _134(v): return False
    return True


def _136(v: Any) -> bool:
    if not (v == 'body'): return False
    return True


_KEYS_169: dict[str, Any] = {'key': _136, 'value': _0}


def _137(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        if 'value' not in v: return False
        for name, value in v.items():
            if not _KEYS_169.get(name, _1)(value): return False
    return True


def _138(v: Any) -> bool:
    if not _137(v): return False
    return True


def _139(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_138, v)): return False
    return True


_KEYS_173: dict[str, Any] = {'properties': _139}


def _140(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        for name, value in v.items():
            if not _KEYS_173.get(name, _1)(value): return False
    return True


def _141(v: Any) -> bool:
    if not _140(v): return False
    return True


def _142(v: Any) -> bool:
    if not (v == 'POST' or v == 'PUT'): return False
    return True


def _143(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt])?\\Z(?!\\n)').search(v): return False
    return True


def _144(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_142(v) or _143(v)): return False
    return True


_KEYS_179: dict[str, Any] = {'value': _144}


def _145(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_179.get(name, _1)(value): return False
    return True


def _146(v: Any) -> bool:
    if not (v == 'http.client.method'): return False
    return True


_KEYS_182: dict[str, Any] = {'key': _146}


def _147(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        for name, value in v.items():
            if not _KEYS_182.get(name, _1)(value): return False
    return True


def _148(v: Any) -> bool:
    if not (_145(v) if _147(v) else True): return False
    return True


def _149(v: Any) -> bool:
    if isinstance(v, list):
        if not all(map(_148, v)): return False
    return True


_KEYS_186: dict[str, Any] = {'properties': _149}


def _150(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_186.get(name, _1)(value): return False
    return True


def _151(v: Any) -> bool:
    if not _150(v): return False
    return True


def _152(v: Any) -> bool:
    if not (v == 'JSON' or v == 'FORM'): return False
    return True


def _153(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Jj][Ss][Oo][Nn]|[Ff][Oo][Rr][Mm])?\\Z(?!\\n)').search(v): return False
    return True


def _154(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_152(v) or _153(v)): return False
    return True


_KEYS_192: dict[str, Any] = {'value': _154}


def _155(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_192.get(name, _1)(value): return False
    return True


def _156(v: Any) -> bool:
    if not (v == 'contentType'): return False
    return True


_KEYS_195: dict[str, Any] = {'key': _156}


def _157(v: Any) -> bool:
    if isinstance(v, dict):
        if 'key' not in v: return False
        for name, value in v.items():
            if not _KEYS_195.get(name, _1)(value): return False
    return True


def _158(v: Any) -> bool:
    if not (_155(v) if _157(v) else True): return False
    return True


def _159(v: Any) -> bool:
    if isinstance(v, list):
        if not all(map(_158, v)): return False
    return True


_KEYS_199: dict[str, Any] = {'properties': _159}


def _160(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_199.get(name, _1)(value): return False
    return True


def _161(v: Any) -> bool:
    if not _160(v): return False
    return True


def _162(v: Any) -> bool:
    if not _135(v): return False
    if not _141(v): return False
    if not _151(v): return False
    if not _161(v): return False
    return True


def _163(v: Any) -> bool:
    if not _162(v): return False
    return True


def _164(v: Any) -> bool:
    if not (v == 'HTTP'): return False
    return True


def _165(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _166(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_164(v) or _165(v)): return False
    return True


_KEYS_207: dict[str, Any] = {'provider': _166}


def _167(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provider' not in v: return False
        for name, value in v.items():
            if not _KEYS_207.get(name, _1)(value): return False
    return True


def _168(v: Any) -> bool:
    if not _167(v): return False
    return True


def _169(v: Any) -> bool:
    if not _133(v): return False
    if not (_163(v) if _168(v) else _21(v)): return False
    return True


def _170(v: Any) -> bool:
    if not _169(v): return False
    return True


def _171(v: Any) -> bool:
    if not (v == 'SMTP' or v == 'HTTP'): return False
    return True


def _172(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Ss][Mm][Tt][Pp]|[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _173(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_171(v) or _172(v)): return False
    return True


def _174(v: Any) -> bool:
    if not _173(v): return False
    return True


def _175(v: Any) -> bool:
    if not _77(v): return False
    return True


_KEYS_217: dict[str, Any] = {'name': _78, 'provider': _174, 'providerURL': _175, 'smtpServerHost': _79, 'smtpPort': _81, 'fromAddress': _82, 'authType': _83, 'properties': _96}


def _176(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _170(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_217.get(name, _92)(value): return False
    return True


_KEYS_219: dict[str, Any] = {'provider': _174, 'providerURL': _175, 'smtpServerHost': _79, 'smtpPort': _81, 'fromAddress': _82, 'authType': _83, 'properties': _96}


def _177(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _170(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_219.get(name, _92)(value): return False
    return True


def _178(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL' or v == 'BEARER' or v == 'API_KEY' or v == 'NONE' or v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _179(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Aa][Pp][Ii]_[Kk][Ee][Yy]|[Nn][Oo][Nn][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _180(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_178(v) or _179(v)): return False
    return True


_KEYS_224: dict[str, Any] = {'authType': _180}


def _181(v: Any) -> bool:
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_224.get(name, _1)(value): return False
    return True


def _182(v: Any) -> bool:
    if not _181(v): return False
    return True


def _183(v: Any) -> bool:
    if not _48(v): return False
    if not _52(v): return False
    if not _32(v): return False
    if not _36(v): return False
    if not _56(v): return False
    return True


def _184(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Hh][Tt][Tt][Pp])\\Z').search(v): return False
    return True


def _185(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_164(v) or _184(v)): return False
    return True


_KEYS_230: dict[str, Any] = {'properties': _183, 'provider': _185}


def _186(v: Any) -> bool:
    if isinstance(v, dict):
        if 'properties' not in v: return False
        if 'provider' not in v: return False
        for name, value in v.items():
            if not _KEYS_230.get(name, _1)(value): return False
    return True


def _187(v: Any) -> bool:
    if not (v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _188(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _189(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_187(v) or _188(v)): return False
    return True


_KEYS_235: dict[str, Any] = {'authType': _189}


def _190(v: Any) -> bool:
    if isinstance(v, dict):
        if 'authType' not in v: return False
        for name, value in v.items():
            if not _KEYS_235.get(name, _1)(value): return False
    return True


def _191(v: Any) -> bool:
    if not (_186(v) if _190(v) else True): return False
    return True


def _192(v: Any) -> bool:
    if not _191(v): return False
    return True


def _193(v: Any) -> bool:
    if not _23(v): return False
    if not _182(v): return False
    if not _44(v): return False
    if not _64(v): return False
    if not _115(v): return False
    if not _131(v): return False
    if not _192(v): return False
    return True


def _194(v: Any) -> bool:
    if not _193(v): return False
    return True


def _195(v: Any) -> bool:
    if not _194(v): return False
    if not (_163(v) if _168(v) else _21(v)): return False
    return True


def _196(v: Any) -> bool:
    if not _195(v): return False
    return True


_KEYS_243: dict[str, Any] = {'name': _78, 'provider': _174, 'providerURL': _175, 'smtpServerHost': _79, 'smtpPort': _81, 'fromAddress': _82, 'authType': _83, 'properties': _96}


def _197(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _196(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_243.get(name, _92)(value): return False
    return True


_KEYS_245: dict[str, Any] = {'provider': _174, 'providerURL': _175, 'smtpServerHost': _79, 'smtpPort': _81, 'fromAddress': _82, 'authType': _83, 'properties': _96}


def _198(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _196(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_245.get(name, _92)(value): return False
    return True


VALID = {
    '/$defs/7.2.0': _97,
    '/$defs/7.2.0-put': _98,
    '/$defs/7.3.0': _176,
    '/$defs/7.3.0-put': _177,
    '/$defs/7.4.0': _197,
    '/$defs/7.4.0-put': _198,
}
