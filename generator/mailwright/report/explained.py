"""The pages that ``explain`` prints: of a key, a rule, a finding of verify; and the facts on the product that they cite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ..base import resources
from ..product.adapter import Key
from ..product.facts import Fact, cited, numbered
from ..rules.pages import FOLDER, Page
from .documents import SCHEMA_VERSION

_MARKS = {
    "C": "read in the product's source",
    "R": "measured",
    "T": "shown by a test or an issue of the vendor",
    "D": "deduced",
    "?": "not settled",
}


def explain_key(key: Key, *, listed: bool = False) -> Iterator[str]:
    """Yield the page of a key."""
    yield f"{key.name}: {key.title}"
    yield ""
    yield numbered(key.description, cited(key.description, key.source))
    yield ""
    yield f"  type           {' or '.join(key.types)}{' (a secret: never printed)' if key.secret else ''}"
    if listed:
        yield f"  where          [{key.flat.removesuffix(f'.{key.name}')}], the name in quotes"
    else:
        yield f"  since          {key.since}"
        yield f"  default        {'none' if key.default in (None, '') else json.dumps(key.default)}"
        yield f"  XML property   {key.xml or 'one for each entry'}{', also in axis2.xml' if key.axis2 else ''}"
        for version, place in (("v1", key.v1), ("v2", key.v2)):
            kind = (
                "none: a tenant cannot set it"
                if place is None
                else f"{'property' if place.is_property else 'field'} {place.name}"
            )
            yield f"  tenant {version}      {kind}"
    yield f"  JavaMail       {key.javamail or 'not read by JavaMail'}"
    yield f"  example        {json.dumps(key.examples[0], ensure_ascii=False)}"
    if key.aliases:
        yield f"  not            {', '.join(key.aliases)}"
    facts = cited(key.description, key.source)
    yield f"  source         {numbered(key.source, facts)}"
    yield from explain_facts(facts)


def explain_rule(page: Page, *, with_facts: bool = True) -> Iterator[str]:
    """Yield the page of a rule; without the facts their citations stay in the text."""
    yield f"{page.id} ({page.severity.value}{', fixable with --fix' if page.fixable else ''}): {page.title}"
    facts = cited(page.why, page.remedy) if with_facts else []
    for text in (page.why, page.remedy):
        yield ""
        yield numbered(text, facts) if facts else text
    for word, text in (("wrong", page.bad), ("right", page.good)):
        yield ""
        yield f"{word}:"
        yield from (f"    {line}".rstrip() for line in text.splitlines())
    yield from explain_facts(facts)


def rules_text(pages: Iterable[Page]) -> Iterator[str]:
    """Yield a line for each rule."""
    for page in pages:
        yield f"{page.id}  {page.severity.value:7}  {'fixable' if page.fixable else '':7}  {page.title}"


def rules_json(pages: Iterable[Page]) -> str:
    """Return the text of the document of ``explain --all --format json``."""
    rules = [
        {
            "id": page.id,
            "title": page.title,
            "severity": page.severity.value,
            "about": page.subject.value,
            "fixable": page.fixable,
            "releases": page.releases or None,
            "security": page.security,
            "precision": page.precision,
            "why": page.why,
            "remedy": page.remedy,
            "page": resources.page_url(*FOLDER, f"{page.id}.md"),
        }
        for page in pages
    ]
    return json.dumps({"schema_version": SCHEMA_VERSION, "rules": rules}, indent=2)


def explain_code(code: str, meaning: str, *citations: str) -> Iterator[str]:
    """Yield the page of a finding of verify."""
    yield f"{code}: {meaning}"
    yield from explain_facts(cited(*citations))


def explain_facts(facts: list[Fact]) -> Iterator[str]:
    """Yield what facts say, numbered, and where to read on; nothing where there are none."""
    if not facts:
        return
    yield ""
    yield "What the product does:"
    for number, fact in enumerate(facts, 1):
        yield f"  [{number}] {fact.text}"
        yield f"      {_evidence(fact)}; {fact.citation}"
    yield from _read_on(facts)


def explain_fact(fact: Fact) -> Iterator[str]:
    """Yield one fact."""
    yield fact.text
    yield f"  {_evidence(fact)}; {fact.citation}"
    yield from _read_on([fact])


def _evidence(fact: Fact) -> str:
    return f"{fact.evidence}; {fact.releases}; {fact.source}"


def _read_on(facts: list[Fact]) -> Iterator[str]:
    """Yield what the marks mean, and the pages."""
    yield ""
    used = [f"{mark} {words}" for mark, words in _MARKS.items() if any(mark in fact.evidence for fact in facts)]
    yield f"Evidence: {', '.join(used)}."
    pages = dict.fromkeys(fact.citation.partition("#")[0] for fact in facts)
    yield "Read on: " + ", ".join(f"`mailwright explain {page}`" for page in pages) + "."
