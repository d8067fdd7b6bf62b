"""The state of 10,000 tenants from a CSV file: ``status`` as text and as a page, beside ``validate`` of the same spec, and the page's size."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from measure import measure
from tenants import write

COUNT = 10_000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec, _ = write(folder, COUNT)
        own = [sys.executable, "-m", "mailwright"]
        version = ["--product-version", "7.2.0"]
        commands = [
            ("validate, the same spec", ["validate", spec]),
            ("status", ["status", spec]),
            ("status --format html", ["status", spec, "--format", "html"]),
        ]
        found = [(f"mailwright {title}", measure([*own, *command, *version], runs=2)) for title, command in commands]
        print("| command | seconds | user seconds | MiB | user, times validate |", "|---|---|---|---|---|", sep="\n")
        for title, each in found:
            ratio = each.user / found[0][1].user
            print(f"| {title} | {each.seconds:.2f} | {each.user:.2f} | {each.mebibytes:.0f} | {ratio:.1f} |")
        page = folder / "status.html"
        with page.open("wb") as out:
            subprocess.run([*own, *commands[-1][1], *version], stdout=out, check=False)
        print(f"\nThe page is {page.stat().st_size / (1 << 20):.1f} MiB.")


if __name__ == "__main__":
    main()
