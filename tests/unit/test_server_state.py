"""Whether a server has loaded its file: over reboots, stepped clocks, reused numbers, edits and starts by others, and runs cut off anywhere."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailwright.base.atomic

UTILS = "ansible_collections.mailwright.wso2is.plugins.module_utils"
SOURCE = Path(__file__).resolve().parents[2] / "ansible" / "plugins" / "module_utils" / "server_state.py"


def _module() -> ModuleType:
    parts = UTILS.split(".")
    for number in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:number]), ModuleType(parts[number - 1]))
    sys.modules.setdefault(f"{UTILS}.atomic_write", mailwright.base.atomic)
    spec = importlib.util.spec_from_file_location(f"{UTILS}.server_state", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


state = _module()
SERVER = state.Process("boot-1", 4711, 5000)


def _now(**more: Any) -> Any:
    base = {
        "digest": "new",
        "identity": "1:1",
        "changed": 1000.0,
        "boot": "boot-1",
        "ticks": 9000,
        "running": True,
        "process": SERVER,
        "started": 2000.0,
        "pid_file_written": 2001.0,
    }
    return state.Now(**{**base, **more})


SEEN = {"digest": "new", "identity": "1:1", "boot": "boot-1", "ticks": 4000}


@pytest.mark.parametrize(
    ("record", "now", "verdict"),
    [
        ({"process": list(SERVER), "loaded": "new"}, {"started": 0.0}, (True, "record")),  # whatever the clock says
        ({"process": list(SERVER), "loaded": "old"}, {}, (False, "record")),
        ({"process": list(SERVER), "loaded": None}, {}, (False, "record")),
        ({"process": ["boot-1", 4711, 4999], "loaded": "old"}, {}, (True, "clock")),  # the number again, another process
        ({"process": ["boot-0", 4711, 5000], "loaded": "old"}, {}, (True, "clock")),  # the number and the tick, another boot
        ({"seen": SEEN, "owed": True}, {"started": 0.0}, (True, "record")),
        ({"seen": {**SEEN, "ticks": 5000}, "owed": True}, {}, (False, "record")),
        ({"seen": {**SEEN, "ticks": 4999}, "owed": True}, {}, (True, "record")),
        ({"seen": {**SEEN, "boot": "boot-0", "ticks": 9999}, "owed": True}, {}, (True, "record")),  # it began after a reboot
        ({"seen": {**SEEN, "digest": "old"}, "owed": True}, {}, (False, "record")),
        ({"seen": {**SEEN, "identity": "1:0"}, "owed": True}, {}, (False, "record")),  # gone and put back since
        ({}, {}, (True, "clock")),
        ({}, {"changed": 2000.0}, (False, "clock")),
        ({}, {"changed": 2000.5, "started": 5600.0}, (True, "clock")),
        ({}, {"changed": 2001.5, "started": 5600.0}, (False, "clock")),  # the clock went forward after the edit
        ({}, {"changed": 2000.5, "pid_file_written": 5600.0}, (False, "clock")),  # it went back before the edit
        ({"owed": True}, {}, (False, "record")),
        ({"owed": True}, {"process": None}, (None, "nothing says which process it is")),
    ],
)
def test_what_a_server_has_loaded(record: dict[str, Any], now: dict[str, Any], verdict: tuple[bool | None, str]) -> None:
    assert state.has_loaded(record, _now(**now)) == verdict


class World:
    """A node, with the truth; and the role's part of it."""

    def __init__(self) -> None:
        self.ticks, self.boot, self.offset, self.writes = 1000, 1, 0.0, 0
        self.digest, self.identity, self.changed = "first", "0", self.wall()
        self.process: Any = None
        self.truth: str | None = None
        self.pid_file = 0.0
        self.record: dict[str, Any] = {}
        self.start()

    def wall(self) -> float:
        return self.boot * 1e6 + self.ticks / 100 + self.offset

    def put(self, digest: str) -> None:
        self.writes += 1
        self.digest, self.identity, self.changed = digest, str(self.writes), self.wall()

    def start(self) -> None:
        self.process, self.truth = state.Process(str(self.boot), 100 + self.writes % 2, self.ticks), self.digest
        self.pid_file = self.wall() + 0.01

    def look(self) -> Any:
        started = self.process and self.process.start / 100 - self.ticks / 100 + self.wall()
        found = (self.digest, self.identity, self.changed, str(self.boot), self.ticks + 1, self.process is not None)
        return state.Now(*found, self.process, started or 0.0, self.pid_file)

    def verdict(self) -> tuple[bool | None, str]:
        return state.has_loaded(self.record, self.look())

    def note(self, phase: str) -> None:
        now, (loaded, _) = self.look(), self.verdict()
        if phase == "changing":
            self.record = state.begin(self.record, now, loaded, "good")
        elif phase == "settled" and now.process is not None and loaded:
            self.record = state.settle(self.record, now, loaded)
        else:
            self.record = state.learn(self.record, now, loaded)

    def change(self, digest: str, steps: int, stopping: str) -> None:
        """The role's change, cut off after some steps; *stopping*: it stops, does not, or a supervisor starts it again."""

        def stop() -> None:
            if stopping != "not":
                self.process = None
            if stopping == "supervised":
                self.start()

        work = [
            lambda: self.note("seen"),
            lambda: self.note("changing"),
            stop,
            lambda: self.put(digest),
            lambda: self.note("written"),
            self.start,
            lambda: self.note("settled"),
        ]
        for step in work[:steps]:
            step()
            self.ticks += 5

    def happen(self, event: tuple[Any, ...]) -> None:
        self.ticks += 5
        match event:
            case ("change", digest, steps, stopping):
                self.change(digest, steps, stopping)
            case ("edit", digest):
                self.put(digest)
            case ("look",):
                self.note("seen")
            case ("start",):
                self.start()
            case ("stop",):
                self.process = None
            case ("touch",):
                self.put(self.digest)
            case ("step", seconds):
                self.offset += seconds
            case ("reboot",):
                self.boot, self.ticks = self.boot + 1, 500
                self.start()


