"""The product's releases, as schema/releases.json describes them: adding one, or saying more about one, is an edit of that file.

A release is asked by its traits, never by its number: ``release.runtime_secrets``, not "is it 6.0.0 or newer". Only the adapter's keys
name the release that brought them, each in adapter.schema.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import total_ordering
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ..base.errors import UsageError
from ..base.hints import did_you_mean
from ..base.patterns import pattern
from ..base.places import Place
from ..base.versions import version_key
from .auth_types import AUTH_TYPE

if TYPE_CHECKING:
    from .product import Product

_VERSION = pattern(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4})((?:\.\d+)*)(?:\.[A-Za-z]\S*)?)?(?:-\S*)?\Z", re.ASCII)

T = TypeVar("T")


def read_lines(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the traits of every release, with those that it has from the release before it."""
    lines: dict[str, Mapping[str, Any]] = {}
    traits: dict[str, Any] = {}
    for entry in document["releases"]:
        traits = {**traits, "preview": False, **entry}
        traits["payload_lines"] = {}
        traits["tenant_api"] = bool(traits["payloads"])
        for version in traits["payloads"]:
            # v1 has no authType, so only v2's lines differ by the kinds of authentication that a release takes.
            same = (known for known in lines.values() if _line_of(known, version) == _line_of(traits, version))
            traits["payload_lines"][version] = next(same, traits)["version"]
        lines[entry["version"]] = traits
    return lines


def _line_of(traits: Mapping[str, Any], version: str) -> tuple[object, object]:
    kinds = (traits["auth_types"], traits["auth_needs"]) if version == "v2" else ()
    return traits["payloads"].get(version), kinds


