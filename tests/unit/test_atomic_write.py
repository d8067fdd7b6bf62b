"""Writing in one step: mode, owner and link stay; backups are private and few; killed at any moment, the file is old or new."""

from __future__ import annotations

import ast
import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mailwright.base import atomic
from mailwright.base.atomic import FileChanged, Written, back_up, backup_paths, digest_of, every_backup, replace_file
from mailwright.base.errors import UnreadableInput
from mailwright.base.writing import write_again

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


def test_another_name_of_the_file_is_said_to_have_the_old_content(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_bytes(b"old")
    other.hardlink_to(one)
    assert "hard link" in replace_file(str(one), b"new", 0).warnings[0]
    assert (one.read_bytes(), other.read_bytes()) == (b"new", b"old")
    assert replace_file(str(one), b"newer", 0).warnings == ()


def test_the_last_backups_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"0")
    for number in range(1, 6):
        replace_file(str(file), str(number).encode(), 3)
    assert [Path(path).read_bytes() for path in backup_paths(str(file))] == [b"2", b"3", b"4"]
    replace_file(str(file), b"x", 0)
    assert len(backup_paths(str(file))) == 3


def test_a_backup_before_another_program_works_on_the_file(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"old")
    backup = Path(back_up(str(file)))
    assert backup.read_bytes() == b"old"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert back_up(str(file)) == str(backup)
    file.write_bytes(b"damaged")
    assert Path(back_up(str(file))).read_bytes() == b"damaged"
    with pytest.raises(FileNotFoundError):
        back_up(str(tmp_path / "missing.toml"))


def test_backups_are_found_wherever_runs_with_other_options_put_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    real, moments = time.gmtime, iter(range(9))
    monkeypatch.setattr(time, "gmtime", lambda: real(next(moments)))
    file, chosen = tmp_path / "conf" / "deployment.toml", str(tmp_path / "chosen")
    file.parent.mkdir()
    file.write_bytes(b"0")
    replace_file(str(file), b"1")
    (file.parent / ".git").mkdir()
    replace_file(str(file), b"2", backup_dir=chosen)
    replace_file(str(file), b"3")
    assert [Path(path).read_bytes() for path in every_backup(str(file), chosen)] == [b"0", b"1", b"2"]
    assert [Path(path).read_bytes() for path in every_backup(str(file))] == [b"0", b"2"]
    (tmp_path / ".git").mkdir()
    assert [Path(path).read_bytes() for path in every_backup(str(file), chosen)] == [b"0"]


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
        "from mailwright.base.atomic import replace_file\n"
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


# -- others, leftovers, failures


def test_what_somebody_else_wrote_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"theirs")
    with pytest.raises(FileChanged):
        replace_file(str(file), b"ours", expected=digest_of(b"read before"))
    assert [path.name for path in tmp_path.iterdir()] == ["deployment.toml"]
    assert file.read_bytes() == b"theirs"
    with pytest.raises(FileChanged):
        replace_file(str(tmp_path / "gone.toml"), b"ours", expected=digest_of(b"read before"))
    replace_file(str(file), b"ours", expected=digest_of(b"theirs"))
    assert file.read_bytes() == b"ours"


@pytest.mark.parametrize("exchange", [True, False])
def test_an_edit_before_the_comparison_stays(exchange: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, real = tmp_path / "deployment.toml", atomic._swap
    file.write_bytes(b"old")

    def swap(temporary: str, path: str, old: bytes, new: bytes) -> None:
        file.write_bytes(b"by hand")
        real(temporary, path, old, new)

    monkeypatch.setattr(atomic, "_swap", swap)
    if not exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
    with pytest.raises(FileChanged):
        replace_file(str(file), b"new")
    assert file.read_bytes() == b"by hand"
    assert [path.name for path in tmp_path.iterdir()] == ["deployment.toml"], "no temporary file, and no backup of nothing"


def test_a_system_that_cannot_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"old")
    monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
    assert Path(str(replace_file(str(file), b"new").backup)).read_bytes() == b"old"
    assert file.read_bytes() == b"new"


