"""Whether a value is valid, for schema/baseline.schema.json: made by `make generate`."""

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
        if not _compiled('^MW[0-9]{3}\\Z').search(v): return False
    return True


def _2(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    if isinstance(v, str):
        if len(v) < 1: return False
    return True


def _3(v: Any) -> bool:
    if not (isinstance(v, str)): return False
    return True


def _4(v: Any) -> bool:
    if not (isinstance(v, int) and not isinstance(v, bool)): return False
    if isinstance(v, (int, float)) and not isinstance(v, bool):
        if v < 1: return False
    return True


def _5(v: Any) -> bool:
    return False


_KEYS_6: dict[str, Any] = {'rule': _1, 'file': _2, 'tenant': _2, 'path': _3, 'count': _4}


def _6(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'rule' not in v: return False
        if 'path' not in v: return False
        if 'count' not in v: return False
        for name, value in v.items():
            if not _KEYS_6.get(name, _5)(value): return False
    return True


def _7(v: Any) -> bool:
    if not _6(v): return False
    return True


def _8(v: Any) -> bool:
    if not (isinstance(v, list)): return False
    if isinstance(v, list):
        if not all(map(_7, v)): return False
    return True


_KEYS_10: dict[str, Any] = {}


def _9(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        for name, value in v.items():
            if not _KEYS_10.get(name, _8)(value): return False
    return True


_KEYS_12: dict[str, Any] = {'mailwright_baseline': _0, 'files': _9}


def _10(v: Any) -> bool:
    if not (isinstance(v, dict)): return False
    if isinstance(v, dict):
        if 'mailwright_baseline' not in v: return False
        if 'files' not in v: return False
        for name, value in v.items():
            if not _KEYS_12.get(name, _5)(value): return False
    return True


VALID = {
    '': _10,
}
