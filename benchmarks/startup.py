"""What one file costs: validate and effective beside a bare interpreter and beside check-jsonschema, in the same run."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from measure import goal, measure, table

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "examples" / "demo" / "email.yaml"
DEPLOYMENT = ROOT / "examples" / "demo" / "deployment.toml"


def main() -> None:
    """Print the table."""
    binaries = Path(sys.executable).parent
    mailwright, generic = str(binaries / "mailwright"), str(binaries / "check-jsonschema")
    with tempfile.TemporaryDirectory() as folder:
        merged = Path(folder) / "deployment.toml"
        shutil.copy(DEPLOYMENT, merged)
        measure([mailwright, "merge", str(SPEC), str(merged), "--backup", "0"], runs=1)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "mailwright effective deployment.toml": [mailwright, "effective", str(merged), "--product-version", "7.2.0"],
            "mailwright validate deployment.toml": [
                mailwright,
                "validate",
                "--no-cache",
                str(merged),
                "--product-version",
                "7.2.0",
            ],
            "mailwright validate deployment.toml, every release": [mailwright, "validate", "--no-cache", str(merged)],
            "mailwright validate email.yaml": [mailwright, "validate", "--no-cache", str(SPEC)],
            "check-jsonschema email.yaml": [generic, "--schemafile", str(ROOT / "schema" / "spec.schema.json"), str(SPEC)],
            "check-jsonschema deployment.toml": [
                generic,
                "--schemafile",
                str(ROOT / "schema" / "deployment.schema.json"),
                str(merged),
            ],
        }
        found = [(name, measure(command, runs=7)) for name, command in commands.items()]
    if "--goals" in sys.argv:
        seconds = {name: figures.seconds for name, figures in found}
        one, spec = "mailwright validate deployment.toml", "mailwright validate email.yaml"
        goal(
            "validate one deployment.toml / check-jsonschema with the schema",
            seconds[one] / seconds["check-jsonschema deployment.toml"],
        )
        goal("validate one spec / check-jsonschema", seconds[spec] / seconds["check-jsonschema email.yaml"])
        return
    print(table(found))


if __name__ == "__main__":
    main()
