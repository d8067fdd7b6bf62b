"""Releases: ``python tools/release version|build|judge|notes VERSION``, what ``make version`` and ``make release`` run.

``version`` writes a version where it stands, and dates the changelogs; ``build`` makes every file of a release, or says what keeps the
commit from being that release; ``judge`` has other people's tools look at them; ``notes`` prints what is new. Nothing is
published from here.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import artifacts
import judges
import versions

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Run a command; return its exit code: 0, or 1 with what is wrong on stderr."""
    parser = argparse.ArgumentParser(
        prog="python tools/release", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=["version", "build", "judge", "notes"])
    parser.add_argument("version", nargs="?", default=versions.stated(ROOT), help="1.2.3 (default: what the tree says it is)")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist", help="where the files go (default: dist)")
    parser.add_argument("--date", default=date.today().isoformat(), help="of `version`: the day of the release")
    parser.add_argument(
        "--draft", action="store_true", help="of `build`: the commit as it is, with changelogs that have no date yet"
    )
    given = parser.parse_intermixed_args(arguments)
    try:
        if given.command == "version":
            versions.write(ROOT, given.version, given.date)
            return 0
        if given.command == "notes":
            print(versions.notes(ROOT, given.version))
            return 0
        if given.command == "judge":
            wrong = judges.problems(ROOT, given.output)
        elif not (wrong := versions.problems(ROOT, given.version, released=not given.draft)):
            artifacts.build(ROOT, given.version, given.output)
    except versions.Refused as why:
        wrong = [str(why)]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main(sys.argv[1:]))
