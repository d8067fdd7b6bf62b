#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Node side of the deployment_toml action: read the file, and replace it in one step."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: deployment_toml
short_description: Merge an email sender into a node's deployment.toml
description:
  - Validates a spec on the controller, merges its global sender into C(deployment.toml) and writes the file in one step.
  - Every byte outside the email adapter's table stays as it is. Merging twice is merging once.
  - The controller needs the Python package C(mailwright); the node needs Python 3.8 or newer.
version_added: 0.1.0
author:
  - The mailwright authors (@mailwright)
options:
  path:
    description: The file on the node.
    type: path
    required: true
  spec:
    description: A spec file on the controller. Either this or O(sender).
    type: path
  sender:
    description: The global sender, inline, by the adapter's own keys.
    type: dict
  environment:
    description: The environment of the spec.
    type: str
  product_version:
    description: The product's version, if the spec does not say it.
    type: str
  backups:
    description: How many backups are kept beside the file.
    type: int
    default: 3
  state:
    description: For the action's own use. Scripts leave it out.
    type: str
    choices: [merged, read, written]
    default: merged
  content:
    description: For the action's own use.
    type: str
  digest:
    description: For the action's own use.
    type: str
"""

EXAMPLES = r"""
- name: Write the email sender
  mailwright.wso2is.deployment_toml:
    path: /opt/wso2is/repository/conf/deployment.toml
    spec: email.yaml
    environment: prod
  notify: Restart the server
"""

RETURN = r"""
changed_keys:
  description: The key paths that differ, without their values.
  returned: success
  type: list
  elements: str
  sample: [output_adapter.email.hostname]
backup:
  description: The backup on the node.
  returned: changed
  type: str
  sample: /opt/wso2is/repository/conf/deployment.toml.mailwright-20260101T000000-000.bak
"""

import base64
import hashlib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailwright.wso2is.plugins.module_utils.atomic_write import replace_file


def main() -> None:
    """Read or write, as the action asks."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["read", "written"], "required": True},
            "content": {"type": "str", "no_log": True},
            "digest": {"type": "str"},
            "backups": {"type": "int", "default": 3},
        },
        required_if=[("state", "written", ["content", "digest"])],
        supports_check_mode=True,
    )
    path = module.params["path"]
    try:
        with open(path, "rb") as file:
            data = file.read()
        digest = hashlib.sha256(data).hexdigest()
        if module.params["state"] == "read":
            module.exit_json(changed=False, content=base64.b64encode(data).decode("ascii"), digest=digest)
        if digest != module.params["digest"]:
            module.fail_json(msg="the file on the node changed while it was being merged; nothing was written")
        backup = None
        if not module.check_mode:
            backup = replace_file(path, base64.b64decode(module.params["content"]), module.params["backups"])
        module.exit_json(changed=True, backup=backup)
    except (IOError, OSError) as error:
        module.fail_json(msg="%s: %s" % (path, error.strerror or type(error).__name__))


if __name__ == "__main__":
    main()
