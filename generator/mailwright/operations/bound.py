"""Which server a run talks to: the one that the spec's environment is for, or the one that is given where the spec names none.

What is planned for one environment never goes to the server of another by mistake: that is refused before any request.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import UnsafeToWrite, UsageError
from ..base.nodes import shown_key
from ..spec import Binding, Spec
from ..tenants.transport import server_address


@dataclass(frozen=True, slots=True)
class Bound:
    """The server's address, and the file with who issued its certificate (None: this machine's authorities)."""

    address: str
    ca_file: str | None


def bound_server(spec: Spec, given: str | None, ca_file: str | None, *, override: bool = False) -> Bound:
    """Return the server for a spec and its environment.

    Args:
        given: The server that an option names.
        ca_file: The certificates that an option names; they go before the spec's.
        override: Whether the option's server may be another than the environment's.

    Raises:
        UsageError: neither says a server, or a URL is none.
        UnsafeToWrite: the option names another environment's server, or not this one's.
    """
    own = spec.bindings.get(spec.environment or "")
    wanted = _address(own) if own else None
    certificates = ca_file or (own.ca_file if own else None)
    if given is None:
        if wanted is None:
            raise _no_server(spec)
        return Bound(wanted, certificates)
    address = server_address(given)
    if not override:
        _check(spec, address, own if wanted else None, wanted)
    return Bound(address, certificates)


def _check(spec: Spec, address: str, own: Binding | None, wanted: str | None) -> None:
    if own is not None and wanted != address:
        raise UnsafeToWrite(
            f"the environment {shown_key(own.environment)} is for another server than the one given",
            place=own.place,
            hint="leave --server out: the spec names it; --server-override if the other one is meant",
        )
    if own is None:
        other = next((each for each in spec.bindings.values() if _address(each) == address), None)
        if other is not None:
            name = f"the environment {shown_key(spec.environment)}" if spec.environment else "the spec without an environment"
            raise UnsafeToWrite(
                f"this server is the environment {shown_key(other.environment)}'s, and {name} is to be worked on",
                place=other.place,
                hint=f"--env {other.environment} if that is meant, --server-override if not",
            )


def _address(binding: Binding) -> str | None:
    return server_address(binding.server, "the environment's `server`", binding.place) if binding.server else None


def _no_server(spec: Spec) -> UsageError:
    bound = [each.environment for each in spec.bindings.values() if each.server]
    if spec.environment is None and bound:
        hint = f"--env takes it from the spec, which has one for: {', '.join(map(shown_key, bound))}"
    else:
        name = spec.environment or "prod"
        hint = f"--server URL, or `server` of the environment: environments: {{{name}: {{server: https://is.example.com:9443}}}}"
    return UsageError("no server is named", place=spec.place(), hint=hint)
