"""The software that these tests talk to: where it is missing they skip, and where it has to be there they fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

JAVAMAIL = Path("/usr/share/java/javax.mail.jar")
ACTIVATION = Path("/usr/share/java/javax.activation.jar")


def require(*needed: str | Path) -> None:
    """Skip the test unless every command and file is there; with ``MAILWRIGHT_REQUIRE_PEERS`` set, fail."""
    missing = [str(one) for one in needed if not (one.exists() if isinstance(one, Path) else find(one))]
    if missing:
        give_up("not installed: " + ", ".join(missing))


def give_up(reason: str) -> None:
    """Skip for *reason*, or fail where skipping is not allowed."""
    if os.environ.get("MAILWRIGHT_REQUIRE_PEERS"):
        pytest.fail(f"MAILWRIGHT_REQUIRE_PEERS is set, and {reason}", pytrace=False)
    pytest.skip(reason)


def find(command: str) -> str | None:
    """Return a command's path; servers' commands lie where a user's PATH does not lead."""
    return shutil.which(command, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/lib/dovecot")
