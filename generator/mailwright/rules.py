"""The catalogue of rules: id, severity, what it says. Ids never change and are never used again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .findings import Excerpt, Finding, Severity
from .source import Place


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        why: What the product does, and the fact's source.
        remedy: What to do.
    """

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str

    def at(
        self,
        place: Place,
        message: str,
        *,
        hint: str | None = None,
        path: str | None = None,
        excerpt: Excerpt | None = None,
        releases: Iterable[str] = (),
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(self.id, self.severity, message, place, hint, path, releases=tuple(releases), excerpt=excerpt)


def _rule(id_: str, title: str, why: str, remedy: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(id_, severity, title, why, remedy)


UNREADABLE_TOML = _rule(
    "MW001",
    "The server's TOML parser refuses the file",
    "The server reads TOML 0.5.0 with its own quirks and does not start when it cannot (facts 3.7, 3.8; CAVA 0.5.0).",
    "Mend the line; a newer TOML library may take it all the same.",
)
SCHEMA = _rule(
    "MW002",
    "A value is not what the schema asks for",
    "schema/adapter.schema.json and schema/spec.schema.json say which keys and values there are.",
    "`mailwright explain KEY` tells what a key takes.",
)
TENANT_TWICE = _rule(
    "MW003",
    "The tenants cannot be read",
    "A domain may stand in one place only, and a tenant file must be what its ending says.",
    "Remove one of the two, or mend the file.",
)
UNKNOWN_RELEASE = _rule(
    "MW004",
    "A product version that is only taken to behave like another",
    "Known are the releases as they came out, 5.9.0 to 7.3.0; update levels and newer releases are not (facts, heading and 9).",
    "Nothing to do; where the product differs from that release, what is said about it is not sure.",
    Severity.INFO,
)
UNKNOWN_KEY = _rule(
    "MW101",
    "An unknown key",
    "The server ignores keys that it does not know without a word (facts 1.4), and takes a default for the one that was meant.",
    "Write the key that was meant.",
)
NEWER_KEY = _rule(
    "MW102",
    "A key that the release does not know yet",
    "An older release ignores it without a word (facts 1.1, 1.4).",
    "Remove the key, or move to the release that has it.",
)
NOT_STARTING = _rule(
    "MW201",
    "The server does not start",
    "A placeholder that cannot be resolved, or a text that the template engine takes for a template, ends the start (facts 3.1 to 3.3, 3.9).",
    "See the message; `mailwright render` writes every value so that it survives.",
)
MALFORMED_XML = _rule(
    "MW202",
    "The generated XML is not well-formed",
    "Values go unescaped into output-event-adapters.xml and axis2.xml (facts 3.4); the server does not come up properly.",
    "Wrap the value in <![CDATA[…]]>, or write & as &amp; and < as &lt;.",
)
MISPLACED_REFERENCE = _rule(
    "MW401",
    "A reference that cannot be resolved here",
    "The server resolves $secret{} $env{} $sys{} $ref{} in deployment.toml only; its REST API resolves nothing (facts 3.2, 4.7).",
    "In a tenant: $env{NAME} or $file{name}, as the whole value of a secret. In `global`: the server's own placeholders.",
)
TENANT_RELEASE = _rule(
    "MW402",
    "Something that the release cannot do for tenants",
    "The notification-sender API came with 6.0.0, its v2 with 7.2.0, HTTP providers with 7.3.0 (facts 2.6, 4.1).",
    "Set it for the whole server in `global`, or move to a newer release.",
)
TENANT_DOMAIN = _rule(
    "MW403",
    "Not a tenant's domain",
    "A domain has lower-case letters, digits, `.`, `-` and `_` (facts 5.2); carbon.super has no sender of its own (facts 4.2).",
    "The super tenant's sender is `global`.",
)
XML_CHARACTER = _rule(
    "MW404",
    "A character that XML 1.0 does not have",
    "No escape exists for it (facts 3.4).",
    "Remove the character.",
)

CATALOGUE: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
