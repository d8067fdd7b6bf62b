# SPDX-License-Identifier: Apache-2.0
"""Options of every plugin that works with a spec on a node."""

from __future__ import annotations


class ModuleDocFragment:
    """How a task says what is installed on its node."""

    DOCUMENTATION = r"""
options:
  installed_version:
    description:
      - The version that is installed on the node, as M(mailwright.wso2is.wso2is_info) returns it. It counts if neither the spec nor
        O(product_version) names one.
      - If the spec names a release that behaves otherwise, the task fails, and nothing is written. If the spec's release is meant, give it as
        O(product_version) too.
    type: str
"""
