"""``init``: a first spec that is right, made of presets, of servers' files, of tenants; nothing that exists is written over."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailwright import __version__
from mailwright.adoption.deployments import Imported
from mailwright.adoption.first_spec import fill, presets, questions, spec_of_servers
from mailwright.base import writing
from mailwright.operations import init
from mailwright.product.product import load_product

if TYPE_CHECKING:
    from commands import Run

PRODUCT = load_product()
DATA = PRODUCT.data("providers")
SMTP = [name for name, entry in DATA["presets"].items() if "sender" in entry and "http" not in entry["sender"]]
HTTP = [name for name, entry in DATA["presets"].items() if "http" in entry.get("sender", ())]
RELAY = ["--preset", "relay", "--set", "hostname=relay.example.com", "--set", "username=mailer"]
WHO = ["--set", "from_address=no-reply@example.com", "--set", "signature=Example"]


def answers(preset: str) -> list[str]:
    """Return an answer to everything that a preset asks."""
    return [word for question in questions(preset, PRODUCT) for word in ("--set", f"{question.name}={question.example}")]


def written(folder: Path, name: str = "email.yaml") -> Any:
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", [PRODUCT.releases.newest.version, "6.0.0"])
@pytest.mark.parametrize("preset", SMTP)
def test_a_preset_makes_a_hardened_spec_that_is_valid(preset: str, version: str, tmp_path: Path, run: Run) -> None:
    result = run("init", "--preset", preset, *answers(preset), "--product-version", version, cwd=tmp_path)
    keys = [PRODUCT.adapter[name] for name in DATA["presets"][preset]["sender"]]
    if not all(key.known_to(PRODUCT.releases.parse(version)) for key in keys):
        assert (result.code, list(tmp_path.iterdir())) == (1, [])
        assert "MW102" in result.stderr
        return
    assert (result.code, result.stdout.splitlines()[0]) == (0, "wrote email.yaml (valid, strict)")
    assert run("validate", "--strict", "email.yaml", cwd=tmp_path).code == 0
    sender = written(tmp_path)["global"]
    assert sender.items() >= DATA["hardened"].items()
    assert sender.keys() >= DATA["asked"].keys()
    secrets = [name for name, value in DATA["presets"][preset]["sender"].items() if PRODUCT.adapter[name].secret]
    assert all(re.fullmatch(r"\$secret\{smtp_[a-z_]+\}", sender[name]) for name in secrets)
    assert (tmp_path / "email.yaml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("preset", HTTP)
def test_an_http_preset_makes_tenants_whose_bodies_hold_what_they_are_told(preset: str, tmp_path: Path, run: Run) -> None:
    result = run("init", "--preset", preset, *answers(preset), "--tenant", "acme.example", cwd=tmp_path)
    assert result.code == 0
    assert run("validate", "--strict", "email.yaml", cwd=tmp_path).code == 0
    assert "Unsure" in result.stderr
    http = written(tmp_path)["tenants"]["acme.example"]["http"]
    read: Any = json.loads if http["content_type"] == "JSON" else parse_qs
    assert read(http["body"])
    assert "no-reply@acme.example" in str(read(http["body"])) + http["url"]
    assert "{{send-to}}" in http["body"]


def test_what_goes_into_a_body_is_escaped() -> None:
    from mailwright.adoption.first_spec import _ESCAPES

    assert json.loads(fill('{"a": "{name}"}', {"name": 'R"&D \\'}, _ESCAPES["JSON"])) == {"a": 'R"&D \\'}
    assert parse_qs(fill("a={name}&b={{body}}", {"name": "R&D=1"}, _ESCAPES["FORM"])) == {"a": ["R&D=1"], "b": ["{{body}}"]}


@pytest.mark.parametrize("preset", HTTP)
def test_an_http_preset_without_tenants_is_refused(preset: str, tmp_path: Path, run: Run) -> None:
    result = run("init", "--preset", preset, *answers(preset), cwd=tmp_path)
    assert (result.code, list(tmp_path.iterdir())) == (2, [])
    assert "--tenant" in result.stderr


def test_a_preset_that_cannot_be_says_why_and_is_not_listed(tmp_path: Path, run: Run) -> None:
    result = run("init", "--preset", "ses-http", cwd=tmp_path)
    assert result.code == 2
    assert "Signature Version 4" in result.stderr
    assert "ses-http" not in presets(PRODUCT)


def test_what_is_missing_is_named_and_the_hint_works(tmp_path: Path, run: Run) -> None:
    result = run("init", "--preset", "relay", "--set", "hostname=relay.example.com", cwd=tmp_path)
    assert (result.code, list(tmp_path.iterdir())) == (2, [])
    hint = result.stderr.partition("hint: ")[2]
    assert run("init", "--preset", "relay", "--set", "hostname=relay.example.com", *shlex.split(hint), cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "hostname=https://relay.example.com"], "hostname"),
        (["--set", "hostname"], "KEY=VALUE"),
        (["--set", "colour=red"], "asks for nothing"),
        (["--set", "password=hunter2"], "a secret is not written"),
        (["--preset", "nothing"], "no preset"),
        (["--from", "deployment.toml"], "contradict"),
        (["--harden"], "--harden"),
        (["--product-version", "1.0.0"], "before 5.9.0"),
    ],
)
def test_what_is_no_answer_is_refused(options: list[str], said: str, tmp_path: Path, run: Run) -> None:
    result = run("init", *RELAY, *WHO, *options, cwd=tmp_path)
    assert (result.code, list(tmp_path.iterdir())) == (2, [])
    assert said in result.stderr
    assert "hunter2" not in result.stderr + result.stdout


def test_without_a_terminal_nothing_is_asked(tmp_path: Path, run: Run) -> None:
    result = run("init", cwd=tmp_path)
    assert result.code == 2
    assert "--preset" in result.stderr


def test_a_key_may_be_another_than_the_preset_says(tmp_path: Path, run: Run) -> None:
    more = ["--set", "port=2587", "--set", "password=$env{RELAY_PASSWORD}", "--set", "reply_to=help@example.com"]
    assert run("init", "new.yaml", *RELAY, *WHO, *more, cwd=tmp_path).code == 0
    sender = written(tmp_path, "new.yaml")["global"]
    assert (sender["port"], sender["password"], sender["reply_to"]) == (2587, "$env{RELAY_PASSWORD}", "help@example.com")


def test_tenants_have_what_is_theirs_and_inherit_the_rest(tmp_path: Path, run: Run) -> None:
    assert run("init", *RELAY, *WHO, "--tenant", "acme.example", cwd=tmp_path).code == 0
    spec = written(tmp_path)
    assert spec["tenants"] == {"acme.example": {"from_address": "no-reply@acme.example", "signature": "acme.example"}}
    assert spec["defaults"]["password"] == "$env{MAILWRIGHT_SMTP_PASSWORD}"
    assert spec["defaults"].keys().isdisjoint(spec["tenants"]["acme.example"])
    assert run("validate", "--strict", "email.yaml", cwd=tmp_path).code == 0


@pytest.mark.parametrize("header", ["domain,from_address", "domain,from_address,signature,port"])
def test_a_file_of_tenants_keeps_its_columns(header: str, tmp_path: Path, run: Run) -> None:
    row = {"domain": "a.example", "from_address": "x@a.example", "signature": "A", "port": "25"}
    cells = ",".join(row[name] for name in header.split(","))
    (tmp_path / "tenants.csv").write_text(f"\ufeff{header}\n{cells}\n", encoding="utf-8")
    assert run("init", *RELAY, *WHO, "--tenants", "tenants.csv", cwd=tmp_path).code == 0
    spec = written(tmp_path)
    assert spec["tenants_from"] == ["tenants.csv"]
    assert spec["defaults"].keys().isdisjoint(header.split(","))
    assert ("signature" in spec["defaults"]) == ("signature" not in header)
    assert run("validate", "--strict", "email.yaml", cwd=tmp_path).code == 0


def test_tenants_of_several_sources_have_what_one_of_them_lacks(tmp_path: Path, run: Run) -> None:
    (tmp_path / "one.csv").write_text("domain,from_address,signature,reply_to\na.example,x@a.example,A,y@a.example\n")
    (tmp_path / "two.csv").write_text("domain,hostname,port\nb.example,relay.b.example,25\n")
    sources = [["--tenants", "one.csv", "--tenants", "two.csv"], ["--tenants", "one.csv", "--tenant", "c.example"]]
    for number, each in enumerate(sources):
        assert run("init", f"{number}.yaml", *RELAY, *WHO, *each, cwd=tmp_path).code == 0
        assert run("validate", "--strict", f"{number}.yaml", cwd=tmp_path).code == 0


def test_a_warning_about_the_release_does_not_stop_it(tmp_path: Path, run: Run) -> None:
    result = run("init", *RELAY, *WHO, "--tenant", "acme.example", "--product-version", "7.1.0", cwd=tmp_path)
    assert result.code == 0
    assert "MW408 warning" in result.stderr
    assert result.stdout.startswith("wrote email.yaml (1 finding: `mailwright validate --strict email.yaml` says more)\n")
    assert run("validate", "email.yaml", cwd=tmp_path).code == 0


def test_a_file_of_tenants_that_is_wrong_stops_it(tmp_path: Path, run: Run) -> None:
    (tmp_path / "tenants.csv").write_text("domain,from_adress\na.example,x@a.example\n", encoding="utf-8")
    result = run("init", *RELAY, *WHO, "--tenants", "tenants.csv", cwd=tmp_path)
    assert result.code == 1
    assert "tenants.csv:1:8" in result.stderr
    assert "nothing is written" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["tenants.csv"]
    assert run("init", *RELAY, *WHO, "--tenants", "none.csv", cwd=tmp_path).code == 1


# -- from servers


FILE = """[output_adapter.email]
from_address = "a@example.com"
hostname = "{host}"
port = {port}
username = "{user}"
password = "hunter2"
"""


TENANT = {
    "domain": "a.example",
    "from_address": "x@a.example",
    "hostname": "r.example.com",
    "port": "587",
    "username": "u",
    "password": "$env{MAILWRIGHT_A}",
    "signature": "A",
    "reply_to": "help@a.example",
}


def files(folder: Path, *each: dict[str, object]) -> list[str]:
    """Write a deployment.toml for each; return the options that name them."""
    options = []
    for number, values in enumerate(each):
        path = folder / f"node{number}" / "deployment.toml"
        path.parent.mkdir()
        path.write_text(FILE.format(**{"host": "r.example.com", "port": 587, "user": "u", **values}), encoding="utf-8")
        options += ["--from", str(path.relative_to(folder))]
    return options


@pytest.mark.parametrize(
    "values",
    [
        ({}, {}),
        ({"host": "r1.example.com"}, {"host": "r2.example.com"}),
        ({"port": 587}, {"port": '"587"'}),
        ({"user": "a"}, {"user": "b"}, {"user": "b", "port": 25}),
    ],
)
def test_the_spec_of_several_servers_changes_none_of_them(
    values: tuple[dict[str, object], ...], tmp_path: Path, run: Run
) -> None:
    result = run("init", *files(tmp_path, *values), cwd=tmp_path)
    assert result.code == 0
    following = shlex.split(result.stdout.splitlines()[-1].removeprefix("next: mailwright "))
    assert run(*following, cwd=tmp_path).code == 0
    assert "hunter2" not in result.stdout + result.stderr + (tmp_path / "email.yaml").read_text(encoding="utf-8")
    for number in range(len(values)):
        checked = run("merge", "email.yaml", "--env", f"node{number}", f"node{number}/deployment.toml", "--check", cwd=tmp_path)
        assert (checked.code, checked.stdout) == (0, f"node{number}/deployment.toml: in sync\n")
    assert not any("MW0" in line for line in run("validate", "email.yaml", cwd=tmp_path).stdout.splitlines())
    assert len({*map(str, values)}) == 1 or len(written(tmp_path)["environments"]) == len(values)


def test_one_server_becomes_the_spec_itself_and_may_be_hardened(tmp_path: Path, run: Run) -> None:
    options = files(tmp_path, {})
    assert run("init", "plain.yaml", *options, cwd=tmp_path).code == 0
    assert run("init", "hard.yaml", *options, "--harden", cwd=tmp_path).code == 0
    plain, hard = (written(tmp_path, name) for name in ("plain.yaml", "hard.yaml"))
    assert "environments" not in plain
    assert hard["global"] == {**plain["global"], **DATA["hardened"]}


def test_servers_may_come_with_a_file_of_tenants(tmp_path: Path, run: Run) -> None:
    header, *cells = zip(*TENANT.items(), strict=True)
    (tmp_path / "tenants.csv").write_text("\n".join(map(",".join, (header, *cells))), encoding="utf-8")
    options = [*files(tmp_path, {}, {"port": 25}), "--product-version", "7.2.0"]
    assert run("init", *options, "--tenants", "tenants.csv", cwd=tmp_path).code == 0
    spec = written(tmp_path)
    assert (spec["tenants_from"], spec["environments"]["node1"]) == (["tenants.csv"], {"global": {"port": 25}})
    assert "defaults" not in spec
    assert not any("MW0" in line for line in run("validate", "email.yaml", cwd=tmp_path).stdout.splitlines())
    assert run("merge", "email.yaml", "--env", "node1", "node1/deployment.toml", "--check", cwd=tmp_path).code == 0


def test_tenants_without_a_relay_inherit_that_of_the_servers(tmp_path: Path, run: Run) -> None:
    (tmp_path / "tenants.csv").write_text("domain,from_address,signature,reply_to\na.example,x@a.example,A,y@a.example\n")
    options = files(tmp_path, {"host": "r1.example.com"}, {"host": "r2.example.com"})
    for path in tmp_path.glob("*/deployment.toml"):
        path.write_text(path.read_text() + 'signature = "Example"\nreply_to = "help@example.com"\n')
    options += ["--tenants", "tenants.csv", "--harden", "--product-version", "7.2.0"]
    result = run("init", *options, cwd=tmp_path)
    assert result.stdout.startswith("wrote email.yaml (valid, strict)\n")
    assert run("validate", "--strict", "email.yaml", cwd=tmp_path).code == 0
    spec = written(tmp_path)
    password = "$env{MAILWRIGHT_SMTP_PASSWORD}"
    assert spec["defaults"] == {"username": "u", "password": password, "hostname": "r1.example.com", "port": 587}
    assert spec["environments"]["node1"]["defaults"] == {"hostname": "r2.example.com"}
    assert spec["global"]["password"] == "$keep{}"


def test_what_hardening_would_mend_is_said(tmp_path: Path, run: Run) -> None:
    options = [*files(tmp_path, {}), "--product-version", "7.2.0"]
    plain = run("init", "plain.yaml", *options, cwd=tmp_path).stdout.splitlines()[0]
    assert plain == "wrote plain.yaml (4 findings: `mailwright validate --strict plain.yaml` says more; with --harden 1)"
    hard = run("init", "hard.yaml", *options, "--harden", cwd=tmp_path).stdout.splitlines()[0]
    assert hard == "wrote hard.yaml (1 finding: `mailwright validate --strict hard.yaml` says more)"


@pytest.mark.parametrize("option", [["--set", "port=25"], ["--tenant", "a.example"]])
def test_what_a_preset_is_told_is_not_for_servers(option: list[str], tmp_path: Path, run: Run) -> None:
    result = run("init", *files(tmp_path, {}), *option, cwd=tmp_path)
    assert (result.code, (tmp_path / "email.yaml").exists()) == (2, False)
    assert "--tenants FILE goes with --from" in result.stderr


def test_two_files_for_one_environment_are_refused(tmp_path: Path, run: Run) -> None:
    files(tmp_path, {}, {})
    names = [f"prod=node{number}/deployment.toml" for number in range(2)]
    result = run("init", "--from", names[0], "--from", names[1], cwd=tmp_path)
    assert result.code == 2
    assert "NAME=FILE" in result.stderr


SCALARS = st.sampled_from([True, False, 1, 587, "1", "587", "a"])
SENDERS = st.dictionaries(st.sampled_from(["hostname", "port", "username"]), SCALARS, max_size=3)
TABLES = st.dictionaries(st.sampled_from(["mail.smtp.timeout", "mail.debug"]), SCALARS, min_size=1, max_size=2)


@given(st.lists(st.tuples(SENDERS, st.none() | TABLES), min_size=2, max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_common_parts_and_differences_make_each_server_again(found: list[tuple[dict[str, Any], dict[str, Any] | None]]) -> None:
    senders = [{**sender, **({"custom_properties": table} if table else {})} for sender, table in found]
    imported = {f"e{number}": Imported({"mailwright": 1, "global": sender}) for number, sender in enumerate(senders)}
    spec = yaml.safe_load(spec_of_servers(imported, None, PRODUCT).text)
    for name, each in imported.items():
        made = merged(spec.get("global", {}), spec["environments"][name].get("global", {}))
        own = each.document["global"]
        assert json.dumps({key: made.get(key) for key in own}, sort_keys=True) == json.dumps(own, sort_keys=True)
        assert made.keys() - own.keys() <= senders[0].keys()  # what a sender cannot be without


def merged(base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON merge patch applied (RFC 7396); none of these has a null."""
    own = {name: merged(base.get(name, {}), value) if isinstance(value, dict) else value for name, value in patch.items()}
    return {**base, **own}


