# SPDX-License-Identifier: Apache-2.0
"""What a plugin can do besides its job, in the words that Ansible's own pages use."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes; each plugin says how far it has them."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Says in check mode what it would change, and changes nothing.
  diff_mode:
    description: Shows what changes in diff mode, without secrets.
  platform:
    description: What the node has to be.
    platforms: posix
    support: full
"""
