#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Node side of smtp_handshake: hold the handshakes, or print the server's trust store as PEM."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: smtp_handshake
short_description: Make a live SMTP handshake from a node, for the senders of WSO2 Identity Server
description:
  - For each sender, connects from the node, goes as far as MAIL FROM, and then resets. Nothing is sent unless O(send_test_to) asks for it.
  - Also says what the server's own mail client will do with the same settings, and what is risky.
  - The controller needs C(mailwright[verify]); the node needs Python 3.8 or newer, and keytool for O(trust_store).
  - User name and password are sent only over TLS with a certificate that verifies, unless an option lifts that.
version_added: 0.1.0
author:
  - The mailwright authors (@mailwright)
extends_documentation_fragment:
  - mailwright.wso2is.attributes
  - mailwright.wso2is.spec
  - mailwright.wso2is.node
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Nothing is changed.
seealso:
  - module: mailwright.wso2is.deployment_toml
  - module: mailwright.wso2is.tenant_email_sender
  - name: The collection's README
    description: The role and the playbooks that call this.
    link: https://github.com/mailwright/mailwright/blob/main/ansible/README.md
options:
  sender:
    description: The global sender, inline, by the adapter's own keys.
    type: dict
  overrides:
    description: The node's own values, over those of the spec.
    type: dict
  tenants:
    description: The tenants, inline; each with its C(domain).
    type: list
    elements: dict
  defaults:
    description: What every tenant inherits.
    type: dict
  path:
    description:
      - The node's C(deployment.toml). Its sender is then the global one, and the tenants of the spec inherit from it.
    type: path
  only:
    description: The domains to check. C(carbon.super) is the global sender. An empty list means all.
    type: list
    elements: str
    default: []
  secrets:
    description:
      - The values of C($secret{alias}), by alias; C($store{NAME/path#field}) is read on the controller.
      - If a secret is neither here, nor in the controller's environment, nor in the spec's C(verify_secrets), AUTH is skipped.
    type: dict
  ca_file:
    description: The server's trust store as PEM, on the controller.
    type: path
  trust_store:
    description: The server's trust store on the node (PKCS#12 or JKS); keytool prints it there.
    type: path
  trust_store_password:
    description: The trust store's password. The default is the product's default.
    type: str
  java_home:
    description: The folder on the node that has C(bin/keytool). By default, keytool is taken from the PATH.
    type: path
  timeout:
    description: Seconds for each phase.
    type: float
    default: 10.0
  deadline:
    description: Seconds for a whole check. The default is four times O(timeout).
    type: float
  allow_cleartext:
    description: Authenticate without TLS.
    type: bool
    default: false
  allow_unverified:
    description: Authenticate even if the certificate does not verify.
    type: bool
    default: false
  require_auth:
    description: Fail if a secret cannot be resolved, so that AUTH is skipped.
    type: bool
    default: false
  send_test_to:
    description: Send one real message to this address, from each sender.
    type: str
  fail_on_error:
    description: Fail if a sender fails.
    type: bool
    default: true
  settings:
    description: For internal use. Leave it out in playbooks.
    type: str
  ca_pem:
    description: For internal use.
    type: str
"""

EXAMPLES = r"""
- name: Check the sender that the node's server loads, against the server's own trust store
  mailwright.wso2is.smtp_handshake:
    path: /opt/wso2is/repository/conf/deployment.toml
    spec: email.yaml
    environment: prod
    product_version: "7.2.0"
    trust_store: /opt/wso2is/repository/resources/security/client-truststore.p12
    secrets:
      smtp_password: "{{ vault_smtp_password }}"
"""

RETURN = r"""
exit_code:
  description: The exit code that C(mailwright verify) would have.
  returned: always
  type: int
  sample: 0
senders:
  description: One object per sender, as in C(mailwright verify --format json).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: C(global) or the tenant's domain.
      type: str
    phases:
      description: Each phase with its status, the peer's reply and the milliseconds it took.
      type: list
      elements: dict
    client:
      description: What the server's own mail client does.
      type: dict
    findings:
      description: What is wrong or risky, each with a stable code and a remedy.
      type: list
      elements: dict
    exit_code:
      description: The sender's exit code.
      type: int
"""

import base64
import json
import os
import subprocess

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailwright.wso2is.plugins.module_utils.smtp_handshake import (
    HandshakeError,
    probe,
    report_to_wire,
    settings_from_wire,
)

DEFAULT_PASSWORD = "wso2carbon"  # the product's own (product/node.md#trust-store)


def main() -> None:
    """Hold handshakes, or export a trust store, as the action asks."""
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "str", "no_log": True},
            "ca_pem": {"type": "str"},
            "trust_store": {"type": "path"},
            "trust_store_password": {"type": "str", "no_log": True},
            "java_home": {"type": "path"},
        },
        required_one_of=[("settings", "trust_store")],
        supports_check_mode=True,
    )
    if module.params["trust_store"]:
        module.exit_json(changed=False, pem=_exported(module))
    wires = json.loads(base64.b64decode(module.params["settings"]))
    reports = []
    for wire in wires:
        try:
            reports.append(report_to_wire(probe(settings_from_wire(wire, module.params["ca_pem"]))))
        except HandshakeError as error:
            module.fail_json(msg=str(error))
    module.exit_json(changed=False, reports=reports)


def _exported(module: AnsibleModule) -> str:
    java, path = module.params["java_home"], module.params["trust_store"]
    keytool = os.path.join(java, "bin", "keytool") if java else "keytool"
    command = [keytool, "-J-Duser.language=en", "-list", "-rfc", "-keystore", path, "-storepass:env", "MAILWRIGHT_STORE"]
    environment = dict(os.environ, MAILWRIGHT_STORE=module.params["trust_store_password"] or DEFAULT_PASSWORD)
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        module.fail_json(
            msg="keytool cannot be run (%s): set java_home, or give the trust store as PEM with ca_file" % type(error).__name__
        )
    if done.returncode:
        module.fail_json(msg="%s: keytool cannot read this trust store: the file, or its password, is wrong" % path)
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    main()
