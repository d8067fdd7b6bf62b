"""A stand-in for WSO2 Identity Server's tenant API: email senders, tenants, tokens (facts 4, 5); it needs the extra ``sandbox``."""

from .accounts import TenantSettings
from .application import LoggedRequest, Settings
from .faults import Faults, parse_faults
from .registry import SandboxTenant
from .server import SandboxIs

__all__ = ["Faults", "LoggedRequest", "SandboxIs", "SandboxTenant", "Settings", "TenantSettings", "parse_faults"]
