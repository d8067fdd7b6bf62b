"""A stand-in for WSO2 Identity Server's tenant API: email senders, tenants, tokens; it needs the extra ``sandbox``.

product/api.md#v1, product/tenant-management.md#base.
"""

from .accounts import TenantSettings
from .application import Behaviour, LoggedRequest
from .faults import Faults, parse_faults
from .registry import SandboxTenant
from .server import SandboxIs

__all__ = ["Behaviour", "Faults", "LoggedRequest", "SandboxIs", "SandboxTenant", "TenantSettings", "parse_faults"]
