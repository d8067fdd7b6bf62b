"""What would change: one pure function from a tenant's wanted and shown sender to a plan, for ``plan``, ``apply`` and check mode alike.

A change is a name and two values that may be shown; what is secret, opaque or of unknown meaning is a mark. PUT replaces, so whenever
anything differs the secrets go along (product/api.md#put-replaces).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from ..base.errors import ExitCode
from ..base.secret import LITERAL_SECRET
from ..base.shown import shown_text
from ..base.values import dataclass
from ..product.auth_types import Catalogue
from ..product.payloads import OWNER, SECRET_VERSION, Names
from ..product.releases import Release
from ..rendering.payloads import Payload
from .comparable import Comparable, Value, expected, state_of


class Action(Enum):
    """What becomes of a tenant's sender."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    DELETE = "delete"
    ERROR = "error"


class UpdateSecrets(Enum):
    """When to send secrets although nothing visible differs."""

    ON_VERSION_CHANGE = "on-version-change"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Change:
    """A field or property that differs; None for one that is not there."""

    field: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a tenant could not be planned or written.

    Attributes:
        message: What happened, the peer's own words included, stripped.
        status: The HTTP status, if there was one.
    """

    code: str
    message: str
    hint: str | None
    status: int | None
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class TenantPlan:
    """What would be done for one tenant.

    Attributes:
        summary: For a creation: the sender in a few words.
        state: The digest of what the server shows now.
        new_tenant: Whether the tenant itself is to be created.
        foreign: Whether it is somebody else's: the spec does not have it, and it refuses the spec's credentials.
    """

    domain: str
    action: Action
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    summary: str = ""
    state: str = ""
    new_tenant: bool = False
    failure: Failure | None = None
    foreign: bool = False


def plan_sender(
    payload: Payload,
    before: Comparable | None,
    *,
    names: Names,
    release: Release,
    update_secrets: UpdateSecrets = UpdateSecrets.ON_VERSION_CHANGE,
    new_tenant: bool = False,
) -> TenantPlan:
    """Return the plan for a tenant of the spec.

    Args:
        payload: What the spec wants.
        before: What the server shows, None for no sender.
        names: What fields and properties mean.
        release: The product release.
        update_secrets: When secrets are sent though nothing that can be seen differs.
        new_tenant: Whether the tenant does not exist yet, and will be created.
    """
    after = expected(payload, names)
    state = state_of(before)
    if before is None:
        notes = ["the tenant will be created"] if new_tenant else []
        notes += [f"the {_word(payload, release.product.auth_types)} will be sent"] if payload.secrets else []
        notes += _logged(payload, release)
        return TenantPlan(
            payload.domain, Action.CREATE, notes=tuple(notes), summary=_summary(after), state=state, new_tenant=new_tenant
        )
    changes = tuple(_changes(before, after, names))
    if not changes and not (update_secrets is UpdateSecrets.ALWAYS and payload.secrets):
        return TenantPlan(payload.domain, Action.UNCHANGED, state=state)
    return TenantPlan(
        payload.domain, Action.UPDATE, changes, tuple(_notes(payload, before, after, changes, names, release)), state=state
    )


def plan_removal(domain: str, before: Comparable | None, owner: str) -> TenantPlan:
    """Return the plan for a tenant that the spec does not have: its sender goes only if it carries the spec's owner mark."""
    if before is None or before.properties.get(OWNER) != owner:
        return TenantPlan(domain, Action.UNCHANGED, state=state_of(before))
    note = "the spec has no such tenant; it falls back to the server's global sender"  # product/api.md#delete-falls-back
    return TenantPlan(domain, Action.DELETE, notes=(note,), summary=_summary(before), state=state_of(before))


