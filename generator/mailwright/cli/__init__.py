"""The command line: a command parses, calls an operation, and has its result shown.

Each command's module is imported when it is called, and imports late what only some of its runs need, so that ``validate`` does not pay
for the others: no other room may do so without a reason (tests/unit/test_rooms.py). It may know every room but ``generate``. It decides
nothing that an operation decides.

Errors of this project end in their exit code and a message; anything else is a bug, reported without a traceback (it could hold a
secret) unless MAILWRIGHT_DEBUG is set, and then without values.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import stat
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

import click

from .. import __version__
from ..base.errors import ExitCode, MailwrightError
from ..base.reading import forget_streams
from .choices import Commands
from .manner import Manner, manner_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

signal: Any = import_module("_signal")  # what the interpreter has of it: the module around it makes enumerations first

COMPLETE_VARIABLE = "_MAILWRIGHT_COMPLETE"
"""Set by a shell that asks what can be typed."""

_COMMANDS = {
    "init": ("init", "Write a first spec."),
    "validate": ("validate", "Check specs and deployment.toml files."),
    "render": ("render", "Render the fragment and the payloads."),
    "merge": ("merge", "Write a spec into deployment.toml files."),
    "post-render": ("post_render", "Merge a spec into the manifests on standard input."),
    "effective": ("effective", "Show what the server will load."),
    "explain": ("explain", "Explain a key, a rule, a finding of verify, or a fact about the product."),
    "schema": ("schema", "Print a JSON Schema."),
    "import": ("import_", "Make a spec from what a server has."),
    "plan": ("plan", "Show what apply would change in the tenants' senders."),
    "apply": ("apply", "Bring the tenants' senders in line with the spec."),
    "verify": ("verify", "Check each sender with a live SMTP handshake."),
    "upgrade": ("upgrade", "Show what another release makes of your files."),
    "settings": ("settings", "Show which settings apply, and where they come from."),
    "status": ("status", "Show how every node, tenant and environment stands."),
    "completion": ("completion", "Print a completion script for a shell."),
    "lsp": ("lsp", "Run the language server for an editor."),
    "sandbox": ("sandbox", "Run a stand-in server to try things."),
    "demo": ("demo", "Show the whole job on this machine."),
}
"""Each command's module, and what the list of commands says of it: importing them all would take longer than most runs."""


_READING = ("validate", "plan", "status", "effective")
"""Commands that take a while and write nothing, if they are not told to."""


