"""The formats for other programs: quoting, paths, fingerprints, files that cannot be read; and what they say is the same everywhere.

Whether their consumers take them is tests/acceptance/test_formats.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailwright.base.errors import MailwrightError, UnreadableInput
from mailwright.base.findings import Excerpt, Finding, Severity
from mailwright.base.places import Place
from mailwright.report.entries import Fingerprints, iter_entries, relative_path
from mailwright.report.formats import FORMATS, validate_lines
from mailwright.rules.catalogue import CATALOGUE
from mailwright.rules.pages import load_page
from mailwright.rules.reading import SCHEMA

if TYPE_CHECKING:
    from commands import Run

ROOT = Path(__file__).resolve().parents[2]
Results = list[tuple[str, list[Finding] | MailwrightError]]

FINDING = Finding(
    "MW101", Severity.ERROR, "unknown key `x`", Place("a.toml", 3, 5), hint="write `y`", path="output_adapter.email.x"
)


def report(name: str, results: Results) -> str:
    return "".join(f"{line}\n" for line in validate_lines(name, results))


def one(name: str, **changes: Any) -> str:
    finding = replace(FINDING, **changes)
    return report(name, [(finding.place.file, [finding])])


def sarif_run(text: str) -> Any:
    (run,) = json.loads(text)["runs"]
    return run


def physical(text: str) -> Any:
    (result,) = sarif_run(text)["results"]
    return result["locations"][0]["physicalLocation"]


UNREADABLE: Results = [("gone.toml", UnreadableInput("cannot be read", place=Place("gone.toml"), hint="look"))]


def test_github_escapes_what_ends_a_property_or_a_line() -> None:
    line = one("github", place=Place("a:b,c%.toml", 3, 5), message="50% ::error::", rule="MW999")
    assert line == "::error title=MW999,file=a%3Ab%2Cc%25.toml,line=3,col=5::50%25 ::error::%0Ahint: write `y`\n"


@pytest.mark.parametrize(
    ("severity", "github", "gitlab", "sarif"),
    [
        (Severity.ERROR, "error", "critical", "error"),
        (Severity.WARNING, "warning", "major", "warning"),
        (Severity.INFO, "notice", "info", "note"),
    ],
)
def test_severities(severity: Severity, github: str, gitlab: str, sarif: str) -> None:
    assert one("github", severity=severity).startswith(f"::{github} ")
    assert json.loads(one("gitlab", severity=severity))[0]["severity"] == gitlab
    assert sarif_run(one("sarif", severity=severity))["results"][0]["level"] == sarif
    root = ElementTree.fromstring(one("junit", severity=severity))
    assert root.get("failures") == ("1" if severity is Severity.ERROR else "0")
    assert "unknown key" in "".join(root.itertext())


@pytest.mark.parametrize("name", ["github", "gitlab", "sarif", "junit"])
def test_the_releases_and_the_hint_are_told(name: str) -> None:
    shown = one(name, releases=("7.2.0", "7.3.0"))
    assert "unknown key `x` [7.2.0, 7.3.0]" in shown
    assert "hint: write `y`" in shown


def test_a_file_as_a_whole_has_no_place() -> None:
    whole = Place("a.toml")
    assert "line=" not in one("github", place=whole)
    assert "col=" not in one("github", place=whole)
    assert physical(one("sarif", place=whole))["region"] == {"startLine": 1}
    assert json.loads(one("gitlab", place=whole))[0]["location"]["lines"] == {"begin": 1, "end": 1}
    assert "a.toml: MW101" in one("junit", place=whole)


def test_unreadable_files_fail_in_every_format() -> None:
    (line,) = validate_lines("github", UNREADABLE)
    assert line == "::error title=unreadable,file=gone.toml::cannot be read%0Ahint: look"
    (issue,) = json.loads(report("gitlab", UNREADABLE))
    assert (issue["severity"], issue["check_name"], issue["location"]["path"]) == ("blocker", "unreadable", "gone.toml")
    (invocation,) = sarif_run(report("sarif", UNREADABLE))["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert (invocation["executionSuccessful"], notification["level"]) == (False, "error")
    assert notification["descriptor"] == {"id": "unreadable"}
    root = ElementTree.fromstring(report("junit", UNREADABLE))
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    assert root.find("testsuite/testcase/error[@message='cannot be read']") is not None


def test_clean_files_are_said_to_be_clean() -> None:
    clean: Results = [("a.toml", []), ("b.toml", [])]
    assert report("github", clean) == ""
    assert json.loads(report("gitlab", clean)) == []
    run = sarif_run(report("sarif", clean))
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)
    root = ElementTree.fromstring(report("junit", clean))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "0")


def test_sarif_has_every_rule_and_points_to_it() -> None:
    run = sarif_run(one("sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(CATALOGUE)
    for rule in rules:
        known = load_page(rule["id"])
        assert (rule["shortDescription"]["text"], rule["fullDescription"]["text"]) == (known.title, known.why)
        assert known.remedy in rule["help"]["text"]
        assert rule["help"]["markdown"] == known.markdown
    assert rules[run["results"][0]["ruleIndex"]]["id"] == "MW101"


def test_sarif_says_what_code_scanning_goes_by() -> None:
    driver = sarif_run(one("sarif"))["tool"]["driver"]
    galaxy = (ROOT / "ansible" / "galaxy.yml").read_text(encoding="utf-8")
    assert f"repository: {driver['informationUri']}\n" in galaxy
    names = [rule["name"] for rule in driver["rules"]]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)] == []
    for rule in driver["rules"]:
        address, _, branch = rule["helpUri"].partition("/blob/main/")
        assert (address, (ROOT / branch).stem) == (driver["informationUri"], rule["id"])
        assert (ROOT / branch).is_file()
        held = rule["properties"]
        assert held["precision"] in ("very-high", "high")
        assert ("security" in held["tags"]) == ("security-severity" in held)
        assert re.fullmatch(r"[0-9]\.[0-9]|10\.0", held.get("security-severity", "0.1"))
    secret = next(rule for rule in driver["rules"] if rule["id"] == "MW501")
    assert secret["name"] == "SecretInClearText"
    assert secret["properties"] == {
        "tags": ["secrets", "security"],
        "precision": "very-high",
        "problem.severity": "warning",
        "security-severity": "7.5",
    }
    assert driver["rules"][0]["properties"]["tags"] == ["reading"]


INVALID = sorted((ROOT / "tests" / "data" / "invalid").iterdir())


def test_sarif_ends_where_the_file_does(run: Run) -> None:
    """What a region names in a file is what the finding shows of it; where that is hidden, the region says nothing of its length."""
    names = [path for path in INVALID if path.suffix in (".toml", ".yaml")]
    results = run("validate", *names, "--format", "sarif").json["runs"][0]["results"]
    ended = 0
    for result in results:
        physical = result["locations"][0]["physicalLocation"]
        region = physical.get("region", {})
        if "endColumn" not in region:
            continue
        ended += 1
        path = ROOT / unquote(physical["artifactLocation"]["uri"])
        line = path.read_text(encoding="utf-8").split("\n")[region["startLine"] - 1]
        named = line[region["startColumn"] - 1 : region["endColumn"] - 1]
        snippet = physical["contextRegion"]["snippet"]["text"]
        assert named.strip("\"'") in snippet, (named, snippet)
        assert "snippet" not in region
    assert ended > len(results) / 2


def test_sarif_says_nothing_of_the_length_of_a_secret(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("[output_adapter.email]\npassword = 'canary-of-some-length'\nprot = 25\n", encoding="utf-8")
    results = run("validate", path, "--format", "sarif").json["runs"][0]["results"]
    ends = {result["ruleId"]: result["locations"][0]["physicalLocation"]["region"] for result in results}
    assert ends["MW501"] == {"startLine": 2, "startColumn": 12}
    assert ends["MW101"] == {"startLine": 3, "startColumn": 1, "endColumn": 5}
    quoted = tmp_path / "email.json"
    quoted.write_text('{"mailwright": 1,\n "globl": {}}\n', encoding="utf-8")
    results = run("validate", quoted, "--format", "sarif").json["runs"][0]["results"]
    results = [result for result in results if "unknown key" in result["message"]["text"]]
    assert results[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 2, "endColumn": 9}


def test_sarif_shows_the_masked_line_and_nothing_else() -> None:
    excerpt = Excerpt(3, "password = <secret>", 12, 8)
    shown = physical(one("sarif", excerpt=excerpt))
    assert shown["region"] == {"startLine": 3, "startColumn": 5}
    assert shown["contextRegion"] == {"startLine": 3, "snippet": {"text": "password = <secret>"}}
    first = physical(one("sarif", excerpt=excerpt, place=Place("a.toml", 3, 1)))
    assert first["region"] == {"startLine": 3, "startColumn": 1, "snippet": {"text": "password = <secret>"}}
    assert "contextRegion" not in first
    elsewhere = physical(one("sarif", excerpt=excerpt, place=Place("a.toml", 4, 2)))
    assert elsewhere.keys() == {"artifactLocation", "region"}


def test_sarif_takes_no_text_for_a_link() -> None:
    run = sarif_run(one("sarif", message="`[a](http://b)` of [x]", hint=None, releases=("7.2.0",)))
    assert run["results"][0]["message"]["text"] == r"`\[a](http://b)` of [x] [7.2.0]"


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("conf/deployment.toml", "conf/deployment.toml"),
        ("./conf/../a b.toml", "a%20b.toml"),
        ("a:b.toml", "a%3Ab.toml"),
        ("50%#?[x].toml", "50%25%23%3F%5Bx%5D.toml"),
        ("ü\n.toml", "%C3%BC%0A.toml"),
        (os.fsdecode(b"\xff.toml"), "%FF.toml"),
    ],
)
def test_sarif_paths(name: str, uri: str) -> None:
    assert physical(one("sarif", place=Place(name, 3, 5)))["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_paths_are_relative_where_they_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert relative_path(str(folder / "a" / "b.toml")) == "a/b.toml"
    assert relative_path("../x.toml") == str(tmp_path / "x.toml")
    assert relative_path(str(tmp_path / "hereafter.toml")) == str(tmp_path / "hereafter.toml")
    location = physical(one("sarif", place=Place("../x y.toml", 1, 1)))["artifactLocation"]
    assert location == {"uri": (tmp_path / "x y.toml").as_uri()}
    monkeypatch.chdir("/")
    assert relative_path("/etc/x.toml") == "etc/x.toml"


def test_a_removed_folder_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert relative_path("a.toml") == "a.toml"


def test_junit_has_a_case_for_each_rule() -> None:
    warning = replace(FINDING, rule="MW004", severity=Severity.WARNING)
    found = [FINDING, replace(FINDING, place=Place("a.toml", 9, 1)), warning]
    root = ElementTree.fromstring(report("junit", [("a.toml", found)]))
    assert [case.get("name") for case in root.iter("testcase")] == [
        "readable",
        "MW101: An unknown key",
        f"MW004: {CATALOGUE['MW004'].title}",
    ]
    (failure,) = root.iter("failure")
    assert failure.get("message") == "unknown key `x` (and 1 more)"
    assert failure.text is not None
    assert failure.text.count("a.toml:") == 2
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "0")


def marks(results: Results) -> list[str]:
    mark = Fingerprints()
    return [mark(entry) for entry in iter_entries(results)]


def test_fingerprints_stay_when_lines_are_added_above(write: Callable[[str, str | bytes], Path], run: Run) -> None:
    text = "[output_adapter.email]\nhost = 'h'\nzzz = 1\n[[output_adapter.email]]\n"
    path = write("deployment.toml", text)

    def seen() -> dict[str, int]:
        issues = json.loads(run("validate", path.name, "--format", "gitlab", cwd=path.parent).stdout)
        return {issue["fingerprint"]: issue["location"]["lines"]["begin"] for issue in issues}

    before = seen()
    path.write_text("# one\n\n# two\n" + text, encoding="utf-8")
    after = seen()
    assert len(before) > 1
    assert before.keys() == after.keys()
    assert all(after[mark] == line + 3 for mark, line in before.items())


def test_fingerprints_are_unique_and_count_what_is_equal() -> None:
    lower = replace(FINDING, place=Place("a.toml", 7, 1))
    both = marks([("a.toml", [FINDING, lower])])
    assert len(set(both)) == 2
    assert marks([("a.toml", [lower])]) == both[:1]
    assert marks([("a.toml", [replace(FINDING, message="first in line 3")])]) == marks(
        [("a.toml", [replace(FINDING, message="first in line 14")])]
    )
    others = [replace(FINDING, rule="MW102"), replace(FINDING, path="b"), replace(FINDING, place=Place("b.toml", 3, 5))]
    assert len({*both, *marks([("a.toml", others)])}) == 5


NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\0\x1b%:,]>&<[]{}()\ud800\udcff\u2028\ufffe\U0001f389")), max_size=30
)


@example("\udd00", "", "", 0, 0, False)
@example("/", "", "", 0, 0, False)
@given(NASTY, NASTY, NASTY, st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_no_text_breaks_a_format(file: str, message: str, hint: str, line: int, column: int, readable: bool) -> None:
    place = Place(file.replace("\0", "") or "x", line, column)
    finding = Finding("MW101", Severity.ERROR, message, place, hint, excerpt=Excerpt(line, message, 1, 1))
    results: Results = [(place.file, [finding] if readable else UnreadableInput(message, place=place, hint=hint))]
    shown = {name: report(name, results) for name in FORMATS["validate"]}
    (command,) = shown["github"].splitlines()
    assert re.fullmatch(r"::error title=[^,:]*,file=[^,:]+(,line=\d+)?(,col=\d+)?::.*", command)
    (issue,) = json.loads(shown["gitlab"])
    assert "\n" not in issue["description"]
    uris = re.findall(r'"uri": "([^"]*)"', shown["sarif"])
    assert len(uris) == 1
    assert re.fullmatch(r"file:///[A-Za-z0-9%/._~-]*|[A-Za-z0-9%/._~-]+", uris[0])
    assert len(list(ElementTree.fromstring(shown["junit"]).iter("testsuite"))) == 1
    for name in ("sarif", "github", "gitlab", "junit"):
        assert shown[name].isascii() or name == "github"
        assert all(char.isprintable() or char == "\n" for char in shown[name])
    for name in ("sarif", "gitlab"):
        str(json.loads(shown[name])).encode()  # fails for half a surrogate pair


def test_the_page_has_every_format() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "validate.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| `--format` .*\n(?:\|.*\n)*", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|[^|]*\|", table, re.MULTILINE)))) == set(FORMATS["validate"])


CANARY = "Zq7CANARYx"
BAD = {
    "syntax.toml": f"[output_adapter.email]\npassword = \"{CANARY}\nusername = '{CANARY}\n",
    "values.toml": f'[output_adapter.email]\npassword = "&{CANARY}<"\npasswrod = "{CANARY}"\nclient_secret = ["{CANARY}"]\n'
    f'[output_adapter.email.custom_properties]\n"mail.smtp.password" = "{CANARY}&"\n"mail.x" = ["{CANARY}"]\n[secrets]\na = "{CANARY}"\n',
    "twice.toml": f'[output_adapter.email]\npassword = "{CANARY}"\npassword = "{CANARY}"\n',
    "spec.yaml": f"mailwright: 1\nglobal: {{password: ['{CANARY}'], port: {CANARY}, zz: {CANARY}}}\ntenants: {{a.example: {{password: "
    f"[{CANARY}], client_secret: {CANARY}}}, b.example: {CANARY}}}\n",
    "broken.yaml": f"mailwright: 1\nglobal: {{password: '{CANARY}\n",
    "latin.yaml": f"mailwright: 1\nglobal: {{password: '{CANARY}ü'}}\n".encode("latin-1"),
    "payload.json": f'{{"name": "EmailPublisher", "properties": [{{"key": "password", "value": ["{CANARY}"]}}], "zz": "{CANARY}"}}',
    "no-spec.yaml": f"password: {CANARY}\n",
}


@pytest.mark.parametrize("name", FORMATS["validate"])
def test_no_format_shows_a_secret(name: str, write: Callable[[str, str | bytes], Path], run: Run) -> None:
    paths = [write(file, text) for file, text in BAD.items()]
    result = run("validate", *paths, "--format", name)
    assert result.code in (1, 9)
    assert all(path.name in result.stdout for path in paths)
    assert CANARY.lower() not in result.output.lower()


@pytest.mark.parametrize("name", FORMATS["validate"])
def test_exit_codes_do_not_depend_on_the_format(name: str, write: Callable[[str, str | bytes], Path], run: Run) -> None:
    good = write("good.yaml", "mailwright: 1\n")
    bad = write("bad.toml", "[output_adapter.email]\nhost = 'h'\n")
    gone = good.with_name("gone.toml")
    codes = [run("validate", *paths, "--format", name).code for paths in ([good], [good, bad], [gone, good], [gone, bad])]
    assert codes == [0, 1, 2, 9]


def many(files: int, *, findings: int = 200) -> Iterator[tuple[str, list[Finding]]]:
    for number in range(files):
        name = f"node-{number}/deployment.toml"
        yield name, [SCHEMA.at(Place(name, line, 1), f"wrong in line {line}", path=f"a.k{line}") for line in range(1, findings)]


@pytest.mark.parametrize("name", FORMATS["validate"])
def test_reports_are_written_as_results_come(name: str) -> None:
    """A result is in the output before the next but one is asked for; totals and summaries of some formats stand first."""
    asked = [0]

    def results() -> Iterator[tuple[str, list[Finding]]]:
        for result in many(50, findings=4):
            asked[0] += 1
            yield result

    seen = next(asked[0] for text in validate_lines(name, results()) if "node-0/" in text)
    assert seen <= (50 if name in ("junit", "html", "markdown") else 2)


def test_a_page_names_the_releases_that_a_finding_is_about() -> None:
    some = replace(FINDING, releases=("5.9.0", "5.10.0"))
    page = "\n".join(validate_lines("html", [("a.toml", [some])]))
    assert "unknown key `x` [5.9.0, 5.10.0]</p>" in page
