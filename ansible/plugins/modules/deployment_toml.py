#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Node side of the deployment_toml action: read the file, and replace it in one step."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: deployment_toml
short_description: Merge an email sender into a node's deployment.toml
description:
  - Validates a spec on the controller, merges its global sender into C(deployment.toml) and writes the file in one step.
  - Every byte outside the email adapter's table stays as it is. A second merge changes nothing.
  - A file with which the server would not start is not written, unless O(allow_unstartable) is set. If neither O(product_version) nor the
    spec names a release, the server must start on every release. Something that was already broken, and that the merge does not touch, is a
    warning.
  - If somebody else changes the file meanwhile, their change is never overwritten. The merge starts again from the new content.
  - The controller needs the Python package C(mailwright); the node needs Python 3.8 or newer.
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
    support: full
seealso:
  - module: mailwright.wso2is.server_state
  - module: mailwright.wso2is.wso2is_info
  - name: The collection's README
    description: The role and the playbooks that call this.
    link: https://github.com/mailwright/mailwright/blob/main/ansible/README.md
options:
  path:
    description: The file on the node.
    type: path
    required: true
  sender:
    description: The global sender, inline, by the adapter's own keys. Either this or O(spec).
    type: dict
  overrides:
    description: The node's own values. They override those of the spec and its environment; null removes a key.
    type: dict
  tenant_loading:
    description: The tenant loading policy, in the form of the spec's C(tenant_loading). It takes precedence over the spec's.
    type: dict
  secrets:
    description: The encrypted texts of C([secrets]) by alias, in the form of the spec's C(secrets). They take precedence over the spec's.
    type: dict
  plain_secrets:
    description:
      - Secrets in clear text by alias, for the server's cipher tool.
      - Aliases that the file lacks are written in brackets, as the tool expects them.
      - C($store{NAME/path#field}) is read on the controller.
      - The server does not start until the tool has replaced them. RV(starts) is about the file after the tool has run.
    type: dict
  keep_unmanaged:
    description: Keep keys of the adapter's table that the spec does not have.
    type: bool
    default: false
  allow_unstartable:
    description: Write a file with which the server will not start, because a later task adds what is missing.
    type: bool
    default: false
  backups:
    description: How many backups to keep.
    type: int
    default: 3
  backup_dir:
    description:
      - The folder on the node for the backups, which hold old passwords (mode 0600).
      - By default they are beside the file. If that is in a git work tree, they are in the state folder of the user that the task runs as.
    type: path
  backup:
    description: With O(state=restored), the backup on the node that becomes the file again.
    type: path
  state:
    description: V(merged) writes the spec. V(restored) puts a backup back. The other states are for internal use.
    type: str
    choices: [merged, restored, read, written]
    default: merged
  content:
    description: For internal use.
    type: str
  digest:
    description: For internal use.
    type: str
"""

EXAMPLES = r"""
- name: Write the email sender
  mailwright.wso2is.deployment_toml:
    path: /opt/wso2is/repository/conf/deployment.toml
    spec: email.yaml
    environment: prod
    overrides:
      hostname: "{{ relay_of_this_site }}"
  register: merged
  notify: Restart the server

- name: Put the previous file back
  mailwright.wso2is.deployment_toml:
    path: /opt/wso2is/repository/conf/deployment.toml
    state: restored
    backup: "{{ merged.backup }}"
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
  returned: changed, not in check mode
  type: str
  sample: /opt/wso2is/repository/conf/deployment.toml.mailwright-20260101T000000-000.bak
starts:
  description: Whether the server starts with the file as it is now, according to mailwright's model of its configuration engine; null if
    that is not certain.
  returned: with O(state=merged)
  type: bool
reason:
  description: Why the server does not start.
  returned: with O(state=merged)
  type: str
refused:
  description: Whether the file was not written because the server would not start with it. The task then fails.
  returned: with O(state=merged)
  type: bool
product_version:
  description: The release that RV(starts) is about.
  returned: with O(state=merged)
  type: str
  sample: 7.2.0
secrets_last:
  description: Whether C([secrets]) is the last table and has no comments. Otherwise the cipher tool of 5.9.0 to 7.2.0 truncates the file.
  returned: with O(state=merged)
  type: bool
lines:
  description: How many lines the file has.
  returned: with O(state=merged)
  type: int
plain_secrets:
  description: The aliases whose text is not encrypted yet.
  returned: with O(state=merged)
  type: list
  elements: str
"""

import base64

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailwright.wso2is.plugins.module_utils.atomic_write import FileChanged, digest_of, replace_file


def main() -> None:
    """Read or write, as the action asks."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["read", "written"], "required": True},
            "content": {"type": "str", "no_log": True},
            "digest": {"type": "str"},
            "backups": {"type": "int", "default": 3},
            "backup_dir": {"type": "path"},
        },
        required_if=[("state", "written", ["content", "digest"])],
        supports_check_mode=True,
    )
    path = module.params["path"]
    try:
        with open(path, "rb") as file:
            data = file.read()
        digest = digest_of(data)
        if module.params["state"] == "read":
            module.exit_json(changed=False, content=base64.b64encode(data).decode("ascii"), digest=digest)
        if module.check_mode:
            module.exit_json(changed=True, backup=None)
        written = replace_file(
            path,
            base64.b64decode(module.params["content"]),
            module.params["backups"],
            expected=module.params["digest"],
            backup_dir=module.params["backup_dir"],
        )
        module.exit_json(changed=True, backup=written.backup, warnings=list(written.warnings))
    except FileChanged:
        module.exit_json(changed=False, stale=True)
    except (IOError, OSError) as error:
        kept = "" if module.params["state"] == "read" else "; the file is as it was"
        module.fail_json(msg="%s: %s%s" % (path, error.strerror or type(error).__name__, kept))


if __name__ == "__main__":
    main()
