"""``mailwright apply``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import aclosing
from io import FileIO
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, UnreadableInput, UsageError, combine
from ..base.places import Place
from ..report.text import one_line_error
from .options import one_environment, output_format
from .plan import is_foreign, tell
from .target import Target, target_options

if TYPE_CHECKING:
    from ..operations.ready import Prepared
    from ..tenants.applying import Outcome
    from ..tenants.planfile import SavedPlan
    from ..tenants.runs import Server, Stopped


@click.command()
@target_options
@one_environment
@click.option(
    "--plan", "plan_file", metavar="FILE", help="Do what this plan says, and nothing if spec or server moved on (exit 8)."
)
@click.option(
    "--update-secrets",
    type=click.Choice(["on-version-change", "always"]),
    help="When secrets are sent although nothing that can be seen differs.  [default: on-version-change]",
)
@click.option("--prune", is_flag=True, help="Delete senders that carry the spec's owner mark and are not in it.")
@click.option("--yes", is_flag=True, help="Delete more than five senders.")
@click.option("--result", metavar="FILE", help="Write an object a line and tenant, as they are finished.")
@output_format("text", "json")
def command(
    plan_file: str | None,
    update_secrets: str | None,
    prune: bool,
    yes: bool,
    result: str | None,
    format_: str,
    **options: Any,
) -> int:
    """Bring the tenants' senders in line with the spec.

    Nothing is written before the whole spec validates and every secret resolves. Each tenant is read right before it is written; a
    tenant's failure stops that tenant only (exit 7). Interrupted or killed, the next run finishes: what is done is unchanged then.

    \b
    Examples:
      mailwright apply email.yaml --env prod --result result.jsonl
      mailwright apply email.yaml --server https://is.example.com:9443 --plan email.plan
      mailwright apply email.yaml --server https://is.example.com:9443 --policy policy.yaml --prune
    """
    from ..spec import read_document
    from ..tenants.planfile import Header, SavedPlan

    target = Target(**options)
    if plan_file and (prune or update_secrets):
        raise UsageError("--prune and --update-secrets go with making the plan, not with --plan")
    saved = SavedPlan(plan_file) if plan_file else None
    server, prepared = target.ready(read_document(target.spec), with_secrets=True)
    when = saved.header.update_secrets if saved else update_secrets or "on-version-change"
    if saved:
        saved.check(
            Header(prepared.digest, server.address, prepared.release.version, target.environment, when, saved.header.prune)
        )
    run = _Run(prepared, server, saved, format_=format_, when=when, prune=prune, yes=yes)
    run.environment = target.environment
    if result is None:
        return run.run()
    try:
        # Unbuffered: a line that is written is there, whatever happens to this process.
        file = open(result, "wb", buffering=0, opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
    except OSError as error:
        raise _unwritable(result, error) from None
    with file:
        run.result = file
        return run.run()


def _unwritable(path: str, error: OSError) -> UnreadableInput:
    return UnreadableInput(f"cannot be written: {error.strerror or type(error).__name__}", place=Place(path))


class _Run:
    """One run: what it is given, and what it counts."""

    def __init__(
        self, prepared: Prepared, server: Server, saved: SavedPlan | None, *, format_: str, when: str, prune: bool, yes: bool
    ) -> None:
        from ..report.tenants import Failures
        from ..tenants.planning import Action

        self.failures = Failures()
        self.prepared, self.server, self.saved = prepared, server, saved
        self.format, self.when, self.prune, self.yes = format_, when, prune, yes
        self.environment: str | None = None
        self.result: FileIO | None = None
        self.counts: Counter[str] = Counter()
        self.actions: Counter[Action] = Counter()
        self.codes: list[int] = []
        self.foreign = 0
        self.gone: Stopped | None = None

    def run(self) -> int:
        """Apply; return the exit code."""
        from ..report.progress import Progress
        from ..report.tenants import outcome_summary

        total = self.prepared.preparation.count
        try:
            with Progress("tenant", total) as self.progress:
                asyncio.run(self._work())
        except KeyboardInterrupt:
            done, failed = self.counts["done"] + self.counts["unchanged"], self.counts["failed"]
            click.echo(
                f"interrupted: {done} of {total} tenants are in line, {failed} failed; run it again: it goes on with the others",
                err=True,
            )
            return int(ExitCode.INTERRUPTED)
        if self.format == "text":
            self._print(self.failures.rest())
            self._print(outcome_summary(self.counts, self.actions, self.prepared.width))
        tell(self.prepared, self.foreign)
        if self.gone is not None:
            click.echo(f"mailwright: {one_line_error(self.gone)}", err=True)
        if self.codes and self.counts["done"] + self.counts["unchanged"]:
            return int(ExitCode.PARTIAL)
        return combine(self.codes)

    async def _work(self) -> None:
        from ..tenants.credentials import Task
        from ..tenants.planner import Planner
        from ..tenants.planning import UpdateSecrets
        from ..tenants.runs import (
            Stopped,
            apply_all,
            check_deletions,
            check_saved,
            find_removals,
            open_api,
            saved_targets,
            spec_targets,
        )

        preparation, saved = self.prepared.preparation, self.saved
        deleting = saved.deletions > 0 if saved else self.prune
        async with open_api(self.server, self.prepared.release, Task.PRUNE if deleting else Task.WRITE) as api:
            planner = Planner(api, preparation, UpdateSecrets(self.when))
            if saved:
                check_deletions(saved.deletions, confirmed=self.yes)
                await check_saved(planner, saved)
                targets = saved_targets(preparation.jobs(), saved)
            else:
                domains, errors = await find_removals(planner, self.prepared.domains) if self.prune else ([], [])
                check_deletions(len(domains), confirmed=self.yes)
                self.foreign = sum(map(is_foreign, errors))
                for plan in errors:
                    if not is_foreign(plan) and plan.failure is not None:
                        self._unread(plan.domain, plan.failure.message, int(plan.failure.exit_code))
                targets = spec_targets(preparation.jobs(), domains)
            try:
                async with aclosing(apply_all(planner, targets, self._finished)) as outcomes:
                    async for outcome in outcomes:
                        self._show(outcome)
            except Stopped as error:
                self.gone = error
                self.codes.append(int(error.exit_code))

    def _unread(self, domain: str, message: str, code: int) -> None:
        self.codes.append(code)
        self.counts["failed"] += 1
        click.echo(f"mailwright: {domain} is not in the spec and could not be read: {message}", err=True)

    def _finished(self, outcome: Outcome) -> None:
        """Take in a tenant the moment that it is finished, in whatever order."""
        from ..report.tenants import outcome_json
        from ..tenants.applying import Overwritten

        self.counts[outcome.word] += 1
        again = outcome.failure is not None and outcome.failure.code == Overwritten.code
        if again:  # it was counted when it was written
            self.counts["done"] -= 1
        if outcome.word == "done":
            self.actions[outcome.plan.action] += 1
        if outcome.failure is not None:
            self.codes.append(int(outcome.failure.exit_code))
        if self.result is not None:
            try:
                self.result.write(json.dumps(outcome_json(outcome, self.environment), ensure_ascii=False).encode() + b"\n")
            except OSError as error:
                raise _unwritable(str(self.result.name), error) from None
        if not again:
            self.progress.step(failed=outcome.failure is not None)

    def _show(self, outcome: Outcome) -> None:
        from ..report.tenants import outcome_json, outcome_lines

        if self.format == "json":
            self._print([json.dumps(outcome_json(outcome, self.environment), ensure_ascii=False)])
        elif outcome.failure is None or self.failures.is_shown(outcome.plan.domain, outcome.failure):
            self._print(outcome_lines(outcome, self.prepared.width))

    def _print(self, lines: Iterable[str]) -> None:
        """Print lines; when nobody reads them any more (`| head`), the work goes on without."""
        try:
            for line in lines:
                click.echo(line)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
