"""Templates that nobody has rendered yet: the actions of Helm and of Jinja in a text that is to be YAML or TOML."""

from __future__ import annotations

from collections.abc import Iterable

from ..base.errors import SyntaxInput
from ..base.patterns import pattern
from ..base.places import Source
from ..base.values import dataclass
from ..deployment import Deployment

_HELM = pattern(
    r"\{\{-?\s*(?:/\*|(?:include|template|tpl)\s+[\"(.$]|[^{}\"'\n]*\$?\.(?:Values|Release|Chart|Files|Capabilities|Template)\b)"
)
_ACTION = pattern(r"\{\{|\{%")
_STRINGS = pattern(r"\"[^\"\n]*(?:\"|\Z)|'[^'\n]*(?:'|\Z)")

HELM = "a Helm template"
JINJA = "a template"


class TemplateInput(SyntaxInput):
    """What is to be read is a template."""

    code = "template"


@dataclass(frozen=True, slots=True)
class Unrendered:
    """A text that is a template.

    Attributes:
        what: Whose.
        offset: Where its first action is.
    """

    what: str
    offset: int

    @property
    def message(self) -> str:
        """What is said of it."""
        return f"this is {self.what}: what it says is known once it is rendered"

    @property
    def hint(self) -> str:
        """What to do."""
        if self.what is HELM:
            return "`helm template RELEASE CHART | mailwright validate -` checks what it comes to"
        return "render it first, and check the result: `mailwright validate -` reads it from a pipe"

    def error(self, source: Source) -> TemplateInput:
        """Return the same where nothing can go on."""
        return TemplateInput(self.message, place=source.place(self.offset), hint=self.hint)


def unrendered(source: Source, wrong_lines: Iterable[int]) -> Unrendered | None:
    """Say whether a text is a template; None where it is none, so far as that can be told.

    Args:
        wrong_lines: The lines (from 1) that whoever reads the text cannot read: an action there, outside of a string, is no text.
    """
    found = _HELM.search(source.text)
    if found is not None:
        return Unrendered(HELM, found.start())
    for number in sorted(set(wrong_lines)):
        for near in (number, number - 1):
            if 1 <= near <= source.lines:
                line = source.line(near)
                action = _ACTION.search(_STRINGS.sub(lambda text: " " * len(text[0]), line))
                if action is not None:
                    return Unrendered(JINJA, source.offset(near) + action.start())
    return None


def template_of(deployment: Deployment) -> Unrendered | None:
    """Say whether a deployment.toml is a template: nothing else can be said of one, and nothing is written into one."""
    source = deployment.source
    if "{{" not in source.text and "{%" not in source.text:
        return None
    own = Source(source.name, source.text)
    return unrendered(own, (own.place(problem.span.start).line for problem in deployment.problems))
