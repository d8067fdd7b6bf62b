"""What the role merges into a node's file, as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailwright.base.errors import SpecError
from mailwright.operations.nodes import merge_node
from mailwright.operations.specs import task_spec

FILE = '[output_adapter.email]\nhostname = "h"\nport = 25\nfrom_address = "a@example.com"\nenable_authentication = false\n'


@pytest.mark.parametrize("keep", [True, False])
def test_an_adopted_spec_may_leave_keys_to_the_file(keep: bool, write: Callable[[str, str], Path]) -> None:
    spec = {"mailwright": 1, "keep_unmanaged": keep, "global": {"port": 587}}
    task = task_spec({"product_version": "7.2.0"}, str(write("email.json", json.dumps(spec))))
    if not keep:
        with pytest.raises(SpecError, match="is missing"):
            merge_node(task, FILE.encode(), "deployment.toml")
        return
    merged = merge_node(task, FILE.encode(), "deployment.toml")
    assert merged.content.decode() == FILE.replace("25", "587")
    assert merged.changed_keys == ("output_adapter.email.port",)
    with pytest.raises(SpecError):
        task.validated()
