"""Kubernetes manifests: the deployment.toml in them is found however it is written, and everything about it is said at its place."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from manifests import TEXT, config_map, written

from mailwright.base.errors import SyntaxInput
from mailwright.base.places import Place, Source
from mailwright.manifests.actions import JINJA, unrendered
from mailwright.manifests.embedded import read_embedded
from mailwright.report.formats import FORMATS

if TYPE_CHECKING:
    from commands import Result, Run

SHAPES = written()
VERSION = ("--product-version", "7.2.0")
IN_BASE64 = [name for name in SHAPES if name.startswith("base64")]


@pytest.mark.parametrize("name", SHAPES)
def test_the_text_is_found(name: str) -> None:
    (found,) = read_embedded(Source("m.yaml", SHAPES[name]))
    assert (found.text, found.key) == (TEXT, "deployment.toml")
    assert found.kind == ("Secret" if name in ("base64", "base64, over lines", "stringData") else "ConfigMap")


@pytest.mark.parametrize("name", [name for name in SHAPES if name not in IN_BASE64])
def test_every_character_has_its_place(name: str) -> None:
    """Whatever is no escape stands at its place as it is; the places never go back, and lead back to where they came from."""
    source = Source("m.yaml", SHAPES[name])
    (found,) = read_embedded(source)
    offsets = [source.find(found.at(offset)) for offset in range(len(TEXT) + 1)]
    assert offsets == sorted(offset or 0 for offset in offsets)
    for offset, raw in zip(range(len(TEXT)), offsets, strict=False):
        assert raw is not None
        if TEXT[offset] not in "\n\"'ë😀":
            assert source.text[raw] == TEXT[offset], offset
        assert found.line(source.place(raw)) == TEXT.count("\n", 0, offset) + 1


@pytest.mark.parametrize("name", IN_BASE64)
def test_base64_has_one_place(name: str) -> None:
    source = Source("m.yaml", SHAPES[name])
    (found,) = read_embedded(source)
    assert {found.at(offset) for offset in (0, 7, len(TEXT))} == {found.place}
    assert source.line(found.place.line).lstrip().startswith(("deployment.toml:", '"'))


PLACES = {name: str(Source("m", text).place(text.index("host ="))) for name, text in SHAPES.items() if name not in IN_BASE64}
PLACES |= dict.fromkeys(IN_BASE64, "m:7:20")


@pytest.mark.parametrize("name", PLACES)
def test_findings_stand_in_the_manifest(name: str, run: Run) -> None:
    result = run("validate", "-", *VERSION, "--format", "json", "--select", "MW101", stdin=SHAPES[name])
    (finding,) = result.json["files"][0]["findings"]
    assert (finding["rule"], f"m:{finding['line']}:{finding['column']}") == ("MW101", PLACES[name]), finding
    assert ("(line 5 of the decoded file)" in finding["message"]) is (name in IN_BASE64)
    text = run("validate", "-", *VERSION, "--select", "MW101", stdin=SHAPES[name]).stdout
    assert f"{PLACES[name].split(':')[1]:>5} | host = " in text
    sarif = run("validate", "-", *VERSION, "--format", "sarif", "--select", "MW101", stdin=SHAPES[name]).json
    region = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert f"m:{region['startLine']}:{region['startColumn']}" == PLACES[name]


@pytest.mark.parametrize("name", SHAPES)
def test_fix_mends_it_where_it_stands(name: str, run: Run) -> None:
    result = run("validate", "--fix", "-", *VERSION, "--select", "MW101,MW202", stdin=SHAPES[name])
    mended = TEXT.replace("host =", "hostname =").replace('"Zoë & 😀"', '"<![CDATA[Zoë & 😀]]>"')
    (found,) = read_embedded(Source("m.yaml", result.stdout))
    assert found.text == mended, result.output
    if name in ("literal", "double quoted", "JSON, indented", "several documents", "CRLF", "kubectl get"):
        at = SHAPES[name].index("host =")
        changed = SHAPES[name][:at] + SHAPES[name][at:].replace("host =", "hostname =", 1)
        at = changed.index("Zo")
        assert result.stdout == changed[:at] + changed[at:].replace("Zoë & 😀", "<![CDATA[Zoë & 😀]]>", 1)


def test_comments_in_the_text_silence(run: Run) -> None:
    text = TEXT.replace("host =", "host # mailwright: ignore[MW101]\n = ").replace(" # mailwright: ignore[MW101]\n", "")
    silenced = text.replace("host ", "# mailwright: ignore[MW101]\nhost ")
    for shapes, count in ((written(text), 1), (written(silenced), 0)):
        for name in ("literal", "double quoted", "base64"):
            found = run("validate", "-", *VERSION, "--select", "MW101", "--format", "json", stdin=shapes[name]).json
            assert len(found["files"][0]["findings"]) == count, name


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("kind: ConfigMap\napiVersion: v1\ndata: [\n", Place("m", 4, 1), "is not valid YAML"),
        ("apiVersion: v1\nkind: x\ndata: *a\n", Place("m", 3, 7), "an alias without an anchor"),
        (config_map("no base64!", "data", "Secret"), Place("m", 7, 20), "no base64"),
        ("[" * 200, Place("m", 1, 129), "nested deeper"),
        ("apiVersion: v1\nkind: &a [x, [*a]]\n", Place("m", 2, 15), "an alias within what it stands for"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(f"{n}: &{n} [{','.join([f'*{m}'] * 9)}]\n" for m, n in pairwise("abcdefghi")),
            Place("m", 6, 8),
            "the aliases add more than 100000 values",
        ),
        ('{"a": 1}\n{"b":\n ]}', Place("m", 3, 2), "is not valid YAML"),
        ('{"a": 1} {"b": ]}', Place("m", 1, 16), "is not valid YAML"),
    ],
)
def test_what_cannot_be_read_has_its_place(text: str, place: Place, message: str) -> None:
    with pytest.raises(SyntaxInput, match=message) as error:
        read_embedded(Source("m", text))
    assert error.value.place == place


def test_json_documents_that_follow_each_other() -> None:
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "}\n{"}, "data": {"deployment.toml": TEXT}}
    for between in ("", "\n", "\r\n\r\n  "):
        text = f" {json.dumps(one, indent=2)}{between}{json.dumps(one)}{between}"
        found = read_embedded(Source("m", text))
        starts = [each.start() for each in re.finditer("host = ", text)]
        assert [each.at(TEXT.index("host = ")) for each in found] == [Source("m", text).place(at) for at in starts]


def test_what_is_of_helm_or_kustomize_has_its_way(run: Run) -> None:
    kustomization = "configMapGenerator:\n- files: [deployment.toml]\n"
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    for text, way in (
        (kustomization, "takes what `kubectl kustomize FOLDER` prints"),
        (head + kustomization, "takes what `kubectl kustomize FOLDER` prints"),
        ("deploymentToml:\n  outputAdapter: {}\n", "--as helm-values"),
    ):
        result = run("validate", "-", stdin=text)
        assert (result.code, way in result.output) == (2, True), result.output


def test_two_objects_that_share_a_text_hold_it_once() -> None:
    text = f"{config_map('&a ' + json.dumps(TEXT))}---\n{config_map(json.dumps(TEXT), name='b')}"
    assert [each.name for each in read_embedded(Source("m", text))] == ["is-conf", "b"]
    shared = "kind: List\nitems:\n- {kind: ConfigMap, data: {deployment.toml: &a x = 1}}\n- {kind: ConfigMap, data: {deployment.toml: *a}}\n"
    assert [each.text for each in read_embedded(Source("m", shared))] == ["x = 1"]


def test_only_files_of_that_name_in_these_objects() -> None:
    other = config_map("x").replace("deployment.toml", "log4j2.properties")
    for text in (other, config_map("x", kind="Other"), config_map("x", "spec"), "", "# Source\n---\n", "a: 1\n", config_map("")):
        assert read_embedded(Source("m", text)) == (), text
    assert len(read_embedded(Source("m", config_map("x").replace("deployment.toml", "is_deployment.toml")))) == 1


# -- what a file is


def test_without_one_it_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("apiVersion: v1\nkind: Service\n", encoding="utf-8")
    for command in (("validate",), ("effective", *VERSION), ("verify", *VERSION), ("import",)):
        result = run(*command, path)
        assert (result.code, "holds no deployment.toml" in result.output) == (2, True), command


def test_folders_give_those_that_hold_one(run: Run, tmp_path: Path) -> None:
    for name, text in {
        "cm.yaml": SHAPES["literal"],
        "list.json": SHAPES["JSON"],
        "service.yaml": "apiVersion: v1\nkind: Service\n",
        "mounts.yaml": "apiVersion: v1\nkind: Pod\nsubPath: deployment.toml\n",
        "template.yaml": 'apiVersion: v1\nkind: ConfigMap\ndata:\n  deployment.toml: {{ tpl (.Files.Get "x") . | quote }}\n',
        "broken.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  deployment.toml: [\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = run("validate", ".", *VERSION, "--format", "json", "-v", cwd=tmp_path)
    assert [each["file"] for each in result.json["files"]] == ["broken.yaml", "cm.yaml", "list.json"]
    assert result.json["files"][0]["error"]["line"] == 5
    passed = [line.split(": ", 2)[2] for line in result.stderr.splitlines() if "skipped" in line]
    assert passed == [
        "mounts.yaml: holds no deployment.toml: no ConfigMap and no Secret of it has a key of that name",
        "service.yaml: holds no deployment.toml",
        "template.yaml: this is a Helm template: what it says is known once it is rendered",
    ]


def test_a_spec_stays_a_spec(run: Run) -> None:
    spec = "mailwright: 1\nglobal: {hostname: h}\n# apiVersion: v1\n# kind: x\n"
    assert "holds no" not in run("validate", "-", stdin=spec).output
    assert run("validate", "-", "--as", "manifest", stdin=spec).code == 2


def test_a_file_that_a_kustomization_names_is_told_once(run: Run, tmp_path: Path) -> None:
    for folder in ("base", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "deployment.toml").write_text('[output_adapter.email]\nhost = "x"\n', encoding="utf-8")
    names = "configMapGenerator:\n- name: is\n  files: [deployment.toml, ../other/deployment.toml]\n"
    (tmp_path / "base" / "kustomization.yaml").write_text(names, encoding="utf-8")
    places = ("base/deployment.toml:2:1", "base/../other/deployment.toml:2:1")
    for given, told in (
        (("base",), places),
        (("base/kustomization.yaml",), places),
        (("base", "./other"), ("base/deployment.toml:2:1", "other/deployment.toml:2:1")),
    ):
        found = run("validate", *given, *VERSION, "--select", "MW101", cwd=tmp_path).stdout.splitlines()
        assert sorted(line.partition(": MW101 ")[0] for line in found if ": MW101 " in line) == sorted(told)
    fixed = run("validate", "--fix", "--diff", "base", "other", *VERSION, "--select", "MW101", cwd=tmp_path)
    assert fixed.stderr.count("fixed ") == 2


def test_a_kustomization(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    for name in ("conf/is.toml", "conf/deployment.toml"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    literal = "  - \"deployment.toml=[output_adapter.email]\\nhost = 'x'\\n\"\n"
    (tmp_path / "kustomization.yaml").write_text(
        "configMapGenerator:\n- name: a\n  files:\n  - deployment.toml=conf/is.toml\n  - conf/deployment.toml\n  - other=x.properties\n"
        f"secretGenerator:\n- name: b\n  literals:\n  - A=b\n{literal}",
        encoding="utf-8",
    )
    result = run("validate", "kustomization.yaml", *VERSION, "--select", "MW101", cwd=tmp_path)
    assert [line.split(": ")[0] for line in result.stdout.splitlines() if "MW101 error" in line] == [
        "conf/deployment.toml:5:1",
        "conf/is.toml:5:1",
        "kustomization.yaml:11:46",
    ]
    run("validate", "--fix", "kustomization.yaml", *VERSION, "--select", "MW101", cwd=tmp_path)
    assert literal.replace("host", "hostname") in (tmp_path / "kustomization.yaml").read_text(encoding="utf-8")
    assert (tmp_path / "conf/is.toml").read_text(encoding="utf-8") == TEXT.replace("host =", "hostname =")
    (tmp_path / "conf/is.toml").unlink()
    result = run("validate", "kustomization.yaml", cwd=tmp_path)
    assert "kustomization.yaml:4:5: names a file that cannot be read" in result.output
    assert "conf/deployment.toml:4:1: MW" in result.output


@pytest.mark.parametrize("form", FORMATS["validate"])
def test_what_is_beside_a_missing_file_of_a_kustomization_is_told(run: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "deployment.toml").write_text(TEXT, encoding="utf-8")
    files = "  - a=b\n  - none/deployment.toml\n  - deployment.toml\n  - none/b.deployment.toml\n"
    literals = "  literals: [\"deployment.toml=[output_adapter.email]\\nhost = 'x'\\n\"]\n"
    (tmp_path / "kustomization.yaml").write_text(f"configMapGenerator:\n- files:\n{files}{literals}", encoding="utf-8")

    def validated(*options: str) -> Result:
        return run("validate", "kustomization.yaml", *VERSION, "--select", "MW101", "--format", form, *options, cwd=tmp_path)

    result = validated()
    assert result.code == 9, "findings, and a file that cannot be read"
    for told in ("smtp.gmail.com", "none/deployment.toml", "none/b.deployment.toml"):
        assert told in result.stdout
    others = validated("--ignore", "MW101")
    assert (others.code, "none/b.deployment.toml" in others.stdout) == (2, True)
    assert others.stdout.count("smtp.gmail.com") < result.stdout.count("smtp.gmail.com"), "the choice of rules holds"
    fixed = validated("--fix", "--diff")
    assert (fixed.code, "smtp.gmail.com" in fixed.stdout) == (9, True)
    assert (tmp_path / "deployment.toml").read_text(encoding="utf-8") == TEXT
    assert validated("--write-baseline", "known.json").code == 9
    (tmp_path / "none").mkdir()
    for name in ("deployment.toml", "b.deployment.toml"):
        (tmp_path / "none" / name).write_text("[server]\n", encoding="utf-8")
    assert validated("--write-baseline", "known.json").code == 0
    (tmp_path / "none" / "deployment.toml").unlink()
    known = validated("--baseline", "known.json")
    assert (known.code, "not found any more" in known.output) == (2, False)
    if form == "json":
        (file,) = json.loads(result.stdout)["files"]
        assert [found["rule"] for found in file["findings"]] == ["MW101", "MW101"]
        assert file["error"]["line"] == 4


# -- templates


@pytest.mark.timeout(20)  # seconds; a look at the rest of the line for each brace takes hours
def test_a_line_of_braces_is_looked_at_once() -> None:
    found = unrendered(Source("a.toml", "{{" * 100_000), [1])
    assert (found and found.what) == JINJA


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[output_adapter.email]\nhostname = "{{ .Values.host }}"\n', "2:13"),
        ("[output_adapter.email]\n{{- if .Values.mail }}\nport = 25\n{{- end }}\n", "2:1"),
        ("[output_adapter.email]\nport = {{ smtp_port }}\n", "2:8"),
        ("{% if mail %}\n[output_adapter.email]\n{% endif %}\n", "1:1"),
        ("[output_adapter.email]\n{{/* a comment */}}\n", "2:1"),
    ],
)
def test_a_template_is_called_one(text: str, where: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text(text, encoding="utf-8")
    result = run("validate", path, "--format", "json")
    (finding,) = result.json["files"][0]["findings"]
    assert (finding["rule"], f"{finding['line']}:{finding['column']}") == ("MW008", where)
    assert "mailwright validate -" in finding["hint"]
    for command in ("effective", "verify"):
        other = run(command, path, *VERSION)
        assert (other.code, f"deployment.toml:{where}: this is a" in other.output) == (2, True), other.output
    assert run("import", path).code == 2
    spec = tmp_path / "email.yaml"
    spec.write_text("mailwright: 1\nkeep_unmanaged: true\nglobal: {hostname: h.example}\n", encoding="utf-8")
    for asked in (["merge", spec, path], ["merge", "--check", spec, path], ["upgrade", "--from", "7.1.0", "--to", "7.2.0", path]):
        other = run(*asked)
        assert (other.code, f"deployment.toml:{where}: this is a" in other.output) == (2, True), other.output
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("value", ["{{team}}", "{{ x }} {% if %}", "{{- x -}}", "{% if x %}y{% endif %}"])
def test_a_value_that_merely_holds_braces_is_none(value: str, run: Run) -> None:
    result = run("validate", "-", stdin=f'[output_adapter.email]\nsignature = "{value}"\n')
    assert "MW008" not in result.output


# -- the other commands


@pytest.mark.parametrize("name", SHAPES)
def test_effective_and_import(name: str, run: Run) -> None:
    text = (
        "[output_adapter.email]\nhostname = 'h'\nfrom_address = 'a@b.example'\nport = 25\nusername = 'u'\npassword = '$env{P}'\n"
    )
    shapes = written(text)
    view = run("effective", "-", *VERSION, "--format", "json", stdin=shapes[name])
    assert view.json["properties"]["mail.smtp.host"] == "h"
    made = run("import", "-", *VERSION, stdin=shapes[name])
    assert (made.code, "hostname: h" in made.stdout) == (0, True), made.output


def test_effective_says_where_a_value_stands(run: Run) -> None:
    text = "[output_adapter.email]\nhostname = 'h'\n"
    both = written(text)["literal"] + "---\n" + config_map(json.dumps(text), name="two")
    result = run("effective", "-", *VERSION, stdin=both)
    assert "<stdin>: ConfigMap is-conf, deployment.toml:" in result.stdout
    assert "<stdin>:9" in result.stdout
    assert "<stdin>: ConfigMap two, deployment.toml:" in result.stdout
    assert run("import", "-", *VERSION, stdin=both).code == 2


def test_verify_reads_manifests(run: Run) -> None:
    text = "[output_adapter.email]\nhostname = 'localhost'\nfrom_address = 'a@b.example'\nport = '$env{NOT_SET}'\n"
    result = run("verify", "-", *VERSION, stdin=written(text)["literal"])
    assert (result.code, "NOT_SET" in result.output) == (2, True), result.output
