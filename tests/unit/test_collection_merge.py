"""What the role merges into a node's file, as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailwright.base.errors import SpecError
from mailwright.operations.merge import merging
from mailwright.operations.specs import checked, spec_of_task

FILE = '[output_adapter.email]\nhostname = "h"\nport = 25\nfrom_address = "a@example.com"\nenable_authentication = false\n'


@pytest.mark.parametrize("keep", [True, False])
def test_an_adopted_spec_may_leave_keys_to_the_file(keep: bool, write: Callable[[str, str], Path]) -> None:
    spec = {"mailwright": 1, "keep_unmanaged": keep, "global": {"port": 587}}
    task = spec_of_task({}, str(write("email.json", json.dumps(spec))))
    if not keep:
        with pytest.raises(SpecError, match="is missing"):
            merging(task, product_version="7.2.0")
        return
    found = merging(task, product_version="7.2.0").into("deployment.toml", FILE.encode())
    assert found.content.decode() == FILE.replace("25", "587")
    assert found.merged.changed == ("output_adapter.email.port",)
    with pytest.raises(SpecError):
        checked(task, "7.2.0")
