# SPDX-License-Identifier: Apache-2.0
"""Options of every plugin that talks to the server's REST API."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the server is, and who calls."""

    DOCUMENTATION = r"""
options:
  server:
    description:
      - The server, e.g. C(https://is.example.com:9443); without it the one that the spec names for the environment.
      - Refused where it is another than the environment's, or the server of another environment.
    type: str
  server_override:
    description: Let O(server) be another server than the environment's.
    type: bool
    default: false
  ca_file:
    description:
      - Who issued the server's certificate, as PEM on the controller; without it what the spec names for the environment, else the
        controller's authorities.
    type: path
  allow_unverified:
    description: DANGEROUS. Send credentials to a server that cannot prove who it is.
    type: bool
    default: false
  timeout:
    description: Seconds for one request.
    type: float
    default: 30.0
  concurrency:
    description: Tenants in work at one time.
    type: int
    default: 16
  rate:
    description: Requests a second at most.
    type: float
  api:
    description: The credentials, as the spec's C(api) has them; they go before the spec's.
    type: dict
  owner:
    description: The mark that a prune goes by, as the spec's C(owner).
    type: str
"""
