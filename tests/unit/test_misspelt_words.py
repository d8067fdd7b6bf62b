"""What is misspelt on the command line gets the word that was meant, whatever it is a word of; and nothing is guessed where nothing is near."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from mailwright.base.hints import did_you_mean, nearest
from mailwright.cli import program
from mailwright.cli.choices import OneOf

if TYPE_CHECKING:
    from commands import Run

SPEC = """mailwright: 1
product: {version: "7.2.0"}
global: {from_address: a@b.example, hostname: h, port: 25, username: u, password: '$env{P}', signature: S, reply_to: a@b.example}
environments: {staging: {}, production: {}}
"""


def parameters(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Parameter]]:
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            made = command.get_command(ctx, name)
            assert made is not None
            yield from parameters(made, (*path, name))
    for parameter in command.params:
        yield path, parameter


CHOICES = [(path, each) for path, each in parameters(program) if isinstance(each.type, click.Choice)]


@pytest.mark.parametrize(
    ("path", "parameter"), CHOICES, ids=lambda item: " ".join(item) if isinstance(item, tuple) else item.name
)
def test_every_word_of_which_there_are_so_many(path: tuple[str, ...], parameter: click.Parameter, run: Run) -> None:
    assert isinstance(parameter.type, OneOf)
    word = str(parameter.type.choices[-1])
    wrong = f"{word[:-1]}_{word[-1]}"
    result = run(*path, *([parameter.opts[-1]] if isinstance(parameter, click.Option) else []), wrong)
    assert result.code == 2
    assert f"{wrong!r} is not " in result.stderr
    assert f"Did you mean {nearest(wrong, parameter.type.choices)!r}?" in result.stderr
    nothing = run(*path, *([parameter.opts[-1]] if isinstance(parameter, click.Option) else []), "0" * 9)
    assert "Did you mean" not in nothing.stderr


def test_there_are_such_words() -> None:
    assert len(CHOICES) > 15


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["validte"], "Did you mean 'validate'?"),
        (["sandbox", "smpt"], "Did you mean 'smtp'?"),
        (["validate", "--formt", "json", "email.yaml"], "--format"),
        (["render", "email.yaml", "--env", "stging"], "did you mean `staging`? the spec has: `staging`, `production`"),
        (["plan", "email.yaml", "--env", "PRODUCTION"], "did you mean `production`?"),
        (["validate", "email.yaml", "--select", "MX302"], "did you mean `MW302`?"),
        (["validate", "email.yaml", "--ignore", "MV101"], "did you mean `MW101`?"),
        (["effective", "email.yaml", "--product-version", "7.2.O"], "did you mean `7.2.0`?"),
        (["validate", "--color", "alwys", "email.yaml"], "did you mean `always`?"),
        (["settings", "validte"], "did you mean `validate`?"),
        (["explain", "MX302"], "did you mean `MW302`?"),
        (["explain", "starttls-opportunistc"], "did you mean `starttls-opportunistic`?"),
        (["init", "new.yaml", "--preset", "gmial"], "did you mean `gmail`?"),
        (["verify", "email.yaml", "--tenant", "carbon.supr"], "did you mean `carbon.super`?"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else "",
)
def test_every_other_word(arguments: list[str], said: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    result = run(*arguments, cwd=tmp_path)
    assert result.code == 2
    assert said in result.stderr


def test_a_release_without_its_zero_is_that_release(tmp_path: Path, run: Run) -> None:
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    assert "unsure" not in run("validate", "email.yaml", "--product-version", "7.2", cwd=tmp_path).stderr
    assert "unsure" in run("validate", "email.yaml", "--product-version", "7.2.0.15", cwd=tmp_path).stderr


def test_what_is_near() -> None:
    assert nearest("JSN", ["text", "json"]) == "json"
    assert nearest("json", []) is None
    assert nearest("j" * 10_000, ["j" * 9_999]) is None
    assert did_you_mean("xyz", ["text"], "one of text") == "one of text"
