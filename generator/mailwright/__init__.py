"""Email-sender configuration as code for WSO2 Identity Server.

The public names are those of ``__all__``, and docs/api.md has an example of each; each is imported when it is first used, so that
``import mailwright`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base.errors import MailwrightError
    from .base.findings import Finding
    from .engine.effective import Effective
    from .operations.apply import apply
    from .operations.effective import effective
    from .operations.import_ import import_deployment, import_server
    from .operations.merge import merge
    from .operations.plan import Plan, plan
    from .operations.ready import prepare
    from .operations.render import render
    from .operations.servers import Connection
    from .operations.validate import validate
    from .operations.verify import Handshake, verify
    from .spec import Spec, load_spec
    from .verification.check import Checked

__version__ = "0.1.0"

__all__ = [
    "Checked",
    "Connection",
    "Effective",
    "Finding",
    "Handshake",
    "MailwrightError",
    "Plan",
    "Spec",
    "apply",
    "effective",
    "import_deployment",
    "import_server",
    "load_spec",
    "merge",
    "plan",
    "prepare",
    "render",
    "validate",
    "verify",
]

_HOMES = {
    "Checked": "verification.check",
    "Connection": "operations.servers",
    "Effective": "engine.effective",
    "Finding": "base.findings",
    "Handshake": "operations.verify",
    "MailwrightError": "base.errors",
    "Plan": "operations.plan",
    "Spec": "spec",
    "apply": "operations.apply",
    "effective": "operations.effective",
    "import_deployment": "operations.import_",
    "import_server": "operations.import_",
    "load_spec": "spec",
    "merge": "operations.merge",
    "plan": "operations.plan",
    "prepare": "operations.ready",
    "render": "operations.render",
    "validate": "operations.validate",
    "verify": "operations.verify",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