class _Commands(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = import_module(f".{_COMMANDS[name][0]}", __package__).command
        if ctx.resilient_parsing:  # a shell asks what can be typed
            from .completing import offer

            return offer(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        own = [CompletionItem(name, help=line) for name, (_, line) in _COMMANDS.items() if name.startswith(incomplete)]
        return own + click.Command.shell_complete(self, ctx, incomplete)

    def line(self, ctx: click.Context, name: str) -> str:
        return _COMMANDS[name][1]


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailwright")
def program() -> None:
    """Email-sender configuration as code for WSO2 Identity Server.

    Every command takes these options: -v, --verbose says more on stderr (-vvv shows where an internal error arose); -q, --quiet prints only
    results and errors; --color auto|always|never (or --no-color) controls colours.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    _prepare_streams()
    termination = Termination()
    try:
        code = run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # before anything began, or while the end was told
        code = int(ExitCode.INTERRUPTED)
    termination.over()
    if code == ExitCode.INTERRUPTED:
        if termination.asked:
            code = int(ExitCode.TERMINATED)
        eval("0")  # noqa: S307  Python remembers an interrupt of an exec(), and would end by the signal, until the next one
    gc.freeze()  # the interpreter would look twice for what is no longer needed, and then let go of everything
    sys.exit(code)


class Termination:
    """From now on SIGTERM ends the run as Ctrl-C does: nothing is left half written, and what is done is told.

    As the first process of a container, a program that has no handler is not ended by it at all: whoever stops it waits, and then kills it.

    Attributes:
        asked: Whether it came.
    """

    def __init__(self) -> None:
        self.asked = False
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:  # else the caller does not want it, or is not the command
            with suppress(ValueError):  # called in a thread
                signal.signal(signal.SIGTERM, self._end)
            if hasattr(os, "register_at_fork"):  # processes that help end by it at once, and say nothing
                os.register_at_fork(after_in_child=self.over)

    def over(self) -> None:
        """Have the system do again what it does with the signal."""
        if signal.getsignal(signal.SIGTERM) == self._end:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _end(self, *_: object) -> None:
        if self.asked:  # `timeout` sends it twice
            return
        self.asked = True
        if callable(signal.getsignal(signal.SIGINT)):
            signal.raise_signal(signal.SIGINT)  # whoever handles Ctrl-C now
        else:  # a shell's job in the background ignores it
            raise KeyboardInterrupt


_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""For how many new objects a collection of cycles is worth its time: the library's 700 are made by every few modules that are loaded."""


def run(arguments: list[str]) -> int:
    """Run the command line; return the exit code."""
    from ..report.text import Tone, one_line_error, style_of

    forget_streams()
    how = Manner()
    if COMPLETE_VARIABLE in os.environ:
        import_module(".completing", __package__)
    try:
        arguments, how = manner_of(arguments)
        result: Any = program.main(args=arguments, prog_name="mailwright", standalone_mode=False, obj=how)
        if not sys.stdout.closed:  # an editor takes it over
            sys.stdout.flush()
        return int(result or 0)
    except click.exceptions.Exit as done:
        return int(done.exit_code)
    except (click.Abort, KeyboardInterrupt):
        reads = arguments[0] in _READING and {"--fix", "--write-baseline"}.isdisjoint(arguments) if arguments else False
        click.echo("interrupted: nothing was changed" if reads else "interrupted", err=True)
        return _ended(ExitCode.INTERRUPTED, arguments, "interrupted")
    except click.ClickException as error:
        error.show()
        return _ended(ExitCode.USAGE, arguments, error.format_message())
    except MailwrightError as error:
        style = style_of(sys.stderr, how.colour)
        click.echo(style.paint(style.fold(f"mailwright: {one_line_error(error)}", 2), Tone.BAD), err=True, color=True)
        return _ended(error.exit_code, arguments, one_line_error(error).partition("\n")[0])
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        _silence_stdout()
        return int(ExitCode.OK)
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11 wraps what comes while a class is made
            click.echo("interrupted", err=True)
            return _ended(ExitCode.INTERRUPTED, arguments, "interrupted")
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF):
            _silence_stdout()
            click.echo(f"mailwright: the output cannot be written: {error.strerror}", err=True)
            return int(ExitCode.USAGE)
        click.echo(_internal(error, verbose=how.verbosity >= MOST_VERBOSE), err=True)
        return _ended(ExitCode.INTERNAL, arguments, "internal error")


def _ended(code: ExitCode, arguments: list[str], said: str) -> int:
    """Return the exit code of a run that ended early; a monitoring plugin says so in its line, and has a code of its own for it."""
    asked = {*arguments, f"--format={os.environ.get('MAILWRIGHT_FORMAT')}"} & {"nagios", "--format=nagios"}
    if not asked or "verify" not in arguments:
        return int(code)
    from ..report.verified_nagios import State, plugin_line

    click.echo(plugin_line(State.UNKNOWN, said))
    return int(State.UNKNOWN)


def _prepare_streams() -> None:
    """Make sure that there is something to write to, and that a character which the terminal lacks is written as an escape."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 -- open for as long as the program runs
        elif hasattr(stream, "reconfigure"):
            setattr(sys, name, _as_a_pipe(stream) or stream)
            getattr(sys, name).reconfigure(errors="backslashreplace")


class _Pipe(io.FileIO):
    """A pipe whose reader may go away (``| head``): the work goes on without it, and the exit code says how it ended."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return memoryview(data).nbytes


def _as_a_pipe(stream: Any) -> TextIO | None:
    """Return the same stream with a reader that may go away, None where it is no pipe."""
    try:
        number = stream.fileno()
        if not stat.S_ISFIFO(mode := os.fstat(number).st_mode) and not stat.S_ISSOCK(mode):
            return None
    except (OSError, ValueError):
        return None
    pipe = io.BufferedWriter(_Pipe(number, "w", closefd=False))
    return io.TextIOWrapper(
        pipe, stream.encoding, line_buffering=stream.line_buffering, write_through=getattr(stream, "write_through", False)
    )


MOST_VERBOSE = 3


def _silence_stdout() -> None:
    """The reader went away: keep the interpreter from complaining when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _internal(error: Exception, *, verbose: bool) -> str:
    """Describe a bug by its type and its places in the code: messages and values could hold a secret."""
    import traceback

    lines = [f"mailwright: internal error: {type(error).__name__}; this is a bug in mailwright, please report it"]
    frames = traceback.extract_tb(error.__traceback__)
    lines += [f"  at {frame.filename}:{frame.lineno} in {frame.name}" for frame in (frames if verbose else frames[-1:])]
    return "\n".join(lines)