def _changes(before: Comparable, after: Comparable, names: Names) -> Iterator[Change]:
    for old, new in ((before.fields, after.fields), (before.properties, after.properties)):
        for name in [*new, *sorted(old.keys() - new.keys())]:
            if old.get(name) != new.get(name):
                yield Change(name, _shown(name, old.get(name), names), _shown(name, new.get(name), names))
    if before.secrets is not None and after.secrets is not None:
        for name in sorted(before.secrets ^ after.secrets):
            yield Change(
                name, LITERAL_SECRET if name in before.secrets else None, LITERAL_SECRET if name in after.secrets else None
            )


def _shown(name: str, value: Value | None, names: Names) -> Value | None:
    """Return what may be shown of a value, as it is or as the mark that stands in its place."""
    if value is None:
        return None
    known = name in names.known and name not in names.opaque
    shown = shown_text(value, str(value), known=known, secret=name in names.secret, longest=None)
    return shown if isinstance(value, str) or not known else value


def _notes(
    payload: Payload, before: Comparable, after: Comparable, changes: tuple[Change, ...], names: Names, release: Release
) -> Iterator[str]:
    if payload.secrets:
        way = _new_way(changes, names)
        word = _word(payload, release.product.auth_types)
        yield f"! its {word} will be sent {way}" if way else f"the {word} will be sent"
    yield from _logged(payload, release)
    if before.auth_type != after.auth_type and before.version == after.version == "v2":
        note = "; the server keeps the former type's secrets in its store (product/api.md#auth-type-change)"
        left = note if release.keeps_former_secrets else ""
        yield f"the authentication type changes, by one PUT{left}"
    if after.version == "v1" and (kind := release.product.auth_types.token_type(before.properties)):
        yield f"v1 turns this {kind} sender into a {release.product.auth_types.default} one (product/api.md#v1-over-v2)"
    owner = before.properties.get(OWNER)
    if owner is not None and owner != after.properties.get(OWNER):
        yield "the sender carries another owner's mark, which goes"
    if any(name not in names.known for name in before.properties.keys() - after.properties.keys()):
        yield "properties that are not the spec's are removed, since PUT replaces everything"


def _logged(payload: Payload, release: Release) -> list[str]:
    logs = payload.version == "v2" and release.logs_dropped_values and payload.secrets
    return ["this release writes the credentials of v2 senders into its log (product/api.md#leak-log)"] if logs else []


def _new_way(changes: tuple[Change, ...], names: Names) -> str | None:
    """Say how the credentials go another way than before, None if they do not."""
    ways = set()
    for change in changes:
        value = change.before if change.after is None else change.after
        if change.field not in names.destination:
            continue
        if str(value).lower() in ("true", "false"):
            ways.add("over another kind of connection")
        elif change.after is not None:  # a place that is given up is sent nothing
            ways.add("to another port" if isinstance(value, int) else "to a new host")
    return next((way for way in _WORST_FIRST if way in ways), None)


_WORST_FIRST = ("to a new host", "over another kind of connection", "to another port")


def _word(payload: Payload, kinds: Catalogue) -> str:
    """Return the word for the secrets that go along."""
    names = {place.name for place in payload.secrets}
    return "password" if names == {*kinds.secrets_of(kinds.default)} else "secrets"


def _summary(sender: Comparable) -> str:
    """Return a sender in a few words."""
    if url := sender.fields.get("providerURL"):
        return f"EmailPublisher, {shown_text(url, str(url), known=True, longest=None)} as {sender.auth_type}"
    host = f"{sender.fields.get('smtpServerHost', 'the global host')}:{sender.fields.get('smtpPort', 'global port')}"
    user = next(
        (part[name] for part in (sender.fields, sender.properties) for name in ("userName", "clientId") if name in part), None
    )
    return f"EmailPublisher, {host}" + (f" as {user}" if user else "")


def field_label(field: str) -> str:
    """Return the name under which a person knows a field: the spec's, for this project's own properties."""
    return {SECRET_VERSION: "secret_version", OWNER: "owner"}.get(field, field)
