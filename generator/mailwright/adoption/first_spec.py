"""A first spec: made of a preset and of answers, or of what several servers have.

Presets are data (schema/providers.json): a sender's keys, where null is asked for and ``{name}`` in a text stands for an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from shlex import quote as shell
from typing import Any
from urllib.parse import quote_plus

from ..base.errors import UsageError
from ..base.hints import did_you_mean
from ..base.patterns import ecma, pattern
from ..base.places import Source
from ..base.shown import shown_part
from ..base.values import dataclass, field
from ..base.yaml_text import yaml_text
from ..product.adapter import Key
from ..product.product import Product
from ..spec import make_spec
from ..spec.references import Reference, whole_reference
from ..spec.yaml_reader import read_yaml
from ..validation.specs import spec_errors
from .deployments import Imported

UNSURE = (
    "Unsure: {{send-to}}, {{subject}} and {{body}} are the names that the server's own publisher has (product/api.md#publisher-file). "
    "Whether an HTTP body has them too, and escapes them, was not measured: send a test mail."
)

_ANSWER = pattern(r"(?<!\{)\{([a-z_]+)\}(?!\})")


@dataclass(frozen=True, slots=True)
class Question:
    """What a preset has to be told.

    Attributes:
        name: How the answer is named: a key of the adapter, or a word of the preset's own.
        title: What is asked for. *example*: an answer.
        default: What is taken without one; None: it is needed.
        form: A pattern that the answer matches.
    """

    name: str
    title: str
    example: str
    default: str | None = None
    form: str = r"\S"

    def refuses(self, answer: str) -> bool:
        """Say whether an answer is none."""
        return re.search(ecma(self.form), answer) is None or not answer.isprintable()


@dataclass(frozen=True, slots=True)
class FirstSpec:
    """A spec that was not there before.

    Attributes:
        text: The spec as YAML.
        notes: What somebody has to know who takes it.
    """

    text: str = field(repr=False)
    notes: tuple[str, ...] = ()


def presets(product: Product) -> dict[str, str]:
    """Return the titles of the presets by their names."""
    return {name: entry["title"] for name, entry in _data(product)["presets"].items() if "impossible" not in entry}


def questions(preset: str, product: Product) -> list[Question]:
    """Return what a preset asks for, in the order of the adapter's keys; then what it asks besides.

    Raises:
        UsageError: there is no such preset, or there can be none.
    """
    data, entry = _data(product), _entry(preset, product)
    sender = entry["sender"]
    asked = {name: data["asked"][name].get("default") for name in data["asked"]}
    asked |= {name: None for name, value in sender.items() if value is None and not product.adapter[name].secret}
    found = {name: _of_key(product.adapter[name], asked[name]) for name in product.adapter if name in asked}
    for name, item in entry.get("asks", {}).items():
        found[name] = Question(name, item["title"], item["example"], form=item["pattern"])
    return list(found.values())


def _of_key(key: Key, default: str | None) -> Question:
    return Question(key.name, key.title, str(key.examples[0]), default, key.pattern or r"\S")


def spec_of_preset(
    preset: str,
    answers: Mapping[str, str],
    product: Product,
    *,
    version: str,
    tenants: Sequence[str] = (),
    sources: Sequence[str] = (),
    columns: Iterable[str] = (),
) -> FirstSpec:
    """Return a spec made of a preset.

    Args:
        preset: Its name.
        answers: By the names of ``questions``; and by keys, which are then not what the preset says.
        version: The product release.
        tenants: Domains that have a sender like it. *sources*: files of tenants, who inherit it; *columns*: the keys that all of those have.

    Raises:
        UsageError: an answer is missing, or is none, or answers nothing.
    """
    entry, asked = _entry(preset, product), _data(product)["asked"]
    known = _answers(preset, answers, product)
    http = "http" in entry["sender"]
    if http and not tenants:
        raise UsageError(f"{preset} is for tenants: the server itself sends by SMTP", hint="--tenant DOMAIN, e.g. acme.example")
    document: dict[str, Any] = {"mailwright": 1, "product": {"version": version}}
    if not http:
        hardened = deepcopy(_data(product)["hardened"])
        document["global"] = _ordered({**_filled(entry, known, product, "secret"), **hardened}, product)
    if tenants or sources:
        document["api"] = _data(product)["api"]
        theirs = [{name for name, item in asked.items() if "tenant" in item}] if tenants else []
        own = set[str].intersection(*theirs, *([set(columns)] if sources else []))
        shared = {name: known[name] for name in asked} if http else _filled(entry, known, product, "env")
        document["defaults"] = _ordered({name: value for name, value in shared.items() if name not in own}, product)
    if tenants:
        document["tenants"] = {domain: _tenant(domain, entry, known, product) for domain in tenants}
    if sources:
        document["tenants_from"] = list(sources)
    notes = (entry["note"],) if "note" in entry else ()
    comments = {name: f"# mailwright: ignore[{item['rule']}] {item['why']}" for name, item in entry.get("accepted", {}).items()}
    head = [f"{entry['title']}. Made by `mailwright init`; from here on it is yours.", *notes, *([UNSURE] if http else ())]
    head += [entry["source"]] if "source" in entry else []
    return FirstSpec(_text(document, comments, head), (*notes, UNSURE) if http else notes)


def _answers(preset: str, answers: Mapping[str, str], product: Product) -> dict[str, str]:
    """Return the answers to everything that is asked, and what else is said of keys."""
    asked = {question.name: question for question in questions(preset, product)}
    known: dict[str, str] = {}
    for name, answer in answers.items():
        key = product.adapter.get(name)
        if name not in asked and (key is None or key.is_table):
            raise UsageError(
                f"--set: {preset} asks for nothing of the name {shown_part(name)}",
                hint=did_you_mean(name, asked, "it takes " + ", ".join(asked)),
            )
        if key is not None and key.secret and whole_reference(answer) is None:
            raise UsageError(
                f"--set {name}: a secret is not written into a spec", hint="a reference to it is, e.g. $secret{smtp_password}"
            )
        known[name] = answer
    missing = [question for question in asked.values() if not known.get(question.name) and question.default is None]
    if missing:
        needed = ", ".join(f"{question.name} ({question.title})" for question in missing)
        raise UsageError(
            f"{preset} needs {needed}", hint=" ".join(f"--set {question.name}={shell(question.example)}" for question in missing)
        )
    for question in asked.values():
        if not known.get(question.name) and question.default is not None:
            known[question.name] = fill(question.default, known)
    for question in asked.values():
        if question.refuses(known[question.name]):
            raise UsageError(f"--set {question.name}: this is no answer for: {question.title}", hint=f"e.g. {question.example}")
    return known


def _filled(entry: Mapping[str, Any], known: Mapping[str, str], product: Product, kind: str) -> dict[str, Any]:
    """Return the sender of a preset: its secrets are references of a kind, what was answered goes before what it says."""
    names = _data(product)["secrets"]
    sender: dict[str, Any] = {name: known[name] for name in _data(product)["asked"]}
    for name, value in entry["sender"].items():
        if name in known:
            sender[name] = known[name]
        elif value is None:
            alias = names[name].lower() if kind == "secret" else f"MAILWRIGHT_{names[name]}"
            sender[name] = str(Reference(kind, alias))
        else:
            sender[name] = fill(value, known)
    for name in known.keys() & product.adapter.keys():
        sender[name] = _typed(known[name], product.adapter[name])
    return sender


def _tenant(domain: str, entry: Mapping[str, Any], known: Mapping[str, str], product: Product) -> dict[str, Any]:
    """Return what a tenant has of its own."""
    templates = {name: item["tenant"] for name, item in _data(product)["asked"].items() if "tenant" in item}
    own = {name: fill(template, {"domain": domain}) for name, template in templates.items()}
    if "http" not in entry["sender"]:
        return own
    known = {**known, **own}
    sender = entry["sender"]
    parts = {
        name: fill(value, known, _ESCAPES[sender["http"]["content_type"]] if name == "body" else str)
        for name, value in sender["http"].items()
    }
    return {**_ordered({**own, **{name: value for name, value in sender.items() if name != "http"}}, product), "http": parts}


_ESCAPES: Mapping[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "FORM": quote_plus,
}


def _typed(answer: str, key: Key) -> Any:
    """Return an answer as its key has it."""
    if "integer" in key.types and answer.isascii() and answer.isdecimal():
        return int(answer)
    return answer.lower() == "true" if "boolean" in key.types and answer.lower() in ("true", "false") else answer


def fill(value: Any, known: Mapping[str, str], escape: Callable[[str], str] = str) -> Any:
    """Return a value of a preset with the answers in it; ``{{name}}`` is the server's own, and stays."""
    if isinstance(value, dict):
        return {name: fill(item, known, escape) for name, item in value.items()}
    return _ANSWER.sub(lambda found: escape(known[found[1]]), value) if isinstance(value, str) else value


