# SPDX-License-Identifier: Apache-2.0
"""Options of every plugin that takes a spec."""

from __future__ import annotations


class ModuleDocFragment:
    """How a task names its spec."""

    DOCUMENTATION = r"""
options:
  spec:
    description: A spec file on the controller.
    type: path
  environment:
    description: The environment of the spec.
    type: str
  product_version:
    description: The product's version, if the spec does not name it.
    type: str
  stores:
    description:
      - The stores that C($store{NAME/path#field}) refers to, in the form of the spec's C(stores). They take precedence over the spec's. The
        controller reads them.
      - Put no secret here. L(Secrets from stores,https://github.com/mailwright/mailwright/blob/main/docs/stores.md) lists the kinds.
    type: dict
"""
