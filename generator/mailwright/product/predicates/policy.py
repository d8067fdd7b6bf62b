"""Whether a value is valid, for schema/policy.schema.json: made by `make generate`."""

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
        if not _compiled('^(\\*\\.)?[A-Za-z0-9_.:-]+\\Z').search(v): return False
    return True


def _2(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_1, v)): return False
    return True


def _3(v: Any) -> bool:
    if not _2(v): return False
    return True


def _4(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^(\\{domain\\}|(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*)\\Z').search(v): return False
    return True


def _5(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_4, v)): return False
    return True


def _6(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\\Z').search(v): return False
    return True


def _7(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_6, v)): return False
    return True


def _8(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if not _compiled('^[a-z0-9_-]+([.][a-z0-9_.-]+)?\\Z').search(v): return False
    return True


def _9(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_8, v)): return False
    return True


def _10(v: Any) -> bool:
    if not (v == 'none' or v == 'starttls'): return False
    return True


def _11(v: Any) -> bool:
    return False


_KEYS_12: dict[str, Any] = {'mailwright_policy': _0, 'relay_hosts': _3, 'token_hosts': _3, 'provider_hosts': _3, 'sender_domains': _5, 'stores': _7, 'store_kinds': _9, 'minimum_tls': _10}


def _12(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'mailwright_policy' not in v: return False
        for name, value in v.items():
            if not _KEYS_12.get(name, _11)(value): return False
    return True


VALID = {
    '': _12,
}
