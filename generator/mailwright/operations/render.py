"""``render``: what a spec comes to: the fragment of deployment.toml, and a payload a tenant."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from ..base.errors import UnsafeToWrite
from ..base.reading import ensure_folder
from ..base.values import dataclass, field
from ..product.releases import Release
from ..rendering.folder import Rendered, has_fragment, iter_rendered, never_printed
from ..rendering.fragment import render_fragment
from ..rendering.tenants import Layout, Resolve, TenantTexts
from ..rendering.writing import FolderWriter
from ..spec import Spec
from ..spec.fingerprints import Fingerprints
from ..spec.resolving import Resolver
from ..spec.rows import Row
from .specs import checked


@dataclass(frozen=True)
class Checked:
    """A spec that has no errors; what is made of it is made as it is taken, of tenants that are as they were when they were checked."""

    spec: Spec
    release: Release | None
    resolve: Resolve | None
    printed: bool
    _marks: Fingerprints = field(repr=False)

    def files(self) -> Iterator[Rendered]:
        """Yield the files that it comes to.

        Raises:
            UnsafeToWrite: a secret cannot be resolved, or the source is not as it was.
        """
        return iter_rendered(self.spec, self.release, self._rows(), resolve=self.resolve)

    def tenants(self, layout: Layout) -> Iterator[str]:
        """Yield the tenants, each as a layout of one text has it; raises as ``files`` does."""
        texts = TenantTexts(self.spec, self.release, layout, resolve=self.resolve, printed=self.printed)
        return (text for (text,) in texts.all(self._rows()))

    def fragment(self) -> str | None:
        """Return the fragment of deployment.toml, None where the spec says nothing of the server itself.

        Raises:
            UnsafeToWrite: it would be printed, and holds a secret.
        """
        return _fragment(self.spec, self.release, printed=self.printed) if has_fragment(self.spec) else None

    def _rows(self) -> Iterator[Row]:
        return self._marks.rows(self.spec.tenants, self.spec.place())


def check(
    spec: Spec,
    *,
    product_version: str | None = None,
    with_secrets: bool = False,
    secrets_dir: str | None = None,
    printed: bool = False,
) -> Checked:
    """Check a spec: every tenant validates, and every secret resolves. Arguments and errors are those of ``render``.

    Args:
        printed: Whether the payloads are printed: then one that may hold a secret is an error too.
    """
    ensure_folder(secrets_dir, "--secrets-dir")
    marks = Fingerprints()
    release = checked(spec, product_version, payloads=True, seen=marks.record)
    resolve = Resolver(Path(secrets_dir) if secrets_dir else None, spec_folder=Path(spec.path).parent) if with_secrets else None
    ready = Checked(spec, release, resolve, printed, marks)
    if resolve is not None or printed:  # nothing is taken, and written, before every secret is there, and none is printed
        deque(ready.tenants(lambda payload, body, listed: ("",)), maxlen=0)
    return ready


def render(
    spec: Spec, *, product_version: str | None = None, with_secrets: bool = False, secrets_dir: str | None = None
) -> Iterator[Rendered]:
    """Check a spec, and yield the files that it comes to: they are made as they are taken.

    Args:
        spec: The spec, with the environment that is meant.
        product_version: The product release; None takes the spec's, or the newest.
        with_secrets: Whether the payloads hold the tenants' secrets. Without them they are listed beside: field to reference.
        secrets_dir: Where ``$file{}`` looks first; it begins in the spec's folder.

    Raises:
        SpecError: the spec has errors, or its release has no API for tenants.
        UnsafeToWrite: a secret cannot be resolved, or the tenants changed while they were worked on.
    """
    return check(spec, product_version=product_version, with_secrets=with_secrets, secrets_dir=secrets_dir).files()


def printable_fragment(spec: Spec, *, product_version: str | None = None) -> str:
    """Check a spec, and return its fragment of deployment.toml, without secrets.

    Raises:
        SpecError: the spec has errors.
        UnsafeToWrite: the fragment holds a secret.
    """
    return _fragment(spec, checked(spec, product_version), printed=True)


def _fragment(spec: Spec, release: Release | None, *, printed: bool) -> str:
    if printed and never_printed(spec):
        raise UnsafeToWrite(
            "the fragment holds a secret, or a property that might be one, in clear text: that is never printed",
            place=spec.place("global", key=True),
            hint="write $secret{alias} or $env{NAME} in the spec, or use -o, which writes a file that only you can read",
        )
    return render_fragment(spec, release)


def write_all(folder: Path, files: Iterator[Rendered]) -> tuple[int, int]:
    """Write files into a folder; return how many there are, and how many of them changed.

    Raises:
        UnreadableInput, UnsafeToWrite: one cannot be written.
    """
    count = changed = 0
    with FolderWriter(folder) as writer:
        for file in files:
            count += 1
            changed += writer.write(file)
    return count, changed