CONTENT = st.sampled_from(["first", "second", "third"])
CHANGE = st.tuples(st.just("change"), CONTENT, st.integers(0, 7), st.sampled_from(["stops", "not", "supervised"]))
PLAIN = st.tuples(st.sampled_from(["look", "start", "stop", "touch", "reboot"]))
STEP = st.tuples(st.just("step"), st.floats(-1e4, 1e4))
EDIT = st.tuples(st.just("edit"), CONTENT)


@pytest.mark.parametrize("others", [STEP, EDIT], ids=["stepped-clocks", "edits-by-others"])
@given(data=st.data(), wanted=CONTENT)
def test_a_yes_is_right_and_one_more_run_is_enough(others: st.SearchStrategy[Any], data: st.DataObject, wanted: str) -> None:
    world = World()
    world.note("seen")
    for event in data.draw(st.lists(st.one_of(CHANGE, PLAIN, others), max_size=12)):
        world.happen(event)
        if world.process is not None and world.verdict()[0]:
            assert world.truth == world.digest, (event, world.record)
    if wanted != world.digest or world.verdict()[0] is not True:
        world.change(wanted, 7, "stops")
    assert world.truth == world.digest == wanted
    assert world.verdict() == (True, "record") or world.verdict()[1] == "clock"


def _observe(home: Path, record: dict[str, Any] | None = None, service: bool | None = None, *, needed: bool = False) -> Any:
    path = home / "repository" / "conf" / "deployment.toml"
    return state.observe(str(home), str(path), str(home / "wso2carbon.pid"), service, needed, record or {})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    file = tmp_path / "repository" / "conf" / "deployment.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[server]\n", encoding="utf-8")
    return tmp_path


