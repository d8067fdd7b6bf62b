"""The properties of the server's mail client, as schema/mail-properties.json describes them: the one place that knows their names.

Those that the client reads are also in adapter.schema.json (``listed`` puts them there), so that whatever is driven by that schema knows
them: validation, editors, the reference page, ``explain``. What is written and has no effect is told from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..base.values import dataclass

PREFIX = "mail."
_LONGEST_TYPING_ERROR = 60


@dataclass(frozen=True, slots=True)
class Useless:
    """A property that does nothing here.

    Attributes:
        why: What happens instead, as half a sentence.
        instead: What somebody who writes it probably wants, or None.
        breaks: Whether every mail fails with it.
    """

    name: str
    why: str
    instead: str | None = None
    breaks: bool = False


class MailProperties:
    """What is known of the mail client's properties.

    Args:
        data: The parsed mail-properties.json.
        keys: The properties that the adapter's own keys set.
    """

    def __init__(self, data: Mapping[str, Any], keys: Iterable[str]) -> None:
        self.read: Mapping[str, Mapping[str, Any]] = {entry["name"]: entry for entry in data["read"]}
        self._useless = {
            entry["name"]: Useless(entry["name"], entry["why"], entry.get("instead"), bool(entry.get("breaks")))
            for entry in data["without_effect"]
        }
        self._protocols: Mapping[str, str] = {entry["name"]: entry["why"] for entry in data["protocols"]}
        self.known = frozenset((*self.read, *keys))
        spellings = {_folded(name): name for name in (*self._useless, *self.known)}
        self._spellings = {_folded(name): meant for name, meant in data["spellings"].items()} | spellings

    def useless(self, name: str) -> Useless | None:
        """Return why a property that JavaMail has does nothing here, None where it is not known to be one."""
        found = self._useless.get(name)
        if found is None and name.startswith(PREFIX):
            protocol, dot, rest = name.removeprefix(PREFIX).partition(".")
            if dot and protocol in self._protocols:
                instead = self.meant(f"{PREFIX}smtp.{rest}") if protocol == "smtps" else None
                return Useless(name, self._protocols[protocol], instead)
        return found

    def meant(self, name: str) -> str | None:
        """Return the property that does something and that somebody probably meant who wrote *name*, or None."""
        if name in self.known:
            return name
        wanted = _folded(name)
        if len(wanted) > _LONGEST_TYPING_ERROR:
            return None
        found = next(filter(None, (self._spellings.get(before + wanted) for before in ("", "mail", "mailsmtp"))), None)
        if found is None and wanted.startswith("mail"):
            from difflib import get_close_matches  # few names are misspelt

            close = get_close_matches(wanted, self._spellings, n=1, cutoff=0.86)
            found = self._spellings[close[0]] if close else None
        return found if found in self.known else None


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def listed(data: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """Return the JSON Schema of each property that the client reads, as it stands in adapter.schema.json.

    Args:
        reference: The pattern of what may stand for a value: the server's references.
    """
    return {entry["name"]: _schema(entry, reference) for entry in data["read"]}


def _schema(entry: Mapping[str, Any], reference: str) -> dict[str, Any]:
    kind = entry["type"]
    node: dict[str, Any] = {"title": entry["title"], "description": entry["description"]}
    node["type"] = kind if kind == "string" else [kind, "string"]
    if kind == "integer":
        node |= {"minimum": entry["minimum"], "maximum": entry["maximum"]}
    pattern, form = _form(entry, reference)
    if pattern:
        node |= {"pattern": pattern, "x-form": form}
    if entry["default"] is not None:
        node["default"] = entry["default"]
    if entry.get("secret"):
        node["writeOnly"] = True
    node["examples"] = [entry["example"]]
    wrong = entry.get("wrong") or ("the mail client treats anything else as " + ("true" if entry["default"] else "false"))
    if pattern:
        node["x-otherwise"] = wrong
    return node | {"x-source": _source(entry)}


def _source(entry: Mapping[str, Any]) -> str:
    return f"{entry['source']}{'; unsure' if entry['evidence'] == '?' else ''}"


def _form(entry: Mapping[str, Any], reference: str) -> tuple[str, str]:
    """Return the pattern of a property's text, and what it says in words; two empty texts where any text will do."""
    if entry["type"] == "boolean":
        return rf"^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|{reference})$", "true or false"
    if entry["type"] == "integer":
        sign = "-?" if entry["minimum"] < 0 else ""
        high = len(str(entry["maximum"]))
        bounds = f"{entry['minimum']} to {entry['maximum']}"
        return rf"^({sign}[0-9]{{1,{high}}}|{reference})$", f"an integer from {bounds}"
    if "values" in entry:
        return rf"^({_either(entry['values'], entry)}|{reference})$", " or ".join(entry["values"])
    if "words" in entry:
        word, between = _either(entry["words"], entry), ", *" if entry.get("commas") else " +"
        how = "commas" if entry.get("commas") else "spaces"
        return (
            rf"^((?:{word})(?:{between}(?:{word}))*|.*{reference}.*)$",
            f"one or more of {', '.join(entry['words'])}, separated by {how}",
        )
    return "", ""


def _either(words: Iterable[str], entry: Mapping[str, Any]) -> str:
    return "|".join(_any_case(word) if entry.get("fold") else word.replace(".", r"\.") for word in words)


def _any_case(word: str) -> str:
    return "".join(f"[{char.upper()}{char.lower()}]" if char.isalpha() else char for char in word)
