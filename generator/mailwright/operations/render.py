"""``render``: what a spec comes to: the fragment of deployment.toml, and a payload a tenant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..base.errors import UnsafeToWrite
from ..base.reading import ensure_folder
from ..rendering.folder import Rendered, iter_rendered, never_printed, remove_remains, write_rendered
from ..rendering.fragment import render_fragment
from ..spec import Spec
from ..spec.resolving import SecretStore
from .specs import checked


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
        UnsafeToWrite: a secret cannot be resolved.
    """
    ensure_folder(secrets_dir, "--secrets-dir")
    release = checked(spec, product_version)
    store = SecretStore(Path(secrets_dir) if secrets_dir else None, spec_folder=Path(spec.path).parent) if with_secrets else None
    if store is not None:  # nothing is taken, and written, before every secret is there
        for _ in iter_rendered(spec, release, resolve=store):
            pass
    return iter_rendered(spec, release, resolve=store)


def printable_fragment(spec: Spec, *, product_version: str | None = None) -> str:
    """Check a spec, and return its fragment of deployment.toml, without secrets.

    Raises:
        SpecError: the spec has errors.
        UnsafeToWrite: the fragment holds a secret.
    """
    release = checked(spec, product_version)
    if never_printed(spec):
        raise UnsafeToWrite(
            "the fragment holds a secret, or a property that might be one, in clear text: that is never printed",
            place=spec.place("global", key=True),
            hint="write $secret{alias} or $env{NAME} in the spec, or use -o DIR, which writes a file that only you can read",
        )
    return render_fragment(spec, release)


def write_all(folder: Path, files: Iterator[Rendered]) -> tuple[int, int]:
    """Write files into a folder; return how many there are, and how many of them changed.

    Raises:
        UnreadableInput, UnsafeToWrite: one cannot be written.
    """
    remove_remains(folder)
    written = [write_rendered(folder, file) for file in files]
    return len(written), sum(written)
