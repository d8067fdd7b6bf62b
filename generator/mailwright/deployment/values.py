"""How values and keys are written in TOML 0.5, which the server reads."""

from __future__ import annotations


def toml_value(value: object) -> str:
    """Return a scalar as TOML 0.5 text: integers and booleans bare, texts in the quotes that need the least escaping."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"no TOML scalar: {type(value).__name__}")
    if (
        "'" not in value
        and all(char == "\t" or (char >= " " and char != "\x7f") for char in value)
        and ("\\" in value or '"' in value)
    ):
        return f"'{value}'"
    return (
        '"'
        + "".join(_ESCAPES.get(char) or (char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}") for char in value)
        + '"'
    )


def toml_key(name: str) -> str:
    """Return a key in quotes, as the names of mail-client properties must stand (product/xml.md#quoted-name)."""
    return f"'{name}'" if "'" not in name else toml_value(name)


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
