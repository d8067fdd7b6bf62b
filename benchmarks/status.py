"""The state of 10,000 tenants from a CSV file: ``status`` as text and as a page, beside ``validate`` of the same spec."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import measure, table
from tenants import write

COUNT = 10_000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        spec, _ = write(Path(name), COUNT)
        own = [sys.executable, "-m", "mailwright"]
        version = ["--product-version", "7.2.0"]
        rows = [
            ("validate", measure([*own, "validate", spec, *version], runs=2)),
            ("status", measure([*own, "status", spec, *version], runs=2)),
            ("status --format html", measure([*own, "status", spec, *version, "--format", "html"], runs=2)),
        ]
        print(table(rows))


if __name__ == "__main__":
    main()
