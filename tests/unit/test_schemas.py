"""The schemas as data: valid, annotated, documented, with examples that hold; and the reports that the commands print."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mailwright.product.bundles import bundle
from mailwright.product.product import load_product
from mailwright.product.schemas import NAMES
from products import KNOWN, load_adapter, load_schema

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
FOLDER = Path(__file__).resolve().parents[2] / "schema"
SCHEMAS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.schema.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, DRAFT202012.create_resource(schema)) for name, schema in SCHEMAS.items()
)
USERS = ("adapter.schema.json", "spec.schema.json", "deployment.schema.json")


def check(name: str, pointer: str = "") -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{name}#{pointer}"}, registry=REGISTRY)


def subschemas(node: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every subschema with its JSON Pointer; data (examples, enum …) is not descended into."""
    if not isinstance(node, dict):
        return
    yield pointer, node
    for keyword in ("properties", "$defs", "patternProperties"):
        for name, child in node.get(keyword, {}).items():
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield from subschemas(child, f"{pointer}/{keyword}/{escaped}")
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(node.get(keyword, [])):
            yield from subschemas(child, f"{pointer}/{keyword}/{index}")
    for keyword in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not", "contains"):
        yield from subschemas(node.get(keyword), f"{pointer}/{keyword}")


def test_the_folder_holds_the_schemas_that_the_package_knows() -> None:
    assert {name.removesuffix(".schema.json") for name in SCHEMAS} == set(NAMES)


@pytest.mark.parametrize("name", SCHEMAS)
def test_valid_against_the_metaschema(name: str) -> None:
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_reference_resolves(name: str) -> None:
    resolver = REGISTRY.resolver(name)
    references = {node["$ref"] for _, node in subschemas(SCHEMAS[name]) if "$ref" in node}
    for reference in references:
        assert resolver.lookup(reference).contents is not None


def test_the_adapter_schema_satisfies_the_vocabulary() -> None:
    check("vocabulary.schema.json").validate(SCHEMAS["adapter.schema.json"])


@pytest.mark.parametrize("name", USERS)
def test_every_key_has_title_description_and_examples(name: str) -> None:
    bare = [
        pointer
        for pointer, node in subschemas(SCHEMAS[name])
        if pointer.rpartition("/")[0].endswith("/properties")
        and "/if/" not in pointer
        and "$defs/client-credential" not in pointer
        and "$defs/no-authentication" not in pointer
        and "$ref" not in node
        and node.keys() != {"const"}
        and not {"title", "description", "examples"} <= node.keys()
    ]
    assert bare == []


@pytest.mark.parametrize("name", ["adapter.schema.json", "spec.schema.json", "deployment.schema.json", "report.schema.json"])
def test_every_object_says_whether_it_takes_other_keys(name: str) -> None:
    silent = [
        pointer
        for pointer, node in subschemas(SCHEMAS[name])
        if node.get("type") == "object" and "additionalProperties" not in node
    ]
    assert silent == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_example_holds(name: str) -> None:
    for pointer, node in subschemas(SCHEMAS[name]):
        checked = check(name, pointer)
        assert [example for example in node.get("examples", ()) if not checked.is_valid(example)] == [], pointer


def test_every_default_of_the_adapter_is_of_its_type() -> None:
    """The product's defaults are valid but for the references among them, which only the server understands."""
    for name, node in SCHEMAS["adapter.schema.json"]["properties"].items():
        if node.get("default") not in (None, ""):
            check("adapter.schema.json", f"/properties/{name}").validate(node["default"])


def test_the_number_of_keys_by_release() -> None:
    """product/keys.md#numbers"""
    adapter = load_adapter()
    numbers = {version: sum(key.since in KNOWN[: KNOWN.index(version) + 1] for key in adapter.scalars) for version in KNOWN}
    wanted = {"5.9.0": 7, "5.10.0": 9, "5.11.0": 9, "6.0.0": 9, "6.1.0": 9, "7.0.0": 9, "7.1.0": 9, "7.2.0": 14, "7.3.0": 14}
    assert {version: numbers[version] for version in wanted} == wanted
    assert [key.name for key in adapter.secrets] == ["password", "client_secret"]


