"""The part of the template engine's expression language that a value may meet by accident.

Names, paths, literals, ``+ - * ~`` and comparisons, as Jinjava's ExtendedScanner and ExtendedParser read them: ``+`` before a digit
is a unary operator (so ``1+1`` is a syntax error, as measured: product/xml.md#braces-error), an unknown name is nothing. What the
language has beyond that (filters, calls, lists, division ...) is ``Unmodelled``; what it has not is ``BadExpression``.
"""

from __future__ import annotations

from collections.abc import Callable

from ..base.patterns import pattern
from ..deployment.java import java_text

_TOKEN = pattern(
    r"\s*(?:(?P<number>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)"
    r"|(?P<name>(?:[^\W\d]|\$)[\w$]*)"
    r"|(?P<text>'(?:[^'\\]|\\[\\'\"ntbfr])*'|\"(?:[^\"\\]|\\[\\'\"ntbfr])*\")"
    r"|(?P<abs>\+(?=\d))"
    r"|(?P<op>//|\*\*|==|!=|<=|>=|&&|\|\||[-+*/%~<>!?:|.,()\[\]{}=]))"
)
_UNESCAPE = pattern(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "f": "\f", "r": "\r"}
_WORDS: dict[str, object] = {"true": True, "True": True, "false": False, "False": False, "null": None}
_RESERVED = frozenset(
    ["and", "or", "not", "in", "is", "if", "else", "div", "mod", "empty", "eq", "ne", "lt", "gt", "le", "ge", "instanceof"]
)
_BEYOND = frozenset({"//", "**", "/", "%", "|", "?", "(", "[", "{", "=", "&&", "||", "!"})

_LONG = 1 << 31  # operands up to here cannot make a product that a Java long does not hold
_LONGEST = 18  # characters of a number that a Java long holds


class BadExpression(Exception):
    """A syntax error: fatal for the template engine."""


class Unmodelled(Exception):
    """Valid or not, this model does not say."""


def evaluate(text: str, lookup: Callable[[tuple[str, ...]], object]) -> object:
    """Return the value of an expression.

    Raises:
        BadExpression, Unmodelled: see there.
    """
    if not text.strip():
        return ""
    parser = _Parser(_tokens(text), lookup)
    value = parser.comparison()
    if parser.at < len(parser.tokens):
        parser.unexpected()
    return value


def truth(value: object) -> bool:
    """Return Jinjava's truth value of an object."""
    if isinstance(value, str):
        return value.lower() not in ("", "false")
    if isinstance(value, float):
        return abs(value) >= 1  # Number.intValue()
    return bool(value)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise BadExpression
        kind = match.lastgroup or ""
        tokens.append((kind, match.group(kind)))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], lookup: Callable[[tuple[str, ...]], object]) -> None:
        self.tokens, self.lookup, self.at = tokens, lookup, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def unexpected(self) -> None:
        kind, token = self.peek()
        if (kind == "op" and token in _BEYOND) or (kind == "name" and token in _RESERVED):
            raise Unmodelled
        raise BadExpression

    def comparison(self) -> object:
        left = self.sum()
        kind, token = self.peek()
        if kind == "op" and token in ("==", "!="):
            self.at += 1
            right = self.sum()
            if type(left) is not type(right) and left is not None and right is not None:
                raise Unmodelled  # the language converts one to the other's type
            same = left == right
            return same if token == "==" else not same
        if kind == "op" and token in ("<", ">", "<=", ">="):
            raise Unmodelled
        return left

    def sum(self) -> object:
        left = self.product()
        while True:
            kind, token = self.peek()
            if kind != "op" or token not in ("+", "-", "~"):
                return left
            self.at += 1
            right = self.product()
            if token == "~":
                left = java_text(left) + java_text(right)
            elif token == "+" and (isinstance(left, str) or isinstance(right, str)):
                left = _joined(left) + _joined(right)
            else:
                left = _number(left) + (_number(right) if token == "+" else -_number(right))

    def product(self) -> object:
        left = self.unary()
        while self.peek() == ("op", "*"):
            self.at += 1
            left = _number(left) * _number(self.unary())
        return left

    def unary(self) -> object:
        signs: list[str] = []
        while self.peek()[0] == "abs" or self.peek() == ("op", "-"):
            signs.append(self.peek()[1])
            self.at += 1
        value = self.primary()
        for sign in reversed(signs):
            value = -_number(value) if sign == "-" else abs(_number(value))
        return value

    def primary(self) -> object:
        kind, token = self.peek()
        if kind == "number":
            self.at += 1
            if len(token) > _LONGEST:
                raise Unmodelled
            return int(token) if token.isdecimal() else float(token)
        if kind == "text":
            self.at += 1
            return _UNESCAPE.sub(lambda match: _ESCAPES.get(match.group(1), match.group(1)), token[1:-1])
        if kind == "name" and token not in _RESERVED:
            self.at += 1
            return _WORDS[token] if token in _WORDS else self.path(token)
        self.unexpected()
        raise BadExpression

    def path(self, first: str) -> object:
        parts = [first]
        while self.peek() == ("op", "."):
            kind, name = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ("end", "")
            if kind != "name":
                raise BadExpression
            parts.append(name)
            self.at += 2
        if self.peek() == ("op", "(") or self.peek() == ("op", "["):
            raise Unmodelled
        return self.lookup(tuple(parts))


def _number(value: object) -> int:
    """Return an operand of arithmetic: nothing counts as 0 (JUEL's NumberOperations)."""
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LONG:
        return value
    raise Unmodelled


def _joined(value: object) -> str:
    """Return an operand of ``+`` beside a text: nothing is ``null`` there (Jinjava's AdditionOperator)."""
    return "null" if value is None else java_text(value)
