"""Whether the server starts with what a merge makes of a file, and if not, whether that is the merge's doing.

A file can be broken at several places, and the model stops at the first. Each fault is put aside, and the model is asked again, so that
a foreign one does not hide one of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..base.places import Place, Source
from ..base.values import dataclass
from ..deployment import Deployment, parse_deployment
from ..engine import Doubt
from ..engine.effective import Effective, Outcome, effective
from ..product.releases import Release

MAX_FAULTS = 100
_HARMLESS = "x"


@dataclass(frozen=True, slots=True)
class StartFault:
    """Why the server does not start with a file.

    Attributes:
        reason: In words; without any value.
        place: Where, in the file as it was; None where the key is new.
        releases: The versions that it holds for.
        certain: Whether the server surely does not start.
        guessed: Whether it starts if a key is one of the product's own defaults, which are not known here.
        before: Whether the file had the fault before.
        everywhere: Whether it holds for every release of the product.
        ours: Whether the merge must not write the file: the fault is in what it manages, or was not there before.
    """

    reason: str
    place: Place | None
    releases: tuple[str, ...]
    certain: bool
    guessed: bool
    before: bool
    ours: bool
    everywhere: bool = False


def faults_of(
    source: Source,
    after: Deployment,
    releases: Sequence[Release],
    managed: Callable[[str | None], bool],
    look: Callable[[Effective], None],
) -> list[StartFault]:
    """Return the faults of a merged file.

    Args:
        source: The file before the merge.
        after: The file after it.
        releases: Those that the file is meant for.
        managed: Says of a flat key whether the merge manages it.
        look: Called with what each release makes of the file once the faults are put aside.
    """
    found: dict[tuple[str | None, str | None], StartFault] = {}
    before: Deployment | None = None
    for release in releases:
        faults, view = _put_aside(after, release)
        if view is not None:
            look(view)
        if not faults:
            continue
        before = before or parse_deployment(source.text, source.name)
        known = {fault.at for fault in _put_aside(before, release)[0]}
        for fault in faults:
            guessed = fault.doubt is Doubt.PRODUCT_DEFAULT
            leaf = before.keys.get(fault.at)
            new = StartFault(
                fault.reason or "",
                before.place(leaf.key_span) if leaf else None,
                (release.version,),
                fault.doubt is None,
                guessed,
                fault.at in known,
                not guessed and (managed(fault.at) or fault.at not in known),
            )
            other = found.setdefault((fault.at, fault.reason), new)
            if other is not new:
                found[fault.at, fault.reason] = replace(
                    other,
                    releases=tuple(dict.fromkeys((*other.releases, release.version))),  # one release may have it twice
                    certain=other.certain or new.certain,
                    guessed=other.guessed and new.guessed,
                    before=other.before and new.before,
                    ours=other.ours or new.ours,
                )
    count = len(releases[0].product.releases)
    return [replace(fault, everywhere=len(fault.releases) == count) for fault in found.values()]


def _put_aside(deployment: Deployment, release: Release) -> tuple[list[Effective], Effective | None]:
    """Return the view of each fault, and the one without any; None where one cannot be put aside."""
    faults: list[Effective] = []
    touched: set[str] = set()
    while (view := effective(deployment, release)).outcome is not Outcome.OK:
        faults.append(view)
        leaf = deployment.keys.get(view.at)
        if view.at is None or leaf is None or len(faults) == MAX_FAULTS:
            return faults, None
        other = None if view.at in touched else leaf._replace(data=_HARMLESS)
        deployment = replace(deployment, keys=deployment.keys.altered([(leaf, other)]))
        touched.add(view.at)
    return faults, view
