"""Findings about a spec: the schema first, then what it cannot say; the base and every environment, or one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain

from ..base.errors import SpecError
from ..base.findings import Finding, Severity, unite
from ..base.nodes import Json, PlacedMap
from ..base.places import Place
from ..base.reading import NOTHING
from ..product.product import Product, load_product
from ..product.releases import Release, for_each
from ..rules.reading import NEWER_KEY, UNFIT_JAVA, UNKNOWN_RELEASE
from ..rules.sender import SenderKind
from ..spec import Spec, is_spec, make_spec
from ..spec.rows import Row
from .addresses import check_urls
from .bindings import check_servers
from .findings import schema_finding, value_finding
from .gathering import Gathering
from .outputs import fragment_findings
from .references import Allowed, check_global, check_tenant, check_verify_secrets
from .schemas import SchemaError, corrected, errors_in, unknown_key
from .settings import SenderSettings, findings_of
from .spec_tenants import each_tenant, tenant_findings


def check_spec(
    path: str,
    document: Json,
    *,
    environments: Sequence[str] | None = None,
    release: Release | None = None,
    silenced: Callable[[Finding], bool] | None = None,
    product: Product | None = None,
    contents: Mapping[str, bytes] = NOTHING,
) -> list[Finding]:
    """Return the findings about a spec; what many tenants or several environments have in common is one.

    Args:
        path: Its file name.
        document: Its content, read.
        environments: The environments to check; None checks the base and every environment.
        release: The product release; None takes that of the spec and its environment, or every one.
        silenced: Says whether a comment silences a finding.
        product: The product; None for the one that ships.
        contents: What to take for the content of other files, by their names.

    Raises:
        InputError: the document is no spec.
        UsageError: there is no such environment, or the spec names another release.
    """
    product = product or load_product()
    misspelt, document = _with_meant(product, document)
    make = partial(make_spec, product=product, contents=contents)
    specs = (
        [make(path, document, name) for name in environments]
        if environments is not None
        else [base := make(path, document), *(make(path, document, name) for name in _environments(document, base))]
    )
    gathering = Gathering(silenced)
    shape = list(_shape(product, document))
    told = {finding.place for finding in shape}
    shape += misspelt
    shape += check_servers(specs[0], document)
    for spec in specs:
        own = product.releases.agreed(spec.product_version, release, spec.place("product", "version"))
        gathering.add(
            spec.environment,
            chain(shape, _unsure(spec, own), _hinted(_one(spec, own, told), document, spec.environment)),
        )
    return gathering.findings()


def each_finding(spec: Spec, asked: Release | None = None) -> Iterator[Finding]:
    """Yield the findings about a spec as they come, each tenant's by themselves: ``check_spec`` says once what many have in common.

    Raises:
        UsageError: the spec and *asked* name two releases.
    """
    release = spec.product.releases.agreed(spec.product_version, asked, spec.place("product", "version"))
    shape = list(_shape(spec.product, spec.whole))
    told = {finding.place for finding in shape}
    yield from shape
    yield from _hinted(_one(spec, release, told), spec.whole, spec.environment)


def _with_meant(product: Product, document: Json) -> tuple[list[Finding], Json]:
    """Return what is said of misspelt keys of a spec and of its environments, and the spec with those that were meant.

    What is in them is not lost.
    """
    if not is_spec(document):
        return [], document
    assert isinstance(document, PlacedMap)
    schema = product.schemas.document("spec")["properties"]
    found, document = _renamed(product, document, document, (), list(schema))
    environments = document.get("environments")
    if not isinstance(environments, PlacedMap):
        return found, document
    known, changed = list(schema["environments"]["additionalProperties"]["properties"]), dict[str, Json]()
    for name, patch in environments.items():
        if isinstance(patch, PlacedMap):
            said, changed[name] = _renamed(product, document, patch, ("environments", name), known)
            found += said
    return found, document.changed({"environments": environments.changed(changed)})


def _renamed(
    product: Product, document: PlacedMap, owner: PlacedMap, path: tuple[str, ...], known: list[str]
) -> tuple[list[Finding], PlacedMap]:
    """Return what is said of the misspelt keys of a mapping at a path of a spec, and the mapping with those that were meant."""
    errors = {
        error.intended: error
        for name in reversed(owner)
        if name not in known
        and (error := unknown_key(path, name, known, product.adapter)).intended
        and error.intended not in owner
    }
    if not errors:
        return [], owner
    names = {str(error.path[-1]): meant for meant, error in errors.items() if meant}
    return [schema_finding(product, document, error) for error in errors.values()], owner.renamed(names)


def _hinted(found: Iterable[Finding], document: Json, environment: str | None) -> Iterator[Finding]:
    """Yield findings with the hints that name a key as one environment writes it."""
    for finding in found:
        advice = finding.advice.moved(document, environment) if finding.advice and environment else None
        yield replace(finding, advice=advice, hint=advice.text()) if advice else finding


def _unsure(spec: Spec, release: Release | None) -> Iterator[Finding]:
    if release is not None and release.unsure and spec.product_version:
        yield UNKNOWN_RELEASE.at(spec.place("product", "version"), f"unsure: {release.unsure}", path="product.version")
    asked = spec.document.get("product")
    java = asked.get("java") if isinstance(asked, PlacedMap) else None
    if type(java) is int:
        yield from unite(for_each((release,) if release else spec.product.releases, partial(_unfit_java, spec, java)))


def _unfit_java(spec: Spec, java: int, release: Release) -> list[Finding]:
    oldest, newest = release.java["oldest"], release.java.get("newest")
    if oldest <= java <= (newest or java):
        return []
    accepts = f"{oldest} to {newest}" if newest else f"{oldest} or newer"
    unsure = f" (unsure: {release.java['unsure']})" if "unsure" in release.java else ""
    message = f"this release does not start on Java {java}: its start script accepts Java {accepts}{unsure}"
    hint = "write the Java that the server runs on"
    return [value_finding(spec.product, UNFIT_JAVA, spec.document, ("product", "java"), (), message, hint)]


def _environments(document: Json, base: Spec) -> list[str]:
    """Return the names of the environments that can be applied; the schema says what is wrong with the others."""
    assert isinstance(document, PlacedMap)
    patches = document.get("environments")
    assert isinstance(patches, PlacedMap) or not base.environments
    return [
        name
        for name in base.environments
        if isinstance(patches, PlacedMap) and isinstance(patches[name], (PlacedMap, type(None)))
    ]


def _shape(product: Product, document: Json) -> Iterator[Finding]:
    """Check the document itself; the tenants are checked one by one, after inheritance."""
    assert isinstance(document, PlacedMap)
    plain = PlacedMap(document, place=document.place, origin=document.origin)
    tenants = plain.get("tenants")
    if isinstance(tenants, PlacedMap):
        plain["tenants"] = PlacedMap(place=tenants.place)
    for error in errors_in(product, "spec", plain):
        if error.path[:1] != ("global",):  # checked below, with each environment
            yield schema_finding(product, plain, error)
    environments = plain.get("environments")
    for name, patch in environments.items() if isinstance(environments, PlacedMap) else ():
        if isinstance(patch, PlacedMap) and isinstance(patch.get("server"), str):
            server = PlacedMap({"server": patch["server"]}, place=patch.place, origin=patch.origin_of("server"))
            yield from check_urls(product, server, patch.place, ("environments", name))


def _one(spec: Spec, release: Release | None, told: Collection[Place]) -> Iterator[Finding]:
    """Check a spec with the rules on senders too; *told* as for ``_document``."""
    base = yield from _document(spec, release, told, rules=True)
    yield from tenant_findings(spec, _releases(spec, release), Allowed.by(spec), base, rules=True)


def _document(
    spec: Spec, release: Release | None, told: Collection[Place], *, rules: bool
) -> Generator[Finding, None, SenderSettings | None]:
    """Check what is no tenant's; return the server's own sender.

    Args:
        told: Where the document itself has the wrong shape: what follows from that is no second mistake.
        rules: With the rules on senders too, which say what is risky rather than what is no spec.
    """
    releases = _releases(spec, release)
    errors = errors_in(spec.product, "spec", spec.document)
    apart = (error for error in errors if error.path[:1] != ("global",) or spec.sender is None)
    yield from (said for error in apart if (said := schema_finding(spec.product, spec.document, error)).place not in told)
    sender = spec.sender
    base: SenderSettings | None = None
    if sender is not None:
        sender = corrected(PlacedMap({"global": sender}, place=sender.place), errors)["global"]
        found = [said for said in unite(for_each(releases, _values(spec, errors))) if said.place not in told]
        found += [*check_global(spec.product, sender, ("global",)), *check_urls(spec.product, sender, sender.place, ("global",))]
        # What a release ignores is none of its errors, and is rendered all the same.
        sound = not errors and not any(finding.severity is Severity.ERROR for finding in found)
        found += unite(for_each(releases, partial(_newer, sender)))
        if rules:
            base = SenderSettings(sender, ("global",), spec.product, place=spec.place("global", key=True))
            found += findings_of(base, SenderKind.GLOBAL, releases)
        yield from found
        if rules and sound:
            yield from fragment_findings(spec, releases, {(finding.rule, finding.path) for finding in found})
    allowed = Allowed.by(spec)
    for name, part in (("defaults", spec.defaults), ("api", spec.document.get("api"))):
        if isinstance(part, PlacedMap):
            yield from check_tenant(spec.product, part, (name,), allowed)
            yield from check_urls(spec.product, part, part.place, (name,))
    if isinstance(named := spec.document.get("verify_secrets"), PlacedMap):
        yield from check_verify_secrets(spec.product, named, allowed)
    return base


def _releases(spec: Spec, release: Release | None) -> Sequence[Release]:
    return (release,) if release else spec.product.releases


def _values(spec: Spec, errors: list[SchemaError]) -> Callable[[Release], list[Finding]]:
    """Return what says, for a release, what the schema finds in ``global``; *errors* are those with all of its keys.

    A key that the release ignores is left out: that it does is told by itself.
    """
    adapter, sender = spec.product.adapter, spec.sender or PlacedMap(place=spec.place())

    @cache  # several releases have the same keys
    def found(ignored: frozenset[str]) -> list[Finding]:
        known = {name: value for name, value in sender.items() if name not in ignored}
        rest = PlacedMap(
            {**spec.document, "global": PlacedMap(known, place=sender.place)},
            place=spec.document.place,
            origin=spec.document.origin,
        )
        seen = errors_in(spec.product, "spec", rest) if ignored else errors
        return [schema_finding(spec.product, spec.document, error) for error in seen if error.path[:1] == ("global",)]

    return lambda release: found(adapter.ignored(sender, release))


def _newer(sender: PlacedMap, release: Release) -> list[Finding]:
    adapter = release.product.adapter
    return [
        NEWER_KEY.at(sender.key_place(name), f"`{name}` came with {key.since}: this release ignores it", path=f"global.{name}")
        for name in sender
        if (key := adapter.get(name)) is not None and not key.known_to(release)
    ]


def ensure_valid(
    spec: Spec,
    asked: Release | None = None,
    *,
    partial: bool = False,
    payloads: bool = False,
    seen: Callable[[Row], object] | None = None,
) -> Release | None:
    """Return the release of a spec that has no errors, None where nobody names one: nothing is made from a spec that has some.

    Args:
        spec: The spec, as it was read.
        asked: The release that an option names.
        partial: Whether a spec that leaves keys to the files (``keep_unmanaged``) may lack some that a sender needs.
        payloads: Whether a payload that the server does not take is an error: where payloads are made.
        seen: Called with every tenant as its file has it.

    Raises:
        SpecError: it has errors; the first is told, `mailwright validate` tells all.
        UsageError: the spec and the option name two releases.
    """
    release = spec.product.releases.agreed(spec.product_version, asked, spec.place("product", "version"))
    refuse(spec_errors(spec, release, partial=partial, payloads=payloads, seen=seen))
    return release


def refuse(errors: list[Finding]) -> None:
    """Refuse a spec that has errors, in their order; raises as ``ensure_valid`` does."""
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise SpecError(
            f"{first.rule}: {first.message}{more}", place=first.place, hint=first.hint or "`mailwright validate` tells all"
        )


def spec_errors(
    spec: Spec,
    release: Release | None,
    *,
    partial: bool = False,
    payloads: bool = False,
    seen: Callable[[Row], object] | None = None,
) -> list[Finding]:
    """Return the errors of a spec in their order; the arguments as for ``ensure_valid``."""
    errors: list[Finding] = []
    for row in checked_tenants(spec, release, errors, partial=partial, payloads=payloads):
        if seen is not None:
            seen(row)
    return sorted(errors, key=lambda finding: finding.order)


def checked_tenants(
    spec: Spec, release: Release | None, errors: list[Finding], *, partial: bool = False, payloads: bool = False
) -> Iterator[Row]:
    """Check a spec: yield every tenant when all was looked at up to it; what is wrong is in *errors* then.

    Args:
        errors: Takes the errors, as they are found.
        partial, payloads: As for ``ensure_valid``.
    """
    shape = list(_shape(spec.product, spec.whole))
    told = {finding.place for finding in shape}
    partial = partial and spec.document.get("keep_unmanaged") is True

    def take(found: Iterable[Finding]) -> None:
        # Without a release, what is wrong for older ones only is a warning and does not stand in the way.
        errors.extend(
            finding
            for finding in found
            if finding.severity is Severity.ERROR and not (partial and finding.missing and finding.path == "global")
        )

    take([*shape, *_hinted(_document(spec, release, told, rules=False), spec.whole, spec.environment)])
    for row, found in each_tenant(spec, _releases(spec, release), Allowed.by(spec), rules=False, payloads=payloads):
        if found:
            take(_hinted(found, spec.whole, spec.environment))
        if row is not None:
            yield row
