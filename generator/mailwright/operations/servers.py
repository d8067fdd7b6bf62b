"""Which server a run talks to: the one that the spec's environment is for, or the one that is given where the spec names none.

What is planned for one environment never goes to the server of another by mistake: that is refused before any request.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..base.errors import UnsafeToWrite, UsageError
from ..base.shown import shown_key
from ..base.values import dataclass
from ..spec import Binding, Spec
from ..tenants.runs import Server
from ..tenants.transport import Limits, server_address, tls_context


@dataclass(frozen=True, slots=True)
class Connection:
    """How an Identity Server's API is reached; the names are those of the commands' options.

    Attributes:
        server: Its URL; None takes that of the spec's environment.
        server_override: Whether *server* may be another server than the environment's.
        ca_file: Who issued its certificate, as a file of PEM; None takes the environment's, else this machine's authorities.
        allow_unverified: DANGEROUS: whether credentials go to a server that cannot prove who it is.
        timeout: Seconds for one request, 600 at most.
        concurrency: Tenants in work at one time, 1 to 256.
        rate: Requests a second at most; None for no limit.
    """

    server: str | None = None
    server_override: bool = False
    ca_file: str | None = None
    allow_unverified: bool = False
    timeout: float = 30.0
    concurrency: int = 16
    rate: float | None = None

    def reach(self, spec: Spec) -> Server:
        """Return the server for a spec and its environment, not talked to yet.

        Raises:
            UsageError, UnreadableInput: no server is named, or a URL, a number or the authorities are not usable.
            UnsafeToWrite: it is not the server that the spec's environment is for.
        """
        if not 0 < self.timeout <= 600 or not 1 <= self.concurrency <= 256:
            raise UsageError("timeout is at most 600 seconds, concurrency 1 to 256")
        if self.rate is not None and not (math.isfinite(self.rate) and self.rate > 0):
            raise UsageError("rate is a number above 0")
        bound = self.bound_to(spec)
        context = tls_context(bound.ca_file, verify=not self.allow_unverified)
        limits = Limits(concurrency=self.concurrency, rate=self.rate, timeout=self.timeout)
        return Server(str(bound.server), context, limits)

    def bound_to(self, spec: Spec) -> Connection:
        """Return the same with the server's address and certificates, which are the environment's where none are named.

        Raises:
            UsageError: neither says a server, or a URL is none.
            UnsafeToWrite: *server* is another environment's, or not this one's.
        """
        own = spec.bindings.get(spec.environment or "")
        wanted = _address(own) if own else None
        address = server_address(self.server) if self.server is not None else wanted
        if address is None:
            raise _no_server(spec)
        if self.server is not None and not self.server_override:
            _check(spec, address, own if wanted else None, wanted)
        return replace(self, server=address, ca_file=self.ca_file or (own.ca_file if own else None))


def names_server(spec: Spec) -> bool:
    """Say whether the spec's environment has a server of its own."""
    own = spec.bindings.get(spec.environment or "")
    return own is not None and own.server is not None


def _check(spec: Spec, address: str, own: Binding | None, wanted: str | None) -> None:
    if own is not None and wanted != address:
        raise UnsafeToWrite(
            f"the environment {shown_key(own.environment)} is for a different server than the one given",
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
    own = spec.bindings.get(spec.environment or "")
    of = f" for the environment {shown_key(own.environment)}" if own else ""
    return UsageError(f"no server is named{of}", place=own.place if own else spec.place(), hint=hint)
