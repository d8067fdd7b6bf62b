# SPDX-License-Identifier: Apache-2.0
"""Options of every plugin that talks to the server's REST API."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the server is, and who calls."""

    DOCUMENTATION = r"""
options:
  server:
    description:
      - The server, e.g. C(https://is.example.com:9443). By default, it is the one that the spec names for the environment.
      - A server other than the environment's is refused, and so is the server of another environment.
    type: str
  server_override:
    description: Accept a O(server) that is not the environment's.
    type: bool
    default: false
  ca_file:
    description:
      - The certificate of the authority that issued the server's certificate, as PEM on the controller. By default, it is the file that the
        spec names for the environment, or else the controller's own authorities.
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
    description: How many tenants to work on at a time.
    type: int
    default: 16
  rate:
    description: The highest number of requests per second.
    type: float
  api:
    description: The credentials, in the form of the spec's C(api). They take precedence over the spec's.
    type: dict
  owner:
    description: The mark by which a prune recognizes the spec's own senders, as in the spec's C(owner).
    type: str
"""
