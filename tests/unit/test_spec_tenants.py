"""Tenants as streams: CSV, JSON Lines and documents, globs, and a domain that stands twice."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import Run
from mailwright.base.errors import InputError, SpecError, SyntaxInput, UnreadableInput
from mailwright.base.nodes import place_of
from mailwright.base.places import Place
from mailwright.spec import Tenant, load_spec
from mailwright.spec.tenants import DigestSet

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def tenants(write: Write) -> Callable[..., list[Tenant]]:
    """Write a tenant file and return the tenants of a spec that names it."""

    def read(content: str | bytes, name: str = "t.csv", spec: str = "") -> list[Tenant]:
        write(name, content)
        return list(load_spec(write("spec.yaml", f"mailwright: 1\ntenants_from: [{name}]\n{spec}")).tenants)

    return read


def shown(found: list[Tenant]) -> dict[str, Any]:
    return {tenant.domain: dict(tenant.sender) for tenant in found}


# -- CSV

CSV = {
    "plain": ("domain,hostname\na.example,h\n", {"a.example": {"hostname": "h"}}),
    "no-final-newline": ("domain,hostname\na.example,h", {"a.example": {"hostname": "h"}}),
    "crlf": ("domain,hostname\r\na.example,h\r\n", {"a.example": {"hostname": "h"}}),
    "byte-order-mark": ("\ufeffdomain,hostname\na.example,h\n", {"a.example": {"hostname": "h"}}),
    "empty-lines": ("domain,hostname\n\na.example,h\n\n", {"a.example": {"hostname": "h"}}),
    "empty-cell-is-not-set": ("domain,hostname,port\na.example,,25\n", {"a.example": {"port": 25}}),
    "domain-last": ("hostname,domain\nh,a.example\n", {"a.example": {"hostname": "h"}}),
    "comma-in-quotes": ('domain,signature\na.example,"A, B"\n', {"a.example": {"signature": "A, B"}}),
    "quote-in-quotes": ('domain,signature\na.example,"the ""A"""\n', {"a.example": {"signature": 'the "A"'}}),
    "lines-in-a-cell": (
        'domain,signature\na.example,"A\nB"\nb.example,C\n',
        {"a.example": {"signature": "A\nB"}, "b.example": {"signature": "C"}},
    ),
    "types-of-the-schema": (
        "domain,port,enable_start_tls,secret_version,username\na.example,587,TRUE,3,007\n",
        {"a.example": {"port": 587, "enable_start_tls": True, "secret_version": 3, "username": "007"}},
    ),
    "what-is-no-number-stays-a-text": (
        "domain,port\na.example,0x1\nb.example,٣\n",
        {"a.example": {"port": "0x1"}, "b.example": {"port": "٣"}},
    ),
    "nested": (
        "domain,http.url,http.auth.type,create.owner.username\na.example,u,NONE,o\n",
        {"a.example": {"http": {"url": "u", "auth": {"type": "NONE"}}, "create": {"owner": {"username": "o"}}}},
    ),
    "large-cell": ("domain,http.body\na.example," + "x" * 500_000 + "\n", {"a.example": {"http": {"body": "x" * 500_000}}}),
    "only-a-header": ("domain,hostname\n", {}),
}


@pytest.mark.parametrize(("text", "expected"), CSV.values(), ids=CSV.keys())
def test_csv(text: str, expected: dict[str, Any], tenants: Callable[..., list[Tenant]]) -> None:
    assert shown(tenants(text)) == expected


def test_csv_places(tenants: Callable[..., list[Tenant]], tmp_path: Path) -> None:
    text = 'domain,signature,port,http.url\r\n"a.example","A, ""x""\nB",25,u\r\n\r\nb.example,ä,26,v\r\n'
    first, second = tenants(text)
    file = str(tmp_path / "t.csv")
    assert (first.place, second.place) == (Place(file, 2, 1), Place(file, 5, 1))
    assert place_of(first.sender, ("signature",)) == Place(file, 2, 13)
    assert place_of(first.sender, ("port",)) == Place(file, 3, 4)
    assert place_of(second.sender, ("port",)) == Place(file, 5, 13)
    assert place_of(second.sender, ("http", "url")) == Place(file, 5, 16)


