"""``post-render``: a spec merged into the deployment.toml of every ConfigMap and Secret in a stream of Kubernetes manifests.

Every other byte of the stream stays. The pods that mount such a file carry its digest, so that they are made anew when it changes, and
only then: what changes a ConfigMap behind Helm's back does not change the checksum that the chart has there
(product/kubernetes.md#checksum).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from ..base.errors import ExitCode, MailwrightError, UnsafeToWrite, combine
from ..base.nodes import PlacedMap
from ..base.places import Place, Source
from ..base.values import dataclass, field
from ..manifests.edits import Draft, Value
from ..manifests.embedded import Embedded, embedded_in
from ..manifests.nodes import Mapping, Node, read_stream
from ..manifests.pods import Known, Pod, comes_from, pods_in, variable
from ..spec import Spec
from ..spec.references import mentioned, shown_name
from ..validation.manifests import none_held
from .merge import FileMerge, Merging, merging, not_merged

DIGEST = "checksum/mailwright-deployment-toml"
"""The annotation of a pod with the SHA-256 of the file that it mounts, as Helm's own are called; it needs no domain of ours."""


@dataclass(frozen=True, slots=True)
class PostRendered:
    """What becomes of a stream.

    Attributes:
        text: All of it; it may hold secrets. As it was, where there are errors.
        files: What becomes of each deployment.toml.
        pods: The pods that mount one and would be made anew.
        wired: The environment variables that containers get, and from which Secret.
        errors: Why nothing may be written.
        warnings: What is to be known.
    """

    text: str = field(repr=False)
    changed: bool
    files: tuple[tuple[Embedded, FileMerge], ...] = ()
    pods: tuple[str, ...] = ()
    wired: tuple[str, ...] = ()
    errors: tuple[MailwrightError, ...] = ()
    warnings: tuple[str, ...] = ()

    def exit_code(self, *, check: bool) -> int:
        """Return what a run ends in: 1 where a check finds something to write."""
        if self.errors:
            return combine(int(error.exit_code) for error in self.errors)
        return int(ExitCode.FINDINGS if check and self.changed else ExitCode.OK)


def post_render(
    spec: Spec, source: Source, *, product_version: str | None = None, keep_unmanaged: bool = False, check: bool = False
) -> PostRendered:
    """Merge a spec into the manifests of a stream; nothing is written.

    Args:
        spec: The spec.
        source: The stream: what ``helm template`` or ``kubectl kustomize`` prints, or a ``ResourceList``.
        product_version: The product release; None takes the spec's, or looks at every one.
        keep_unmanaged: Whether keys of the adapter's table stay that the spec does not have.
        check: Whether it is only looked at.

    Raises:
        MailwrightError: the spec has errors, or the stream is none, or holds no deployment.toml.
    """
    made = merging(spec, product_version=product_version, keep_unmanaged=keep_unmanaged)
    documents = read_stream(source)
    found = embedded_in(source, documents)
    if not found:
        raise none_held(source)
    run = _Run(spec, made, source, documents, check)
    files = list(run.merged(found))
    pods = list(run.pods(files))
    if run.errors:
        return PostRendered(source.text, False, tuple(files), errors=tuple(run.errors), warnings=tuple(run.warnings))
    text = run.draft.finished()
    changed = text != source.text
    return PostRendered(text, changed, tuple(files), tuple(pods), tuple(run.wired), warnings=tuple(run.warnings))