@pytest.mark.parametrize("name", NAMES)
def test_a_bundle_is_complete_in_itself(name: str) -> None:
    whole = json.loads(bundle(name, load_product().schemas))
    Draft202012Validator.check_schema(whole)
    references = [node["$ref"] for _, node in subschemas(whole) if "$ref" in node]
    assert all(reference.startswith("#") for reference in references)
    for example in load_schema(name).get("examples", []):
        Draft202012Validator(whole).validate(example)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_has_a_name_of_its_own(name: str) -> None:
    whole = json.loads(bundle(name, load_product().schemas))
    assert whole["$id"] == f"urn:mailwright:schema:{name}"
    assert [pointer for pointer, node in subschemas(whole) if "$id" in node] == [""]


@pytest.mark.parametrize("name", NAMES)
def test_editors_have_words_for_every_pattern(name: str) -> None:
    whole = json.loads(bundle(name, load_product().schemas))
    words = [(pointer, node.get("patternErrorMessage")) for pointer, node in subschemas(whole) if "pattern" in node]
    assert [pointer for pointer, said in words if not said] == []
    assert [said for _, said in words if re.search(r"[\\^]|\[A-Z]", said or "")] == []
    if name in ("adapter", "spec", "deployment", "policy", "settings", "baseline"):
        conditions = re.compile(r"/if/|/contains|/client-credential/|/no-authentication/")  # which nobody is told about
        read = [(pointer, said) for pointer, said in words if not conditions.search(pointer)]
        assert [pointer for pointer, said in read if said == "must be written otherwise"] == []


def test_every_release_is_offered() -> None:
    versions = list(load_product().releases.versions[::-1])
    assert SCHEMAS["settings.schema.json"]["properties"]["product-version"]["examples"] == versions
    assert SCHEMAS["spec.schema.json"]["properties"]["product"]["properties"]["version"]["examples"] == versions


def test_a_bundled_spec_schema_says_the_same() -> None:
    whole, split = Draft202012Validator(json.loads(bundle("spec", load_product().schemas))), check("spec.schema.json")
    for sender in ({"hostname": "h", "from_address": "a@b"}, {"port": 0}, {"nope": 1}, {"custom_properties": {"a": []}}):
        document = {"mailwright": 1, "global": sender, "defaults": sender}
        assert sorted(error.json_path for error in whole.iter_errors(document)) == sorted(
            error.json_path for error in split.iter_errors(document)
        )


# -- the JSON that the commands print


@pytest.fixture
def files(write: Write) -> list[Path]:
    return [
        write("good.toml", "[output_adapter.email]\nhostname = 'h'\n"),
        write("bad.toml", "[output_adapter.email]\nhost = 'h'\npassword = 'a&b'\nport = nope\n"),
        write("malformed.toml", "[output_adapter.email]\npassword = 'a&b'\n"),
        write("odd.toml", "[output_adapter.email.custom_properties]\na.b = '$env{X}'\n"),
        write("good.yaml", "mailwright: 1\n"),
        write("bad.yaml", "mailwright: 1\nnope: 1\n"),
        write("broken.yaml", "mailwright: [\n"),
        write("none.yaml", "x: 1\n"),
    ]


def test_validate_prints_what_the_report_schema_says(run: Run, files: list[Path], tmp_path: Path) -> None:
    result = run("validate", *files, tmp_path / "missing.toml", "--format", "json")
    check("report.schema.json", "/$defs/validate").validate(result.json)
    check("report.schema.json").validate(result.json)
    assert [Path(file["file"]).name for file in result.json["files"]][-1] == "missing.toml"
    assert [("error" in file) for file in result.json["files"]] == [False] * 6 + [True] * 3


@pytest.mark.parametrize("options", [[], ["--resolve-env"], ["--show-secrets"]], ids=str)
def test_effective_prints_what_the_report_schema_says(options: list[str], run: Run, files: list[Path]) -> None:
    result = run("effective", *files[:4], "--format", "json", "--product-version", "7.2.0.15", *options)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == 4
    for line in lines:
        check("report.schema.json", "/$defs/effective").validate(line)
        assert line["properties"].keys() == line["origins"].keys()
        assert any("update levels" in text for text in line["unsure"])


def test_findings_of_the_report_are_closed() -> None:
    """What the schema does not know, the report must not hold."""
    finding = {"rule": "X", "severity": "error", "message": "m", "hint": None, "line": 1, "column": 1, "path": None}
    whole = {**finding, "fixable": False, "releases": []}
    report = check("report.schema.json", "/$defs/finding")
    assert report.is_valid(whole)
    assert not report.is_valid(finding)
    assert not report.is_valid({**whole, "value": "x"})
    assert not report.is_valid({**whole, "severity": "fatal"})
