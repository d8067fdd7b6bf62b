"""A rule is a page and a function: each page is complete, each has the function that it needs, and what is made from them is what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mailwright.base.findings import Severity
from mailwright.generate import writing as generate
from mailwright.generate.rules import page_problems
from mailwright.product.facts import cited
from mailwright.rules.catalogue import CATALOGUE
from mailwright.rules.functions import rules_on
from mailwright.rules.model import Subject
from mailwright.rules.pages import load_page, parse, read_pages
from product_files import ROOT

PAGES = read_pages(ROOT)
PAGE = """\
---
severity: warning
about: senders
fixable: yes
options: --product-version 7.2.0
releases: 7.2.0+
---

# MW999: A made-up thing

What is wrong, over two
lines ([xml.md#ampersand](../product/xml.md#ampersand)), and as the [product](../product/xml.md#less-than) has it.

- One.
- Two, over
  lines.

## What to do

Nothing.

## Wrong

```toml
a = 1

b = 2
```

## Right

```toml
a = 2
```
"""


def test_the_catalogue_is_what_the_pages_say_in_the_order_of_their_ids() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE) == list(PAGES)
    for name, rule in CATALOGUE.items():
        page = PAGES[name]
        assert (rule.id, rule.severity, rule.title, rule.subject, rule.fixable) == (
            name,
            page.severity,
            page.title,
            page.subject,
            page.fixable,
        )
    assert load_page("MW101") == PAGES["MW101"]


def test_every_rule_but_those_of_readers_has_its_function() -> None:
    found = {rule.id: function for rule, function in rules_on(*Subject)}
    assert found.keys() == {name for name, page in PAGES.items() if page.subject is not Subject.READING}
    assert {name: function.__name__ for name, function in found.items()} == {name: name.lower() for name in found}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_well(name: str) -> None:
    page, text = PAGES[name], (ROOT / "docs" / "rules" / f"{name}.md").read_text(encoding="utf-8")
    assert text.count("](../product/") == len(cited(page.why, page.remedy)), "each fact once, as a link"
    assert "](../product/" not in page.markdown
    assert not page.title.endswith(".")
    for prose in (page.why, page.remedy):
        assert prose.endswith((".", "`"))
    assert page.bad != page.good
    assert max(map(len, text.splitlines())) <= 144


def test_the_parts_of_a_page() -> None:
    page = parse("MW999.md", PAGE)
    assert (page.id, page.severity, page.subject, page.fixable) == ("MW999", Severity.WARNING, Subject.SENDER, True)
    assert (page.options, page.releases, page.language) == (("--product-version", "7.2.0"), "7.2.0+", "toml")
    assert (page.title, page.remedy, page.bad, page.good) == ("A made-up thing", "Nothing.", "a = 1\n\nb = 2\n", "a = 2\n")
    assert page.why == (
        "What is wrong, over two lines (product/xml.md#ampersand), and as the product (product/xml.md#less-than) has it.\n\n"
        "- One.\n- Two, over lines."
    )
    body = PAGE.partition("---\n\n")[2]
    body = body.replace("[xml.md#ampersand](../product/xml.md#ampersand)", "product/xml.md#ampersand")
    assert page.markdown == body.replace("[product](../product/xml.md#less-than)", "product (product/xml.md#less-than)")
    assert (page.security, page.precision) == (None, "very-high")


HEAD = PAGE.partition("---\n\n")[0]


@pytest.mark.parametrize(
    ("head", "fixable", "options", "releases", "security", "precision"),
    [
        (HEAD, True, ("--product-version", "7.2.0"), "7.2.0+", None, "very-high"),
        ("---\nseverity: warning\nabout: senders\n", False, (), "", None, "very-high"),
        ("---\nabout: senders\nseverity: error\noptions: --a 'b c'\n", False, ("--a", "b c"), "", None, "very-high"),
        (f"{HEAD}security: 0.1\nprecision: low\n", True, ("--product-version", "7.2.0"), "7.2.0+", 0.1, "low"),
        (f"{HEAD}security: 10\nprecision: high\n", True, ("--product-version", "7.2.0"), "7.2.0+", 10.0, "high"),
    ],
)
def test_the_first_lines_of_a_page(
    head: str, fixable: bool, options: tuple[str, ...], releases: str, security: float | None, precision: str
) -> None:
    page = parse("MW999.md", PAGE.replace(HEAD, head))
    found = (page.fixable, page.options, page.releases, page.security, page.precision)
    assert found == (fixable, options, releases, security, precision)
    assert page.severity is Severity("error" if "error" in head else "warning")


def test_the_pages_below_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "rules"
    folder.mkdir(parents=True)
    (folder / "MW999.md").write_text(PAGE.replace("Nothing", "Nöthing"), encoding="utf-8")
    (folder / "MW001.md").write_text(PAGE.replace("MW999", "MW001"), encoding="utf-8")
    (folder / "notes.txt").touch()
    assert [(name, page.id, page.remedy) for name, page in read_pages(tmp_path).items()] == [
        ("MW001", "MW001", "Nothing."),
        ("MW999", "MW999", "Nöthing."),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## Right", "## Good", "not a rule's page: it has no `## Right`$"),
        ("## ", "### ", "not a rule's page: it has no `## What to do` and no `## Wrong` and no `## Right`$"),
        ("```toml\na = 2\n```\n", "", "not a rule's page: its parts are not those of the other pages, in their order"),
        ("# MW999", "# MW998", "the title names another rule, MW998"),
        ("severity: warning", "severity: bad", "'bad' is not a valid Severity"),
        ("severity: warning\n", "", "None is not a valid Severity"),
        ("about: senders", "about: everything", "'everything' is not a valid Subject"),
        ("fixable: yes", "mends: yes", "`mends` is not one of severity, about, fixable, options, releases"),
        ("fixable: yes", "fixable: true", "`fixable` is `yes`, or is left out"),
        ("fixable: yes", "fixable", "`fixable` is not one of severity, about, fixable, options, releases, security, precision$"),
        ("fixable: yes", "precision: sure", "`precision` is one of very-high, high, medium, low$"),
        ("fixable: yes", "security: much", "'much'"),
        ("fixable: yes", "security: 0.09", "`security` is from 0.1 to 10$"),
        ("fixable: yes", "security: 10.01", "`security` is from 0.1 to 10$"),
    ],
)
def test_a_page_that_is_not_complete(old: str, new: str, said: str) -> None:
    with pytest.raises(ValueError, match="MW999.md: .*" + said):
        parse("MW999.md", PAGE.replace(old, new))


def test_a_new_page_and_its_function_are_all_that_the_catalogue_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ansible", "docs", "generator", "schema", "templates", "tests/data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs/rules/MW999.md").write_text(PAGE)
    assert generate.main([]) == 1
    assert capsys.readouterr().err == "docs/rules: MW999 has no function, but its page says that it is about senders\n"
    module = tmp_path / "generator/mailwright/rules/loading.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n\ndef mw999(sender):\n    yield\n", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "generator/mailwright/rules/catalogue.py is stale; run `make generate`\n"
    assert generate.main([]) == 0
    row = 'Rule("MW999", Severity.WARNING, "A made-up thing", Subject.SENDER, fixable=True, module="loading"),'
    assert row in (tmp_path / "generator/mailwright/rules/catalogue.py").read_text(encoding="utf-8")
    assert "| [MW999](../rules/MW999.md) | warning | A made-up thing |" in (tmp_path / "docs/reference/rules.md").read_text(
        encoding="utf-8"
    )
    assert (tmp_path / "tests/data/invalid/MW999.toml").read_text(encoding="utf-8") == "a = 1\n\nb = 2\n"
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mw998", "MW998 has a function and no page: write docs/rules/MW998.md"),
        ("mw001", "MW001 has a function, in loading, but its page says that it is about inputs"),
        ("mw101", "mw101 stands twice: the second is in rules/loading.py"),
    ],
)
def test_a_function_that_fits_no_page(tmp_path: Path, name: str, said: str) -> None:
    for folder in ("docs/rules", "generator/mailwright/rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    module = tmp_path / "generator/mailwright/rules/loading.py"
    module.write_text(module.read_text(encoding="utf-8") + f"\n\ndef {name}(node):\n    yield\n", encoding="utf-8")
    assert list(page_problems(tmp_path)) == [f"docs/rules: {said}"]