class _Run:
    def __init__(self, spec: Spec, made: Merging, source: Source, documents: list[Node], check: bool) -> None:
        self._spec, self._merging, self._source, self._documents, self._check = spec, made, source, documents, check
        self.draft = Draft(source, documents)
        self.errors: list[MailwrightError] = []
        self.warnings: list[str] = []
        self.wired: list[str] = []
        named = (name for item in made.wanted.settings for name in mentioned(item.value, "env"))
        self._variables = tuple(dict.fromkeys(named))
        self._wired: set[tuple[int, str]] = set()

    # -- the files

    def merged(self, found: Sequence[Embedded]) -> Iterator[tuple[Embedded, FileMerge]]:
        """Yield what becomes of each file, and note what stands in the way."""
        for embedded in found:
            try:
                merge = self._merged(embedded)
            except MailwrightError as error:
                error.place = embedded.moved(error.place) if error.place and error.place.line else embedded.place
                self.errors.append(error)
                continue
            self.draft.say(embedded, merge.merged.text)
            if embedded.immutable and merge.merged.text != embedded.text:
                self.warnings.append(
                    f"{embedded.place}: {embedded.title} is immutable: a cluster that has it takes no other content under the same name"
                )
            yield embedded, merge

    def _merged(self, embedded: Embedded) -> FileMerge:
        data = embedded.text.encode("utf-8", "surrogateescape")
        merge = self._merging.into(self._source.name, data)
        if merge.merged.refusal:
            raise not_merged(merge, self._merging, Place(self._source.name), check=self._check)
        if not embedded.encoded and "\udc80" <= max(merge.merged.text, default="") <= "\udcff":
            raise UnsafeToWrite("the text is no UTF-8", place=embedded.place)
        return merge

    # -- the pods

    def pods(self, files: Sequence[tuple[Embedded, FileMerge]]) -> Iterator[str]:
        """Yield the pods that change, and note what their containers lack."""
        mounted: set[int] = set()
        for pod in pods_in(self._documents):
            digests = []
            for embedded, merge in files:
                running, first = pod.containers(embedded)
                if not running and not first:
                    continue
                mounted.add(id(embedded))
                digests.append(sha256(merge.content).hexdigest())
                self._wire(pod, running or self._beside(pod, first), sure=bool(running))
            if digests:
                digest = digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
                before = pod.template.text("metadata", "annotations", DIGEST)
                self.draft.put(pod.template, "metadata", {"annotations": {DIGEST: digest}})
                if before != digest and pod.renewed:
                    yield pod.title
                elif before != digest:
                    where = self._source.place(pod.template.start)
                    self.warnings.append(f"{where}: {pod.title}: its pods keep the old file until somebody replaces them")
        for embedded, _ in files:
            if id(embedded) not in mounted:
                self.warnings.append(
                    f"{embedded.place}: no pod in the manifests mounts {embedded.title}: no pod is replaced when it changes"
                    + (", and whether its containers have their environment variables is not known" if self._variables else "")
                )

    def _beside(self, pod: Pod, first: Sequence[Mapping]) -> list[Mapping]:
        """Return the containers that a file is for which only init containers see."""
        found = pod.beside(first)
        if not found and self._variables:
            where = f"{self._source.place(pod.template.start)}: {pod.title}"
            self.warnings.append(
                f"{where}: only init containers mount the file: which container needs the spec's environment variables is not known"
            )
        return found

    def _wire(self, pod: Pod, containers: Sequence[Mapping], *, sure: bool) -> None:
        """Give containers the environment variables that they lack."""
        for container in containers:
            missing: list[Value] = []
            who = f"{pod.title}, container {container.text('name')}"
            where = f"{self._source.place(container.start)}: {who}"
            for name in self._variables:
                known = variable(container, name, self._documents, pod.namespace)
                if (id(container), name) in self._wired:
                    continue
                self._wired.add((id(container), name))
                shown, secret = shown_name(name), self._secret(name)
                held = f"Secret {secret['name']}, key {secret['key']}" if secret else ""
                if known is Known.YES:
                    if secret and not comes_from(container, name, str(secret["name"]), str(secret["key"])):
                        self.warnings.append(f"{where}: {shown} is set already, and kept: not from {held}, as the spec says")
                elif secret is not None:
                    missing.append({"name": name, "valueFrom": {"secretKeyRef": secret}})
                    self.wired.append(f"{who}: {shown} {'would come' if self._check else 'comes'} from {held}")
                elif known is Known.NO and sure:
                    self.errors.append(self._undefined(pod, container, name))
                else:
                    self.warnings.append(f"{where}: whether it has the environment variable {shown} is not known here")
            if missing:
                self.draft.put(container, "env", missing)

    def _secret(self, name: str) -> dict[str, Value] | None:
        part = self._spec.document.get("kubernetes")
        wired = part.get("env") if isinstance(part, PlacedMap) else None
        found = wired.get(name) if isinstance(wired, PlacedMap) else None
        return {"name": str(found["secret"]), "key": str(found["key"])} if isinstance(found, PlacedMap) else None

    def _undefined(self, pod: Pod, container: Mapping, name: str) -> UnsafeToWrite:
        shown = shown_name(name)
        return UnsafeToWrite(
            f"not {'in sync' if self._check else 'merged'}: the server would not start: container {container.text('name')} of {pod.title} "
            f"has no environment variable {shown}, which the spec's $env{{{shown}}} needs",
            place=self._source.place(container.start),
            hint=f"say in the spec which Secret has it: `kubernetes: {{env: {{{shown}: {{secret: NAME, key: KEY}}}}}}`",
        )
