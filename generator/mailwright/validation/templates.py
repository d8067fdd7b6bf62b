"""Files that are templates, and were not rendered: nothing else can be said of them."""

from __future__ import annotations

from ..base.places import Source
from ..deployment import Deployment
from ..manifests.actions import Unrendered, unrendered


def template_of(deployment: Deployment) -> Unrendered | None:
    """Say whether a deployment.toml is a template."""
    own = Source(deployment.source.name, deployment.source.text)
    return unrendered(own, (own.place(problem.span.start).line for problem in deployment.problems))
