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
    description: The product's version, if the spec does not say it.
    type: str
  stores:
    description:
      - Where C($store{NAME/path#field}) comes from, as the spec's C(stores); goes before the spec's. The controller reads them.
      - No secret stands here; docs/stores.md has the kinds.
    type: dict
"""