def test_a_writer_that_keeps_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"old")
    monkeypatch.setattr(atomic, "WAIT", 0.1)
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another run keeps it locked"):
            replace_file(str(file), b"new")
    assert file.read_bytes() == b"old"
    replace_file(str(file), b"new")
    assert file.read_bytes() == b"new"


def test_leftovers_are_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"old")
    dead, alive, foreign = (tmp_path / f".mailwright-{name}.tmp" for name in ("0" * 32, "1" * 32, "of-a-user"))
    for path in (dead, alive, foreign):
        path.write_bytes(b"x")
    with alive.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        replace_file(str(file), b"new", 0)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, foreign.name, file.name])


@pytest.mark.parametrize("when", range(3))
def test_what_another_run_takes_for_left_over_before_it_is_locked_is_made_again(
    when: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text("old", encoding="utf-8")
    lock, locked = atomic._lock, list[int]()

    def late(handle: int) -> bool:
        locked.append(handle)
        if len(locked) == 2 + when:  # the first is the file's own
            atomic.remove_leftovers(str(tmp_path))
        return lock(handle)

    monkeypatch.setattr(atomic, "_lock", late)
    done = replace_file(str(file), b"new")
    assert file.read_bytes() == b"new"
    assert done.backup is not None
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "deployment.toml": b"new",
        Path(done.backup).name: b"old",
    }
    locked[:] = [0]
    folder, handle = atomic.new_folder(str(tmp_path))
    assert Path(folder).is_dir()
    os.close(handle)


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the first, the second, … write: of the new file, of its backup."""
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"0")
    for number in range(1, 4):
        replace_file(str(file), str(number).encode())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    real = os.write
    for good in range(2):
        left = [good]

        def write(handle: int, data: bytes, left: list[int] = left) -> int:
            if not left[0]:
                real(handle, bytes(data)[: len(data) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            left[0] -= 1
            return real(handle, data)

        monkeypatch.setattr(os, "write", write)
        for _ in range(5):
            left[0] = good
            with pytest.raises(OSError, match="No space left"):
                replace_file(str(file), b"new")
        monkeypatch.setattr(os, "write", real)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_run_that_was_killed_behind_its_backup_costs_no_good_one(tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"0")
    for number in range(1, 4):
        replace_file(str(file), str(number).encode())
    kept = backup_paths(str(file))
    Path(f"{file}.mailwright-29991231T235959-000000.bak").write_bytes(b"3")
    written = replace_file(str(file), b"4")
    assert written.backup is not None
    assert Path(written.backup).read_bytes() == b"3"
    assert [Path(path).read_bytes() for path in backup_paths(str(file))] == [b"1", b"2", b"3"]
    assert set(kept[1:]) < set(backup_paths(str(file)))


def test_a_folder_that_cannot_be_synced_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "deployment.toml"
    file.write_bytes(b"old")
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    written = replace_file(str(file), b"new")
    assert file.read_bytes() == b"new"
    assert "the file is the new one" in written.warnings[0]


@pytest.mark.parametrize(("owner", "group", "said"), [(1, 0, "its owner ({uid}) could"), (0, 1, "its group ({gid}) could")])
def test_an_owner_or_a_group_that_cannot_be_kept_is_named(
    owner: int, group: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays as it was, and the error says what to do."""
    file = tmp_path / "f"
    file.write_bytes(b"old")
    mine, fstat = os.stat(file), os.fstat
    there = os.stat_result((*mine[:4], mine.st_uid + owner, mine.st_gid + group, *mine[6:10]))

    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(os, "fstat", lambda handle: there if os.path.samestat(found := fstat(handle), mine) else found)
    with pytest.raises(UnreadableInput) as caught:
        write_again(str(file), b"old", b"new")
    assert said.format(uid=there.st_uid, gid=there.st_gid) in caught.value.message
    assert "be kept: run this as" in caught.value.message
    assert caught.value.message.endswith("; the file is as it was")
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]
