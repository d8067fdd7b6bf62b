"""Loading tenants from CSV: a million beside ten thousand, beside a bare csv.DictReader over the same million."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import measure, table

SMALL, LARGE = 10_000, 1_000_000

LOAD = "import sys, mailwright; print(sum(1 for _ in mailwright.load_spec(sys.argv[1]).tenants))"
BARE = "import csv, sys; print(sum(1 for _ in csv.DictReader(open(sys.argv[1], encoding='utf-8', newline=''))))"


def write(folder: Path, count: int) -> tuple[str, str]:
    """Write a spec and its CSV file with *count* tenants; return their paths."""
    tenants, spec = folder / f"tenants-{count}.csv", folder / f"spec-{count}.yaml"
    with tenants.open("w", encoding="utf-8") as file:
        file.write("domain,from_address,signature,reply_to,username,password\n")
        for number in range(count):
            name = f"t{number}.example"
            file.write(f"{name},no-reply@{name},Tenant {number},help@{name},user{number},$env{{MAILWRIGHT_{number}}}\n")
    spec.write_text(
        f"mailwright: 1\ndefaults: {{hostname: smtp.example.com, port: 587}}\ntenants_from: [{tenants.name}]\n", encoding="utf-8"
    )
    return str(spec), str(tenants)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, _ = write(folder, SMALL)
        large, tenants = write(folder, LARGE)
        rows = [
            (f"load {SMALL:,} tenants", measure([sys.executable, "-c", LOAD, small], runs=3)),
            (f"load {LARGE:,} tenants", measure([sys.executable, "-c", LOAD, large], runs=1)),
            (f"bare csv.DictReader, {LARGE:,} rows", measure([sys.executable, "-c", BARE, tenants], runs=1)),
        ]
        print(table(rows))
        growth = rows[1][1].mebibytes - rows[0][1].mebibytes
        print(
            f"\n{growth:.0f} MiB more for {LARGE - SMALL:,} more tenants: {growth * 1024 * 1024 / (LARGE - SMALL):.0f} bytes a domain"
        )


if __name__ == "__main__":
    main()
