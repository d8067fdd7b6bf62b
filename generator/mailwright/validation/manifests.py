"""The deployment.toml texts in manifests: what is found in them, at its place in the manifest, and mended there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ..base.edits import Edit, edited
from ..base.errors import InputError, SyntaxInput, UnreadableInput, UsageError
from ..base.findings import Finding, Fix, PartlyRead
from ..base.places import Place, Source, Span
from ..base.reading import NOTHING, decode, read_bytes
from ..base.values import dataclass
from ..deployment import Deployment, parse_deployment
from ..manifests.actions import TemplateInput, template_of, unrendered
from ..manifests.embedded import Embedded, read_embedded
from ..manifests.kustomize import generated
from ..rules.reading import UNRENDERED
from .kinds import is_kustomization, is_manifest, way_of_others
from .suppressions import Suppressions

Find = Callable[[Source], list[Finding]]
"""Returns the findings about the text of a deployment.toml."""


class NoneHeld(InputError):
    """Manifests without any deployment.toml."""

    code = "none-held"


@dataclass(frozen=True, slots=True)
class Text:
    """A deployment.toml, wherever it stands.

    Attributes:
        own: Its name and text; of one in a manifest the manifest's name.
        embedded: Where in a manifest it stands; None for a file.
    """

    own: Source
    embedded: Embedded | None = None

    def deployment(self) -> Deployment:
        """Return it as the server's parser reads it, with places in the file that holds it.

        Raises:
            SyntaxInput: it is a template.
        """
        read = parse_deployment(self.own.text, self.own.name)
        if (template := template_of(read)) is not None:
            raise template.error(self.embedded.source if self.embedded else self.own)
        return replace(read, source=self.embedded.source) if self.embedded else read


def texts_in(name: str, data: bytes, contents: Mapping[str, bytes] = NOTHING, *, said: bool = False) -> list[Text]:
    """Return the deployment.toml texts that a file is, holds, or names.

    Args:
        contents: What to take for the content of files that it names.
        said: Whether somebody says that it is a manifest.

    Raises:
        InputError: it is no YAML, a template, or there are none; or a file that it names cannot be read.
    """
    found, unread = _read(name, data, contents, said=said)
    if unread:
        raise unread[0]
    return found


def _read(name: str, data: bytes, contents: Mapping[str, bytes], *, said: bool) -> tuple[list[Text], list[UnreadableInput]]:
    """Return what can be read of the texts, and why the others cannot."""
    if not (said or is_manifest(name, data)):
        return [Text(Source(name, data.decode("utf-8", "surrogateescape")))], []
    source, unread = decode(data, name), list[UnreadableInput]()
    try:
        if is_kustomization(name):
            found = list(_texts(source, contents, unread))
        else:
            found = [Text(Source(name, each.text), each) for each in read_embedded(source)]
    except SyntaxInput as error:
        template = unrendered(source, (error.place.line,)) if error.place and error.place.file == name else None
        raise template.error(source) if template else error from None
    if not found and not unread:
        raise none_held(source)
    return found, unread


def none_held(source: Source) -> InputError:
    """Return why there is no deployment.toml in manifests: they are a template, or something else, or have none."""
    if (template := unrendered(source, ())) is not None:
        return template.error(source)
    whole = "is it the whole of what `helm template` or `kubectl kustomize` prints?"
    return NoneHeld(
        "holds no deployment.toml: no ConfigMap and no Secret of it has a key of that name",
        place=Place(source.name),
        hint=way_of_others(source.text.encode("utf-8", "replace")) or whole,
    )


def one_deployment(name: str, data: bytes) -> Deployment:
    """Return the one deployment.toml that a file is or holds; raises as ``texts_in`` does.

    Raises:
        UsageError: it holds several.
    """
    texts = texts_in(name, data)
    if len(texts) > 1:
        where = ", ".join(f"{each.own.name}:{each.embedded.place.line}" if each.embedded else each.own.name for each in texts)
        hint = f"hand over the manifest, or the file, of one: {where}"
        raise UsageError(f"holds {len(texts)} deployment.toml", place=Place(name), hint=hint)
    return texts[0].deployment()


def _texts(kustomization: Source, contents: Mapping[str, bytes], unread: list[UnreadableInput]) -> Iterator[Text]:
    """Yield the texts of a kustomization, and note the files that cannot be read."""
    for found in generated(kustomization):
        if isinstance(found, Embedded):
            yield Text(Source(found.manifest.name, found.text), found)
            continue
        path = os.path.join(os.path.dirname(kustomization.name), found.path)
        try:
            data = contents[path] if path in contents else read_bytes(path)
        except UnreadableInput as error:
            unread.append(UnreadableInput(f"names a file that {error.message}: {path}", place=found.place))
            continue
        yield Text(Source(path, data.decode("utf-8", "surrogateescape")))


def check_manifest(name: str, data: bytes, find: Find, contents: Mapping[str, bytes] = NOTHING) -> list[Finding]:
    """Return the findings about the deployment.toml texts in a file that no comment in them silences.

    Raises:
        InputError: as ``texts_in`` does, but for a template: that is a finding.
        PartlyRead: files that it names cannot be read; with the findings about the others.
    """
    try:
        texts, unread = _read(name, data, contents, said=True)
    except TemplateInput as error:
        return [UNRENDERED.at(error.place or Place(name), error.message, hint=error.hint)]
    found = sorted((finding for each in texts for finding in _findings(each, find)), key=lambda finding: finding.order)
    if not unread:
        return found
    others = "".join(f"; {error.place} {error.message}" for error in unread[1:])
    partly = PartlyRead(unread[0].message + others, place=unread[0].place)
    partly.found = found
    raise partly


def _findings(text: Text, find: Find) -> Iterator[Finding]:
    comments = Suppressions(text.own.name, text.own.text)
    for finding in (*find(text.own), *comments.unknown):
        if not comments.silences(finding):
            yield _moved(finding, text.embedded, text.own) if text.embedded else finding


def _moved(finding: Finding, embedded: Embedded, own: Source) -> Finding:
    """Return a finding about a text as one about the manifest that holds it."""
    place, shown = embedded.moved(finding.place), finding.excerpt
    line = finding.place.line
    within = f" (line {line} of the decoded file)" if embedded.layout is None and line else ""
    fix = _fix(finding.fix, embedded, own) if finding.fix else None
    return replace(
        finding,
        place=place,
        message=finding.message + within,
        excerpt=replace(shown, line=embedded.moved(Place(own.name, shown.line, 1)).line) if shown else None,
        also=tuple(embedded.moved(each) for each in finding.also),
        fix=fix,
        fixable=fix is not None,
    )


def _fix(fix: Fix, embedded: Embedded, own: Source) -> Fix:
    """Return how to mend a text as how to mend the manifest; a larger edit than was asked for may hold what may not be shown."""
    spans = [(Span(own.offset(*edit.start[1:]), own.offset(*edit.end[1:])), edit) for edit in fix.edits]
    small = [embedded.edit(span, edit.text) for span, edit in spans]
    if all(small):
        changes = [(change, edit.public) for change, (_, edit) in zip(small, spans, strict=True) if change]
    else:
        changes = [(change, False) for change in embedded.rewritten(edited(own, fix.edits))]
    return Fix(fix.title, tuple(Edit.of(embedded.manifest, each.span, each.text, public=public) for each, public in changes))