# -- what stands beside it


def test_companions_are_written_and_read_well(tmp_path: Path, run: Run) -> None:
    options = [word for name in init.COMPANIONS for word in ("--with", name)]
    result = run("init", *files(tmp_path, {"host": "r1.example.com"}, {}), *options, cwd=tmp_path)
    assert result.code == 0
    names = [name for entries in init.COMPANIONS.values() for name, _, _ in entries]
    assert [line.removeprefix("wrote ") for line in result.stdout.splitlines()[1:-1]] == names
    documents = {name: yaml.safe_load((tmp_path / name).read_text()) for name in names if name.endswith((".yml", ".yaml"))}
    role = Path(init.__file__).parents[3] / "ansible/roles/email_sender/meta/argument_specs.yml"
    options_of_role = yaml.safe_load(role.read_text())["argument_specs"]["main"]["options"]
    group = documents["inventory/hosts.yml"]["identity_servers"]
    assert group["vars"].keys() <= options_of_role.keys()
    assert group["vars"]["email_sender_restart"] in options_of_role["email_sender_restart"]["choices"]
    assert group["children"].keys() == {"node0", "node1"}
    assert (tmp_path / "inventory" / "x").parent.joinpath(group["vars"]["email_sender_spec"].rpartition("}}/")[2]).resolve() == (
        tmp_path / "email.yaml"
    )
    (hook,) = documents[".pre-commit-config.yaml"]["repos"][0]["hooks"]
    assert re.search(hook["files"], "email.yaml")
    assert not re.search(hook["files"], "emailxyaml")
    assert (hook["args"][-1], hook["pass_filenames"]) == ("email.yaml", False)
    assert "*.plan" in (tmp_path / ".gitignore").read_text().splitlines()
    assert f"mailwright.git@v{__version__}" in (tmp_path / ".gitlab-ci.yml").read_text()


