#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the tenant_email_sender action, which runs on the controller."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: tenant_email_sender
short_description: Bring tenants' email senders in line with a spec, over the server's REST API
description:
  - Runs on the controller. Nothing is written before the whole spec validates and every secret resolves.
  - Each tenant is read right before it is written. If one tenant fails, the others go on, and the task fails at the end.
  - Check mode makes the same plan and writes nothing.
  - Run it once, not on every node.
  - The controller needs C(mailwright[tenants]).
version_added: 0.1.0
author:
  - The mailwright authors (@mailwright)
extends_documentation_fragment:
  - mailwright.wso2is.attributes
  - mailwright.wso2is.spec
  - mailwright.wso2is.server
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
seealso:
  - module: mailwright.wso2is.tenant_email_sender_info
  - module: mailwright.wso2is.smtp_handshake
  - name: The collection's README
    description: The role and the playbooks that call this.
    link: https://github.com/mailwright/mailwright/blob/main/ansible/README.md
options:
  tenants:
    description: The tenants, each with its C(domain) and the keys of the spec. They take precedence over the spec's tenants.
    type: list
    elements: dict
  defaults:
    description: What every tenant inherits. It takes precedence over the spec's defaults.
    type: dict
  allow_env:
    description: Environment variables that tenants may refer to, in the form of the spec's C(allow_env).
    type: list
    elements: str
  update_secrets:
    description: When to send secrets although nothing visible differs.
    type: str
    choices: [on-version-change, always]
    default: on-version-change
  server_required:
    description:
      - Whether it is an error if neither O(server) nor the spec's environment names a server. If V(false), the task is skipped in that case.
    type: bool
    default: true
  state:
    description:
      - V(checked) checks the spec and the policy, reads every secret, and contacts no server. A play can do that before it changes its nodes.
    type: str
    choices: [applied, checked]
    default: applied
  prune:
    description: Delete senders that carry the spec's owner mark but are not in the spec.
    type: bool
    default: false
  confirm_deletions:
    description: Allow O(prune) to delete more than five senders.
    type: bool
    default: false
  policy:
    description: A policy file on the controller. It says which hosts and domains tenants may use, and which TLS they must use.
    type: path
  secrets_dir:
    description: A folder on the controller with one file per name, for C($file{name}).
    type: path
"""

EXAMPLES = r"""
- name: Provision the tenants
  mailwright.wso2is.tenant_email_sender:
    spec: email.yaml
    environment: prod # the spec says which server that is
    api:
      client_id: mailwright
      client_secret: "{{ vault_client_secret }}"
  run_once: true
"""

RETURN = r"""
tenants:
  description: One entry per tenant.
  returned: always
  type: list
  elements: dict
  contains:
    domain:
      description: The tenant's domain.
      type: str
    action:
      description: create, update, unchanged, delete or error.
      type: str
    changes:
      description: The fields that differ, with their values before and after; no secret.
      type: list
      elements: dict
    outcome:
      description: The result of the write, if there was one.
      type: str
    status:
      description: The HTTP status of the write, if there was one.
      type: int
    note:
      description: What else is to be said of a success.
      type: str
    error:
      description: Why it failed.
      type: str
    hint:
      description: What to do about it.
      type: str
without_server:
  description: Whether tenants were left out because no server is named.
  returned: when skipped
  type: bool
exit_code:
  description: The exit code that C(mailwright apply) would have, except for a partial success.
  returned: always
  type: int
not_looked_at:
  description: With O(prune), how many tenants that are not in the spec refused its credentials.
  returned: always
  type: int
"""
