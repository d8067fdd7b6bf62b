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
    if isinstance(v, str):
        if not _compiled('^[A-Za-z_][A-Za-z0-9_]*\\Z').search(v): return False
    return True


def _62(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) > 253: return False
        if not _compiled('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\\Z').search(v): return False
    return True


def _63(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) > 253: return False
        if not _compiled('^[-._A-Za-z0-9]+\\Z').search(v): return False
    return True


_KEYS_71: dict[str, Any] = {'secret': _62, 'key': _63}


def _64(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'secret' not in v: return False
        if 'key' not in v: return False
        for name, value in v.items():
            if not _KEYS_71.get(name, _3)(value): return False
    return True


_KEYS_73: dict[str, Any] = {}


def _65(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_61, v)): return False
        for name, value in v.items():
            if not _KEYS_73.get(name, _64)(value): return False
    return True


_KEYS_75: dict[str, Any] = {'env': _65}


def _66(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_75.get(name, _3)(value): return False
    return True


def _67(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\\Z').search(v): return False
    return True


def _68(v: Any) -> bool:
    return True


def _69(v: Any) -> bool:
    if isinstance(v, dict):
        if 'role_id' not in v: return False
    return True


def _70(v: Any) -> bool:
    if not (v == 'approle'): return False
    return True


_KEYS_81: dict[str, Any] = {'auth': _70}


def _71(v: Any) -> bool:
    if isinstance(v, dict):
        if 'auth' not in v: return False
        for name, value in v.items():
            if not _KEYS_81.get(name, _68)(value): return False
    return True


def _72(v: Any) -> bool:
    if not (_69(v) if _71(v) else True): return False
    return True


def _73(v: Any) -> bool:
    if isinstance(v, dict):
        if 'role' not in v: return False
    return True


def _74(v: Any) -> bool:
    if not (v == 'kubernetes' or v == 'jwt'): return False
    return True


_KEYS_86: dict[str, Any] = {'auth': _74}


def _75(v: Any) -> bool:
    if isinstance(v, dict):
        if 'auth' not in v: return False
        for name, value in v.items():
            if not _KEYS_86.get(name, _68)(value): return False
    return True


def _76(v: Any) -> bool:
    if not (_73(v) if _75(v) else True): return False
    return True


def _77(v: Any) -> bool:
    if not (v == 'vault' or v == 'openbao' or v == 'sops' or v == 'kubernetes' or v == 'aws' or v == 'azure' or v == 'google' or v == 'keyring' or v == 'command'): return False
    return True


def _78(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[a-z0-9_-]+\\.[a-z0-9_.-]+\\Z').search(v): return False
    return True


def _79(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_77(v) or _78(v)): return False
    return True


def _80(v: Any) -> bool:
    if not _79(v): return False
    return True


def _81(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]+)?(/|\\Z))[^?#@\\s]*\\Z').search(v): return False
    return True


def _82(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    return True


def _83(v: Any) -> bool:
    if not ((v == 1 and not isinstance(v, bool)) or (v == 2 and not isinstance(v, bool))): return False
    return True


def _84(v: Any) -> bool:
    if not (v == 'token' or v == 'approle' or v == 'kubernetes' or v == 'jwt'): return False
    return True


def _85(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[A-Za-z_][A-Za-z0-9_]*\\Z').search(v): return False
    return True


def _86(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
        if v > 300: return False
    return True


def _87(v: Any) -> bool:
    if not _86(v): return False
    return True


def _88(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 5: return False
    return True


def _89(v: Any) -> bool:
    if not _88(v): return False
    return True


_KEYS_102: dict[str, Any] = {'kind': _80, 'address': _81, 'ca_file': _82, 'namespace': _82, 'mount': _82, 'version': _83, 'auth': _84, 'auth_mount': _82, 'role': _82, 'role_id': _82, 'secret_id_env': _85, 'secret_id_file': _82, 'token_env': _85, 'token_file': _82, 'jwt_env': _85, 'jwt_file': _82, 'timeout': _87, 'retries': _89}


def _90(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _72(v): return False
    if not _76(v): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'address' not in v: return False
        for name, value in v.items():
            if not _KEYS_102.get(name, _3)(value): return False
    return True


def _91(v: Any) -> bool:
    if not _90(v): return False
    return True


def _92(v: Any) -> bool:
    if not (v == 'vault' or v == 'openbao'): return False
    return True


_KEYS_106: dict[str, Any] = {'kind': _92}


def _93(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_106.get(name, _68)(value): return False
    return True


def _94(v: Any) -> bool:
    if not (_91(v) if _93(v) else True): return False
    return True


def _95(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_85, v)): return False
    return True


_KEYS_110: dict[str, Any] = {'kind': _80, 'folder': _82, 'binary': _82, 'env': _95, 'timeout': _87, 'retries': _89}


def _96(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_110.get(name, _3)(value): return False
    return True


def _97(v: Any) -> bool:
    if not _96(v): return False
    return True


def _98(v: Any) -> bool:
    if not (v == 'sops'): return False
    return True


_KEYS_114: dict[str, Any] = {'kind': _98}


def _99(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_114.get(name, _68)(value): return False
    return True


def _100(v: Any) -> bool:
    if not (_97(v) if _99(v) else True): return False
    return True


def _101(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'namespace' not in v: return False
    return True


def _102(v: Any) -> bool:
    if _101(v): return False
    return True


def _103(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'context' not in v: return False
    return True


def _104(v: Any) -> bool:
    if _103(v): return False
    return True


def _105(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'kubeconfig' not in v: return False
    return True


def _106(v: Any) -> bool:
    if _105(v): return False
    return True


def _107(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'binary' not in v: return False
    return True


def _108(v: Any) -> bool:
    if _107(v): return False
    return True


def _109(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'env' not in v: return False
    return True


def _110(v: Any) -> bool:
    if _109(v): return False
    return True


_KEYS_127: dict[str, Any] = {'kind': _80, 'folder': _82, 'namespace': _82, 'context': _82, 'kubeconfig': _82, 'binary': _82, 'env': _95, 'timeout': _87, 'retries': _89}


def _111(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _102(v): return False
    if not _104(v): return False
    if not _106(v): return False
    if not _108(v): return False
    if not _110(v): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_127.get(name, _3)(value): return False
    return True


def _112(v: Any) -> bool:
    if not _111(v): return False
    return True


def _113(v: Any) -> bool:
    if not (v == 'kubernetes'): return False
    return True


_KEYS_131: dict[str, Any] = {'kind': _113}


def _114(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_131.get(name, _68)(value): return False
    return True


def _115(v: Any) -> bool:
    if not (_112(v) if _114(v) else True): return False
    return True


_KEYS_134: dict[str, Any] = {'kind': _80, 'region': _82, 'profile': _82, 'endpoint': _81, 'timeout': _87, 'retries': _89}


def _116(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_134.get(name, _3)(value): return False
    return True


def _117(v: Any) -> bool:
    if not _116(v): return False
    return True


def _118(v: Any) -> bool:
    if not (v == 'aws'): return False
    return True


_KEYS_138: dict[str, Any] = {'kind': _118}


def _119(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_138.get(name, _68)(value): return False
    return True


def _120(v: Any) -> bool:
    if not (_117(v) if _119(v) else True): return False
    return True


def _121(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^https://[^/?#@\\s]+/?\\Z').search(v): return False
    return True


_KEYS_142: dict[str, Any] = {'kind': _80, 'address': _121, 'timeout': _87, 'retries': _89}


def _122(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'address' not in v: return False
        for name, value in v.items():
            if not _KEYS_142.get(name, _3)(value): return False
    return True


def _123(v: Any) -> bool:
    if not _122(v): return False
    return True


def _124(v: Any) -> bool:
    if not (v == 'azure'): return False
    return True


_KEYS_146: dict[str, Any] = {'kind': _124}


def _125(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_146.get(name, _68)(value): return False
    return True


def _126(v: Any) -> bool:
    if not (_123(v) if _125(v) else True): return False
    return True


def _127(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^[A-Za-z0-9:.-]+\\Z').search(v): return False
    return True


_KEYS_150: dict[str, Any] = {'kind': _80, 'project': _127, 'timeout': _87, 'retries': _89}


def _128(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'project' not in v: return False
        for name, value in v.items():
            if not _KEYS_150.get(name, _3)(value): return False
    return True


def _129(v: Any) -> bool:
    if not _128(v): return False
    return True


def _130(v: Any) -> bool:
    if not (v == 'google'): return False
    return True


_KEYS_154: dict[str, Any] = {'kind': _130}


def _131(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_154.get(name, _68)(value): return False
    return True


def _132(v: Any) -> bool:
    if not (_129(v) if _131(v) else True): return False
    return True


_KEYS_157: dict[str, Any] = {'kind': _80, 'timeout': _87, 'retries': _89}


def _133(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_157.get(name, _3)(value): return False
    return True


def _134(v: Any) -> bool:
    if not _133(v): return False
    return True


def _135(v: Any) -> bool:
    if not (v == 'keyring'): return False
    return True


_KEYS_161: dict[str, Any] = {'kind': _135}


def _136(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_161.get(name, _68)(value): return False
    return True


def _137(v: Any) -> bool:
    if not (_134(v) if _136(v) else True): return False
    return True


def _138(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if len(v) < 1: return False
        if not all(map(_82, v)): return False
    return True


def _139(v: Any) -> bool:
    if not (v == 'text' or v == 'json'): return False
    return True


_KEYS_166: dict[str, Any] = {'kind': _80, 'command': _138, 'output': _139, 'env': _95, 'folder': _82, 'timeout': _87, 'retries': _89}


def _140(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'command' not in v: return False
        for name, value in v.items():
            if not _KEYS_166.get(name, _3)(value): return False
    return True


def _141(v: Any) -> bool:
    if not _140(v): return False
    return True


def _142(v: Any) -> bool:
    if not (v == 'command'): return False
    return True


_KEYS_170: dict[str, Any] = {'kind': _142}


def _143(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_170.get(name, _68)(value): return False
    return True


def _144(v: Any) -> bool:
    if not (_141(v) if _143(v) else True): return False
    return True


_KEYS_173: dict[str, Any] = {'kind': _80}


def _145(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _94(v): return False
    if not _100(v): return False
    if not _115(v): return False
    if not _120(v): return False
    if not _126(v): return False
    if not _132(v): return False
    if not _137(v): return False
    if not _144(v): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_173.get(name, _68)(value): return False
    return True


def _146(v: Any) -> bool:
    if not _145(v): return False
    return True


_KEYS_176: dict[str, Any] = {}


def _147(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_67, v)): return False
        for name, value in v.items():
            if not _KEYS_176.get(name, _146)(value): return False
    return True


_KEYS_178: dict[str, Any] = {}


def _148(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_58, v)): return False
        for name, value in v.items():
            if not _KEYS_178.get(name, _82)(value): return False
    return True


def _149(v: Any) -> bool:
    if not _12(v): return False
    return True


def _150(v: Any) -> bool:
    if not _13(v): return False
    return True


def _151(v: Any) -> bool:
    if not _13(v): return False
    return True


def _152(v: Any) -> bool:
    if not _14(v): return False
    return True


def _153(v: Any) -> bool:
    if not _15(v): return False
    return True


def _154(v: Any) -> bool:
    if not _16(v): return False
    return True


def _155(v: Any) -> bool:
    if not _16(v): return False
    return True


def _156(v: Any) -> bool:
    if not _13(v): return False
    return True


def _157(v: Any) -> bool:
    if not _17(v): return False
    return True


def _158(v: Any) -> bool:
    if not _20(v): return False
    return True


def _159(v: Any) -> bool:
    if not _13(v): return False
    return True


def _160(v: Any) -> bool:
    if not _13(v): return False
    return True


def _161(v: Any) -> bool:
    if not _21(v): return False
    return True


def _162(v: Any) -> bool:
    if not _13(v): return False
    return True


def _163(v: Any) -> bool:
    if not (v == 'SMTP' or v == 'HTTP'): return False
    return True


def _164(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Ss][Mm][Tt][Pp]|[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _165(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_163(v) or _164(v)): return False
    return True


def _166(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('\\S').search(v): return False
    return True


def _167(v: Any) -> bool:
    if not (v == 'POST' or v == 'PUT'): return False
    return True


def _168(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt])\\Z(?!\\n)').search(v): return False
    return True


def _169(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_167(v) or _168(v)): return False
    return True


def _170(v: Any) -> bool:
    if not (v == 'JSON' or v == 'FORM'): return False
    return True


def _171(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Jj][Ss][Oo][Nn]|[Ff][Oo][Rr][Mm])\\Z(?!\\n)').search(v): return False
    return True


def _172(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_170(v) or _171(v)): return False
    return True


def _173(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _174(v: Any) -> bool:
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'password' not in v: return False
    return True


def _175(v: Any) -> bool:
    if not (v == 'BASIC'): return False
    return True


def _176(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc])\\Z').search(v): return False
    return True


def _177(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_175(v) or _176(v)): return False
    return True


_KEYS_209: dict[str, Any] = {'type': _177}


def _178(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_209.get(name, _68)(value): return False
    return True


def _179(v: Any) -> bool:
    if not (_174(v) if _178(v) else True): return False
    return True


def _180(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'token_endpoint' not in v: return False
    return True


def _181(v: Any) -> bool:
    if not (v == 'CLIENT_CREDENTIAL'): return False
    return True


def _182(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _183(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_181(v) or _182(v)): return False
    return True


_KEYS_216: dict[str, Any] = {'type': _183}


def _184(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_216.get(name, _68)(value): return False
    return True


def _185(v: Any) -> bool:
    if not (_180(v) if _184(v) else True): return False
    return True


def _186(v: Any) -> bool:
    if isinstance(v, dict):
        if 'access_token' not in v: return False
    return True


def _187(v: Any) -> bool:
    if not (v == 'BEARER'): return False
    return True


def _188(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Ee][Aa][Rr][Ee][Rr])\\Z').search(v): return False
    return True


def _189(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_187(v) or _188(v)): return False
    return True


_KEYS_223: dict[str, Any] = {'type': _189}


def _190(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_223.get(name, _68)(value): return False
    return True


def _191(v: Any) -> bool:
    if not (_186(v) if _190(v) else True): return False
    return True


def _192(v: Any) -> bool:
    if isinstance(v, dict):
        if 'api_key_header' not in v: return False
        if 'api_key_value' not in v: return False
    return True


def _193(v: Any) -> bool:
    if not (v == 'API_KEY'): return False
    return True


def _194(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Aa][Pp][Ii]_[Kk][Ee][Yy])\\Z').search(v): return False
    return True


def _195(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_193(v) or _194(v)): return False
    return True


_KEYS_230: dict[str, Any] = {'type': _195}


def _196(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_230.get(name, _68)(value): return False
    return True


def _197(v: Any) -> bool:
    if not (_192(v) if _196(v) else True): return False
    return True


def _198(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'username' not in v: return False
        if 'password' not in v: return False
        if 'token_endpoint' not in v: return False
    return True


def _199(v: Any) -> bool:
    if not (v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _200(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _201(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_199(v) or _200(v)): return False
    return True


_KEYS_237: dict[str, Any] = {'type': _201}


def _202(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_237.get(name, _68)(value): return False
    return True


def _203(v: Any) -> bool:
    if not (_198(v) if _202(v) else True): return False
    return True


def _204(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL' or v == 'BEARER' or v == 'API_KEY' or v == 'NONE' or v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _205(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Aa][Pp][Ii]_[Kk][Ee][Yy]|[Nn][Oo][Nn][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _206(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_204(v) or _205(v)): return False
    return True


_KEYS_243: dict[str, Any] = {'type': _206, 'username': _166, 'password': _166, 'access_token': _166, 'api_key_header': _166, 'api_key_value': _166, 'client_id': _166, 'client_secret': _166, 'token_endpoint': _166, 'scopes': _166}


def _207(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _179(v): return False
    if not _185(v): return False
    if not _191(v): return False
    if not _197(v): return False
    if not _203(v): return False
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_243.get(name, _3)(value): return False
    return True


def _208(v: Any) -> bool:
    if not _207(v): return False
    return True


_KEYS_246: dict[str, Any] = {'url': _166, 'body': _166, 'method': _169, 'content_type': _172, 'headers': _173, 'auth': _208}


def _209(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'url' not in v: return False
        if 'body' not in v: return False
        for name, value in v.items():
            if not _KEYS_246.get(name, _3)(value): return False
    return True


def _210(v: Any) -> bool:
    if not _209(v): return False
    return True


def _211(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
    return True


def _212(v: Any) -> bool:
    if not (v == 'v1' or v == 'v2'): return False
    return True


_KEYS_251: dict[str, Any] = {'client_id': _82, 'client_secret': _82, 'user': _82, 'password': _82}


def _213(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_251.get(name, _3)(value): return False
    return True


_KEYS_253: dict[str, Any] = {'client_id': _82, 'client_secret': _82, 'user': _82, 'password': _82, 'super': _213}


def _214(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_253.get(name, _3)(value): return False
    return True


def _215(v: Any) -> bool:
    if not _214(v): return False
    return True


def _216(v: Any) -> bool:
    if isinstance(v, dict):
        if 'password' not in v: return False
    return True


def _217(v: Any) -> bool:
    if not (v == 'inline-password'): return False
    return True


_KEYS_258: dict[str, Any] = {'provisioning': _217}


def _218(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provisioning' not in v: return False
        for name, value in v.items():
            if not _KEYS_258.get(name, _68)(value): return False
    return True


def _219(v: Any) -> bool:
    if not (v == 'inline-password' or v == 'invite-via-email'): return False
    return True


_KEYS_261: dict[str, Any] = {'username': _82, 'email': _82, 'provisioning': _219, 'password': _82}


def _220(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not (_216(v) if _218(v) else True): return False
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'email' not in v: return False
        if 'provisioning' not in v: return False
        for name, value in v.items():
            if not _KEYS_261.get(name, _3)(value): return False
    return True


_KEYS_263: dict[str, Any] = {'name': _82, 'owner': _220}


def _221(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'owner' not in v: return False
        for name, value in v.items():
            if not _KEYS_263.get(name, _3)(value): return False
    return True


def _222(v: Any) -> bool:
    if not _221(v): return False
    return True


_KEYS_266: dict[str, Any] = {'from_address': _149, 'username': _150, 'password': _151, 'hostname': _152, 'port': _153, 'enable_start_tls': _154, 'enable_authentication': _155, 'signature': _156, 'reply_to': _157, 'auth_type': _158, 'client_id': _159, 'client_secret': _160, 'token_endpoint': _161, 'scopes': _162, 'provider': _165, 'http': _210, 'secret_version': _211, 'api_version': _212, 'allow_logged_secrets': _49, 'api': _215, 'create': _222}


def _223(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_266.get(name, _3)(value): return False
    return True


def _224(v: Any) -> bool:
    if not _223(v): return False
    return True


def _225(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[A-Za-z_*?][A-Za-z0-9_*?]*\\Z').search(v): return False
    return True


def _226(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_225, v)): return False
    return True


def _227(v: Any) -> bool:
    if not (v is None): return False
    return True


def _228(v: Any) -> bool:
    if not (_227(v) or _224(v)): return False
    return True


def _229(v: Any) -> bool:
    if not _228(v): return False
    return True


_KEYS_274: dict[str, Any] = {}


def _230(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_274.get(name, _229)(value): return False
    return True


def _231(v: Any) -> bool:
    if not (isinstance(v, list) or isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    if isinstance(v, list):
        if not all(map(_82, v)): return False
    return True


def _232(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9][A-Za-z0-9_.-]*\\Z').search(v): return False
    return True


def _233(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^https://[^/?#@\\s]+(/[^?#@\\s]*)?\\Z').search(v): return False
    return True


_KEYS_279: dict[str, Any] = {}


def _234(v: Any) -> bool:
    if not (isinstance(v, dict) or v is None): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_279.get(name, _68)(value): return False
    return True


def _235(v: Any) -> bool:
    if not (isinstance(v, str) or v is None): return False
    return True


def _236(v: Any) -> bool:
    if not (isinstance(v, list) or v is None): return False
    if isinstance(v, list):
        if not all(map(_173, v)): return False
    return True


_KEYS_283: dict[str, Any] = {'server': _233, 'ca_file': _82, 'product': _234, 'global': _234, 'tenant_loading': _234, 'secrets': _234, 'kubernetes': _234, 'stores': _234, 'verify_secrets': _234, 'defaults': _234, 'api': _234, 'tenants': _234, 'owner': _235, 'allow_env': _236}


def _237(v: Any) -> bool:
    if not (isinstance(v, dict) or v is None): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_283.get(name, _3)(value): return False
    return True


_KEYS_285: dict[str, Any] = {}


def _238(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_232, v)): return False
        for name, value in v.items():
            if not _KEYS_285.get(name, _237)(value): return False
    return True


_KEYS_287: dict[str, Any] = {'mailwright': _0, 'product': _4, 'global': _48, 'keep_unmanaged': _49, 'tenant_loading': _57, 'secrets': _60, 'kubernetes': _66, 'stores': _147, 'verify_secrets': _148, 'owner': _82, 'defaults': _224, 'api': _215, 'allow_env': _226, 'tenants': _230, 'tenants_from': _231, 'environments': _238}


def _239(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'mailwright' not in v: return False
        for name, value in v.items():
            if not _KEYS_287.get(name, _3)(value): return False
    return True


def _240(v: Any) -> bool:
    if not _10(v): return False
    return True


def _241(v: Any) -> bool:
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'http' not in v: return False
    return True


def _242(v: Any) -> bool:
    if isinstance(v, dict):
        if 'http' not in v: return False
    return True


def _243(v: Any) -> bool:
    if _242(v): return False
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'signature' not in v: return False
        if 'reply_to' not in v: return False
    return True


def _244(v: Any) -> bool:
    if not (v == 'HTTP'): return False
    return True


def _245(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _246(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_244(v) or _245(v)): return False
    return True


_KEYS_296: dict[str, Any] = {'provider': _246}


def _247(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provider' not in v: return False
        for name, value in v.items():
            if not _KEYS_296.get(name, _68)(value): return False
    return True


def _248(v: Any) -> bool:
    if not _224(v): return False
    if not _240(v): return False
    if not (_241(v) if _247(v) else _243(v)): return False
    return True


VALID = {
    '': _239,
    '/$defs/tenant': _248,
}