BAD_CSV = {
    "empty": ("", "1:1", "is empty"),
    "no-domain": ("hostname\nh\n", "1:1", "no column `domain`"),
    "column-twice": ("domain,port,port\n", "1:1", "appears twice"),
    "column-without-a-name": ("domain,,port\n", "1:1", "no name"),
    "column-with-two-dots": ("domain,http..url\n", "1:1", "no name"),
    "column-inside-a-column": ("domain,http.auth,http.auth.type\n", "1:1", "part of"),
    "cell-missing": ("domain,hostname\na.example\n", "2:1", "1 cells where the header names 2"),
    "cell-too-many": ("domain,hostname\na.example,h\nb.example,h,x\n", "3:1", "3 cells"),
    "open-quote": ('domain,hostname\na.example,"h\n', "2:1", "not valid CSV"),
    "text-behind-a-quote": ('domain,hostname\na.example,"h"x\n', "2:1", "not valid CSV"),
    "open-quote-in-a-large-file": ('domain,hostname\na.example,"h\n' + "b.example,h\n" * 100_000, "", "larger than 1 MiB"),
    "line-too-long": ("domain,hostname\na.example," + "x" * (1 << 20) + "\n", "2:1", "larger than 1 MiB"),
    "nul": ("domain,hostname\na.example,h\0\n", "2:12", "NUL"),
    "not-utf-8": (b"domain,hostname\na.example,\xc3\xa4\xff\n", "2:12", "not valid UTF-8"),
    "domain-twice": ("domain,hostname\na.example,h\nb.example,h\na.example,h\n", "4:1", "is defined twice"),
}


@pytest.mark.parametrize(("content", "place", "message"), BAD_CSV.values(), ids=BAD_CSV.keys())
def test_what_is_wrong_with_csv(content: str | bytes, place: str, message: str, tenants: Callable[..., list[Tenant]]) -> None:
    with pytest.raises(InputError) as caught:
        tenants(content)
    assert message in caught.value.message
    assert str(caught.value.place).rpartition("t.csv:")[2] == place or not place


# -- JSON Lines


def test_json_lines(tenants: Callable[..., list[Tenant]], tmp_path: Path) -> None:
    text = '{"domain": "a.example", "port": 25}\n\n  {"http": {"url": "u"}, "domain": "b.example"}\r\n'
    first, second = tenants(text, "t.jsonl")
    file = str(tmp_path / "t.jsonl")
    assert shown([first, second]) == {"a.example": {"port": 25}, "b.example": {"http": {"url": "u"}}}
    assert (first.place, second.place) == (Place(file, 1, 1), Place(file, 3, 1))
    assert place_of(first.sender, ("port",)) == Place(file, 1, 33)
    assert place_of(second.sender, ("http", "url")) == Place(file, 3, 20)


BAD_LINES = {
    "no-object": ("[1]\n", "1:1", "must be a JSON object"),
    "no-domain": ('{"port": 25}\n', "1:1", "no `domain`"),
    "domain-no-text": ('{"domain": 1}\n', "1:1", "no `domain`"),
    "key-twice": ('{"domain": "a.example"}\n{"domain": "b.example", "port": 1, "port": 2}\n', "2:36", "is defined twice"),
    "key-twice-below": ('{"domain": "a.example", "http": {"url": "u", "url": "v"}}\n', "1:46", "is defined twice"),
    "nan": ('{"domain": "a.example", "port": NaN}\n', "1:33", "expected a value"),
    "half-a-character": ('{"domain": "\\ud800"}\n', "1:12", "surrogate"),
    "two-objects": ('{"domain": "a.example"} {}\n', "1:25", "after the end"),
    "over-two-lines": ('{"domain":\n"a.example"}\n', "2:1", "expected a value"),
    "deep": ('{"domain": "a.example", "x": ' + "[" * 1000 + "}\n", "1:94", "deeper"),
    "number-of-5000-digits": ('{"domain": "a.example", "port": ' + "1" * 5000 + "}\n", "1:33", "too long"),
    "line-too-long": ('{"domain": "' + "x" * (1 << 20) + '"}\n', "1:1", "larger than 1 MiB"),
    "domain-twice": ('{"domain": "a.example"}\n{"domain": "a.example"}\n', "2:1", "is defined twice"),
    "nul": ('{"domain": "a\0"}\n', "1:14", "NUL"),
}


