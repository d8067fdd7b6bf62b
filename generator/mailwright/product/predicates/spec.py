"""Whether a value is valid, for schema/spec.schema.json: made by `make generate`."""

import re
from functools import cache
from typing import Any

_compiled = cache(re.compile)


def _0(v: Any) -> bool:
    if not ((v == 1 and not isinstance(v, bool))): return False
    return True


def _1(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[0-9]+\\.[0-9]+(\\.[0-9]+)*\\Z').search(v): return False
    return True


def _2(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 7: return False
        if v > 99: return False
    return True


def _3(v: Any) -> bool:
    return False


_KEYS_4: dict[str, Any] = {'version': _1, 'java': _2}


def _4(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_4.get(name, _3)(value): return False
    return True


def _5(v: Any) -> bool:
    return True


def _6(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'token_endpoint' not in v: return False
        if 'scopes' not in v: return False
    return True


def _7(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]\\Z').search(v): return False
    return True


_KEYS_9: dict[str, Any] = {'auth_type': _7}


def _8(v: Any) -> bool:
    if isinstance(v, dict):
        if 'auth_type' not in v: return False
        for name, value in v.items():
            if not _KEYS_9.get(name, _5)(value): return False
    return True


def _9(v: Any) -> bool:
    if not _8(v): return False
    return True


def _10(v: Any) -> bool:
    if not (_6(v) if _9(v) else True): return False
    return True


def _11(v: Any) -> bool:
    if not _10(v): return False
    return True


def _12(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('@|\\$(secret|env|sys|ref)\\{[^{}]+\\}').search(v): return False
    return True


def _13(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _14(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^([A-Za-z0-9._:\\[\\]-]+|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _15(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([0-9]{1,5}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
        if v > 65535: return False
    return True


def _16(v: Any) -> bool:
    if not (isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _17(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('@|\\$(secret|env|sys|ref)\\{[^{}]+\\}').search(v): return False
    return True


def _18(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL'): return False
    return True


def _19(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^([Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _20(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_18(v) or _19(v)): return False
    return True


def _21(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(https?://|\\$keep\\{\\}|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\})').search(v): return False
    return True


def _22(v: Any) -> bool:
    if not (v == 'minThread' or v == 'maxThread' or v == 'keepAliveTimeInMillis' or v == 'jobQueueSize'): return False
    return True


def _23(v: Any) -> bool:
    if _22(v): return False
    if isinstance(v, str):
        if not _compiled('^[ !#-&(-~]+\\Z').search(v): return False
    return True


def _24(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^((?:TLSv1\\.3|TLSv1\\.2|TLSv1\\.1|TLSv1|SSLv3|SSLv2Hello)(?: +(?:TLSv1\\.3|TLSv1\\.2|TLSv1\\.1|TLSv1|SSLv3|SSLv2Hello))*|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _25(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^((?:[Ll][Oo][Gg][Ii][Nn]|[Pp][Ll][Aa][Ii][Nn]|[Dd][Ii][Gg][Ee][Ss][Tt]-[Mm][Dd]5|[Nn][Tt][Ll][Mm]|[Xx][Oo][Aa][Uu][Tt][Hh]2)(?: +(?:[Ll][Oo][Gg][Ii][Nn]|[Pp][Ll][Aa][Ii][Nn]|[Dd][Ii][Gg][Ee][Ss][Tt]-[Mm][Dd]5|[Nn][Tt][Ll][Mm]|[Xx][Oo][Aa][Uu][Tt][Hh]2))*|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _26(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([0-9]{1,10}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 2147483647: return False
    return True


def _27(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([0-9]{1,5}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 65535: return False
    return True


def _28(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(-?[0-9]{1,10}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < -2147483648: return False
        if v > 2147483647: return False
    return True


def _29(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^((?:[Nn][Ee][Vv][Ee][Rr]|[Ss][Uu][Cc][Cc][Ee][Ss][Ss]|[Ff][Aa][Ii][Ll][Uu][Rr][Ee]|[Dd][Ee][Ll][Aa][Yy])(?:, *(?:[Nn][Ee][Vv][Ee][Rr]|[Ss][Uu][Cc][Cc][Ee][Ss][Ss]|[Ff][Aa][Ii][Ll][Uu][Rr][Ee]|[Dd][Ee][Ll][Aa][Yy]))*|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _30(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([Ff][Uu][Ll][Ll]|[Hh][Dd][Rr][Ss]|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _31(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(-?[0-9]{1,10}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < -1: return False
        if v > 2147483647: return False
    return True


def _32(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(smtp|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _33(v: Any) -> bool:
    if not (isinstance(v, str) or isinstance(v, int) and not isinstance(v, bool) or isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < -9223372036854775808: return False
        if v > 9223372036854775807: return False
    return True


_KEYS_36: dict[str, Any] = {'mail.smtp.starttls.required': _16, 'mail.smtp.ssl.enable': _16, 'mail.smtp.ssl.protocols': _24, 'mail.smtp.ssl.checkserveridentity': _16, 'mail.smtp.ssl.trust': _13, 'mail.smtp.auth.mechanisms': _25, 'mail.smtp.connectiontimeout': _26, 'mail.smtp.timeout': _26, 'mail.smtp.writetimeout': _26, 'mail.smtp.localhost': _13, 'mail.debug': _16, 'mail.smtp.localaddress': _13, 'mail.smtp.localport': _27, 'mail.smtp.ehlo': _16, 'mail.smtp.usesocketchannels': _16, 'mail.smtp.proxy.host': _13, 'mail.smtp.proxy.port': _15, 'mail.smtp.proxy.user': _13, 'mail.smtp.proxy.password': _13, 'mail.smtp.socks.host': _13, 'mail.smtp.socks.port': _15, 'mail.smtp.socketFactory.class': _13, 'mail.smtp.socketFactory.fallback': _16, 'mail.smtp.socketFactory.port': _15, 'mail.smtp.ssl.socketFactory.class': _13, 'mail.smtp.ssl.socketFactory.port': _15, 'mail.smtp.ssl.ciphersuites': _13, 'mail.smtp.class': _13, 'mail.smtp.auth.login.disable': _16, 'mail.smtp.auth.plain.disable': _16, 'mail.smtp.auth.digest-md5.disable': _16, 'mail.smtp.auth.ntlm.disable': _16, 'mail.smtp.auth.xoauth2.disable': _16, 'mail.smtp.auth.ntlm.domain': _13, 'mail.smtp.auth.ntlm.flags': _28, 'mail.smtp.auth.ntlm.v2': _16, 'mail.smtp.sasl.enable': _16, 'mail.smtp.sasl.mechanisms': _13, 'mail.smtp.sasl.authorizationid': _13, 'mail.smtp.sasl.realm': _13, 'mail.smtp.sasl.usecanonicalhostname': _16, 'mail.smtp.saslrealm': _13, 'mail.smtp.submitter': _13, 'mail.smtp.mailextension': _13, 'mail.smtp.dsn.notify': _29, 'mail.smtp.dsn.ret': _30, 'mail.smtp.allow8bitmime': _16, 'mail.smtp.chunksize': _31, 'mail.smtp.sendpartial': _16, 'mail.smtp.reportsuccess': _16, 'mail.smtp.quitwait': _16, 'mail.smtp.quitonsessionreject': _16, 'mail.smtp.userset': _16, 'mail.smtp.noop.strict': _16, 'mail.debug.auth': _16, 'mail.debug.auth.username': _16, 'mail.debug.auth.password': _16, 'mail.debug.quote': _16, 'mail.mime.allowutf8': _16, 'mail.mime.address.strict': _16, 'mail.transport.protocol.rfc822': _32, 'mail.event.scope': _13}


def _34(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_23, v)): return False
        for name, value in v.items():
            if not _KEYS_36.get(name, _33)(value): return False
    return True


def _35(v: Any) -> bool:
    return False


_KEYS_39: dict[str, Any] = {'from_address': _12, 'username': _13, 'password': _13, 'hostname': _14, 'port': _15, 'enable_start_tls': _16, 'enable_authentication': _16, 'signature': _13, 'reply_to': _17, 'auth_type': _20, 'client_id': _13, 'client_secret': _13, 'token_endpoint': _21, 'scopes': _13, 'custom_properties': _34}


def _36(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _11(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_39.get(name, _35)(value): return False
    return True


def _37(v: Any) -> bool:
    if not _36(v): return False
    return True


def _38(v: Any) -> bool:
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'password' not in v: return False
    return True


def _39(v: Any) -> bool:
    if not (v is False): return False
    return True


def _40(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[Ff][Aa][Ll][Ss][Ee]\\Z').search(v): return False
    return True


def _41(v: Any) -> bool:
    if not (_39(v) or _40(v)): return False
    return True


_KEYS_46: dict[str, Any] = {'enable_authentication': _41}


def _42(v: Any) -> bool:
    if isinstance(v, dict):
        if 'enable_authentication' not in v: return False
        for name, value in v.items():
            if not _KEYS_46.get(name, _5)(value): return False
    return True


def _43(v: Any) -> bool:
    if not _42(v): return False
    return True


def _44(v: Any) -> bool:
    if not (_9(v) or _43(v)): return False
    return True


def _45(v: Any) -> bool:
    if _44(v): return False
    return True


def _46(v: Any) -> bool:
    if not (_38(v) if _45(v) else True): return False
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'hostname' not in v: return False
    return True


def _47(v: Any) -> bool:
    if not _46(v): return False
    return True


def _48(v: Any) -> bool:
    if not _37(v): return False
    if not _47(v): return False
    return True


def _49(v: Any) -> bool:
    if not (isinstance(v, bool)): return False
    return True


def _50(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
        if v > 525600: return False
    return True


def _51(v: Any) -> bool:
    if not (v == '*'): return False
    return True


def _52(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_51, v)): return False
    return True


def _53(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^!').search(v): return False
    return True


def _54(v: Any) -> bool:
    if isinstance(v, list):
        if not any(map(_53, v)): return False
    return True


def _55(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(\\*|!?[a-z0-9][a-z0-9._-]*)\\Z').search(v): return False
    return True


def _56(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if not (_52(v) if _54(v) else True): return False
    if isinstance(v, list):
        if len(v) < 1: return False
        if not all(map(_55, v)): return False
        if len({*map(repr, v)}) < len(v): return False
    return True


_KEYS_62: dict[str, Any] = {'idle_minutes': _50, 'eager': _56}


def _57(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if len(v) < 1: return False
        if len(v) > 1: return False
        for name, value in v.items():
            if not _KEYS_62.get(name, _3)(value): return False
    return True


def _58(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9_]+\\Z').search(v): return False
    return True


def _59(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^[A-Za-z0-9+/=_-]+\\Z').search(v): return False
    return True


_KEYS_66: dict[str, Any] = {}


def _60(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_58, v)): return False
        for name, value in v.items():
            if not _KEYS_66.get(name, _59)(value): return False
    return True


def _61(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    return True


def _62(v: Any) -> bool:
    if not _12(v): return False
    return True


def _63(v: Any) -> bool:
    if not _13(v): return False
    return True


def _64(v: Any) -> bool:
    if not _13(v): return False
    return True


def _65(v: Any) -> bool:
    if not _14(v): return False
    return True


def _66(v: Any) -> bool:
    if not _15(v): return False
    return True


def _67(v: Any) -> bool:
    if not _16(v): return False
    return True


def _68(v: Any) -> bool:
    if not _16(v): return False
    return True


def _69(v: Any) -> bool:
    if not _13(v): return False
    return True


def _70(v: Any) -> bool:
    if not _17(v): return False
    return True


def _71(v: Any) -> bool:
    if not _20(v): return False
    return True


def _72(v: Any) -> bool:
    if not _13(v): return False
    return True


def _73(v: Any) -> bool:
    if not _13(v): return False
    return True


def _74(v: Any) -> bool:
    if not _21(v): return False
    return True


def _75(v: Any) -> bool:
    if not _13(v): return False
    return True


def _76(v: Any) -> bool:
    if not (v == 'SMTP' or v == 'HTTP'): return False
    return True


def _77(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Ss][Mm][Tt][Pp]|[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _78(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_76(v) or _77(v)): return False
    return True


def _79(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('\\S').search(v): return False
    return True


def _80(v: Any) -> bool:
    if not (v == 'POST' or v == 'PUT'): return False
    return True


def _81(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt])\\Z(?!\\n)').search(v): return False
    return True


def _82(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_80(v) or _81(v)): return False
    return True


def _83(v: Any) -> bool:
    if not (v == 'JSON' or v == 'FORM'): return False
    return True


def _84(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Jj][Ss][Oo][Nn]|[Ff][Oo][Rr][Mm])\\Z(?!\\n)').search(v): return False
    return True


def _85(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_83(v) or _84(v)): return False
    return True


def _86(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _87(v: Any) -> bool:
    return True


def _88(v: Any) -> bool:
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'password' not in v: return False
    return True


def _89(v: Any) -> bool:
    if not (v == 'BASIC'): return False
    return True


def _90(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc])\\Z').search(v): return False
    return True


def _91(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_89(v) or _90(v)): return False
    return True


_KEYS_99: dict[str, Any] = {'type': _91}


def _92(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_99.get(name, _87)(value): return False
    return True


def _93(v: Any) -> bool:
    if not (_88(v) if _92(v) else True): return False
    return True


def _94(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'token_endpoint' not in v: return False
    return True


def _95(v: Any) -> bool:
    if not (v == 'CLIENT_CREDENTIAL'): return False
    return True


def _96(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _97(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_95(v) or _96(v)): return False
    return True


_KEYS_106: dict[str, Any] = {'type': _97}


def _98(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_106.get(name, _87)(value): return False
    return True


def _99(v: Any) -> bool:
    if not (_94(v) if _98(v) else True): return False
    return True


def _100(v: Any) -> bool:
    if isinstance(v, dict):
        if 'access_token' not in v: return False
    return True


def _101(v: Any) -> bool:
    if not (v == 'BEARER'): return False
    return True


def _102(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Ee][Aa][Rr][Ee][Rr])\\Z').search(v): return False
    return True


def _103(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_101(v) or _102(v)): return False
    return True


_KEYS_113: dict[str, Any] = {'type': _103}


def _104(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_113.get(name, _87)(value): return False
    return True


def _105(v: Any) -> bool:
    if not (_100(v) if _104(v) else True): return False
    return True


def _106(v: Any) -> bool:
    if isinstance(v, dict):
        if 'api_key_header' not in v: return False
        if 'api_key_value' not in v: return False
    return True


def _107(v: Any) -> bool:
    if not (v == 'API_KEY'): return False
    return True


def _108(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Aa][Pp][Ii]_[Kk][Ee][Yy])\\Z').search(v): return False
    return True


def _109(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_107(v) or _108(v)): return False
    return True


_KEYS_120: dict[str, Any] = {'type': _109}


def _110(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_120.get(name, _87)(value): return False
    return True


def _111(v: Any) -> bool:
    if not (_106(v) if _110(v) else True): return False
    return True


def _112(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'username' not in v: return False
        if 'password' not in v: return False
        if 'token_endpoint' not in v: return False
    return True


def _113(v: Any) -> bool:
    if not (v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _114(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _115(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_113(v) or _114(v)): return False
    return True


_KEYS_127: dict[str, Any] = {'type': _115}


def _116(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_127.get(name, _87)(value): return False
    return True


def _117(v: Any) -> bool:
    if not (_112(v) if _116(v) else True): return False
    return True


def _118(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL' or v == 'BEARER' or v == 'API_KEY' or v == 'NONE' or v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _119(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Aa][Pp][Ii]_[Kk][Ee][Yy]|[Nn][Oo][Nn][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _120(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_118(v) or _119(v)): return False
    return True


_KEYS_133: dict[str, Any] = {'type': _120, 'username': _79, 'password': _79, 'access_token': _79, 'api_key_header': _79, 'api_key_value': _79, 'client_id': _79, 'client_secret': _79, 'token_endpoint': _79, 'scopes': _79}


def _121(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _93(v): return False
    if not _99(v): return False
    if not _105(v): return False
    if not _111(v): return False
    if not _117(v): return False
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_133.get(name, _3)(value): return False
    return True


def _122(v: Any) -> bool:
    if not _121(v): return False
    return True


_KEYS_136: dict[str, Any] = {'url': _79, 'body': _79, 'method': _82, 'content_type': _85, 'headers': _86, 'auth': _122}


def _123(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'url' not in v: return False
        if 'body' not in v: return False
        for name, value in v.items():
            if not _KEYS_136.get(name, _3)(value): return False
    return True


def _124(v: Any) -> bool:
    if not _123(v): return False
    return True


def _125(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
    return True


def _126(v: Any) -> bool:
    if not (v == 'v1' or v == 'v2'): return False
    return True


_KEYS_141: dict[str, Any] = {'client_id': _61, 'client_secret': _61, 'user': _61, 'password': _61}


def _127(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_141.get(name, _3)(value): return False
    return True


_KEYS_143: dict[str, Any] = {'client_id': _61, 'client_secret': _61, 'user': _61, 'password': _61, 'super': _127}


def _128(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_143.get(name, _3)(value): return False
    return True


def _129(v: Any) -> bool:
    if not _128(v): return False
    return True


def _130(v: Any) -> bool:
    if isinstance(v, dict):
        if 'password' not in v: return False
    return True


def _131(v: Any) -> bool:
    if not (v == 'inline-password'): return False
    return True


_KEYS_148: dict[str, Any] = {'provisioning': _131}


def _132(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provisioning' not in v: return False
        for name, value in v.items():
            if not _KEYS_148.get(name, _87)(value): return False
    return True


def _133(v: Any) -> bool:
    if not (v == 'inline-password' or v == 'invite-via-email'): return False
    return True


_KEYS_151: dict[str, Any] = {'username': _61, 'email': _61, 'provisioning': _133, 'password': _61}


def _134(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not (_130(v) if _132(v) else True): return False
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'email' not in v: return False
        if 'provisioning' not in v: return False
        for name, value in v.items():
            if not _KEYS_151.get(name, _3)(value): return False
    return True


_KEYS_153: dict[str, Any] = {'name': _61, 'owner': _134}


def _135(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'owner' not in v: return False
        for name, value in v.items():
            if not _KEYS_153.get(name, _3)(value): return False
    return True


def _136(v: Any) -> bool:
    if not _135(v): return False
    return True


_KEYS_156: dict[str, Any] = {'from_address': _62, 'username': _63, 'password': _64, 'hostname': _65, 'port': _66, 'enable_start_tls': _67, 'enable_authentication': _68, 'signature': _69, 'reply_to': _70, 'auth_type': _71, 'client_id': _72, 'client_secret': _73, 'token_endpoint': _74, 'scopes': _75, 'provider': _78, 'http': _124, 'secret_version': _125, 'api_version': _126, 'allow_logged_secrets': _49, 'api': _129, 'create': _136}


def _137(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_156.get(name, _3)(value): return False
    return True


def _138(v: Any) -> bool:
    if not _137(v): return False
    return True


def _139(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[A-Za-z_*?][A-Za-z0-9_*?]*\\Z').search(v): return False
    return True


def _140(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_139, v)): return False
    return True


def _141(v: Any) -> bool:
    if not (v is None): return False
    return True


def _142(v: Any) -> bool:
    if not (_141(v) or _138(v)): return False
    return True


def _143(v: Any) -> bool:
    if not _142(v): return False
    return True


_KEYS_164: dict[str, Any] = {}


def _144(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_164.get(name, _143)(value): return False
    return True


def _145(v: Any) -> bool:
    if not (isinstance(v, list) or isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    if isinstance(v, list):
        if not all(map(_61, v)): return False
    return True


def _146(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9][A-Za-z0-9_.-]*\\Z').search(v): return False
    return True


def _147(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^https://[^/?#@\\s]+(/[^?#@\\s]*)?\\Z').search(v): return False
    return True


_KEYS_169: dict[str, Any] = {}


def _148(v: Any) -> bool:
    if not (isinstance(v, dict) or v is None): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_169.get(name, _87)(value): return False
    return True


def _149(v: Any) -> bool:
    if not (isinstance(v, str) or v is None): return False
    return True


def _150(v: Any) -> bool:
    if not (isinstance(v, list) or v is None): return False
    if isinstance(v, list):
        if not all(map(_86, v)): return False
    return True


_KEYS_173: dict[str, Any] = {'server': _147, 'ca_file': _61, 'product': _148, 'global': _148, 'tenant_loading': _148, 'secrets': _148, 'defaults': _148, 'api': _148, 'tenants': _148, 'owner': _149, 'allow_env': _150}


def _151(v: Any) -> bool:
    if not (isinstance(v, dict) or v is None): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_173.get(name, _3)(value): return False
    return True


_KEYS_175: dict[str, Any] = {}


def _152(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_146, v)): return False
        for name, value in v.items():
            if not _KEYS_175.get(name, _151)(value): return False
    return True


_KEYS_177: dict[str, Any] = {'mailwright': _0, 'product': _4, 'global': _48, 'keep_unmanaged': _49, 'tenant_loading': _57, 'secrets': _60, 'owner': _61, 'defaults': _138, 'api': _129, 'allow_env': _140, 'tenants': _144, 'tenants_from': _145, 'environments': _152}


def _153(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'mailwright' not in v: return False
        for name, value in v.items():
            if not _KEYS_177.get(name, _3)(value): return False
    return True


def _154(v: Any) -> bool:
    if not _10(v): return False
    return True


def _155(v: Any) -> bool:
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'http' not in v: return False
    return True


def _156(v: Any) -> bool:
    if isinstance(v, dict):
        if 'http' not in v: return False
    return True


def _157(v: Any) -> bool:
    if _156(v): return False
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'signature' not in v: return False
        if 'reply_to' not in v: return False
    return True


def _158(v: Any) -> bool:
    if not (v == 'HTTP'): return False
    return True


def _159(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _160(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_158(v) or _159(v)): return False
    return True


_KEYS_186: dict[str, Any] = {'provider': _160}


def _161(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provider' not in v: return False
        for name, value in v.items():
            if not _KEYS_186.get(name, _87)(value): return False
    return True


def _162(v: Any) -> bool:
    if not _138(v): return False
    if not _154(v): return False
    if not (_155(v) if _161(v) else _157(v)): return False
    return True


VALID = {
    '': _153,
    '/$defs/tenant': _162,
}
