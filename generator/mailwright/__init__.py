"""Email-sender configuration as code for WSO2 Identity Server.

The public names are those of ``__all__``; each is imported when it is first used, so that ``import mailwright`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base.errors import MailwrightError
    from .base.findings import Finding
    from .base.secret import Secret
    from .deployment import Deployment, read_deployment
    from .engine.effective import Effective, effective
    from .operations.validate import validate
    from .product.releases import Release, parse_release
    from .spec import Spec, load_spec

__version__ = "0.1.0"

__all__ = [
    "Deployment",
    "Effective",
    "Finding",
    "MailwrightError",
    "Release",
    "Secret",
    "Spec",
    "effective",
    "load_spec",
    "parse_release",
    "read_deployment",
    "validate",
]

_HOMES = {
    "Deployment": "deployment",
    "Effective": "engine.effective",
    "Finding": "base.findings",
    "MailwrightError": "base.errors",
    "Release": "product.releases",
    "Secret": "base.secret",
    "Spec": "spec",
    "effective": "engine.effective",
    "load_spec": "spec",
    "parse_release": "product.releases",
    "read_deployment": "deployment",
    "validate": "operations.validate",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
