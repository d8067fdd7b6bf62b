"""Reports of 20,000 and of 100,000 findings: what each format costs, from many files, and from a single one."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from big import OURS, run

FINDINGS = (20_000, 100_000)
A_FILE = 200
FORMATS = ("text", "json", "sarif")
WRONG = "'mail.smtp.of-our-own-{0}' = {0}\n"  # the client knows no such property: a finding each


def write(folder: Path, findings: int, files: int) -> list[str]:
    """Write files that have so many findings together, a few more; return their names."""
    names = []
    for number in range(files):
        file = folder / f"node{number}" / "deployment.toml"
        file.parent.mkdir(exist_ok=True)
        lines = (WRONG.format(line) for line in range(findings // files))
        file.write_text(OURS + "[output_adapter.email.custom_properties]\n" + "".join(lines), encoding="utf-8")
        names.append(str(file))
    return names


def main() -> None:
    """Print the table."""
    mailwright = str(Path(sys.executable).parent / "mailwright")
    few, many = FINDINGS
    print(f"| findings | format | {few:,} | {many:,} | times | MiB | MiB | times |\n|---|---|---|---|---|---|---|---|")
    for where in (f"{A_FILE} a file", "all in one file"):
        for name in FORMATS:
            found = []
            for findings in FINDINGS:
                with tempfile.TemporaryDirectory() as folder:
                    names = write(Path(folder), findings, findings // A_FILE if where.startswith(str(A_FILE)) else 1)
                    words = ["validate", "--no-cache", "--product-version", "7.2.0", "--format", name]
                    found.append(run([mailwright, *words, *names]))
            (one, small), (four, large) = found
            row = (
                f"{one:.1f} s | {four:.1f} s | {four / one:.1f} | {small / 2**20:.0f} | {large / 2**20:.0f} | {large / small:.1f}"
            )
            print(f"| {where} | {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
