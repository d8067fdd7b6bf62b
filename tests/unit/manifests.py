"""Manifests as tests write them: one text in every way that YAML and JSON can write it."""

from __future__ import annotations

import json
import re
from base64 import b64encode

TEXT = '[server]\nhostname = "is.example.com"\n\n[output_adapter.email]\nhost = "smtp.example.com"\nsignature = "Zoë & 😀"\n'


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def config_map(value: str, key: str = "data", kind: str = "ConfigMap", name: str = "is-conf") -> str:
    """Return a manifest whose file is written as *value*."""
    return f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n{key}:\n  other: x\n  deployment.toml: {value}\n  last: y\n"


def written(text: str = TEXT) -> dict[str, str]:
    """Return manifests that hold a text, each in another way."""
    broken = re.sub(r"\n+", lambda found: found[0] + "\n", text)
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "is-conf"}, "data": {"deployment.toml": text}}
    wrapped = _base64(text)
    lines = "\n".join(f"    {wrapped[at : at + 40]}" for at in range(0, len(wrapped), 40))
    item = _indented(config_map("|\n" + _indented(text, 4)), 2)
    return {
        "literal": config_map("|\n" + _indented(text, 4).rstrip("\n")),
        "literal, kept": config_map("|+ # all of it\n" + _indented(text, 4).rstrip("\n")),
        "literal, deep": config_map("|2\n" + _indented(text, 4).rstrip("\n")),
        "folded": config_map(">\n" + _indented(broken.rstrip("\n"), 4)),
        "double quoted": config_map(_quoted(text)),
        "double quoted, over lines": config_map(_quoted(text).replace("\\n", "\\n\\\n      ", 2)),
        "single quoted": config_map("'" + _indented(broken.replace("'", "''"), 4).lstrip() + "    '"),
        "anchored": config_map("&a !!str " + _quoted(text)),
        "aliased": "x: &a " + _quoted(text) + "\n" + config_map("*a"),
        "base64": config_map(_base64(text), "data", "Secret"),
        "base64, binaryData": config_map(_quoted(_base64(text)), "binaryData"),
        "base64, over lines": config_map("|\n" + lines, "data", "Secret"),
        "stringData": config_map(_quoted(text), "stringData", "Secret"),
        "JSON": json.dumps(document),
        "JSON, indented": json.dumps(document, indent="\t", ensure_ascii=False),
        "List": "apiVersion: v1\nkind: List\nitems:\n- " + item.lstrip(),
        "several documents": f"---\n# Source: chart/cm.yaml\n{config_map('x', name='no').replace('deployment.toml', 'a')}---\n"
        + config_map("|\n" + _indented(text, 4).rstrip("\n")),
        "CRLF": config_map("|\n" + _indented(text, 4).rstrip("\n")).replace("\n", "\r\n"),
        "kubectl get": (
            "apiVersion: v1\ndata:\n  deployment.toml: |\n"
            + _indented(text, 4)
            + "kind: ConfigMap\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      "
            + json.dumps(document)
            + "\n  managedFields:\n  - fieldsV1:\n      f:data:\n        .: {}\n        f:deployment.toml: {}\n    manager: kubectl\n"
            "  name: is-conf\n"
        ),
    }
