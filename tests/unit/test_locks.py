"""The locks hold what pyproject.toml asks for, on every Python and platform, with hashes; the lowest one is where the ranges begin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKED = {"demo": "demo", "dev": "lint", "lowest": "test"}
"""The extra that each lock is made for."""
ENVIRONMENTS = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.1",
        "sys_platform": platform,
        "platform_machine": machine,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for minor in (11, 12, 13, 14)
    for platform, machine in (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))
]


def pins(name: str) -> list[tuple[Requirement, int]]:
    """Return what a lock holds, and how many hashes each has."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    return [(Requirement(entry.partition("\\")[0]), entry.count("--hash=sha256:")) for entry in entries]


def direct(extra: str, environment: dict[str, str]) -> Iterator[Requirement]:
    """Yield what the package with an extra asks for, extras of its own resolved."""
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], f"mailwright[{extra}]"]
    while wanted:
        requirement = Requirement(wanted.pop())
        if requirement.name == "mailwright":
            wanted += [each for name in requirement.extras for each in PROJECT["project"]["optional-dependencies"][name]]
        elif requirement.marker is None or requirement.marker.evaluate(environment):
            yield requirement


@pytest.mark.parametrize("name", [*LOCKED, "release", "runtime"])
def test_every_line_has_a_version_and_hashes(name: str) -> None:
    locked = pins(name)
    assert len(locked) > (10 if name == "runtime" else 30)
    for pin, hashes in locked:
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        assert hashes, pin
    assert "://" not in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def chosen(name: str, environment: dict[str, str]) -> dict[str, Version]:
    """Return what a lock installs in an environment."""
    here = [pin for pin, _ in pins(name) if pin.marker is None or pin.marker.evaluate(environment)]
    versions = {canonicalize_name(pin.name): Version(str(pin.specifier).removeprefix("==")) for pin in here}
    assert len(versions) == len(here), "one name, two versions"
    return versions


@pytest.mark.parametrize("name", LOCKED)
@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: "-".join(list(each.values())[::2][:2]))
def test_a_lock_satisfies_the_ranges(name: str, environment: dict[str, str]) -> None:
    locked = chosen(name, environment)
    for requirement in direct(LOCKED[name], environment):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{name}: {requirement} is locked as {version}: run `make lock`"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: "-".join(list(each.values())[::2][:2]))
def test_what_users_install_is_what_is_tested_and_all_that_they_need(environment: dict[str, str]) -> None:
    locked = chosen("runtime", environment)
    assert locked.items() <= chosen("dev", environment).items()
    asked = {canonicalize_name(each.name) for extra in ("tenants", "verify") for each in direct(extra, environment)}
    assert asked - {"hatchling"} <= locked.keys()


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: "-".join(list(each.values())[::2][:2]))
def test_the_tools_of_a_release_are_locked(environment: dict[str, str]) -> None:
    locked = chosen("release", environment)
    for line in (ROOT / "requirements" / "release.in").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            requirement = Requirement(line)
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), line


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: "-".join(list(each.values())[::2][:2]))
def test_the_demo_runs_on_what_the_tests_run_on(environment: dict[str, str]) -> None:
    assert chosen("demo", environment).items() <= chosen("dev", environment).items()


def test_the_ranges_begin_where_they_are_tested() -> None:
    locked = chosen("lowest", ENVIRONMENTS[0])
    for requirement in direct("test", ENVIRONMENTS[0]):
        (bound,) = requirement.specifier
        assert (bound.operator, Version(bound.version)) == (">=", locked[canonicalize_name(requirement.name)]), requirement


def test_the_build_backend_is_locked_too() -> None:
    lines = (ROOT / "requirements" / "build.in").read_text(encoding="utf-8").splitlines()
    assert set(PROJECT["build-system"]["requires"]) <= set(lines)