@pytest.mark.parametrize(
    ("patterns", "name", "checked"),
    [
        ("[]", "email.yaml", True),
        ("[]", "tenants.csv", False),
        ("tenants.csv", "tenants.csv", True),
        ("tenants.csv", "tenantsxcsv", False),
        ("tenants.csv", "old/tenants.csv", False),
        ("[a.csv, 'tenants/*.yaml']", "tenants/eu.yaml", True),
        ("[a.csv, 'tenants/*.yaml']", "tenants/eu.yaml.bak", False),
        ("[a.csv, 'tenants/*.yaml']", "email.yaml", True),
        ("'**/t?[0-9][!a].csv'", "eu/tx1b.csv", True),
        ("'**/t?[0-9][!a].csv'", "eu/tx1a.csv", False),
        ("'**/t?[0-9][!a].csv'", "eu/txxb.csv", False),
        ("'**/tenants.csv'", "tenants.csv", True),
        ("'**/tenants.csv'", "eu/tenants.csv", True),
        ("'**/tenants.csv'", "eutenants.csv", False),
        ("./tenants.csv", "tenants.csv", True),
    ],
)
def test_which_changes_the_hook_looks_at(patterns: str, name: str, checked: bool, tmp_path: Path) -> None:
    (file,) = init.companions(str(tmp_path / "email.yaml"), f"mailwright: 1\ntenants_from: {patterns}\n", ["pre-commit"])
    (hook,) = yaml.safe_load(file.content)["repos"][0]["hooks"]
    assert (re.search(hook["files"], name) is not None) is checked


@pytest.mark.parametrize("there", ["email.yaml", ".gitlab-ci.yml", "site.yml"])
def test_nothing_is_written_over(there: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / there).write_text("mine\n")
    result = run("init", *RELAY, *WHO, "--with", "gitlab", "--with", "ansible", cwd=tmp_path)
    assert result.code == 2
    assert there in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine\n"


def test_what_was_written_goes_when_the_rest_cannot_be(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write, count = writing.write_new, iter(range(9))

    def failing(path: Path | str, data: bytes, *, mode: int = 0o600) -> writing.Written:
        if next(count) == 2:
            raise KeyboardInterrupt
        return write(path, data, mode=mode)

    monkeypatch.setattr(init, "write_new", failing)
    result = run("init", *RELAY, *WHO, "--with", "gitignore", "--with", "gitlab", cwd=tmp_path)
    assert result.code == 130
    assert list(tmp_path.iterdir()) == []
