#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Documentation of the tenant_email_sender_info action, which runs on the controller."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: tenant_email_sender_info
short_description: Read tenants' email senders over the server's REST API
description:
  - Runs on the controller, writes nothing, and returns no secret.
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
    support: none
    details: Nothing is changed.
seealso:
  - module: mailwright.wso2is.tenant_email_sender
  - name: The collection's README
    description: The role and the playbooks that call this.
    link: https://github.com/mailwright/mailwright/blob/main/ansible/README.md
options:
  domains:
    description: The tenants to read. If empty, every tenant that the server lists, which requires C(api.super).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: What do these tenants have
  mailwright.wso2is.tenant_email_sender_info:
    server: https://is.example.com:9443
    product_version: "7.3.0"
    api:
      client_id: mailwright
      client_secret: "{{ vault_client_secret }}"
    domains: [acme.example]
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
    sender:
      description: Its sender with the spec's keys, without secrets; null if it has no sender of its own.
      type: dict
    error:
      description: Why it could not be read.
      type: str
    hint:
      description: What to do about it.
      type: str
"""
