"""Phase 8, the part that surprises: the template engine interprets every *value* a second time (facts 3.3).

The engine is Jinjava (2.4.14 up to 6.1.0, 2.6.0 from 7.0.0) with nested interpretation on. It looks into a value only if that holds
``{{`` or ``{%``; then ``{# … #}`` disappears too. What is modelled: how the text is cut into tokens (Jinjava's TokenScanner), plain
expressions, and the tags ``if``, ``raw`` and ``set``. Anything else is ``Abort`` with a note that it is not sure: such a text either
is executed or breaks the start, and is never what the author meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..deployment.java import java_text
from . import Abort
from .expression import BadExpression, Unmodelled, evaluate, truth

MAX_DEPTH = 20
_NOT_MODELLED = "the template engine executes this text; what comes out is not modelled"

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
        Abort: the engine reports a fatal error, or the text is beyond the model (then with ``unsure``).
    """
    return _render(text, lookup, 0)


def _render(text: str, lookup: Lookup, depth: int) -> str:
    if not is_interpreted(text):
        return text
    if depth > MAX_DEPTH:
        raise Abort("the value is a template that contains itself", unsure=_NOT_MODELLED)
    try:
        return _Renderer(_scan(text), lookup, depth).render()
    except BadExpression:
        raise Abort("the value holds template marks around something that is no expression") from None
    except Unmodelled:
        raise Abort("the value holds a template expression", unsure=_NOT_MODELLED) from None


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
        name = _tag_name(token.text)
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
        return self.text[self.pos + 1 :].lstrip().startswith("endraw")


def _scan(text: str) -> list[_Token]:
    return _Scanner(text).scan()


def _tag_name(token: str) -> str:
    words = token[2:-2].strip().strip("-").split(None, 1)
    return words[0] if words else ""


class _Renderer:
    def __init__(self, tokens: list[_Token], lookup: Lookup, depth: int) -> None:
        self.tokens, self.outer, self.depth = tokens, lookup, depth
        self.at = 0
        self.variables: dict[str, object] = {}

    def render(self) -> str:
        out = self._until(frozenset())
        if self.at < len(self.tokens):
            raise Unmodelled
        return out

    def _lookup(self, path: tuple[str, ...]) -> object:
        if path[0] in self.variables:
            value = self.variables[path[0]]
            for part in path[1:]:
                value = value.get(part) if isinstance(value, Mapping) else None
            return value
        return self.outer(path)

    def _until(self, ends: frozenset[str]) -> str:
        """Render up to a tag named in *ends*, which is left as the next token."""
        out: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind is _Kind.TAG:
                name = _tag_name(token.text)
                if name in ends:
                    return "".join(out)
                if out and not token.text.startswith("{%-"):
                    out[-1] = out[-1].rstrip("\t ")  # lstripBlocks
                out.append(self._tag(name, token))
                continue
            self.at += 1
            if token.kind is _Kind.TEXT:
                out.append(token.text)
            elif token.kind is _Kind.EXPRESSION:
                value = java_text(evaluate(token.text[2:-2].strip("-"), self._lookup))
                out.append(_render(value, self._lookup, self.depth + 1) if value != token.text else value)
        if ends:
            raise BadExpression  # the end tag is missing: a fatal template error
        return "".join(out)

    def _tag(self, name: str, token: _Token) -> str:
        self.at += 1
        if "{%-" in token.text or "-%}" in token.text:
            raise Unmodelled
        rest = token.text[2:-2].strip()[len(name) :].strip()
        if name == "raw":
            body = self._until(frozenset({"endraw"}))
            self.at += 1
            return body
        if name == "if":
            return self._if(rest)
        if name == "set":
            target, equals, expression = rest.partition("=")
            if not equals or not target.strip().isidentifier():
                raise Unmodelled
            self.variables[target.strip()] = evaluate(expression, self._lookup)
            return ""
        if name in _KNOWN_TAGS:
            raise Unmodelled
        raise BadExpression

    def _if(self, condition: str) -> str:
        chosen: str | None = None
        wanted = truth(evaluate(condition, self._lookup))
        while True:
            saved = dict(self.variables)
            body = self._until(frozenset({"elif", "elseif", "else", "endif"}))
            if chosen is None and wanted:
                chosen = body
            else:
                self.variables = saved
            token = self.tokens[self.at]
            name = _tag_name(token.text)
            self.at += 1
            if name == "endif":
                return chosen or ""
            condition = token.text[2:-2].strip()[len(name) :]
            wanted = chosen is None and (name == "else" or truth(evaluate(condition, self._lookup)))


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
