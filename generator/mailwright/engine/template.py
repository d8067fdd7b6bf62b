"""Phase 8, the part that surprises: the template engine interprets every *value* a second time (product/xml.md#template-pass).

The engine is Jinjava (2.4.14 up to 6.1.0, 2.6.0 from 7.0.0) with nested interpretation on. It looks into a value only if that holds
``{{`` or ``{%``; then ``{# … #}`` disappears too. What is modelled: how the text is cut into tokens (Jinjava's TokenScanner), plain
expressions, and the tags ``if``, ``raw`` and ``set``. Anything else is ``Abort`` with a note that it is not sure: such a text either
is executed or breaks the start, and is never what the author meant.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from enum import Enum

from ..base.patterns import pattern
from ..base.values import dataclass, field
from ..deployment.java import java_text
from . import Abort, Doubt
from .expression import BadExpression, Unmodelled, evaluate, truth

MAX_DEPTH = 20
MAX_OPEN = 50
MAX_INSERTED = 1 << 18

_ENDRAW = pattern(r"\s*endraw")

Lookup = Callable[[tuple[str, ...]], object]


def is_interpreted(text: str) -> bool:
    """Say whether the template engine looks into a value."""
    return "{{" in text or "{%" in text


def interpret(text: str, lookup: Lookup) -> str:
    """Return what the template engine makes of a value.

    Args:
        text: The value after placeholder resolution.
        lookup: Returns the value of a path in the engine's context, None if there is none.

    Raises:
        Abort: the engine reports a fatal error, or the text is beyond the model (then with a ``doubt``).
    """
    return _render(text, lookup, 0, _Budget())


def _render(text: str, lookup: Lookup, depth: int, budget: _Budget) -> str:
    if not is_interpreted(text):
        return text
    if depth > MAX_DEPTH:
        raise Abort("the value is a template that contains itself", doubt=Doubt.NOT_MODELLED)
    try:
        return _Renderer(_scan(text), lookup, depth, budget).render()
    except _Thrown:
        return text
    except BadExpression:
        raise Abort("the value contains template marks around something that is not an expression") from None
    except Unmodelled:
        raise Abort("the value contains a template expression", doubt=Doubt.NOT_MODELLED) from None


class _Thrown(Exception):
    """Jinjava throws here instead of noting an error: the text that it was interpreting stays as it is."""


@dataclass(slots=True)
class _Budget:
    """What a value may still use: values that insert each other grow without bounds.

    Attributes:
        left: Characters that expressions may still insert.
        open: Tags that are open, in this text and in those around it.
    """

    left: int = MAX_INSERTED
    open: int = 0

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Abort("the value is a template that expands beyond all bounds", doubt=Doubt.NOT_MODELLED)


class _Kind(Enum):
    TEXT = 0
    EXPRESSION = "{"
    TAG = "%"
    COMMENT = "#"


@dataclass(slots=True)
class _Token:
    kind: _Kind
    text: str


@dataclass(slots=True)
class _Scanner:
    """Jinjava's token scanner, whose oddities decide what is left of a text with unbalanced marks."""

    text: str
    pos: int = 0
    start: int = 0
    kind: str = ""  # the mark of the token that is open: "", "{", "%" or "#"
    in_comment: bool = False
    in_raw: bool = False
    in_block: bool = False
    quote: str = ""
    tokens: list[_Token] = field(default_factory=list)

    def scan(self) -> list[_Token]:
        text, length = self.text, len(self.text)
        while self.pos < length:
            char = text[self.pos]
            self.pos += 1
            if self.pos == length:
                self._emit(_Kind.COMMENT if self.in_comment else _Kind.TEXT, length)
                break
            if self.in_block and self._in_quotes(char):
                continue
            following = text[self.pos]
            if char == "{":
                self._open(following)
            elif char in "%}":
                if not self.in_comment and self.kind == ("%" if char == "%" else "{") and following == "}":
                    self.in_block = False
                    self._close(_Kind.TAG if char == "%" else _Kind.EXPRESSION)
            elif char == "#":
                if self.kind == "#" and following == "}":
                    self.in_comment = False
                    self._close(_Kind.COMMENT)
            elif char == "\n" and not (self.in_comment or self.in_block):
                self.kind = ""
        return self.tokens

    def _in_quotes(self, char: str) -> bool:
        if self.quote:
            if char == self.quote:
                self.quote = ""
            elif char == "\\":
                self.pos += 1
            return True
        if char in "'\"":
            self.quote = char
            return True
        return False

    def _open(self, following: str) -> None:
        if following == "#":
            if self.in_comment or self.in_raw:
                return
            self.in_comment = True
        elif following in "{%":
            if self.in_comment or self.in_block or (self.in_raw and (following == "{" or not self._at_endraw())):
                return
            if self.kind and (following, self.kind) != ("%", "%"):
                return
            self.in_block = True
        else:
            return
        self.kind = following
        if self.pos - 1 > self.start:
            self._emit(_Kind.TEXT, self.pos - 1)

    def _close(self, kind: _Kind) -> None:
        self.pos += 1
        token = self._emit(kind, self.pos)
        self.kind = ""
        if token.kind is not _Kind.TAG:
            return
        if self.text.startswith("\n", self.pos):  # trimBlocks
            self.pos += 1
            self.start += 1
        name, _ = _parse_tag(token.text)
        if name == "raw":
            self.in_raw = True
        elif name == "endraw":
            self.in_raw = False

    def _emit(self, kind: _Kind, end: int) -> _Token:
        text = self.text[self.start : end]
        if self.in_raw and kind in (_Kind.EXPRESSION, _Kind.COMMENT):
            kind = _Kind.TEXT
        token = _Token(kind, text)
        self.tokens.append(token)
        self.start = end
        return token

    def _at_endraw(self) -> bool:
        return _ENDRAW.match(self.text, self.pos + 1) is not None


