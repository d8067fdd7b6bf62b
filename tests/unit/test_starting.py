"""Why the server would not start with what a merge makes of a file: whose fault that is, for which releases, and where."""

from __future__ import annotations

import pytest

from mailwright.base.places import Place, Source
from mailwright.deployment import parse_deployment
from mailwright.product.product import load_product
from mailwright.rendering.starting import MAX_FAULTS, StartFault, faults_of

FOREIGN = "[x]\ny = '$secret{nope}'\n"
OURS = "[output_adapter.email]\npassword = '$secret{smtp}'\n"
ARRAY = "[[x]]\ny = '$secret{nope}'\n"
REFERS = "[x]\nq = '$ref{output_adapter.email.extra}'\n"
NOPE, SMTP = (f"$secret{{{alias}}} is used, but [secrets] does not define the alias" for alias in ("nope", "smtp"))
NO_KEY = "$ref{output_adapter.email.extra}: there is no such key"
ALL = tuple(release.version for release in load_product().releases)
HERE = Place("d.toml", 2, 1)


def fault(reason: str, place: Place | None, *releases: str, before: bool, ours: bool) -> StartFault:
    return StartFault(
        reason, place, releases, certain=True, guessed=False, before=before, ours=ours, everywhere=len(releases) == len(ALL)
    )


@pytest.mark.parametrize(
    ("before", "after", "releases", "faults"),
    [
        ("", "[a]\nb = 1\n", ("7.2.0",), ()),
        ("", OURS, ("7.2.0",), (fault(SMTP, None, "7.2.0", before=False, ours=True),)),
        ("", OURS, ALL, (fault(SMTP, None, *ALL, before=False, ours=True),)),
        ("", OURS, ALL[1:], (fault(SMTP, None, *ALL[1:], before=False, ours=True),)),
        (OURS, OURS, ("7.2.0",), (fault(SMTP, HERE, "7.2.0", before=True, ours=True),)),
        (FOREIGN, FOREIGN, ("7.2.0",), (fault(NOPE, HERE, "7.2.0", before=True, ours=False),)),
        (
            FOREIGN,
            FOREIGN + OURS,
            ("7.2.0", "7.3.0"),
            (
                fault(SMTP, None, "7.2.0", "7.3.0", before=False, ours=True),
                fault(NOPE, HERE, "7.2.0", "7.3.0", before=True, ours=False),
            ),
        ),
        (
            "[output_adapter.email]\nextra = 1\n" + REFERS,
            REFERS,
            ("7.2.0",),
            (fault(NO_KEY, Place("d.toml", 4, 1), "7.2.0", before=False, ours=True),),
        ),
        (REFERS, REFERS, ("7.2.0",), (fault(NO_KEY, HERE, "7.2.0", before=True, ours=False),)),
        ("[a]\n" + ARRAY, ARRAY, ("5.9.0", "7.2.0"), (fault(NOPE, HERE, "7.2.0", before=True, ours=False),)),
        ("x = [1,\n", "x = [1,\n", ("7.2.0",), (fault("the array is not closed", None, "7.2.0", before=True, ours=False),)),
        ("", "x = [1,\n", ("7.2.0",), (fault("the array is not closed", None, "7.2.0", before=False, ours=True),)),
    ],
)
def test_whose_fault_it_is(before: str, after: str, releases: tuple[str, ...], faults: tuple[StartFault, ...]) -> None:
    looked: list[str] = []
    found = faults_of(
        Source("d.toml", before),
        parse_deployment(after, "d.toml"),
        [load_product().releases.parse(each) for each in releases],
        lambda key: key is not None and key.startswith("output_adapter.email."),
        lambda view: looked.append(view.outcome.value),
    )
    assert tuple(found) == faults
    assert looked == ([] if "not closed" in str(found) else ["ok"] * len(releases))


@pytest.mark.parametrize(("count", "told"), [(MAX_FAULTS - 1, MAX_FAULTS - 1), (MAX_FAULTS + 1, MAX_FAULTS)])
def test_so_many_are_told(count: int, told: int) -> None:
    text = "[x]\n" + "".join(f"y{number} = '$secret{{no{number}}}'\n" for number in range(count))
    looked: list[object] = []
    release = load_product().releases.parse("7.2.0")
    found = faults_of(Source("d.toml", text), parse_deployment(text, "d.toml"), [release], lambda _: False, looked.append)
    assert (len(found), len(looked)) == (told, 1 if told == count else 0)
    assert {(each.before, each.ours) for each in found} == {(True, False)}
