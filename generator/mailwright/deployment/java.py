"""How Java prints numbers, dates and collections: the server writes TOML values into its XML files this way.

product/xml.md#types.
"""

from __future__ import annotations

import math
import re
from datetime import date


def java_double(number: float) -> str:
    """Return ``Double.toString(number)``."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    size = abs(number)
    if size == 0:
        return f"{sign}0.0"
    from decimal import Decimal  # few files hold such a number

    if 1e-3 <= size < 1e7:
        text = format(Decimal(repr(size)), "f")
        return sign + (text if "." in text else f"{text}.0")
    digits = Decimal(repr(size)).as_tuple()
    mantissa = "".join(map(str, digits.digits)).rstrip("0") or "0"
    exponent = len(digits.digits) - 1 + int(digits.exponent)
    return f"{sign}{mantissa[0]}.{mantissa[1:] or '0'}E{exponent}"


def java_time(match: re.Match[str]) -> str | None:
    """Return how java.time prints a TOML date or time, or None where CAVA refuses it.

    Args:
        match: Groups year, month, day, hour, minute, second, fraction, offset; then hour, minute, second, fraction of a bare time.
    """
    groups = match.groups()
    if groups[0] is None:
        return _clock(*groups[8:12])
    year, month, day = groups[:3]
    if (len(year), len(month), len(day)) != (4, 2, 2):
        return None
    try:
        date(int(year) or 4, int(month), int(day))  # the year 0 is a leap year
    except ValueError:
        return None
    text = f"{year}-{month}-{day}"
    if groups[3] is None:
        return text
    clock = _clock(*groups[3:7])
    offset = groups[7]
    if clock is None:
        return None
    if offset and offset != "Z":
        if len(offset) > 20:
            return None
        hours, minutes = (int(part) for part in offset[1:].split(":"))
        if hours > 18 or minutes > 59 or hours * 60 + minutes > 18 * 60:
            return None
        sign = "-" if offset[0] == "-" and hours else "+"  # CAVA loses the sign of -00:30
        offset = f"{sign}{hours:02}:{minutes:02}" if hours or minutes else "Z"
    return f"{text}T{clock}{offset or ''}"


def _clock(hour: str, minute: str, second: str, fraction: str | None) -> str | None:
    """LocalTime.toString: no seconds where they are zero; a fraction in groups of three digits."""
    if any(len(part) != 2 for part in (hour, minute, second)) or len(fraction or "") > 9:
        return None
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None
    nanos = (fraction or "").rstrip("0")
    if nanos:
        nanos = "." + nanos.ljust(-(-len(nanos) // 3) * 3, "0")
    seconds = f":{second}" if nanos or second != "00" else ""
    return f"{hour}:{minute}{seconds}{nanos}"


def java_text(value: object) -> str:
    """Return ``String.valueOf`` of a value as it stands in the template's context: scalars, lists, maps, None.

    None is printed by Jinjava as nothing, and as ``null`` inside a collection.
    """
    return "" if value is None else _inner(value)


def _inner(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_inner(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return str(value)