def _scan(text: str) -> list[_Token]:
    return _Scanner(text).scan()


def _is_java_letter(char: str) -> bool:
    return char == "$" or char.isidentifier() or unicodedata.category(char) in ("Sc", "Pc")


def _parse_tag(token: str) -> tuple[str, str]:
    """Return a tag's name and the rest, as Jinjava's TagToken cuts them: what stands before the first letter is skipped.

    Raises:
        _Thrown: the token is too short to be a tag.
    """
    if len(token) < 4:
        raise _Thrown
    content = token[2:-2]
    start = next((index for index, char in enumerate(content) if _is_java_letter(char)), len(content))
    end = start
    while end < len(content) and (_is_java_letter(content[end]) or content[end].isdecimal()):
        end += 1
    if end == len(content):
        return content.strip().lower(), ""
    return content[start:end].lower(), content[end:]


class _Renderer:
    def __init__(self, tokens: list[_Token], lookup: Lookup, depth: int, budget: _Budget) -> None:
        self.tokens, self.outer, self.depth, self.budget = tokens, lookup, depth, budget
        self.at = 0
        self.variables: dict[str, object] = {}

    def render(self) -> str:
        self._check_tags()
        out = self._until(frozenset(), run=True)
        if self.at < len(self.tokens):
            raise Unmodelled
        return out

    def _check_tags(self) -> None:
        """Jinjava builds its tree before it executes anything: an unknown tag is fatal wherever it stands."""
        for token in self.tokens:
            if token.kind is _Kind.TAG and _parse_tag(token.text)[0] not in _KNOWN_TAGS:
                raise Unmodelled if "-" in (token.text[2:3], token.text[-3:-2]) else BadExpression

    def _lookup(self, path: tuple[str, ...]) -> object:
        if path[0] in self.variables:
            value = self.variables[path[0]]
            for part in path[1:]:
                value = value.get(part) if isinstance(value, Mapping) else None
            return value
        return self.outer(path)

    def _until(self, ends: frozenset[str], *, run: bool) -> str:
        """Render up to a tag named in *ends*, which is left as the next token; without *run*, only find it."""
        out: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind is _Kind.TAG:
                name, rest = _parse_tag(token.text)
                if name in ends:
                    return "".join(out)
                out.append(self._tag(name, rest, token, run=run))
                continue
            self.at += 1
            if token.kind is _Kind.TEXT:
                before_tag = self.at < len(self.tokens) and self.tokens[self.at].kind is _Kind.TAG
                out.append(token.text.rstrip("\t ") if before_tag else token.text)  # lstripBlocks
            elif token.kind is _Kind.EXPRESSION and run:
                out.append(self._expression(token))
        if ends:
            raise BadExpression  # the end tag is missing: a fatal template error
        return "".join(out)

    def _expression(self, token: _Token) -> str:
        inner = token.text[2:-2].strip()
        if inner.startswith("-") or inner.endswith("-"):
            raise Unmodelled  # a mark that trims the blanks around
        value = java_text(evaluate(inner, self._lookup))
        self.budget.spend(len(value))
        return _render(value, self._lookup, self.depth + 1, self.budget) if value != token.text else value

    def _tag(self, name: str, rest: str, token: _Token, *, run: bool) -> str:
        self.at += 1
        if token.text.startswith("{%-") or token.text.endswith("-%}"):
            raise Unmodelled
        if name == "raw":
            body = self._until(frozenset({"endraw"}), run=run)
            self.at += 1
            return body
        if name == "if":
            return self._if(rest, run=run)
        if not run and name == "set":
            return ""
        if name == "set":
            target, equals, expression = rest.partition("=")
            if not equals or not target.strip() or not expression.strip():
                raise _Thrown
            if not target.strip().isidentifier():
                raise Unmodelled
            self.variables[target.strip()] = evaluate(expression, self._lookup)
            return ""
        raise Unmodelled

    def _if(self, condition: str, *, run: bool) -> str:
        if run and not condition.strip():
            raise _Thrown
        self.budget.open += 1
        if self.budget.open > MAX_OPEN:
            raise Unmodelled
        chosen: str | None = None
        wanted = run and truth(evaluate(condition, self._lookup))
        while True:
            body = self._until(frozenset({"elif", "elseif", "else", "endif"}), run=wanted)
            if wanted:
                chosen = body
            name, condition = _parse_tag(self.tokens[self.at].text)
            self.at += 1
            if name == "endif":
                self.budget.open -= 1
                return chosen or ""
            wanted = run and chosen is None and (name == "else" or truth(evaluate(condition, self._lookup)))


_KNOWN_TAGS = frozenset(
    [
        "autoescape",
        "block",
        "call",
        "cycle",
        "do",
        "else",
        "elif",
        "elseif",
        "extends",
        "for",
        "from",
        "if",
        "ifchanged",
        "import",
        "include",
        "macro",
        "print",
        "raw",
        "set",
        "unless",
        "update",
        "endautoescape",
        "endblock",
        "endcall",
        "endfor",
        "endif",
        "endifchanged",
        "endmacro",
        "endraw",
        "endunless",
    ]
)
