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


_KEYS_75: dict[str, Any] = {'secret': _62, 'key': _63, 'password_key': _63}


def _66(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'secret' not in v: return False
        for name, value in v.items():
            if not _KEYS_75.get(name, _3)(value): return False
    return True


_KEYS_77: dict[str, Any] = {'env': _65, 'secret': _62, 'trust_store': _66}


def _67(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_77.get(name, _3)(value): return False
    return True


def _68(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\\Z').search(v): return False
    return True


def _69(v: Any) -> bool:
    return True


def _70(v: Any) -> bool:
    if isinstance(v, dict):
        if 'role_id' not in v: return False
    return True


def _71(v: Any) -> bool:
    if not (v == 'approle'): return False
    return True


_KEYS_83: dict[str, Any] = {'auth': _71}


def _72(v: Any) -> bool:
    if isinstance(v, dict):
        if 'auth' not in v: return False
        for name, value in v.items():
            if not _KEYS_83.get(name, _69)(value): return False
    return True


def _73(v: Any) -> bool:
    if not (_70(v) if _72(v) else True): return False
    return True


def _74(v: Any) -> bool:
    if isinstance(v, dict):
        if 'role' not in v: return False
    return True


def _75(v: Any) -> bool:
    if not (v == 'kubernetes' or v == 'jwt'): return False
    return True


_KEYS_88: dict[str, Any] = {'auth': _75}


def _76(v: Any) -> bool:
    if isinstance(v, dict):
        if 'auth' not in v: return False
        for name, value in v.items():
            if not _KEYS_88.get(name, _69)(value): return False
    return True


def _77(v: Any) -> bool:
    if not (_74(v) if _76(v) else True): return False
    return True


def _78(v: Any) -> bool:
    if not (v == 'vault' or v == 'openbao' or v == 'sops' or v == 'kubernetes' or v == 'aws' or v == 'azure' or v == 'google' or v == 'keyring' or v == 'command'): return False
    return True


def _79(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[a-z0-9_-]+\\.[a-z0-9_.-]+\\Z').search(v): return False
    return True


def _80(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_78(v) or _79(v)): return False
    return True


def _81(v: Any) -> bool:
    if not _80(v): return False
    return True


def _82(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]+)?(/|\\Z))[^?#@\\s]*\\Z').search(v): return False
    return True


def _83(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    return True


def _84(v: Any) -> bool:
    if not ((v == 1 and not isinstance(v, bool)) or (v == 2 and not isinstance(v, bool))): return False
    return True


def _85(v: Any) -> bool:
    if not (v == 'token' or v == 'approle' or v == 'kubernetes' or v == 'jwt'): return False
    return True


def _86(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[A-Za-z_][A-Za-z0-9_]*\\Z').search(v): return False
    return True


def _87(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
        if v > 300: return False
    return True


def _88(v: Any) -> bool:
    if not _87(v): return False
    return True


def _89(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 5: return False
    return True


def _90(v: Any) -> bool:
    if not _89(v): return False
    return True


_KEYS_104: dict[str, Any] = {'kind': _81, 'address': _82, 'ca_file': _83, 'namespace': _83, 'mount': _83, 'version': _84, 'auth': _85, 'auth_mount': _83, 'role': _83, 'role_id': _83, 'secret_id_env': _86, 'secret_id_file': _83, 'token_env': _86, 'token_file': _83, 'jwt_env': _86, 'jwt_file': _83, 'timeout': _88, 'retries': _90}


def _91(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _73(v): return False
    if not _77(v): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'address' not in v: return False
        for name, value in v.items():
            if not _KEYS_104.get(name, _3)(value): return False
    return True


def _92(v: Any) -> bool:
    if not _91(v): return False
    return True


def _93(v: Any) -> bool:
    if not (v == 'vault' or v == 'openbao'): return False
    return True


_KEYS_108: dict[str, Any] = {'kind': _93}


def _94(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_108.get(name, _69)(value): return False
    return True


def _95(v: Any) -> bool:
    if not (_92(v) if _94(v) else True): return False
    return True


def _96(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_86, v)): return False
    return True


_KEYS_112: dict[str, Any] = {'kind': _81, 'folder': _83, 'binary': _83, 'env': _96, 'timeout': _88, 'retries': _90}


def _97(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_112.get(name, _3)(value): return False
    return True


def _98(v: Any) -> bool:
    if not _97(v): return False
    return True


def _99(v: Any) -> bool:
    if not (v == 'sops'): return False
    return True


_KEYS_116: dict[str, Any] = {'kind': _99}


def _100(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_116.get(name, _69)(value): return False
    return True


def _101(v: Any) -> bool:
    if not (_98(v) if _100(v) else True): return False
    return True


def _102(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'namespace' not in v: return False
    return True


def _103(v: Any) -> bool:
    if _102(v): return False
    return True


def _104(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'context' not in v: return False
    return True


def _105(v: Any) -> bool:
    if _104(v): return False
    return True


def _106(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'kubeconfig' not in v: return False
    return True


def _107(v: Any) -> bool:
    if _106(v): return False
    return True


def _108(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'binary' not in v: return False
    return True


def _109(v: Any) -> bool:
    if _108(v): return False
    return True


def _110(v: Any) -> bool:
    if isinstance(v, dict):
        if 'folder' not in v: return False
        if 'env' not in v: return False
    return True


def _111(v: Any) -> bool:
    if _110(v): return False
    return True


_KEYS_129: dict[str, Any] = {'kind': _81, 'folder': _83, 'namespace': _83, 'context': _83, 'kubeconfig': _83, 'binary': _83, 'env': _96, 'timeout': _88, 'retries': _90}


def _112(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _103(v): return False
    if not _105(v): return False
    if not _107(v): return False
    if not _109(v): return False
    if not _111(v): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_129.get(name, _3)(value): return False
    return True


def _113(v: Any) -> bool:
    if not _112(v): return False
    return True


def _114(v: Any) -> bool:
    if not (v == 'kubernetes'): return False
    return True


_KEYS_133: dict[str, Any] = {'kind': _114}


def _115(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_133.get(name, _69)(value): return False
    return True


def _116(v: Any) -> bool:
    if not (_113(v) if _115(v) else True): return False
    return True


_KEYS_136: dict[str, Any] = {'kind': _81, 'region': _83, 'profile': _83, 'endpoint': _82, 'timeout': _88, 'retries': _90}


def _117(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_136.get(name, _3)(value): return False
    return True


def _118(v: Any) -> bool:
    if not _117(v): return False
    return True


def _119(v: Any) -> bool:
    if not (v == 'aws'): return False
    return True


_KEYS_140: dict[str, Any] = {'kind': _119}


def _120(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_140.get(name, _69)(value): return False
    return True


def _121(v: Any) -> bool:
    if not (_118(v) if _120(v) else True): return False
    return True


def _122(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^https://[^/?#@\\s]+/?\\Z').search(v): return False
    return True


_KEYS_144: dict[str, Any] = {'kind': _81, 'address': _122, 'timeout': _88, 'retries': _90}


def _123(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'address' not in v: return False
        for name, value in v.items():
            if not _KEYS_144.get(name, _3)(value): return False
    return True


def _124(v: Any) -> bool:
    if not _123(v): return False
    return True


def _125(v: Any) -> bool:
    if not (v == 'azure'): return False
    return True


_KEYS_148: dict[str, Any] = {'kind': _125}


def _126(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_148.get(name, _69)(value): return False
    return True


def _127(v: Any) -> bool:
    if not (_124(v) if _126(v) else True): return False
    return True


def _128(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^[A-Za-z0-9:.-]+\\Z').search(v): return False
    return True


_KEYS_152: dict[str, Any] = {'kind': _81, 'project': _128, 'timeout': _88, 'retries': _90}


def _129(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'project' not in v: return False
        for name, value in v.items():
            if not _KEYS_152.get(name, _3)(value): return False
    return True


def _130(v: Any) -> bool:
    if not _129(v): return False
    return True


def _131(v: Any) -> bool:
    if not (v == 'google'): return False
    return True


_KEYS_156: dict[str, Any] = {'kind': _131}


def _132(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_156.get(name, _69)(value): return False
    return True


def _133(v: Any) -> bool:
    if not (_130(v) if _132(v) else True): return False
    return True


_KEYS_159: dict[str, Any] = {'kind': _81, 'timeout': _88, 'retries': _90}


def _134(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_159.get(name, _3)(value): return False
    return True


def _135(v: Any) -> bool:
    if not _134(v): return False
    return True


def _136(v: Any) -> bool:
    if not (v == 'keyring'): return False
    return True


_KEYS_163: dict[str, Any] = {'kind': _136}


def _137(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_163.get(name, _69)(value): return False
    return True


def _138(v: Any) -> bool:
    if not (_135(v) if _137(v) else True): return False
    return True


def _139(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if len(v) < 1: return False
        if not all(map(_83, v)): return False
    return True


def _140(v: Any) -> bool:
    if not (v == 'text' or v == 'json'): return False
    return True


_KEYS_168: dict[str, Any] = {'kind': _81, 'command': _139, 'output': _140, 'env': _96, 'folder': _83, 'timeout': _88, 'retries': _90}


def _141(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        if 'command' not in v: return False
        for name, value in v.items():
            if not _KEYS_168.get(name, _3)(value): return False
    return True


def _142(v: Any) -> bool:
    if not _141(v): return False
    return True


def _143(v: Any) -> bool:
    if not (v == 'command'): return False
    return True


_KEYS_172: dict[str, Any] = {'kind': _143}


def _144(v: Any) -> bool:
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_172.get(name, _69)(value): return False
    return True


def _145(v: Any) -> bool:
    if not (_142(v) if _144(v) else True): return False
    return True


_KEYS_175: dict[str, Any] = {'kind': _81}


def _146(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _95(v): return False
    if not _101(v): return False
    if not _116(v): return False
    if not _121(v): return False
    if not _127(v): return False
    if not _133(v): return False
    if not _138(v): return False
    if not _145(v): return False
    if isinstance(v, dict):
        if 'kind' not in v: return False
        for name, value in v.items():
            if not _KEYS_175.get(name, _69)(value): return False
    return True


def _147(v: Any) -> bool:
    if not _146(v): return False
    return True


_KEYS_178: dict[str, Any] = {}


def _148(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_68, v)): return False
        for name, value in v.items():
            if not _KEYS_178.get(name, _147)(value): return False
    return True


_KEYS_180: dict[str, Any] = {}


def _149(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_58, v)): return False
        for name, value in v.items():
            if not _KEYS_180.get(name, _83)(value): return False
    return True


def _150(v: Any) -> bool:
    if not _12(v): return False
    return True


def _151(v: Any) -> bool:
    if not _13(v): return False
    return True


def _152(v: Any) -> bool:
    if not _13(v): return False
    return True


def _153(v: Any) -> bool:
    if not _14(v): return False
    return True


def _154(v: Any) -> bool:
    if not _15(v): return False
    return True


def _155(v: Any) -> bool:
    if not _16(v): return False
    return True


def _156(v: Any) -> bool:
    if not _16(v): return False
    return True


def _157(v: Any) -> bool:
    if not _13(v): return False
    return True


def _158(v: Any) -> bool:
    if not _17(v): return False
    return True


def _159(v: Any) -> bool:
    if not _20(v): return False
    return True


def _160(v: Any) -> bool:
    if not _13(v): return False
    return True


def _161(v: Any) -> bool:
    if not _13(v): return False
    return True


def _162(v: Any) -> bool:
    if not _21(v): return False
    return True


def _163(v: Any) -> bool:
    if not _13(v): return False
    return True


def _164(v: Any) -> bool:
    if not (v == 'SMTP' or v == 'HTTP'): return False
    return True


def _165(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Ss][Mm][Tt][Pp]|[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _166(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_164(v) or _165(v)): return False
    return True


def _167(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('\\S').search(v): return False
    return True


def _168(v: Any) -> bool:
    if not (v == 'POST' or v == 'PUT'): return False
    return True


def _169(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt])\\Z(?!\\n)').search(v): return False
    return True


def _170(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_168(v) or _169(v)): return False
    return True


def _171(v: Any) -> bool:
    if not (v == 'JSON' or v == 'FORM'): return False
    return True


def _172(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Jj][Ss][Oo][Nn]|[Ff][Oo][Rr][Mm])\\Z(?!\\n)').search(v): return False
    return True


def _173(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_171(v) or _172(v)): return False
    return True


def _174(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _175(v: Any) -> bool:
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'password' not in v: return False
    return True


def _176(v: Any) -> bool:
    if not (v == 'BASIC'): return False
    return True


def _177(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc])\\Z').search(v): return False
    return True


def _178(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_176(v) or _177(v)): return False
    return True


_KEYS_211: dict[str, Any] = {'type': _178}


def _179(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_211.get(name, _69)(value): return False
    return True


def _180(v: Any) -> bool:
    if not (_175(v) if _179(v) else True): return False
    return True


def _181(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'token_endpoint' not in v: return False
    return True


def _182(v: Any) -> bool:
    if not (v == 'CLIENT_CREDENTIAL'): return False
    return True


def _183(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _184(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_182(v) or _183(v)): return False
    return True


_KEYS_218: dict[str, Any] = {'type': _184}


def _185(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_218.get(name, _69)(value): return False
    return True


def _186(v: Any) -> bool:
    if not (_181(v) if _185(v) else True): return False
    return True


def _187(v: Any) -> bool:
    if isinstance(v, dict):
        if 'access_token' not in v: return False
    return True


def _188(v: Any) -> bool:
    if not (v == 'BEARER'): return False
    return True


def _189(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Ee][Aa][Rr][Ee][Rr])\\Z').search(v): return False
    return True


def _190(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_188(v) or _189(v)): return False
    return True


_KEYS_225: dict[str, Any] = {'type': _190}


def _191(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_225.get(name, _69)(value): return False
    return True


def _192(v: Any) -> bool:
    if not (_187(v) if _191(v) else True): return False
    return True


def _193(v: Any) -> bool:
    if isinstance(v, dict):
        if 'api_key_header' not in v: return False
        if 'api_key_value' not in v: return False
    return True


def _194(v: Any) -> bool:
    if not (v == 'API_KEY'): return False
    return True


def _195(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Aa][Pp][Ii]_[Kk][Ee][Yy])\\Z').search(v): return False
    return True


def _196(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_194(v) or _195(v)): return False
    return True


_KEYS_232: dict[str, Any] = {'type': _196}


def _197(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_232.get(name, _69)(value): return False
    return True


def _198(v: Any) -> bool:
    if not (_193(v) if _197(v) else True): return False
    return True


def _199(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'username' not in v: return False
        if 'password' not in v: return False
        if 'token_endpoint' not in v: return False
    return True


def _200(v: Any) -> bool:
    if not (v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _201(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _202(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_200(v) or _201(v)): return False
    return True


_KEYS_239: dict[str, Any] = {'type': _202}


def _203(v: Any) -> bool:
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_239.get(name, _69)(value): return False
    return True


def _204(v: Any) -> bool:
    if not (_199(v) if _203(v) else True): return False
    return True


def _205(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL' or v == 'BEARER' or v == 'API_KEY' or v == 'NONE' or v == 'PASSWORD_CREDENTIAL'): return False
    return True


def _206(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Aa][Pp][Ii]_[Kk][Ee][Yy]|[Nn][Oo][Nn][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])\\Z').search(v): return False
    return True


def _207(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_205(v) or _206(v)): return False
    return True


_KEYS_245: dict[str, Any] = {'type': _207, 'username': _167, 'password': _167, 'access_token': _167, 'api_key_header': _167, 'api_key_value': _167, 'client_id': _167, 'client_secret': _167, 'token_endpoint': _167, 'scopes': _167}


def _208(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _180(v): return False
    if not _186(v): return False
    if not _192(v): return False
    if not _198(v): return False
    if not _204(v): return False
    if isinstance(v, dict):
        if 'type' not in v: return False
        for name, value in v.items():
            if not _KEYS_245.get(name, _3)(value): return False
    return True


def _209(v: Any) -> bool:
    if not _208(v): return False
    return True


_KEYS_248: dict[str, Any] = {'url': _167, 'body': _167, 'method': _170, 'content_type': _173, 'headers': _174, 'auth': _209}


def _210(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'url' not in v: return False
        if 'body' not in v: return False
        for name, value in v.items():
            if not _KEYS_248.get(name, _3)(value): return False
    return True


def _211(v: Any) -> bool:
    if not _210(v): return False
    return True


def _212(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
    return True


def _213(v: Any) -> bool:
    if not (v == 'v1' or v == 'v2'): return False
    return True


_KEYS_253: dict[str, Any] = {'client_id': _83, 'client_secret': _83, 'user': _83, 'password': _83}


def _214(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_253.get(name, _3)(value): return False
    return True


_KEYS_255: dict[str, Any] = {'client_id': _83, 'client_secret': _83, 'user': _83, 'password': _83, 'super': _214}


def _215(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_255.get(name, _3)(value): return False
    return True


def _216(v: Any) -> bool:
    if not _215(v): return False
    return True


def _217(v: Any) -> bool:
    if isinstance(v, dict):
        if 'password' not in v: return False
    return True


def _218(v: Any) -> bool:
    if not (v == 'inline-password'): return False
    return True


_KEYS_260: dict[str, Any] = {'provisioning': _218}


def _219(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provisioning' not in v: return False
        for name, value in v.items():
            if not _KEYS_260.get(name, _69)(value): return False
    return True


def _220(v: Any) -> bool:
    if not (v == 'inline-password' or v == 'invite-via-email'): return False
    return True


_KEYS_263: dict[str, Any] = {'username': _83, 'email': _83, 'provisioning': _220, 'password': _83}


def _221(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not (_217(v) if _219(v) else True): return False
    if isinstance(v, dict):
        if 'username' not in v: return False
        if 'email' not in v: return False
        if 'provisioning' not in v: return False
        for name, value in v.items():
            if not _KEYS_263.get(name, _3)(value): return False
    return True


_KEYS_265: dict[str, Any] = {'name': _83, 'owner': _221}


def _222(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'owner' not in v: return False
        for name, value in v.items():
            if not _KEYS_265.get(name, _3)(value): return False
    return True


def _223(v: Any) -> bool:
    if not _222(v): return False
    return True


_KEYS_268: dict[str, Any] = {'from_address': _150, 'username': _151, 'password': _152, 'hostname': _153, 'port': _154, 'enable_start_tls': _155, 'enable_authentication': _156, 'signature': _157, 'reply_to': _158, 'auth_type': _159, 'client_id': _160, 'client_secret': _161, 'token_endpoint': _162, 'scopes': _163, 'provider': _166, 'http': _211, 'secret_version': _212, 'api_version': _213, 'allow_logged_secrets': _49, 'api': _216, 'create': _223}


def _224(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_268.get(name, _3)(value): return False
    return True


def _225(v: Any) -> bool:
    if not _224(v): return False
    return True


def _226(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[A-Za-z_*?][A-Za-z0-9_*?]*\\Z').search(v): return False
    return True


def _227(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_226, v)): return False
    return True


def _228(v: Any) -> bool:
    if not (v is None): return False
    return True


def _229(v: Any) -> bool:
    if not (_228(v) or _225(v)): return False
    return True


def _230(v: Any) -> bool:
    if not _229(v): return False
    return True


_KEYS_276: dict[str, Any] = {}


def _231(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_276.get(name, _230)(value): return False
    return True


def _232(v: Any) -> bool:
    if not (isinstance(v, list) or isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    if isinstance(v, list):
        if not all(map(_83, v)): return False
    return True


def _233(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9][A-Za-z0-9_.-]*\\Z').search(v): return False
    return True


def _234(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^https://[^/?#@\\s]+(/[^?#@\\s]*)?\\Z').search(v): return False
    return True


_KEYS_281: dict[str, Any] = {}


def _235(v: Any) -> bool:
    if not (isinstance(v, dict) or v is None): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_281.get(name, _69)(value): return False
    return True


def _236(v: Any) -> bool:
    if not (isinstance(v, str) or v is None): return False
    return True


def _237(v: Any) -> bool:
    if not (isinstance(v, list) or v is None): return False
    if isinstance(v, list):
        if not all(map(_174, v)): return False
    return True


_KEYS_285: dict[str, Any] = {'server': _234, 'ca_file': _83, 'product': _235, 'global': _235, 'tenant_loading': _235, 'secrets': _235, 'kubernetes': _235, 'stores': _235, 'verify_secrets': _235, 'defaults': _235, 'api': _235, 'tenants': _235, 'owner': _236, 'allow_env': _237}


def _238(v: Any) -> bool:
    if not (isinstance(v, dict) or v is None): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_285.get(name, _3)(value): return False
    return True


_KEYS_287: dict[str, Any] = {}


def _239(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_233, v)): return False
        for name, value in v.items():
            if not _KEYS_287.get(name, _238)(value): return False
    return True


_KEYS_289: dict[str, Any] = {'mailwright': _0, 'product': _4, 'global': _48, 'keep_unmanaged': _49, 'tenant_loading': _57, 'secrets': _60, 'kubernetes': _67, 'stores': _148, 'verify_secrets': _149, 'owner': _83, 'defaults': _225, 'api': _216, 'allow_env': _227, 'tenants': _231, 'tenants_from': _232, 'environments': _239}


def _240(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'mailwright' not in v: return False
        for name, value in v.items():
            if not _KEYS_289.get(name, _3)(value): return False
    return True


def _241(v: Any) -> bool:
    if not _10(v): return False
    return True


def _242(v: Any) -> bool:
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'http' not in v: return False
    return True


def _243(v: Any) -> bool:
    if isinstance(v, dict):
        if 'http' not in v: return False
    return True


def _244(v: Any) -> bool:
    if _243(v): return False
    if isinstance(v, dict):
        if 'from_address' not in v: return False
        if 'signature' not in v: return False
        if 'reply_to' not in v: return False
    return True


def _245(v: Any) -> bool:
    if not (v == 'HTTP'): return False
    return True


def _246(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^(?:[Hh][Tt][Tt][Pp])\\Z(?!\\n)').search(v): return False
    return True


def _247(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_245(v) or _246(v)): return False
    return True


_KEYS_298: dict[str, Any] = {'provider': _247}


def _248(v: Any) -> bool:
    if isinstance(v, dict):
        if 'provider' not in v: return False
        for name, value in v.items():
            if not _KEYS_298.get(name, _69)(value): return False
    return True


def _249(v: Any) -> bool:
    if not _225(v): return False
    if not _241(v): return False
    if not (_242(v) if _248(v) else _244(v)): return False
    return True


VALID = {
    '': _240,
    '/$defs/tenant': _249,
}
