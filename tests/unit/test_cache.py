"""What is kept of files that have not changed: the same findings, nothing of a file's values, and never an error."""

from __future__ import annotations

import errno
import json
import os
import random
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from hashlib import blake2b, md5, sha1, sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands import Run
from mailwright.base import cache as caches
from mailwright.base.cache import FOLDER, MAX_DAYS, Cache, opened
from mailwright.base.packed import pack, unpack
from mailwright.report.formats import FORMATS
from mailwright.validation import Check, kept
from mailwright.validation.kept import Kept, Observed, checked, depends_on, may_be_kept

KEEPS = {"MAILWRIGHT_NO_CACHE": ""}
WRONG = """[output_adapter.email]
hostname = "smtp.gmail.com"
port = 465
pasword = "tiger"
usernam = 1
hostnam = "x"
auth_type = "BASI"
username = "$env{NOT_SET_HERE}"
password = "plain"
signature = "R & D"
custom_properties.mail.smtp.timeout = 1
[output_adapter.email.custom_properties]
"mail.smtp.conectiontimeout" = 3
[tenant_mgt]
tenant_idle_time = "30 minutes"
"""

Validate = Callable[..., str]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.toml").write_text(WRONG)
    (tmp_path / "b.toml").write_text(WRONG.replace("plain", "$secret{p}") + '[secrets]\np = "x"\n')
    (tmp_path / "good.toml").write_text("[server]\nx = 1\n")
    return tmp_path


@pytest.fixture
def validate(run: Run, checkout: Path) -> Validate:
    """Run ``validate`` on the files; check the number of hits, and return the output."""

    def validate_all(
        *options: str, hits: int | None = None, files: tuple[str, ...] = ("a.toml", "b.toml", "good.toml"), **env: str
    ) -> str:
        result = run("validate", "-v", *options, *files, env={**KEEPS, **env}, cwd=checkout)
        assert result.code in (0, 1), result.stderr
        if hits is not None:
            assert f"mailwright: {hits} file{'s' if hits != 1 else ''} had not changed" in result.stderr
        return result.stdout

    return validate_all


def entries(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob("*.entries"))


def test_hits_say_what_a_check_says_in_every_format(validate: Validate) -> None:
    for options in ([], ["--product-version", "7.2.0"]):
        plain = {name: validate("--no-cache", "--format", name, *options) for name in FORMATS["validate"]}
        assert "MW101" in plain["text"]
        validate(*options, hits=0)
        assert {name: validate("--format", name, *options, hits=3) for name in FORMATS["validate"]} == plain
    strict = ["--strict", "--ignore", "MW2"]
    assert validate(*strict, hits=3) == validate("--no-cache", *strict)


def test_findings_that_come_from_processes_are_the_same(validate: Validate, checkout: Path) -> None:
    texts = [(checkout / name).read_text() for name in ("a.toml", "b.toml", "good.toml")]
    names = tuple(f"{number}.toml" for number in range(99))
    for number, name in enumerate(names):
        (checkout / name).write_text(texts[number % 3] + f"# {number}\n")
    plain = validate("--no-cache", "--format", "sarif", files=names)
    assert validate("--format", "sarif", files=names, hits=0) == plain
    assert validate("--format", "sarif", files=names, hits=99) == plain
    (checkout / "7.toml").write_text(texts[0])
    assert validate("--format", "json", files=names, hits=98) == validate("--no-cache", "--format", "json", files=names)


def test_equal_files_share_what_is_kept_wherever_they_lie(validate: Validate, checkout: Path) -> None:
    validate(hits=0)
    (checkout / "deep").mkdir()
    (checkout / "deep" / "deployment.toml").write_bytes((checkout / "a.toml").read_bytes())
    said = validate(files=("deep/deployment.toml",), hits=1)
    assert said == validate("--no-cache", files=("deep/deployment.toml",))
    assert said.startswith("deep/deployment.toml:")


@pytest.mark.parametrize("at", [0, 30, -2])
def test_a_byte_more_or_less_is_another_file(validate: Validate, checkout: Path, at: int) -> None:
    validate(hits=0)
    data = bytearray((checkout / "a.toml").read_bytes())
    data[at] ^= 1
    (checkout / "a.toml").write_bytes(bytes(data))
    assert validate(hits=2) == validate("--no-cache")


