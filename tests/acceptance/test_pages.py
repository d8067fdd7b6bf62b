"""Every page, followed to the letter (documents.py): a reader who does what it says gets what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import ROOT, agree, blocks, commands, difference, follow, served

from peers import require_free

PAGES = sorted(
    path
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name / "README.md" for name in ("ansible", "benchmarks")),
    )
    if any(block.language in ("sh", "bash", "console", "python") for block in blocks(path.read_text(encoding="utf-8")))
)

ELSEWHERE = {
    "python3 -m venv venv && . venv/bin/activate": "what the Makefile does too",
    "pip install '.[demo]'": "the Makefile installs the extra; tests/acceptance/test_packaging.py installs the wheel",
    "mailwright demo": "tests/acceptance/test_demo.py runs it",
    "sha256sum --check SHA256SUMS": "tests/release/test_files.py makes and judges the files",
    "pip install --require-hashes --find-links . --requirement mailwright-*.requirements.txt": "tests/release/test_files.py does that",
    "ansible-galaxy collection install --offline ./mailwright-wso2is-*.tar.gz": "tests/acceptance/test_packaging.py does that",
    "make version VERSION=1.2.3": "tests/release/test_files.py runs what is behind it, in a clone",
    'git commit --all --message "mailwright 1.2.3"': "a reader's own commit",
    "make release VERSION=1.2.3": "tests/release/test_files.py builds what it builds, and has the same tools judge it",
    "make docs": "tests/integration/test_site.py runs the script behind it",
    "make test": "is what runs this test",
    "make long": "runs two tests of make test with more examples",
    "make unit": "runs a part of what runs this test",
    "make test-newest": "runs these tests; .ci/run calls it for the unit tests",
    "make test-lowest": "runs these tests; .ci/run calls it for the unit tests",
    "make lock": "asks the package index; tests/unit/test_locks.py holds what it writes",
    "make mutants": "changes the code and runs the unit tests, an hour long; tests/unit/test_mutation_run.py holds what it works on",
    "make mutants ONLY='verification/client.py rules/client.py'": "a part of make mutants",
    "make mutants ONLY=verification/handshake.py FEW=2 TESTS='tests/unit/test_handshake*.py'": "a part of make mutants",
    "make coverage": "runs unit tests of the tenants; .ci/run calls it",
    "make check-speed": "measures, under valgrind; .ci/run calls it",
    "make check": "tests/unit checks the generated files; .ci/run calls the target",
    "make generate": "tests/unit/test_made_up_key.py runs the module behind it",
    "make pictures": "makes pictures, checks nothing",
    "make generate && make test": "both are in this list",
    "make bench": "writes figures, checks nothing",
    "PYTHONPATH=tests:tests/acceptance .venv/bin/python tests/acceptance/documents.py docs/verify.md": "would write into the checkout",
}
"""Commands of a checkout, which are not run here: what runs them, or why nothing does."""

PORTS = re.compile(r"(?:--port |\bport:? |localhost:|127\.0\.0\.1:)(\d{4,5})\b")
"""Where a page says on which port of the reader's machine something listens, or nothing does."""

NOT_RUN = {
    "docs/kubernetes.md": 1,
    "docs/container.md": 2,
    "docs/release.md": 2,
    "docs/howto/ansible.md": 2,
    "docs/howto/microsoft-365.md": 1,
    "docs/howto/troubleshoot.md": 1,
}
"""Pages that say of blocks that they are not run, and of how many; the reason stands on the page."""


@pytest.mark.network
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    require_free(*sorted(int(port) for port in {*PORTS.findall(text)} - {*served(text)}))  # its servers get others
    wrong = [f"$ {command}\n{difference(expected, said)}" for command, expected, said in follow(text, tmp_path, ELSEWHERE)]
    assert not wrong, "\n".join(wrong)


def test_what_is_not_run_is_known() -> None:
    found: dict[str, int] = {}
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.not_run:
                found[page.relative_to(ROOT).as_posix()] = found.get(page.relative_to(ROOT).as_posix(), 0) + 1
                assert len(block.not_run) > 20, "a reason"
    assert found == NOT_RUN


def test_what_runs_elsewhere_stands_on_a_page() -> None:
    lines = {
        command.partition(" #")[0].strip()
        for page in PAGES
        for block in blocks(page.read_text(encoding="utf-8"))
        for command, _ in commands(block)
    }
    assert sorted(set(ELSEWHERE) - lines) == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= targets
    for reason in ELSEWHERE.values():
        assert all((ROOT / path).is_file() for path in re.findall(r"tests/\S+\.py", reason))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_text_names_each_file_that_a_reader_has_to_write(page: Path) -> None:
    """The comment with the name is not shown where the page is read."""
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.file:
            before = [part for part in block.before.rstrip().split("\n\n") if part.strip()]
            said = before[-1].removesuffix(f"<!-- file: {block.file} -->").strip() or before[-2]
            assert f"`{block.file}`" in said, block.file


def test_a_page_that_is_wrong_is_found(tmp_path: Path) -> None:
    page = "\n".join(
        [
            "<!-- file: a/b.txt -->",
            "```text",
            "one",
            "```",
            "```sh",
            "export WORD=two",
            "cd a",
            "false",
            "```",
            "```console",
            "$ cat b.txt",
            "one",
            "$ echo $WORD in 12 ms; echo three >&2",
            "two in 7 ms",
            "three",
            "$ cat b.txt",
            "two",
            "$ printf 'a\\nb\\nc\\n'",
            "…",
            "c",
            "```",
            "> **Not run by the tests:** it is",
            "> the example.",
            "```sh",
            "exit 3",
            "```",
            "```python",
            "word = 1",
            "print(word)",
            "```",
            "```text",
            "1",
            "```",
            "```python",
            "print(word + 1)",
            "```",
            "```text",
            "3",
            "```",
            "",
        ]
    )
    found = list(follow(page, tmp_path))
    assert [(command, said) for command, _, said in found] == [
        ("false", ""),
        ("cat b.txt", "one\n"),
        ("print(word + 1)\n", "2\n"),
    ]
    assert [block.not_run for block in blocks(page) if block.not_run] == ["it is the example."]
    assert not agree("a\n", "a\nb\n")
    assert agree("a\n…\n", "a\nb\n")


def test_the_environment_that_is_made_in_a_checkout_is_no_part_of_it() -> None:
    folders = {name for page in PAGES for name in re.findall(r"python3 -m venv (\w+)", page.read_text(encoding="utf-8"))}
    assert folders
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert all(f"/{name}/" in ignored for name in folders)