def test_a_node_is_looked_at(home: Path) -> None:
    assert _observe(home).running is None
    assert _observe(home, needed=True).running is False
    assert _observe(home, service=True).running is True
    pid_file, before = home / "wso2carbon.pid", time.time()
    with subprocess.Popen(["sleep", "60"], cwd=home) as server:
        pid_file.write_text(f"{server.pid}\n", encoding="ascii")
        now = _observe(home)
        assert now.running
        assert now.process.pid == server.pid
        assert now.process.start < now.ticks
        assert before - 1 < now.started < time.time() + 1
        record = state.settle({"owed": True, "good": "x"}, now, True)
        assert record["process"] == list(now.process)
        assert not record.keys() & {"owed", "good"}
        path = str(home / "repository" / "conf" / "deployment.toml")
        state.update_record(path, lambda _: record)
        assert state.read_record(path) == record
        assert os.stat(path + state.RECORD).st_mode & 0o077 == 0
        assert state.has_loaded(record, _observe(home)) == (True, "record")
        Path(path).write_text("[server]\n# another\n", encoding="utf-8")
        assert state.has_loaded(record, _observe(home)) == (False, "record")
        os.utime(pid_file, (1, 1))
        assert _observe(home).running  # it works in the server's home
        server.kill()
        while os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT) is None:
            pass
        assert _observe(home).running is False  # it ended, and nobody has asked how
    assert _observe(home).running is False


def test_a_number_that_another_process_has_now(home: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd="/") as stranger:
        (home / "wso2carbon.pid").write_text(str(stranger.pid), encoding="ascii")
        assert _observe(home).running
        os.utime(home / "wso2carbon.pid", (1, 1))
        assert _observe(home).running is False
        stranger.kill()


MINE, OTHERS = ({"id": name, "who": f"{name}@controller"} for name in ("mine", "others"))


@pytest.mark.parametrize(
    ("now", "held"),
    [
        (("boot-1", 100.0), True),
        (("boot-1", 159.9), True),
        (("boot-1", 160.0), False),  # it did nothing for a whole lease
        (("boot-2", 1.0), False),  # the node was rebooted
        (("", 100.0), False),
        (("boot-1", 99.0), False),  # longer than a lease can last: a clock that was set back
    ],
)
def test_a_lease_ends(now: tuple[str, float], held: bool) -> None:
    record = state.take({"owed": True}, ("boot-1", 100.0), OTHERS, 60.0)
    assert bool(state.holder(record, now)) is held
    assert record["owed"]
    assert state.holder(record, now, gone="others") is None


def test_a_lease_begins_anew_and_says_since_when() -> None:
    before = time.time()
    record = state.take({}, ("boot-1", 100.0), OTHERS, 60.0)
    since = record["run"]["since"]
    assert before <= since <= time.time()
    record["run"]["since"] -= 50
    again = state.take(record, ("boot-1", 150.0), OTHERS, 60.0)
    assert state.holder(again, ("boot-1", 209.0))["since"] == since - 50
    assert state.take(again, ("boot-2", 1.0), MINE, 60.0)["run"]["since"] >= since
    for broken in ({"run": "others"}, {"run": {}}, {"run": []}, {"run": None}):
        assert state.holder(broken, ("boot-1", 1.0)) is None


RACE = """
import sys
sys.path.insert(0, {tests!r})
from test_server_state import compete
compete({path!r}, sys.argv[1])
"""


def compete(path: str, name: str) -> None:
    """Take the node fifty times; in between, hold what only one may hold."""
    run = {"id": name, "who": name}
    for _ in range(50):
        mine = False

        def change(record: dict[str, Any]) -> dict[str, Any]:
            nonlocal mine
            now = state.moment()
            mine = state.holder(record, now) is None
            return state.take(record, now, run, 30.0) if mine else record

        while not mine:
            state.update_record(path, change)
        os.close(os.open(path + ".one", os.O_CREAT | os.O_EXCL))  # fails where another has the node too
        os.unlink(path + ".one")
        state.update_record(path, lambda record: {key: value for key, value in record.items() if key != "run"})


def test_fifty_races_for_a_node(home: Path) -> None:
    path = str(home / "deployment.toml")
    state.update_record(path, lambda _: {"owed": True})
    code = RACE.format(tests=str(Path(__file__).parent), path=path)
    with ThreadPoolExecutor() as pool:
        racing = [
            pool.submit(subprocess.run, [sys.executable, "-c", code, name], capture_output=True) for name in ("one", "other")
        ]
    for each in racing:
        assert each.result().returncode == 0, each.result().stderr
    assert state.read_record(path) == {"owed": True}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\0"])
def test_a_record_that_cannot_be_read_is_none(home: Path, text: str) -> None:
    path = str(home / "deployment.toml")
    Path(path + state.RECORD).write_text(text, encoding="utf-8")
    assert state.read_record(path) == {}