class _Trait(Generic[T]):
    """What releases.json says of a release under the attribute's name; releases.schema.json says what it means, and its source."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, release: None, owner: type) -> _Trait[T]: ...
    @overload
    def __get__(self, release: Release, owner: type) -> T: ...
    def __get__(self, release: Release | None, owner: type) -> T | _Trait[T]:
        if release is None:
            return self
        answer: T = release.ask(self._name)
        return answer


@total_ordering
class Release:
    """A release whose behaviour is known.

    Args:
        product: Whose release it is.
        version: One of the product's releases.json.
        unsure: Why the version that was asked for is only assumed to behave like it, or why it is not sure itself; or None.
    """

    __slots__ = ("_unsure", "_version", "product")

    preview = _Trait[bool]()
    java = _Trait[Mapping[str, Any]]()
    trust_store = _Trait[Mapping[str, str]]()
    runtime_secrets = _Trait[bool]()
    quoted_aliases = _Trait[bool]()
    placeholders_in_arrays = _Trait[bool]()
    cipher_tool_truncates = _Trait["bool | None"]()
    tenant_overrides = _Trait[bool]()
    tenant_api = _Trait[bool]()
    payloads = _Trait[Mapping[str, str]]()
    payload_lines = _Trait[Mapping[str, str]]()
    validated = _Trait[Sequence[str]]()
    providers = _Trait[Sequence[str]]()
    auth_types = _Trait[Sequence[str]]()
    auth_needs = _Trait[Mapping[str, Sequence[str]]]()
    secret_store = _Trait[bool]()
    logs_dropped_values = _Trait[bool]()
    keeps_former_secrets = _Trait[bool]()
    v1_means_basic = _Trait[bool]()
    v1_null_port = _Trait[bool]()
    sender_scopes = _Trait[str]()
    organizations = _Trait[bool]()
    unknown_fields_unsure = _Trait[bool]()
    tenant_names = _Trait[bool]()
    tenant_filters = _Trait[bool]()
    tenant_owner_path = _Trait[bool]()
    partial_tenants = _Trait[bool]()

    def __init__(self, product: Product, version: str, unsure: str | None = None) -> None:
        self.product, self._version, self._unsure = product, version, unsure

    def ask(self, trait: str, item: str | None = None) -> Any:
        """Return a trait by its name, or whether a trait holds an item; everything that is known of a release is asked for here."""
        if trait == "unsure":
            return self._unsure
        value = self.product.releases.lines[self._version][trait]
        return value if item is None else item in value

    def has(self, since: str) -> bool:
        """Say whether a key that came with the release *since* is there."""
        return version_key(self._version) >= version_key(since)

    def fetches_token(self, word: object) -> bool:
        """Say whether the SMTP adapter logs in with a token where its kind of authentication is *word*.

        No release does that lacks the key (product/adapter.md#oauth): there the property is one that nobody reads.
        """
        key = self.product.adapter.by_xml.get(AUTH_TYPE)
        return self.product.auth_types.fetches_token(word) and key is not None and key.known_to(self)

    @property
    def version(self) -> str:
        """Its number."""
        version: str = self.ask("version")
        return version

    @property
    def unsure(self) -> str | None:
        """What is not sure about it, or None."""
        unsure: str | None = self.ask("unsure")
        return unsure

    def includes(self, trait: str, item: str) -> bool:
        """Say whether a trait that is a list, or has entries, holds an item: less is asked for than with the whole of it."""
        return bool(self.ask(trait, item))

    @property
    def best_api(self) -> str:
        """The version of that API that a sender is read and removed with: the one that shows no password, where there is one.

        product/api.md#secrets.
        """
        return max(self.payloads, default="")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Release) or self.product is not other.product:
            return False
        return (self.version, self.unsure) == (other.version, other.unsure)

    def __lt__(self, other: object) -> bool:
        return isinstance(other, Release) and version_key(self.version) < version_key(other.version)

    def __hash__(self) -> int:
        return hash((self.version, self.unsure))

    def __repr__(self) -> str:
        return f"Release({self.version!r}, {self.unsure!r})"


class _Asked(Release):
    """A release that notes what it is asked: what is the same for two releases follows from their answers."""

    __slots__ = ("questions",)

    def __init__(self, release: Release) -> None:
        super().__init__(release.product, release._version, release._unsure)
        self.questions: dict[_Question, None] = {}

    def ask(self, trait: str, item: str | None = None) -> Any:
        self.questions[trait if item is None else (trait, item)] = None
        return super().ask(trait, item)

    def has(self, since: str) -> bool:
        self.questions[since] = None
        return super().has(since)


_Question = str | tuple[str, str]
"""The name of a trait, the number of a release that brought a key, or a trait and an item."""


class Shared(Generic[T]):
    """What is made of a release, made once for all that answer the same to what it asks, wherever it is wanted.

    Args:
        make: Depends on nothing of a release but its product and what it asks that release while it runs: it returns no iterator.
    """

    def __init__(self, make: Callable[[Release], T]) -> None:
        self._make = make
        self._made: list[tuple[frozenset[str], str | None, dict[_Question, None], T]] = []

    def __call__(self, release: Release) -> T:
        """Return it for a release, which counts as asked what its maker asked."""
        same = (known for known in self._made if release._version in known[0] and release._unsure == known[1])
        known = next(same, None)
        if known is None:
            asked = _Asked(release)
            made = self._make(asked)
            versions = release.product.releases.alike(release._version, tuple(asked.questions))
            known = versions, release._unsure, asked.questions, made
            self._made.append(known)
        if isinstance(release, _Asked):
            release.questions |= known[2]
        return known[3]


def for_each(releases: Iterable[Release], make: Callable[[Release], T]) -> list[tuple[str, T]]:
    """Return what *make* makes of each release, by its version; made once for releases that answer the same to all that it asks.

    Args:
        releases: Of one product.
        make: As ``Shared`` has it.
    """
    shared = Shared(make)
    return [(release._version, shared(release)) for release in releases]


class Releases(Sequence[Release]):
    """Every release of a product, oldest first; previews are none.

    Args:
        product: The product.
        document: Its releases.json, parsed.

    Attributes:
        lines: The traits of each release, and of each preview, by its number.
        previews: The numbers of the previews.
    """

    def __init__(self, product: Product, document: Mapping[str, Any]) -> None:
        self.lines = read_lines(document)
        self.previews = tuple(version for version, traits in self.lines.items() if traits["preview"])
        self._product = product
        self._all = tuple(Release(product, version) for version in self.lines if version not in self.previews)
        self._alike: dict[tuple[str, tuple[_Question, ...]], frozenset[str]] = {}

    @overload
    def __getitem__(self, index: int) -> Release: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Release]: ...
    def __getitem__(self, index: int | slice) -> Release | Sequence[Release]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    @property
    def versions(self) -> tuple[str, ...]:
        """Their numbers."""
        return tuple(release._version for release in self._all)

    @property
    def oldest(self) -> Release:
        """The first one."""
        return self._all[0]

    @property
    def newest(self) -> Release:
        """The last one."""
        return self._all[-1]

    def first_with(self, trait: str, item: str | None = None) -> str:
        """Return the number of the first release that has a trait, or an item of it, for a message."""
        return next(
            version for version, traits in self.lines.items() if (traits[trait] if item is None else item in traits[trait])
        )

    def alike(self, version: str, questions: tuple[_Question, ...]) -> frozenset[str]:
        """Return the releases that answer some questions as one does."""
        if (version, questions) not in self._alike:
            wanted = self._answers(version, questions)
            same = frozenset(known for known in self.lines if self._answers(known, questions) == wanted)
            self._alike[version, questions] = same
        return self._alike[version, questions]

    def _answers(self, version: str, questions: tuple[_Question, ...]) -> list[Any]:
        release = Release(self._product, version)
        return [
            release.ask(*question)
            if isinstance(question, tuple)
            else release.has(question)
            if question in self.lines
            else release.ask(question)
            for question in questions
        ]

    def parse(self, text: str) -> Release:
        """Return the release that a version number stands for.

        An update level (7.2.0.15) counts as its release and anything newer than the newest known one as that, both marked as unsure. A
        preview is meant by its own number alone, and unsure as well.

        Raises:
            UsageError: no version number, or older than the oldest.
        """
        match = _VERSION.match(text.strip())
        if not match:
            raise UsageError(
                "the product version is no version number",
                hint=did_you_mean(text, self.versions, f"write it like {self.newest.version}"),
            )
        asked = (int(match.group(1)), int(match.group(2)), int(match.group(3) or 0))
        if asked < version_key(self.oldest.version):
            raise UsageError(
                f"product versions before {self.oldest.version} are not supported",
                hint="they have no deployment.toml; `mailwright import` reads their output-event-adapters.xml",
            )
        plain = ".".join(map(str, asked))
        known = [version for version in self.versions if version_key(version) <= asked][-1]
        unsure: str | None = None
        if plain in self.previews:
            known, unsure = plain, f"{plain} is a preview, not released: what is known of it may change"
        elif known != plain:
            unsure = f"{plain} is not known, and is assumed to behave like {known}"
        elif text.strip() not in (plain, plain.removesuffix(".0")):
            unsure = f"update levels are not known; this one is assumed to behave like {known} as it was released"
        return Release(self._product, known, unsure)

    def agreed(self, own: str | None, asked: Release | None, place: Place | None = None) -> Release | None:
        """Return the release that the spec and the option agree on.

        Args:
            own: What the spec says, at *place*.
            asked: The option's, or the environment variable's.

        Raises:
            UsageError: they differ, or the spec's is no version.
        """
        if own is None:
            return asked
        try:
            release = self.parse(own)
        except UsageError as error:
            raise UsageError(error.message, place=place, hint=error.hint) from None
        if asked is not None and asked.version != release.version:
            raise UsageError(
                f"the product version is {asked.version} by the option or the environment, but {release.version} in the spec",
                place=place,
                hint="leave one of them out",
            )
        return asked or release
