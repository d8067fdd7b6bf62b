"""``init`` asks on a real terminal for what it was not told, and asks again where an answer is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import yaml

from terminal import on_a_terminal

INIT = [sys.executable, "-m", "mailwright", "init"]


def test_it_asks_until_it_knows(tmp_path: Path) -> None:
    typed = "8\nno-reply@example.com\nmailer\nhttps://relay.example.com\nrelay.example.com\nExample\n\n"
    code, out, shown = on_a_terminal(INIT, cwd=tmp_path, env=os.environ, typed=typed)
    assert code == 0, shown
    assert "[8] A relay of your own" in shown
    assert "This is none: e.g. smtp.example.com" in shown
    assert out.startswith("wrote email.yaml (valid, strict)\n")
    sender = yaml.safe_load((tmp_path / "email.yaml").read_text(encoding="utf-8"))["global"]
    assert (sender["hostname"], sender["username"], sender["reply_to"]) == ("relay.example.com", "mailer", "no-reply@example.com")


def test_what_it_was_told_it_does_not_ask(tmp_path: Path) -> None:
    told = ["--preset", "relay", "--set", "hostname=relay.example.com", "--set", "username=mailer", "--set", "signature=Example"]
    code, _, shown = on_a_terminal([*INIT, *told], cwd=tmp_path, env=os.environ, typed="no-reply@example.com\nhelp@example.com\n")
    assert code == 0, shown
    assert "SMTP server" not in shown
    assert yaml.safe_load((tmp_path / "email.yaml").read_text(encoding="utf-8"))["global"]["reply_to"] == "help@example.com"


def test_interrupted_it_writes_nothing(tmp_path: Path) -> None:
    code, _, shown = on_a_terminal(INIT, cwd=tmp_path, env=os.environ, typed="8\n\x04")
    assert code == 130, shown
    assert list(tmp_path.iterdir()) == []