@pytest.mark.parametrize(
    "options", [["--product-version", "7.2.0"], ["--product-version", "5.9.0"], ["--resolve-env"], ["--as", "deployment"]]
)
def test_other_options_ask_anew(validate: Validate, options: list[str]) -> None:
    validate(hits=0)
    assert validate(*options, hits=0) == validate("--no-cache", *options)


@pytest.mark.parametrize("what", ["__version__", "_digest", "_jsonschemas"])
def test_another_program_asks_anew(validate: Validate, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    validate(hits=0)
    validate(hits=3)
    monkeypatch.setattr(kept, what, "9" if what == "__version__" else lambda *_: "other")
    validate(hits=0)


def test_the_setting_has_the_code_and_the_data_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    seen = set()
    for name, text in (("a.py", "1"), ("a.py", "2"), ("b.json", "1"), ("deep/c.py", "1"), ("notes.txt", "1")):
        (tmp_path / name).write_text(text)
        seen.add(kept._digest(tmp_path))
    assert len(seen) == 4
    project = tomllib.loads((kept._PACKAGE.parents[1] / "pyproject.toml").read_text())
    (layers,) = (each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["id"] == "layers")
    below = [room.strip() for layer in layers[layers.index("validation") :] for room in layer.split("|")]
    assert sorted(kept._ROOMS) == sorted(below)
    assert depends_on(Check()) != depends_on(Check(resolve=True))


def test_variables_that_a_file_mentions(validate: Validate, checkout: Path) -> None:
    """Unset ones are part of what is kept; what depends on a value is not kept, which is why nothing of it can be found there."""
    validate(hits=0)
    validate(hits=3)
    assert "MW204" not in validate()
    for _ in range(2):
        assert "MW204" in validate(hits=1, NOT_SET_HERE="a$b")
        assert "MW204" not in validate(hits=1, NOT_SET_HERE="ab")
    assert "NOT_SET_HERE" not in "".join(path.read_text() for path in entries(checkout)).replace("$env{NOT_SET_HERE}", "")


@pytest.mark.parametrize(
    ("ask", "asked", "used"),
    [
        (lambda seen: None, [], False),
        (lambda seen: seen.get("UNSET"), ["UNSET"], False),
        (lambda seen: "UNSET" in seen, ["UNSET"], False),
        (lambda seen: (seen.get("B"), seen.get("A"), seen.get("B")), ["B", "A"], False),
        (lambda seen: seen["SET"], [], True),
        (lambda seen: "SET" in seen, [], True),
        (lambda seen: next(iter(seen)), [], True),
        (len, [], True),
    ],
    ids=["nothing", "get", "in", "several", "a value", "whether it is set", "names", "how many"],
)
def test_what_a_check_asks_of_the_variables_is_noted(ask: Callable[[Observed], object], asked: list[str], used: bool) -> None:
    seen = Observed({"SET": "x"})
    ask(seen)
    assert (list(seen.asked), seen.were_used) == (asked, used)


def test_variables_are_told_as_they_are() -> None:
    seen = Observed({"SET": "x", "ALSO": "y"})
    assert (dict(seen), len(seen), seen.get("UNSET")) == ({"SET": "x", "ALSO": "y"}, 2, None)


@pytest.mark.parametrize(
    ("name", "kind", "may"),
    [
        ("deployment.toml", None, True),
        ("deep/DEPLOYMENT.TOML", "deployment", True),
        ("deployment.toml", "spec", False),
        ("deployment.txt", "deployment", False),
        ("toml", None, False),
        ("mailwright.toml", None, False),
        ("prod.mailwright.toml", None, False),
        (".mailwright.toml", None, True),
        ("pipe.toml", None, False),
        ("-", None, False),
    ],
)
def test_what_may_be_kept(name: str, kind: str | None, may: bool, tmp_path: Path) -> None:
    """Nothing is taken from a cache under a name that says something else, though the content is known."""
    (tmp_path / "deep").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    path, check = str(tmp_path / name) if name != "-" else name, Check(kind)
    assert may_be_kept(path, check) is may
    if name in ("-", "pipe.toml"):
        return
    Path(path).write_text("[server]\nx = 1\n")
    cache = _cache(tmp_path / "cache")
    cache.put(cache.digester.of(Path(path).read_bytes()), b" []")
    cache.close()
    again = Kept(_cache(tmp_path / "cache"), check)
    assert (again.known(path), again.hits) == (([], 1) if may else (None, 0))


@pytest.mark.parametrize("name", ["a.toml", "a.txt"])
@pytest.mark.parametrize("digester", [None, caches.Digester(bytes(32), bytes(16))], ids=["no cache", "a cache"])
def test_what_is_found_goes_to_a_file_of_another_name(name: str, digester: caches.Digester | None, checkout: Path) -> None:
    path, check = checkout / name, Check("deployment")
    path.write_text(WRONG)
    result = checked(str(path), check=check, digester=digester)
    assert str(checkout) not in result.findings
    assert unpack(result.findings, "other.toml") == check("other.toml", WRONG.encode())


def test_specs_are_always_checked(validate: Validate, checkout: Path) -> None:
    """They depend on other files."""
    (checkout / "email.yaml").write_text("mailwright: 1\nglobal: {port: x}\n")
    (checkout / "mailwright.toml").write_text('mailwright = 1\n[global]\nport = "x"\n')
    (checkout / "spec.toml").write_text('mailwright = 1\n[global]\nport = "x"\n')
    for _ in range(2):
        assert "MW002" in validate(hits=0, files=("email.yaml", "mailwright.toml", "spec.toml"))


def test_what_mends_files_looks_at_them(validate: Validate, run: Run, checkout: Path) -> None:
    validate(hits=0)
    (path,) = entries(checkout)
    key = (checkout / FOLDER / "key").read_bytes()
    forged = caches.Digester(key, blake2b(depends_on(Check()), digest_size=16).digest())
    store = Cache(os.open(checkout / FOLDER, os.O_RDONLY), forged)
    for name in ("a.toml", "b.toml"):
        store.put(forged.of((checkout / name).read_bytes()), b" []")
    store.close()
    assert path in entries(checkout)
    assert "nothing to report" in validate(files=("a.toml", "b.toml"), hits=2)
    result = run("validate", "--fix", "a.toml", env=KEEPS, cwd=checkout)
    assert "fixed a.toml" in result.stderr


def test_no_rule_is_loaded_where_nothing_changed(checkout: Path) -> None:
    script = (
        "import io, json, sys\nfrom contextlib import redirect_stdout\nfrom mailwright.cli import run\n"
        "with redirect_stdout(io.StringIO()):\n    run(['validate', 'a.toml', 'b.toml'])\nprint(json.dumps(sorted(sys.modules)))"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAILWRIGHT_")}
    loaded = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", script], cwd=checkout, env=env, capture_output=True, text=True, check=True)
        loaded.append(set(json.loads(done.stdout)))
    assert "mailwright.rules.keys" in loaded[0]
    rooms = ("mailwright.engine", "mailwright.deployment", "mailwright.spec.documents", "mailwright.rules.keys", "jsonschema")
    assert not [name for name in loaded[1] if name.startswith((*rooms, "multiprocessing"))]


# -- what stands in it


def test_nobody_else_may_look_in(validate: Validate, checkout: Path) -> None:
    before = os.umask(0)
    try:
        validate(hits=0)
    finally:
        os.umask(before)
    folder = checkout / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {".gitignore", "CACHEDIR.TAG", "key", entries(checkout)[0].name}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (folder / ".gitignore").read_text().splitlines()[-1] == "*"


CANARY = "Tr0ub4dor"
SPELT = (
    f'password = "{CANARY}"',
    f"password = '{CANARY}'",
    f'password = """{CANARY}"""',
    f'"password" = "{CANARY}"',
    'password = "' + "".join(f"\\u{ord(char):04x}" for char in CANARY) + '"',
    f'password = ["{CANARY}"]',
    f'password = {{a = "{CANARY}"}}',
    f'password.{CANARY} = "x"',
    f'pasword = "{CANARY}"',
    f'client_secret = "{CANARY}&"',
    f'username = "a"\npassword = "{CANARY}<"',
    f'password = "{CANARY}$secret{{x}}"',
    f'password = "$env{{{CANARY}}} "',
    f'password = "{{{{ {CANARY} }}}}"',
    f'password = "{CANARY}',
    f'hostname = "https://user:{CANARY}@host/"',
    f'hostname = "https://host/?token={CANARY}"',
    f"custom_properties = {{'mail.smtp.password' = \"{CANARY}\"}}",
    f'password = "x"\npassword = "{CANARY}"',
    f'signature = "R & D"\n[secrets]\np = "[{CANARY}]"',
    f'[database]\npassword = "{CANARY}"\nurl = "jdbc:x://u:{CANARY}@h/$env{{{CANARY}}}"',
)


@pytest.mark.parametrize("spelt", SPELT)
def test_no_secret_reaches_it(validate: Validate, checkout: Path, spelt: str) -> None:
    text = f"[output_adapter.email]\n{spelt}\n"
    (checkout / "c.toml").write_text(text)
    said = validate("--format", "json", files=("c.toml",), hits=0)
    assert validate("--format", "json", files=("c.toml",), hits=1) == said
    assert CANARY not in said
    held = b"\n".join(path.read_bytes() for path in (checkout / FOLDER).iterdir())
    folded = held.lower()
    spellings = (CANARY, "".join(f"\\u{ord(char):04x}" for char in CANARY), CANARY[::-1], CANARY.encode().hex())
    assert not [one for one in spellings if one.lower().encode() in folded]
    for guess in (text, CANARY, f'"{CANARY}"'):
        for digest in (
            blake2b,
            md5,
            sha1,
            sha256,
            lambda data: blake2b(data, digest_size=16),
            lambda data: blake2b(data, digest_size=8),
        ):
            assert digest(guess.encode()).hexdigest()[:16].encode() not in held


def test_two_caches_have_nothing_in_common(validate: Validate, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Who has only a file of entries cannot try guesses on it."""
    others = [tmp_path_factory.mktemp("cache") for _ in range(2)]
    lines = []
    for other in others:
        validate("--cache-dir", str(other), hits=0)
        (path,) = other.glob("*.entries")
        lines.append({line[:48] for line in path.read_bytes().split(b"\n") if line})
    assert len(lines[0]) == len(lines[1]) == 3
    assert lines[0].isdisjoint(lines[1])
    foreign = next(others[1].glob("*.entries"))
    foreign.write_bytes(next(others[0].glob("*.entries")).read_bytes())
    validate("--cache-dir", str(others[1]), hits=0)


# -- where it lies


def test_where_it_lies(validate: Validate, run: Run, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    deep = checkout / "x" / "y"
    deep.mkdir(parents=True)
    (deep / "a.toml").write_text(WRONG)
    run("validate", "a.toml", env=KEEPS, cwd=deep)
    assert entries(checkout)
    named, by_variable = (tmp_path_factory.mktemp("at") / "new" / "cache" for _ in range(2))
    validate("--cache-dir", str(named), hits=0, MAILWRIGHT_CACHE_DIR=str(by_variable))
    assert (named / "key").is_file()
    assert not by_variable.exists()
    validate(hits=0, MAILWRIGHT_CACHE_DIR=str(by_variable))
    validate(hits=3, MAILWRIGHT_CACHE_DIR=str(by_variable))
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.toml").write_text(WRONG)
    run("validate", "a.toml", env=KEEPS, cwd=outside)
    assert not (outside / FOLDER).exists()
    run("validate", "--cache", "a.toml", env=KEEPS, cwd=outside)
    assert (outside / FOLDER).is_dir()
    before = sorted(map(str, checkout.rglob("*")))
    run("validate", "--no-cache", "b.toml", env={**KEEPS, "MAILWRIGHT_CACHE_DIR": str(checkout / "z")}, cwd=checkout)
    run("validate", "b.toml", env={"MAILWRIGHT_NO_CACHE": "1"}, cwd=checkout)
    assert sorted(map(str, checkout.rglob("*"))) == before


def test_it_is_not_among_what_a_folder_holds(validate: Validate, checkout: Path) -> None:
    assert validate(files=(".",)) == validate(files=(".",), hits=2)


@pytest.mark.parametrize("what", ["a link", "a file", "a dangling link", "open to others"])
def test_what_stands_in_its_place_is_left_alone(validate: Validate, checkout: Path, what: str) -> None:
    place, other = checkout / FOLDER, checkout / "other"
    other.mkdir(mode=0o700)
    if what == "a link":
        place.symlink_to(other)
    elif what == "a dangling link":
        place.symlink_to(checkout / "nowhere")
    elif what == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine").write_text("x")
        place.chmod(0o755)
    before = sorted((str(path), path.lstat().st_mtime_ns) for path in checkout.rglob("*"))
    assert validate() == validate("--no-cache")
    assert sorted((str(path), path.lstat().st_mtime_ns) for path in checkout.rglob("*")) == before


@pytest.mark.parametrize("name", ["key", "entries"])
def test_no_link_leads_out_of_it(validate: Validate, checkout: Path, name: str) -> None:
    plain = validate(hits=0)
    path = checkout / FOLDER / "key" if name == "key" else entries(checkout)[0]
    outside = checkout / "outside"
    outside.write_bytes(path.read_bytes())
    before = outside.read_bytes()
    path.unlink()
    path.symlink_to(outside)
    (checkout / "a.toml").write_text(WRONG + "#\n")
    assert validate("--no-cache") == validate()
    (checkout / "a.toml").write_text(WRONG)
    assert validate() == plain
    assert outside.read_bytes() == before


def test_a_folder_that_was_made_for_it(validate: Validate, checkout: Path) -> None:
    (checkout / "mine").mkdir(mode=0o755)
    validate("--cache-dir", "mine", hits=0)
    assert stat.S_IMODE((checkout / "mine").stat().st_mode) == 0o700
    validate("--cache-dir", "mine", hits=3)


# -- what happens to it


@given(seed=st.integers(0, 2**32), cut=st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_damaged_entry_is_as_if_it_were_not_there(validate: Validate, checkout: Path, seed: int, cut: bool) -> None:
    if not entries(checkout):
        validate(hits=0)
    (path,) = entries(checkout)
    whole, chance = path.read_bytes(), random.Random(seed)
    data = bytearray(whole[: chance.randrange(len(whole))] if cut else whole)
    for _ in range(0 if cut else chance.randrange(1, 6)):
        data[chance.randrange(len(data))] = chance.choice((10, 32, chance.randrange(256)))
    path.write_bytes(bytes(data))
    try:
        assert validate() == validate("--no-cache")
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 33, b"y" * 32])
def test_another_key(validate: Validate, checkout: Path, key: bytes) -> None:
    plain = validate(hits=0)
    (checkout / FOLDER / "key").write_bytes(key)
    assert validate(hits=0) == plain
    assert validate(hits=3) == plain


@pytest.mark.parametrize(
    "text", [b"", b" ", b" [1]", b" [[]]", b' {"a": 1}', b" null", b" [[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]]"]
)
def test_an_entry_that_says_something_else(validate: Validate, checkout: Path, text: bytes) -> None:
    plain = validate(hits=0)
    key = (checkout / FOLDER / "key").read_bytes()
    digester = caches.Digester(key, blake2b(depends_on(Check()), digest_size=16).digest())
    store = Cache(os.open(checkout / FOLDER, os.O_RDONLY), digester)
    for name in ("a.toml", "b.toml"):
        store.put(digester.of((checkout / name).read_bytes()), text)
    store.close()
    assert validate() == plain


@pytest.mark.parametrize("call", ["open", "write", "mkdir", "makedirs", "link", "listdir", "utime"])
@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EDQUOT])
def test_nothing_that_fails_is_told(run: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    real = getattr(os, call)

    def fail(*arguments: object, **named: object) -> object:
        if call == "open" and not named.get("dir_fd"):
            return real(*arguments, **named)
        raise OSError(number, os.strerror(number))

    plain = run("validate", "a.toml", cwd=checkout)
    monkeypatch.setattr(caches.os, call, fail)
    monkeypatch.setattr(caches.os, "supports_dir_fd", {*os.supports_dir_fd, fail})
    result = run("validate", "a.toml", env=KEEPS, cwd=checkout)
    assert (result.code, result.stdout, result.stderr) == (plain.code, plain.stdout, plain.stderr)


MANY = """
import os, sys
from pathlib import Path
from mailwright.base.cache import opened
start = Path(sys.argv[1]) / "start"
pids = []
for number in range(50):
    pid = os.fork()
    if not pid:
        code = 1
        try:
            while not start.exists():
                pass
            cache = opened(Path(sys.argv[1]) / "cache", lambda: b"the setting")
            for item in range(20):
                cache.put(cache.digester.of(b"%d" % (number * 10 + item)), b"text %d " % (number * 10 + item) + b"x" * item * 97)
            cache.close()
            code = 0
        finally:
            os._exit(code)
    pids.append(pid)
start.touch()
assert all(os.waitpid(pid, 0)[1] == 0 for pid in pids)
"""


def test_fifty_at_once(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", MANY, str(tmp_path)], check=True, timeout=240)
    cache = opened(tmp_path / "cache", lambda: b"the setting")
    assert cache is not None
    for number in range(510):
        text = cache.get(cache.digester.of(b"%d" % number))
        assert text is not None
        assert text.startswith(b"text %d " % number)
    cache.close()
    assert len(list((tmp_path / "cache").iterdir())) == 4


# -- how large it becomes


def _cache(folder: Path) -> Cache:
    cache = opened(folder, lambda: b"the setting")
    assert cache is not None
    return cache


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "MAX_BYTES", 20_000)
    for number in range(300):
        cache = _cache(tmp_path / "c")
        assert number < 2 or cache.get(cache.digester.of(b"first")) == b"kept as long as it is used"
        cache.put(cache.digester.of(b"%d" % number), b"x" * 400)
        if number == 0:
            cache.put(cache.digester.of(b"first"), b"kept as long as it is used")
        cache.close()
        assert sum(path.stat().st_size for path in (tmp_path / "c").iterdir()) < 22_000
    cache = _cache(tmp_path / "c")
    newest = [number for number in range(300) if cache.get(cache.digester.of(b"%d" % number))]
    cache.close()
    assert newest == list(range(newest[0], 300))
    assert len(newest) > 15


def test_what_no_run_uses_goes(tmp_path: Path) -> None:
    for setting_ in (b"one", b"two"):
        cache = opened(tmp_path / "c", lambda setting_=setting_: setting_)
        assert cache is not None
        cache.put(cache.digester.of(b""), b"text")
        cache.close()
    old, young = (tmp_path / "c").glob("*.entries")
    long_ago = old.stat().st_mtime - (MAX_DAYS + 1) * 24 * 60 * 60
    killed = tmp_path / "c" / "key.0.new"
    killed.touch()
    for path in (old, killed, tmp_path / "c" / "key"):
        os.utime(path, (long_ago, long_ago))
    cache = opened(tmp_path / "c", lambda: b"three")
    assert cache is not None
    cache.put(cache.digester.of(b""), b"text")
    cache.close()
    assert not old.exists()
    assert not killed.exists()
    assert young.exists()
    assert (tmp_path / "c" / "key").exists()


def test_use_keeps_young(tmp_path: Path) -> None:
    cache = _cache(tmp_path / "c")
    cache.put(cache.digester.of(b""), b"text")
    cache.close()
    (path,) = (tmp_path / "c").glob("*.entries")
    os.utime(path, (1, 1))
    cache = _cache(tmp_path / "c")
    assert cache.get(cache.digester.of(b"")) == b"text"
    cache.close()
    assert path.stat().st_mtime > 1


def test_what_is_packed_is_what_outputs_show() -> None:
    found = Check()("a.toml", WRONG.encode())
    assert any(finding.fix and finding.fix.public for finding in found)
    back = unpack(pack(found, "a.toml"), "a.toml")
    assert back == found
    for one, other in zip(found, back, strict=True):
        assert other.fix == (one.fix if one.fix and one.fix.public else None)
