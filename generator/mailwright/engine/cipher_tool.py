"""What the product's cipher tool falls over: product/placeholders.md#truncates."""

from __future__ import annotations

from ..base.places import Span
from ..deployment import Deployment, Header


def behind_secrets(deployment: Deployment) -> tuple[Span | None, Header | None]:
    """Return what stands behind ``[secrets]`` and is no secret: the mark of the first comment, and the next table's header.

    The comment may stand on the line of a secret, or of the header itself.
    """
    section = next((each for each in deployment.sections("secrets") if each.path == ("secrets",)), None)
    if section is None or section.header is None:
        return None, None
    start, text = section.header.span.end, deployment.source.text
    later = deployment.next_header(start)
    end = later.span.start if later else len(text)
    strings = [pair.value.span for pair in section.pairs]
    mark = text.find("#", start, end)
    while mark >= 0 and any(span.start <= mark < span.end for span in strings):
        mark = text.find("#", mark + 1, end)
    return Span(mark, mark + 1) if mark >= 0 else None, later
