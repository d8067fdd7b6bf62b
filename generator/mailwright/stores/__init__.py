"""Where secrets come from: the environment, files, and the stores that a spec names, opened when they are first needed.

It may know references and specs, and how a peer's words are made safe; nothing of senders, tenants or servers. A kind of store is an
entry point of the group ``mailwright.stores``, a packaged one too; only ``kinds`` knows the libraries and programs of stores, and
imports them when one is opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..base.errors import Unresolved
from ..base.nodes import Json, PlacedMap
from ..base.secret import Secret
from ..base.shown import shown_key
from ..spec import Spec
from ..spec.references import Reference, store_path
from ..spec.resolving import Resolver

if TYPE_CHECKING:
    from .reading import Reader


class Secrets:
    """Resolves the references of specs; as a context it lets go of the stores at the end of a run.

    Args:
        folder: ``--secrets-dir``: a file an alias; None for none.
        environment: The environment variables.
        forbids: Says of a reference to a store, with the spec's stores, why it may not be read; None where it may.
    """

    def __init__(
        self,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        forbids: Callable[[Reference, Json], str | None] | None = None,
    ) -> None:
        self._folder, self._forbids = folder, forbids
        self._environment = os.environ if environment is None else environment

    @cached_property
    def _reader(self) -> Reader:
        from .reading import Reader  # most specs have no stores

        return Reader(self._environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the stores: the tokens of their logins are revoked, as far as that can be done."""
        if "_reader" in self.__dict__:
            self._reader.close()

    def of(self, spec: Spec | None, verified: Spec | None = None) -> Resolver:
        """Return what resolves the references of a spec, or of a file that is none.

        Args:
            spec: The spec, None for the file.
            verified: The spec that says where values of the server's own aliases come from, if it is another one.
        """
        aliases = self._aliases(verified or spec)
        if spec is None:
            return Resolver(self._folder, self._environment, aliases=aliases)
        folder = Path(spec.path).parent
        stores = partial(self._from_store, spec, folder)
        return Resolver(self._folder, self._environment, folder, stores, aliases)

    def _aliases(self, spec: Spec | None) -> Callable[[str], Secret | None] | None:
        named = spec.document.get("verify_secrets") if spec else None
        if spec is None or not isinstance(named, PlacedMap):
            return None
        folder = Path(spec.path).parent
        resolve = Resolver(self._folder, self._environment, folder, partial(self._from_store, spec, folder))

        def value(alias: str) -> Secret | None:
            reference = named.get(alias)
            try:
                return resolve(reference) if isinstance(reference, str) else None
            except Unresolved as error:
                raise error.at(named.value_place(alias)) from None

        return value

    def _from_store(self, spec: Spec, folder: Path, reference: Reference) -> Secret:
        path, stores = store_path(reference.name), spec.document.get("stores")
        if self._forbids is not None and (why := self._forbids(reference, stores)):
            raise Unresolved(why, reference.shown, hint="the policy file says what is allowed")
        if path is None:
            raise Unresolved("a reference to a store is $store{NAME/path#field}", reference.shown)
        store = stores.get(path.store) if isinstance(stores, PlacedMap) else None
        if not isinstance(store, PlacedMap):
            raise Unresolved(f"the spec has no store {shown_key(path.store)}", reference.shown)
        return self._reader(path, store, folder)
