"""The helper that holds manifests against Kubernetes' own schemas finds what is wrong with them."""

from __future__ import annotations

import pytest

from kubernetes_schemas import RELEASES, wrong

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - {name: a, image: b}
"""


def test_what_is_right_is_taken() -> None:
    assert wrong(POD) == []
    assert wrong(f"# nothing\n---\n{POD}---\napiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Secret}}\n") == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("name: a, image: b", "name: a, images: b", "'images' was unexpected"),
        ("image: b", "image: 1", "1 is not of type"),
        ("kind: Pod", "kind: Pods", "there is no such kind"),
        ("kind: Pod", "kinds: Pod", "is no object of Kubernetes"),
        ("apiVersion: v1", "apiVersion: v2", "there is no such kind"),
        ("  containers:\n  - {name: a, image: b}\n", "  nodeName: a\n", "'containers' is a required property"),
    ],
)
def test_what_is_wrong_is_found(before: str, after: str, said: str) -> None:
    assert before in POD
    found = wrong(POD.replace(before, after))
    assert len(found) == len(RELEASES)
    assert all(said in each for each in found), found


def test_no_manifest_is_none_that_is_right() -> None:
    with pytest.raises(AssertionError, match="no manifest"):
        wrong("---\n")
