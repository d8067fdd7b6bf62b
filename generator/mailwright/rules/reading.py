"""What the readers find: files, schemas, references, domains. These pages have no function of their own."""

from __future__ import annotations

from ..base.findings import Severity
from .model import page

UNREADABLE_TOML = page(
    "MW001",
    Severity.ERROR,
    "The server's TOML parser refuses the file",
    why="The server reads TOML 0.5.0 with its own quirks and does not start when it cannot (product/xml.md#child-before-parent, product/xml.md#parser; CAVA 0.5.0).",
    remedy="Mend the line; a newer TOML library may take it all the same.",
    bad="""\
[output_adapter.email]
hostname = smtp.example.com
""",
    good="""\
[output_adapter.email]
hostname = "smtp.example.com"
""",
)
SCHEMA = page(
    "MW002",
    Severity.ERROR,
    "A value is not what the schema asks for",
    why="schema/adapter.schema.json and schema/spec.schema.json say which keys and values there are. A port such as 587.0 becomes 25, `yes` is not true (product/keys.md#enable-authentication, product/xml.md#float-port).",
    remedy="`mailwright explain KEY` tells what a key takes.",
    bad="""\
[output_adapter.email]
port = 587.0
""",
    good="""\
[output_adapter.email]
port = 587
""",
)
TENANT_TWICE = page(
    "MW003",
    Severity.ERROR,
    "The tenants cannot be read",
    why="A domain may stand in one place only, a tenant file must be what its ending says, and a pattern must match a file.",
    remedy="Remove one of the two, or mend the file.",
    bad="""\
mailwright: 1
product: {version: "7.3.0"}
tenants_from: ["no-such-file-*.csv"]
""",
    good="""\
mailwright: 1
product: {version: "7.3.0"}
tenants: {}
""",
)
UNKNOWN_RELEASE = page(
    "MW004",
    Severity.INFO,
    "A product version that is only taken to behave like another",
    why="The releases are known as they came out; update levels and newer releases are not (product/releases.md#covered, product/unknown.md#update-packs).",
    remedy="Nothing to do; where the product differs from that release, what is said about it is not sure.",
    bad="""\
mailwright: 1
product: {version: "7.2.0.15"}
""",
    good="""\
mailwright: 1
product: {version: "7.2.0"}
""",
)
UNFIT_JAVA = page(
    "MW006",
    Severity.WARNING,
    "A Java that the release does not start on",
    why="The start script of each release accepts certain Java releases only (product/node.md#java). What is said about TLS depends on the Java that the server runs on.",
    remedy="Write the Java that the server really runs on, or correct the release.",
    bad="""\
mailwright: 1
product: {version: "7.3.0", java: 17}
""",
    good="""\
mailwright: 1
product: {version: "7.3.0", java: 21}
""",
)
SHARED_SERVER = page(
    "MW007",
    Severity.WARNING,
    "Two environments with one server and different senders",
    why="A tenant has one sender on a server (product/api.md#put-replaces). Where two environments name the same server but want different senders, each `apply` replaces what the other wrote.",
    remedy="Give each environment the server it is for. Where both are meant for one server, give them the same tenants and defaults.",
    bad="""\
mailwright: 1
environments:
  prod:
    server: https://is.example.com:9443
    defaults: {hostname: smtp.prod.example.com}
  staging:
    server: https://is.example.com:9443
    defaults: {hostname: smtp.staging.example.com}
""",
    good="""\
mailwright: 1
environments:
  prod:
    server: https://is.example.com:9443
    defaults: {hostname: smtp.prod.example.com}
  staging:
    server: https://is.staging.example.com:9443
    defaults: {hostname: smtp.staging.example.com}
""",
)
UNKNOWN_SUPPRESSION = page(
    "MW005",
    Severity.WARNING,
    "A suppression that names no rule",
    why="`# mailwright: ignore[MW110]` silences the rules that it names on its line; one that does not exist silences nothing.",
    remedy="Write the id of the rule; `mailwright explain` lists them.",
    bad="""\
[output_adapter.email]  # mailwright: ignore[MW999]
""",
    good="""\
[output_adapter.email]  # mailwright: ignore[MW110]
""",
)
MISPLACED_REFERENCE = page(
    "MW401",
    Severity.ERROR,
    "A reference that cannot be resolved here",
    why="The server resolves $secret{} $env{} $sys{} $ref{} in deployment.toml only; its REST API resolves nothing (product/placeholders.md#forms, product/api.md#masks).",
    remedy="In a tenant: $env{NAME} or $file{name}, as the whole value of a secret. In `global`: the server's own placeholders, and $keep{} for what stays as each file has it.",
    bad="""\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $secret{acme}
""",
    good="""\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $env{MAILWRIGHT_ACME}
""",
)
TENANT_RELEASE = page(
    "MW402",
    Severity.ERROR,
    "Something that the release cannot do for tenants",
    why="The notification-sender API came with 6.0.0, its v2 with 7.2.0, HTTP providers with 7.3.0 (product/adapter.md#http-provider, product/api.md#v1, product/api.md#v2).",
    remedy="Set it for the whole server in `global`, or move to a newer release.",
    bad="""\
mailwright: 1
product: {version: "5.11.0"}
tenants:
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $env{MAILWRIGHT_ACME}
""",
    good="""\
mailwright: 1
product: {version: "6.1.0"}
tenants:
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $env{MAILWRIGHT_ACME}
""",
)
TENANT_DOMAIN = page(
    "MW403",
    Severity.ERROR,
    "Not a tenant's domain",
    why="A domain has lower-case letters, digits, `.`, `-` and `_` (product/tenant-management.md#domain); carbon.super has no sender of its own (product/api.md#super-tenant).",
    remedy="The super tenant's sender is `global`.",
    bad="""\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  carbon.super:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $env{MAILWRIGHT_ACME}
""",
    good="""\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $env{MAILWRIGHT_ACME}
""",
)
XML_CHARACTER = page(
    "MW404",
    Severity.ERROR,
    "A character that XML 1.0 does not have",
    why="No escape exists for it (product/xml.md#control-characters).",
    remedy="Remove the character.",
    bad="""\
mailwright: 1
product: {version: "7.2.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: no-reply@example.com
  password: $secret{smtp_password}
  signature: "Example\\x07"
  reply_to: support@example.com
""",
    good="""\
mailwright: 1
product: {version: "7.2.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: no-reply@example.com
  password: $secret{smtp_password}
  signature: "Example"
  reply_to: support@example.com
""",
)
