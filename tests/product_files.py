"""What tests read of the product: files of this project's own, and the vendor's in addition where they lie beside the checkout.

Ours have the traits of the vendor's that a test is about: the tables of a deployment.toml of each line of releases, paths and schemas
of the API definitions. Nothing of the vendor's is part of the project, and no test depends on it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from product_definitions import senders, tenants
from products import ALL, parse_release

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT.parent / "shared" / "reference" / "data"
SOURCES = ["ours", *(["vendor"] if VENDOR.is_dir() else [])]
"""Where files come from, for ``parametrize``: on a fresh clone there is nothing to skip."""

OURS = ROOT / "tests" / "data" / "deployment-toml"


def deployment_files(source: str) -> dict[str, Path]:
    """Return a deployment.toml for each release: the newest file that is not newer than it."""
    folder, prefix = (OURS, "") if source == "ours" else (VENDOR / "deployment-toml", "wso2is-")
    files = {path.stem.removeprefix(prefix): path for path in folder.glob("*.toml")}
    return {release.version: files[_newest(files, release.version)] for release in ALL}


def sender_definition(source: str, api: str, release: str) -> dict[str, Any]:
    """Return what a release's definition says about email senders; *api* is ``v1`` or ``v2``."""
    return senders(api, release) if source == "ours" else _vendor(f"notification-sender-{api}", release)


def tenant_definition(source: str) -> dict[str, Any]:
    """Return the definition of the tenant management API, as of 7.2.0."""
    return tenants() if source == "ours" else _vendor("tenant-management-v1", "7.2.0")


@cache
def _vendor(name: str, release: str) -> dict[str, Any]:
    files = {path.name.split("wso2is-")[1].removesuffix(".yaml"): path for path in VENDOR.glob(f"openapi/{name}.*.yaml")}
    document: dict[str, Any] = yaml.safe_load(files[_newest(files, release)].read_text(encoding="utf-8"))
    return document


def _newest(files: dict[str, Path], release: str) -> str:
    return max((version for version in files if parse_release(version) <= parse_release(release)), key=parse_release)
