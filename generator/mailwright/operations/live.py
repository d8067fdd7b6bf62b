"""The tenants of a fleet as their servers have them now: ``plan`` asks, ``status`` shows. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..base.errors import MailwrightError, SpecError, combine
from ..base.states import Check, Light
from ..base.values import dataclass, field
from ..spec import Spec
from ..tenants.planning import TenantPlan
from .plan import plan
from .ready import Prepared
from .saved import Results


@dataclass(frozen=True, slots=True)
class Live:
    """Asks the server of each environment.

    Attributes:
        ready: Makes a spec ready for its server, as ``prepare`` does.
        each: Takes the plan of each tenant as it is made.
        failures: The environments that could not be asked as a whole, and why.
        codes: The exit codes of what could not be asked.
    """

    ready: Callable[[Spec], Prepared]
    each: Callable[[Prepared, TenantPlan], None]
    failures: list[tuple[str | None, MailwrightError]] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)

    @property
    def exit_code(self) -> int:
        """0 if every tenant could be read."""
        return combine(self.codes)

    def look(self, specs: Iterable[Spec], results: Results) -> None:
        """Put into the results what the servers say now; no server is asked before all environments are ready.

        Raises:
            UsageError, UnsafeToWrite: what is wrong with a server, or with a spec and its server together.
            UnreadableInput: a file that is named cannot be read.
        """
        made = [(spec, self._ready(spec)) for spec in specs]
        for spec, prepared in made:
            if isinstance(prepared, SpecError):
                self._fail(spec, prepared, results, Check(Light.UNKNOWN, "the spec has errors"))
                continue
            try:
                self.codes.add(plan(prepared, each=self._taking(prepared, results)).exit_code)
            except MailwrightError as error:
                self._fail(spec, error, results, Check(Light.BAD, "not asked"))

    def _ready(self, spec: Spec) -> Prepared | SpecError:
        try:
            return self.ready(spec)
        except SpecError as error:  # the table shows what is wrong with it
            return error

    def _taking(self, prepared: Prepared, results: Results) -> Callable[[TenantPlan], None]:
        def take(found: TenantPlan) -> None:
            results.take(prepared.environment, found)
            self.each(prepared, found)

        return take

    def _fail(self, spec: Spec, error: MailwrightError, results: Results, check: Check) -> None:
        self.failures.append((spec.environment, error))
        self.codes.add(int(error.exit_code))
        results.unasked[spec.environment] = check
