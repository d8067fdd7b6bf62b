#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Node side of wso2is_info: what there is of a server on the node."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: wso2is_info
short_description: Report the version and state of a WSO2 Identity Server on a node, and what it will load
description:
  - Reports the product's version, whether it runs, where its trust store and its health page are, and what its email adapter will load.
  - Returns no secret.
version_added: 0.1.0
author:
  - The mailwright authors (@mailwright)
extends_documentation_fragment:
  - mailwright.wso2is.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Nothing is changed.
seealso:
  - module: mailwright.wso2is.server_state
  - module: mailwright.wso2is.deployment_toml
  - name: The collection's README
    description: The role and the playbooks that call this.
    link: https://github.com/mailwright/mailwright/blob/main/ansible/README.md
options:
  home:
    description: The server's home on the node.
    type: path
    required: true
  product_version:
    description: The product's version, if C(bin/version.txt) is wrong.
    type: str
"""

EXAMPLES = r"""
- name: What runs here
  mailwright.wso2is.wso2is_info:
    home: /opt/wso2is
  register: server
"""

RETURN = r"""
product_version:
  description: The version in C(bin/version.txt); null if there is none.
  returned: always
  type: str
  sample: 7.2.0
running:
  description: Whether the process in C(wso2carbon.pid) is running.
  returned: always
  type: bool
pid:
  description: That process.
  returned: always
  type: int
deployment_toml:
  description: The path of C(deployment.toml).
  returned: always
  type: str
digest:
  description: The SHA-256 of C(deployment.toml); null if there is no such file.
  returned: always
  type: str
java_home:
  description: JAVA_HOME in the environment of the connection, if it is set.
  returned: always
  type: str
trust_store:
  description: The trust store's C(path) and C(type), from the configuration or the release's defaults, and whether it C(exists).
  returned: always
  type: dict
health_url:
  description: The usual address of the health page. Its status codes are known only from the vendor's documentation.
  returned: always
  type: str
  sample: https://localhost:9443/api/health-check/v1.0/health
effective:
  description: What the server will load for the email adapter, without secrets, as in C(mailwright effective --format json).
  returned: when there is a deployment.toml
  type: dict
unsure:
  description: What is not certain about these values.
  returned: always
  type: list
  elements: str
"""

import base64
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailwright.wso2is.plugins.module_utils.atomic_write import digest_of
from ansible_collections.mailwright.wso2is.plugins.module_utils.server_state import lives, product_version, read_file


def main() -> None:
    """Read what is there."""
    module = AnsibleModule(argument_spec={"home": {"type": "path", "required": True}}, supports_check_mode=True)
    home = module.params["home"]
    path = os.path.join(home, "repository", "conf", "deployment.toml")
    data = read_file(path)
    written = (read_file(os.path.join(home, "wso2carbon.pid")) or b"").strip()
    pid = int(written) if written.isdigit() else None
    security = os.path.join(home, "repository", "resources", "security")
    module.exit_json(
        changed=False,
        home=home,
        product_version=product_version(home),
        pid=pid,
        running=pid is not None and lives(pid),
        deployment_toml=path,
        digest=digest_of(data) if data is not None else None,
        content=base64.b64encode(data).decode("ascii") if data is not None else None,
        java_home=os.environ.get("JAVA_HOME"),
        security=security,
        stores=sorted(name for name in (os.listdir(security) if os.path.isdir(security) else []) if "truststore" in name),
    )


if __name__ == "__main__":
    main()