def _ordered(sender: Mapping[str, Any], product: Product) -> dict[str, Any]:
    order = {name: at for at, name in enumerate(product.adapter)}
    return dict(sorted(sender.items(), key=lambda item: order.get(item[0], -1)))


def _text(document: Mapping[str, Any], comments: Mapping[str, str], head: Iterable[str]) -> str:
    """Return a spec as YAML, with comments at its head and behind its keys."""
    lines = [f"# {line}" for line in head]
    for line in yaml_text(document).splitlines():
        name = line.strip().partition(":")[0]
        if name in comments:
            lines.append(f"{line[: len(line) - len(line.lstrip())]}{comments[name]}")
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _entry(preset: str, product: Product) -> Mapping[str, Any]:
    entries: Mapping[str, Any] = _data(product)["presets"]
    if preset not in entries:
        raise UsageError(
            f"there is no preset {shown_part(preset)}",
            hint=did_you_mean(preset, entries, "one of " + ", ".join(presets(product))),
        )
    entry: Mapping[str, Any] = entries[preset]
    if "impossible" in entry:
        raise UsageError(f"{entry['title']}: {entry['impossible']}")
    return entry


def _data(product: Product) -> dict[str, Any]:
    return product.data("providers")


def spec_of_servers(
    found: Mapping[str, Imported],
    version: str | None,
    product: Product,
    *,
    harden: bool = False,
    sources: Sequence[str] = (),
    columns: Iterable[str] | None = None,
) -> FirstSpec:
    """Return a spec of what several servers have: what all of them share is ``global``, what differs stands in an environment each.

    What a sender cannot be without is in ``global`` too, as the first of them has it.

    Args:
        found: The specs of their files, by the names of the environments; one alone becomes the spec itself.
        version: The product release.
        harden: Whether the sender gets the hardened keys besides, where none of the files has them.
        sources: Files of tenants, whose rows say all of their senders; but where there are *columns*, the keys that all of them have, they
            inherit the rest from the servers' own sender, whose secret for them is in the environment.
    """
    documents = [imported.document for imported in found.values()]
    if columns is not None:
        documents = [{**each, "defaults": _for_tenants(each.get("global", {}), columns, product)} for each in documents]
    shared = {name: _shared([each.get(name, {}) for each in documents]) for name in ("global", "tenant_loading")}
    first, *others = (each.get("defaults", {}) for each in documents)
    shared["defaults"] = {name: value for name, value in first.items() if all(name in other for other in others)}
    _complete(shared["global"], documents[0].get("global", {}), product)
    if harden:
        shared["global"] = _under(shared["global"], [each.get("global", {}) for each in documents], _data(product)["hardened"])
    document: dict[str, Any] = {"mailwright": 1, **({"product": {"version": version}} if version else {})}
    shared["global"] = _ordered(shared["global"], product)
    shared["defaults"] = _ordered(shared["defaults"], product)
    document |= {name: value for name, value in shared.items() if value}
    if any(each.get("keep_unmanaged") for each in documents):
        document["keep_unmanaged"] = True
    if sources:
        document |= {"api": _data(product)["api"], "tenants_from": list(sources)}
    if len(found) > 1:
        own = {
            name: {part: _difference(value, each.get(part, {})) for part, value in shared.items()}
            for name, each in zip(found, documents, strict=True)
        }
        document["environments"] = {name: {part: value for part, value in parts.items() if value} for name, parts in own.items()}
    return FirstSpec(yaml_text(document))


