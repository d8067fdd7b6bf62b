"""Whether a value is valid, for schema/adapter.schema.json: made by `make generate`."""

import re
from functools import cache
from typing import Any

_compiled = cache(re.compile)


def _0(v: Any) -> bool:
    return True


def _1(v: Any) -> bool:
    if isinstance(v, dict):
        if 'client_id' not in v: return False
        if 'client_secret' not in v: return False
        if 'token_endpoint' not in v: return False
        if 'scopes' not in v: return False
    return True


def _2(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]\\Z').search(v): return False
    return True


_KEYS_3: dict[str, Any] = {'auth_type': _2}


def _3(v: Any) -> bool:
    if isinstance(v, dict):
        if 'auth_type' not in v: return False
        for name, value in v.items():
            if not _KEYS_3.get(name, _0)(value): return False
    return True


def _4(v: Any) -> bool:
    if not _3(v): return False
    return True


def _5(v: Any) -> bool:
    if not (_1(v) if _4(v) else True): return False
    return True


def _6(v: Any) -> bool:
    if not _5(v): return False
    return True


def _7(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('@|\\$(secret|env|sys|ref)\\{[^{}]+\\}').search(v): return False
    return True


def _8(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _9(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
        if not _compiled('^([A-Za-z0-9._:\\[\\]-]+|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _10(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([0-9]{1,5}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
        if v > 65535: return False
    return True


def _11(v: Any) -> bool:
    if not (isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _12(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('@|\\$(secret|env|sys|ref)\\{[^{}]+\\}').search(v): return False
    return True


def _13(v: Any) -> bool:
    if not (v == 'BASIC' or v == 'CLIENT_CREDENTIAL'): return False
    return True


def _14(v: Any) -> bool:
    if isinstance(v, str):
        if not _compiled('^([Bb][Aa][Ss][Ii][Cc]|[Cc][Ll][Ii][Ee][Nn][Tt]_[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _15(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if not (_13(v) or _14(v)): return False
    return True


def _16(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(https?://|\\$keep\\{\\}|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\})').search(v): return False
    return True


def _17(v: Any) -> bool:
    if not (v == 'minThread' or v == 'maxThread' or v == 'keepAliveTimeInMillis' or v == 'jobQueueSize'): return False
    return True


def _18(v: Any) -> bool:
    if _17(v): return False
    if isinstance(v, str):
        if not _compiled('^[ !#-&(-~]+\\Z').search(v): return False
    return True


def _19(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^((?:TLSv1\\.3|TLSv1\\.2|TLSv1\\.1|TLSv1|SSLv3|SSLv2Hello)(?: +(?:TLSv1\\.3|TLSv1\\.2|TLSv1\\.1|TLSv1|SSLv3|SSLv2Hello))*|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _20(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^((?:[Ll][Oo][Gg][Ii][Nn]|[Pp][Ll][Aa][Ii][Nn]|[Dd][Ii][Gg][Ee][Ss][Tt]-[Mm][Dd]5|[Nn][Tt][Ll][Mm]|[Xx][Oo][Aa][Uu][Tt][Hh]2)(?: +(?:[Ll][Oo][Gg][Ii][Nn]|[Pp][Ll][Aa][Ii][Nn]|[Dd][Ii][Gg][Ee][Ss][Tt]-[Mm][Dd]5|[Nn][Tt][Ll][Mm]|[Xx][Oo][Aa][Uu][Tt][Hh]2))*|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _21(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([0-9]{1,10}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 2147483647: return False
    return True


def _22(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([0-9]{1,5}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 0: return False
        if v > 65535: return False
    return True


def _23(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(-?[0-9]{1,10}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < -2147483648: return False
        if v > 2147483647: return False
    return True


def _24(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^((?:[Nn][Ee][Vv][Ee][Rr]|[Ss][Uu][Cc][Cc][Ee][Ss][Ss]|[Ff][Aa][Ii][Ll][Uu][Rr][Ee]|[Dd][Ee][Ll][Aa][Yy])(?:, *(?:[Nn][Ee][Vv][Ee][Rr]|[Ss][Uu][Cc][Cc][Ee][Ss][Ss]|[Ff][Aa][Ii][Ll][Uu][Rr][Ee]|[Dd][Ee][Ll][Aa][Yy]))*|[^\\n\\r\\u2028\\u2029]*\\$(secret|env|sys|ref)\\{[^{}]+\\}[^\\n\\r\\u2028\\u2029]*)\\Z').search(v): return False
    return True


def _25(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^([Ff][Uu][Ll][Ll]|[Hh][Dd][Rr][Ss]|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _26(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool) or isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(-?[0-9]{1,10}|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < -1: return False
        if v > 2147483647: return False
    return True


def _27(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(smtp|\\$(secret|env|sys|ref)\\{[^{}]+\\})\\Z').search(v): return False
    return True


def _28(v: Any) -> bool:
    if not (isinstance(v, str) or isinstance(v, int) and not isinstance(v, bool) or isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < -9223372036854775808: return False
        if v > 9223372036854775807: return False
    return True


_KEYS_30: dict[str, Any] = {'mail.smtp.starttls.required': _11, 'mail.smtp.ssl.enable': _11, 'mail.smtp.ssl.protocols': _19, 'mail.smtp.ssl.checkserveridentity': _11, 'mail.smtp.ssl.trust': _8, 'mail.smtp.auth.mechanisms': _20, 'mail.smtp.connectiontimeout': _21, 'mail.smtp.timeout': _21, 'mail.smtp.writetimeout': _21, 'mail.smtp.localhost': _8, 'mail.debug': _11, 'mail.smtp.localaddress': _8, 'mail.smtp.localport': _22, 'mail.smtp.ehlo': _11, 'mail.smtp.usesocketchannels': _11, 'mail.smtp.proxy.host': _8, 'mail.smtp.proxy.port': _10, 'mail.smtp.proxy.user': _8, 'mail.smtp.proxy.password': _8, 'mail.smtp.socks.host': _8, 'mail.smtp.socks.port': _10, 'mail.smtp.socketFactory.class': _8, 'mail.smtp.socketFactory.fallback': _11, 'mail.smtp.socketFactory.port': _10, 'mail.smtp.ssl.socketFactory.class': _8, 'mail.smtp.ssl.socketFactory.port': _10, 'mail.smtp.ssl.ciphersuites': _8, 'mail.smtp.class': _8, 'mail.smtp.auth.login.disable': _11, 'mail.smtp.auth.plain.disable': _11, 'mail.smtp.auth.digest-md5.disable': _11, 'mail.smtp.auth.ntlm.disable': _11, 'mail.smtp.auth.xoauth2.disable': _11, 'mail.smtp.auth.ntlm.domain': _8, 'mail.smtp.auth.ntlm.flags': _23, 'mail.smtp.auth.ntlm.v2': _11, 'mail.smtp.sasl.enable': _11, 'mail.smtp.sasl.mechanisms': _8, 'mail.smtp.sasl.authorizationid': _8, 'mail.smtp.sasl.realm': _8, 'mail.smtp.sasl.usecanonicalhostname': _11, 'mail.smtp.saslrealm': _8, 'mail.smtp.submitter': _8, 'mail.smtp.mailextension': _8, 'mail.smtp.dsn.notify': _24, 'mail.smtp.dsn.ret': _25, 'mail.smtp.allow8bitmime': _11, 'mail.smtp.chunksize': _26, 'mail.smtp.sendpartial': _11, 'mail.smtp.reportsuccess': _11, 'mail.smtp.quitwait': _11, 'mail.smtp.quitonsessionreject': _11, 'mail.smtp.userset': _11, 'mail.smtp.noop.strict': _11, 'mail.debug.auth': _11, 'mail.debug.auth.username': _11, 'mail.debug.auth.password': _11, 'mail.debug.quote': _11, 'mail.mime.allowutf8': _11, 'mail.mime.address.strict': _11, 'mail.transport.protocol.rfc822': _27, 'mail.event.scope': _8}


def _29(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if not all(map(_18, v)): return False
        for name, value in v.items():
            if not _KEYS_30.get(name, _28)(value): return False
    return True


def _30(v: Any) -> bool:
    return False


_KEYS_33: dict[str, Any] = {'from_address': _7, 'username': _8, 'password': _8, 'hostname': _9, 'port': _10, 'enable_start_tls': _11, 'enable_authentication': _11, 'signature': _8, 'reply_to': _12, 'auth_type': _15, 'client_id': _8, 'client_secret': _8, 'token_endpoint': _16, 'scopes': _8, 'custom_properties': _29}


def _31(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if not _6(v): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_33.get(name, _30)(value): return False
    return True


VALID = {
    '': _31,
}