@pytest.mark.parametrize(("text", "place", "message"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_what_is_wrong_with_json_lines(text: str, place: str, message: str, tenants: Callable[..., list[Tenant]]) -> None:
    with pytest.raises(InputError) as caught:
        tenants(text, "t.jsonl")
    assert message in caught.value.message
    assert str(caught.value.place).rpartition("t.jsonl:")[2] == place


@given(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(), max_size=5))
def test_the_fast_reader_reads_what_the_careful_one_reads(record: dict[str, Any]) -> None:
    from mailwright.base.places import Source
    from mailwright.spec.json_lines_reader import _fast_object, _JsonRow
    from mailwright.spec.json_reader import read_json

    text = json.dumps({**record, "domain": "a.example"}, ensure_ascii=False)
    items = _fast_object(text)
    if items is not None:
        fast = _JsonRow(items, "x", 1, text, None, ()).own()
        careful = read_json(Source("x", text))
        assert isinstance(careful, dict)
        assert {**fast, "domain": "a.example"} == careful
        assert [fast.value_place(name) for name in fast] == [careful.value_place(name) for name in fast]  # type: ignore[union-attr]


# -- documents, globs, order

TENANT_FILES = {
    "yaml": "a.example:\n  hostname: h\n",
    "toml": "['a.example']\nhostname = 'h'\n",
    "json": '{"a.example": {"hostname": "h"}}',
    "csv": "domain,hostname\na.example,h\n",
    "jsonl": '{"domain": "a.example", "hostname": "h"}\n',
    "ndjson": '{"domain": "a.example", "hostname": "h"}\n',
}


@pytest.mark.parametrize("suffix", TENANT_FILES)
def test_every_kind_of_tenant_file(suffix: str, tenants: Callable[..., list[Tenant]]) -> None:
    (tenant,) = tenants(TENANT_FILES[suffix], f"t.{suffix}", "defaults: {port: 25}\n")
    assert tenant.sender == {"port": 25, "hostname": "h"}
    place = place_of(tenant.sender, ("hostname",))
    assert place is not None
    assert place.file.endswith(f"t.{suffix}")


def test_globs_are_sorted_and_relative_to_the_spec(write: Write) -> None:
    for number in (3, 1, 2):
        write(f"sub/tenants/{number}.yaml", f"t{number}.example: {{}}\n")
    write("sub/tenants/deep/4.yaml", "t4.example: {}\n")
    write("sub/tenants/.hidden.yaml", "hidden.example: {}\n")
    text = "mailwright: 1\ntenants: {first.example: {}}\ntenants_from: ['tenants/**/*.yaml', 'tenants/1.yaml']\n"
    spec = load_spec(write("sub/spec.yaml", text))
    assert [tenant.domain for tenant in spec.tenants] == ["first.example", "t1.example", "t2.example", "t3.example", "t4.example"]


def test_one_pattern_may_stand_alone(write: Write) -> None:
    write("t.yaml", "a.example: {}\n")
    assert len(list(load_spec(write("spec.yaml", "mailwright: 1\ntenants_from: t.yaml\n")).tenants)) == 1


@pytest.mark.parametrize("pattern", ["nope.csv", "*.nope", "sub/*", "nul\\0"])
def test_a_pattern_that_matches_nothing_is_an_error_at_its_place(pattern: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "sub" / "folder").mkdir(parents=True)
    path = write("spec.yaml", f'mailwright: 1\ntenants_from:\n  - "{pattern}"\n')
    with pytest.raises(SpecError, match="no file matches") as caught:
        list(load_spec(path).tenants)
    assert str(caught.value.place) == f"{path}:3:5"


def test_a_file_whose_ending_says_nothing(tenants: Callable[..., list[Tenant]]) -> None:
    with pytest.raises(SpecError, match="must end in"):
        tenants("x", "t.txt")


def test_a_tenant_file_that_is_no_mapping(tenants: Callable[..., list[Tenant]]) -> None:
    with pytest.raises(SyntaxInput, match="mapping of domains"):
        tenants("- a\n", "t.yaml")
    with pytest.raises(SpecError, match="not a mapping"):
        tenants("a.example: x\n", "t.yaml")


def test_a_file_that_cannot_be_read(write: Write, tmp_path: Path) -> None:
    (tmp_path / "t.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(UnreadableInput):
        list(load_spec(write("spec.yaml", "mailwright: 1\ntenants_from: [t.csv]\n")).tenants)


def test_a_folder_that_is_called_like_a_file_of_tenants_is_one_that_cannot_be_read(write: Write, tmp_path: Path) -> None:
    write("sub/t.yaml", "a.example: {}\n")
    spec = write("spec.yaml", "mailwright: 1\ntenants_from: ['sub/*']\n")
    (tmp_path / "sub" / "folder").mkdir()
    assert len(list(load_spec(spec).tenants)) == 1
    (tmp_path / "sub" / "folder.csv").mkdir()
    with pytest.raises(UnreadableInput, match=r"folder\.csv: cannot be read: it is a folder, not a file"):
        list(load_spec(spec).tenants)


def test_a_file_of_tenants_that_cannot_be_read_hides_nothing_of_the_others(write: Write, run: Run) -> None:
    """And a tenant that an environment patches is none that it alone has: it may stand in the file that cannot be read."""
    texts = {"a.yaml": "x: [", "b.yaml": "b.example: {port: 0}\n", "c.yaml": "c.example: 1\n", "d.yaml": "d.example: {port: 0}\n"}
    for name, text in texts.items():
        write(f"t/{name}", text)
    text = """mailwright: 1
product: {version: "7.3.0"}
tenants_from: [gone.csv, 't/*.yaml']
defaults: {from_address: a@b.example, signature: S, reply_to: a@b.example, hostname: h, port: 25, username: u, password: "$env{MAILWRIGHT_P}"}
environments: {e: {tenants: {a.example: {port: 0}}}}
"""
    path = write("spec.yaml", text)
    (file,) = run("validate", path, "--format", "json").json["files"]
    errors = [found for found in file["findings"] if found["severity"] == "error"]
    assert [(found["rule"], found["path"]) for found in errors] == [
        ("MW003", "tenants"),
        ("MW003", "tenants"),
        ("MW002", "tenants.b.example.port"),
        ("MW003", "tenants"),
        ("MW002", "tenants.d.example.port"),
    ]


def test_a_file_of_tenants_that_is_wrong_is_closed_at_once(write: Write, run: Run) -> None:
    """Not only when what holds it in a circle is found."""
    tenants = write("t.csv", "domain,,x\na,b,c\n")
    path = write("spec.yaml", 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: [t.csv]\n')
    gc.disable()
    try:
        assert run("validate", path).code == 1
        links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
        assert str(tenants) not in [os.readlink(link) for link in links if os.path.lexists(link)]
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "second", ["tenants: {a.example: {}}", "tenants_from: [one.csv, two.jsonl]", "tenants_from: [one.csv, three.yaml]"]
)
def test_a_domain_twice_across_sources(second: str, write: Write, tmp_path: Path) -> None:
    write("one.csv", "domain\nx.example\na.example\n")
    write("two.jsonl", '{"domain": "b.example"}\n{"domain": "a.example"}\n')
    write("three.yaml", "a.example: {}\n")
    text = f"mailwright: 1\n{second}\n" + ("tenants_from: [one.csv]\n" if "tenants_from" not in second else "")
    with pytest.raises(SpecError, match="is defined twice") as caught:
        list(load_spec(write("spec.yaml", text)).tenants)
    first = "spec.yaml:2:11" if "tenants_from" not in second else "one.csv:3:1"
    assert f"the first is at {tmp_path / first}" in caught.value.message


def test_an_environment_patches_tenants_of_files_and_adds_its_own(tenants: Callable[..., list[Tenant]], write: Write) -> None:
    spec = "environments: {e: {tenants: {b.example: null, a.example: {port: 1}, z.example: {port: 2}}}}\n"
    tenants("domain,port\na.example,25\nb.example,25\nc.example,25\n", "t.csv", spec)
    found = list(load_spec(write("spec.yaml", f"mailwright: 1\ntenants_from: [t.csv]\n{spec}"), "e").tenants)
    assert shown(found) == {"a.example": {"port": 1}, "c.example": {"port": 25}, "z.example": {"port": 2}}


# -- the set of digests


@given(
    st.lists(st.integers(1, 2**64 - 1) | st.integers(1, 50) | st.integers(1, 50).map(lambda number: number << 40), max_size=200)
)
def test_a_digest_set_is_a_set(numbers: list[int]) -> None:
    seen: set[int] = set()
    digests = DigestSet()
    for number in numbers:
        assert digests.add(number) == (number in seen)
        seen.add(number)


def test_a_digest_set_grows() -> None:
    digests = DigestSet()
    values = [int.from_bytes(blake2b(str(number).encode(), digest_size=8).digest(), "little") for number in range(20_000)]
    assert [digests.add(value) for value in values] == [False] * len(values)
    assert [digests.add(value) for value in values] == [True] * len(values)


def test_many_tenants_do_not_pile_up(tenants: Callable[..., list[Tenant]], write: Write) -> None:
    """A stream: what is kept for each tenant is its digest alone (benchmarks/ measure a million)."""
    import tracemalloc

    count = 20_000
    write("t.csv", "domain,hostname\n" + "".join(f"tenant-{number}.example,relay.example.com\n" for number in range(count)))
    spec = load_spec(write("spec.yaml", "mailwright: 1\ntenants_from: [t.csv]\ndefaults: {port: 587}\n"))
    tracemalloc.start()
    assert sum(1 for _ in spec.tenants) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20