def _for_tenants(sender: Mapping[str, Any], columns: Iterable[str], product: Product) -> dict[str, Any]:
    """Return what tenants inherit from a server's own sender: what they can have and their files do not say."""
    names, left = _data(product)["secrets"], set(columns)
    own = {name: value for name, value in sender.items() if (key := product.adapter[name]).v1 or key.v2}
    return {
        name: str(Reference("env", f"MAILWRIGHT_{names[name]}")) if product.adapter[name].secret else value
        for name, value in own.items()
        if name not in left
    }


def _complete(sender: dict[str, Any], first: Mapping[str, Any], product: Product) -> None:
    """Give a sender what it cannot be without, as the first of the servers has it."""
    while sender:
        made = {"mailwright": 1, "global": _ordered(sender, product)}
        errors = spec_errors(make_spec("", read_yaml(Source("", yaml_text(made))), product=product), None)
        lacking = {error.missing for error in errors} & first.keys() - sender.keys()
        if not lacking:
            return
        sender |= {name: first[name] for name in lacking}


def _shared(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what all have in common, tables key by key."""
    first, *others = values
    common: dict[str, Any] = {}
    for name, value in first.items():
        if isinstance(value, dict):
            inner = _shared([value, *(other[name] if isinstance(other.get(name), dict) else {} for other in others)])
            common |= {name: inner} if inner else {}
        elif all(name in other and _same(other[name], value) for other in others):
            common[name] = value
    return common


def _difference(common: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch that leads from what is common to a value that has all of it."""
    own: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            inner = _difference(common.get(name, {}), item)
            own |= {name: inner} if inner else {}
        elif name not in common or not _same(common[name], item):
            own[name] = item
    return own


def _under(common: dict[str, Any], senders: Sequence[Mapping[str, Any]], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sender with keys besides, where none of *senders* says something of them."""
    result = dict(common)
    for name, value in more.items():
        theirs = [sender[name] for sender in senders if name in sender]
        if isinstance(value, dict):
            result[name] = _under(result.get(name, {}), [item for item in theirs if isinstance(item, dict)], value)
        elif not theirs:
            result[name] = value
    return result


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
