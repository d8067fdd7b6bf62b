"""The public API: few names, each importable, documented and typed; docs/api.md has an example of each, and a test runs them."""

from __future__ import annotations

import enum
import inspect
import re
import typing
from pathlib import Path

import pytest

import mailwright
from mailwright.base import errors
from mailwright.base.errors import ExitCode, MailwrightError, combine
from mailwright.base.findings import Finding

DESIGN_EXIT_CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130, 143}


def test_the_names() -> None:
    values = {name for name in mailwright.__all__ if name[0].isupper()}
    assert len(values) <= 8
    assert len(mailwright.__all__) - len(values) <= 11
    assert list(mailwright.__all__) == sorted(mailwright.__all__)


@pytest.mark.parametrize("name", mailwright.__all__)
def test_each_name_is_there_and_documented(name: str) -> None:
    thing = getattr(mailwright, name)
    doc = inspect.getdoc(thing) or ""
    assert len(doc) > 20
    assert doc[0].isupper()
    assert not doc.startswith(f"{name}("), "the generated docstring of a dataclass is no documentation"


@pytest.mark.parametrize("name", mailwright.__all__)
def test_each_name_is_typed(name: str) -> None:
    thing = getattr(mailwright, name)
    if inspect.isfunction(thing):
        hints = inspect.signature(thing)
        assert hints.return_annotation is not inspect.Signature.empty
        assert all(parameter.annotation is not inspect.Parameter.empty for parameter in hints.parameters.values())
        doc = inspect.getdoc(thing) or ""
        assert "Args:" in doc or len(hints.parameters) <= 1
    assert (Path(mailwright.__file__).parent / "py.typed").is_file()


def test_type_checkers_see_the_same_names() -> None:
    source = Path(mailwright.__file__).read_text(encoding="utf-8")
    seen = re.search(r"if TYPE_CHECKING:\n((?:    .*\n)+)", source)
    assert seen is not None
    imported = {name.strip() for line in re.findall(r"import (.*)", seen.group(1)) for name in line.split(",")}
    assert imported == set(mailwright.__all__)


@pytest.mark.parametrize("name", mailwright.__all__)
def test_no_module_has_the_name(name: str) -> None:
    """Python binds an imported submodule to its package: a module `x` would take the place of the function `x`."""
    assert not inspect.ismodule(getattr(mailwright, name))
    assert not (Path(mailwright.__file__).parent / f"{name}.py").exists()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nope"):
        mailwright.nope  # noqa: B018


def test_the_api_works(tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("[output_adapter.email]\nhost = 'h'\n", encoding="utf-8")
    view = mailwright.effective(path, "7.3.0")
    assert view.text_of("mail.smtp.host") == "smtp.gmail.com"
    (finding,) = [
        item for item in mailwright.validate(path, product_version="7.3.0") if item.rule.startswith("MW1") and item.fixable
    ]
    assert (finding.rule, finding.place.line) == ("MW101", 2)
    spec = tmp_path / "spec.yaml"
    spec.write_text("mailwright: 1\ntenants: {a.example: {}}\n", encoding="utf-8")
    assert [tenant.domain for tenant in mailwright.load_spec(spec).tenants] == ["a.example"]
    with pytest.raises(mailwright.MailwrightError):
        mailwright.load_spec(tmp_path / "missing.yaml")


# -- errors and exit codes


def tree(root: type[MailwrightError] = MailwrightError) -> list[type[MailwrightError]]:
    return [root, *(found for child in root.__subclasses__() for found in tree(child))]


OWN = [error for error in tree() if error.__module__ == errors.__name__]


def test_the_exit_codes_are_those_of_the_design() -> None:
    assert {int(code) for code in ExitCode} == DESIGN_EXIT_CODES
    assert issubclass(ExitCode, enum.IntEnum)


@pytest.mark.parametrize("error", OWN, ids=lambda error: error.__name__)
def test_each_error_has_a_code_and_stands_in_the_drawing(error: type[MailwrightError]) -> None:
    assert re.fullmatch(r"[a-z-]+", error.code)
    assert isinstance(error.exit_code, ExitCode)
    drawing = errors.__doc__ or ""
    assert re.search(rf"{error.__name__} +{int(error.exit_code)} ", drawing)
    assert inspect.getdoc(error)


def test_every_code_is_used_once() -> None:
    codes = [error.code for error in tree() if "code" in vars(error)]  # a kind of its own that has none is told as its parent
    assert len(set(codes)) == len(codes) > len(OWN) / 2


def test_an_error_says_where_what_and_what_next() -> None:
    error = errors.UsageError("is wrong", place=mailwright_place(), hint="do this")
    assert str(error) == "f:1:2: is wrong\n  hint: do this"
    assert str(errors.UsageError("is wrong")) == "is wrong"


def mailwright_place() -> typing.Any:
    from mailwright.base.places import Place

    return Place("f", 1, 2)


@pytest.mark.parametrize(
    ("codes", "expected"), [([], 0), ([0, 0], 0), ([0, 1, 1], 1), ([2, 0], 2), ([1, 2], 9), ([3, 4, 5], 9)], ids=str
)
def test_combined_exit_codes(codes: list[int], expected: int) -> None:
    assert combine(codes) == expected


def test_findings_are_values() -> None:
    from mailwright.rules.catalogue import CATALOGUE

    finding = CATALOGUE["MW101"].at(mailwright_place(), "m")
    assert finding == CATALOGUE["MW101"].at(mailwright_place(), "m")
    assert hash(finding)
    assert isinstance(finding, Finding)
    with pytest.raises(AttributeError):
        finding.rule = "x"  # type: ignore[misc]
