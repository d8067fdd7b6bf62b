"""Writing in one step: mode, owner and link stay; backups are private and few; killed at any moment, the file is old or new."""

from __future__ import annotations

import ast
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mailwright.atomic import Written, backup_paths, replace_file

SOURCE = Path(__file__).resolve().parents[2] / "ansible" / "plugins" / "module_utils" / "atomic_write.py"


def test_it_runs_on_python_3_8() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= set(sys.stdlib_module_names)


def test_mode_owner_and_link_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "deployment.toml"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real.name)
    before = real.stat()
    backup = replace_file(str(link), b"new", 3).backup
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    after = real.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (before.st_uid, before.st_gid, 0o640)
    assert backup is not None
    assert Path(backup).read_bytes() == b"old"
    assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600


def test_the_last_backups_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"0")
    for number in range(1, 6):
        replace_file(str(file), str(number).encode(), 3)
    assert [Path(path).read_bytes() for path in backup_paths(str(file))] == [b"2", b"3", b"4"]
    replace_file(str(file), b"x", 0)
    assert len(backup_paths(str(file))) == 3


def test_a_new_file_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert replace_file(str(tmp_path / "new.toml"), b"x") == Written()
    with pytest.raises(OSError, match="No such file"):
        replace_file(str(tmp_path / "missing" / "x.toml"), b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.toml"]


def test_killed_at_any_moment_the_file_is_old_or_new(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    old, new = b"old" * 100_000, b"new" * 100_000
    program = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from mailwright.atomic import replace_file\n"
        "print('go', flush=True)\n"
        "while True:\n"
        "    replace_file(sys.argv[1], b'new' * 100000, 1)\n"
        "    replace_file(sys.argv[1], b'old' * 100000, 1)\n"
    )
    generator = str(SOURCE.parents[3] / "generator")
    for round_ in range(12):
        file.write_bytes(old)
        process = subprocess.Popen([sys.executable, "-c", program, str(file), generator], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.003 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert file.read_bytes() in (old, new)
