"""The code that is made from the schemas says what jsonschema says: documents by the schemas' own examples, and everything but."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from mailwright.generate.predicates import predicates
from mailwright.product.predicates import adapter, policy, spec, tenant_sender_v1, tenant_sender_v2
from mailwright.product.product import load_product
from mailwright.validation.schemas import validator
from products import inlined

MODULES = {
    "adapter": adapter,
    "policy": policy,
    "spec": spec,
    "tenant-sender.v1": tenant_sender_v1,
    "tenant-sender.v2": tenant_sender_v2,
}
PARTS = [(name, pointer) for name, module in MODULES.items() for pointer in module.VALID]
NUMBER = int(os.environ.get("MAILWRIGHT_DOCUMENTS", "60"))
ODD = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    587.0,
    99,
    65535,
    65536,
    10**20,
    float("nan"),
    "",
    " ",
    "x",
    "a\n",
    "SMTP",
    "$env{A}",
    "{}",
    [],
    {},
    [1],
    ["x", "x"],
]


def texts(schema: Any) -> list[Any]:
    """Return every constant and example below a schema."""
    if isinstance(schema, list):
        return [text for part in schema for text in texts(part)]
    if not isinstance(schema, dict):
        return []
    own = [
        *schema.get("enum", ()),
        *schema.get("examples", ()),
        *(schema[name] for name in ("const", "default") if name in schema),
    ]
    return own + [text for value in schema.values() for text in texts(value)]


class Documents:
    """Documents that a schema is asked about: right for the most part, so that each of its parts decides now and then."""

    def __init__(self, schema: Any, seed: int) -> None:
        self.schema, self.random, self.known = (
            schema,
            random.Random(seed),
            [text for text in texts(schema) if not isinstance(text, dict | list)],
        )

    def make(self, schema: Any) -> Any:
        pick = self.random
        if pick.random() < 0.02 or not isinstance(schema, dict):
            return pick.choice([*ODD, *self.known])
        parts = [part for word in ("allOf", "anyOf") for part in schema.get(word, ())]
        whole = {
            **schema,
            "properties": {
                **{
                    n: p
                    for part in [*parts, schema.get("then")]
                    if isinstance(part, dict)
                    for n, p in part.get("properties", {}).items()
                },
                **schema.get("properties", {}),
            },
        }
        if schema.get("type") == "object" or whole["properties"]:
            return self._object(whole)
        if schema.get("type") == "array" or "items" in schema:
            made = [self.make(schema.get("items", {})) for _ in range(pick.randrange(4))]
            wanted = [self.make(part["contains"]) for part in [schema, *parts] if isinstance(part, dict) and "contains" in part]
            return [*made, *(each for each in wanted if pick.random() < 0.9)]
        own = texts({**schema, "$defs": None})
        return pick.choice(own) if own and pick.random() < 0.95 else pick.choice([*ODD, *self.known])

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        pick = self.random
        need = {*schema.get("required", ())}
        names = [name for name in schema["properties"] if pick.random() < (0.97 if name in need else 0.4)]
        made = {name: self.make(schema["properties"][name]) for name in names}
        others = schema.get("additionalProperties", True)
        if others is not False or pick.random() < 0.03:
            for _ in range(pick.randrange(3)):
                name = str(pick.choice(["x", "acme.example", "mail.smtp.timeout", "A B", *self.known]))
                made.setdefault(name, self.make(others))
        return made

    def mended(self, document: Any, check: Any) -> Any:
        """Return a document with what jsonschema finds in it mended, as far as that goes: few are right by chance."""
        for _ in range(12):
            error = next(check.iter_errors(document), None)
            if error is None:
                break
            while error.context:
                error = self.random.choice(error.context)
            owner, wanted, at = error.instance, error.validator_value, list(error.absolute_path)
            if error.validator == "required" and isinstance(owner, dict):
                parts = error.schema.get("properties", {})
                owner.update({name: self.make(parts.get(name) or self.named(name)) for name in wanted if name not in owner})
            elif error.validator == "additionalProperties" and isinstance(owner, dict):
                for name in [name for name in owner if name not in error.schema.get("properties", {})]:
                    del owner[name]
            elif error.validator == "contains" and isinstance(owner, list):
                owner.append(self.make(wanted))
            elif at:
                above = document
                for step in at[:-1]:
                    above = above[step]
                above[at[-1]] = self.make(error.schema)
            else:
                break
        return document

    def spoilt(self, document: Any) -> Any:
        """Return a document with something odd in one place."""
        inside = list(document) if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else []
        if not inside or self.random.random() < 0.2:
            return self.random.choice([*ODD, *self.known])
        at = self.random.choice(inside)
        document[at] = self.spoilt(document[at])
        return document

    def named(self, name: str) -> Any:
        """Return what some part of the schema says of a property of this name."""
        found: list[Any] = []

        def walk(node: Any) -> None:
            if isinstance(node, dict):
                found.extend([node["properties"][name]] if name in node.get("properties", {}) else ())
            for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
                walk(part)

        walk(self.schema)
        return max(found, key=lambda part: len(json.dumps(part)), default={})


@pytest.mark.parametrize(("name", "pointer"), PARTS, ids=lambda part: part.removeprefix("/$defs/") or "whole")
def test_both_have_the_same_verdict(name: str, pointer: str) -> None:
    check, valid = validator(load_product(), name, pointer), MODULES[name].VALID[pointer]
    documents = Documents(inlined(name, pointer), seed=20261128)
    seen = {True: 0, False: 0}
    for number in range(NUMBER):
        document = documents.make(documents.schema)
        if number % 3:
            document = documents.mended(document, check)
        if number % 6 == 1:
            document = documents.spoilt(document)
        verdict = check.is_valid(document)
        seen[verdict] += 1
        assert valid(document) == verdict, json.dumps(document)
    assert min(seen.values()) > NUMBER // 100, seen


@pytest.mark.parametrize("keyword", ["patternProperties", "dependentRequired", "multipleOf", "unevaluatedProperties", "maximumm"])
def test_a_keyword_that_is_not_known_is_never_dropped(keyword: str) -> None:
    schemas = {"a": {"properties": {"b": {keyword: 1}}}}
    with pytest.raises(ValueError, match=f"a.schema.json uses {keyword}"):
        predicates("a", [""], schemas.__getitem__)
