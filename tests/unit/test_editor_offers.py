"""What the editor offers: keys that may stand at a place, and do not stand there yet."""

from __future__ import annotations

import pytest

from mailwright.editor.knowing import offers
from mailwright.editor.texts import Position, Text

SPEC = """\
mailwright: 1
global:
  hostname: mail.example.com
{0:2}
  port: 587
environments:
  prod:
    global:
      port: 465
{0:6}
  test: {{}}
tenants:
  acme.example:
    from_address: a@acme.example
{0:4}
  other.example:
    signature: Other
""".format("")  # lines of spaces, where a key is about to be written
FILE = """\
[server]
hostname = "is.example.com"

[output_adapter.email]
hostname = "mail.example.com"
por
custom_properties.'mail.smtp.auth' = true

[output_adapter.email.custom_properties]
'mail.smtp.timeout' = 1000
'mail.smtp
[other]
username = "x"
"""


def _labels(name: str, content: str, line: int, character: int) -> set[str]:
    return {each.label for each in offers(Text(name, content), Position(line, character))}


@pytest.mark.parametrize(
    ("line", "character", "there", "missing"),
    [
        (3, 2, {"hostname", "port"}, {"from_address", "username"}),  # between two
        (2, 2, {"port"}, {"hostname", "username"}),  # on a key itself, which may be another
        (9, 6, {"port"}, {"hostname", "username"}),  # an environment has keys of its own
        (14, 4, {"from_address"}, {"signature"}),  # not those of the next tenant
    ],
)
def test_a_spec_is_offered_what_it_does_not_have(line: int, character: int, there: set[str], missing: set[str]) -> None:
    found = _labels("email.yaml", SPEC, line, character)
    assert not found & there
    assert missing <= found


@pytest.mark.parametrize(
    ("line", "character", "there", "missing"),
    [
        (5, 3, {"hostname"}, {"port", "username"}),  # the line that is being written does not count, nor do other tables
        (4, 0, set(), {"hostname"}),
        (10, 10, {"mail.smtp.auth", "mail.smtp.timeout"}, {"mail.smtp.connectiontimeout"}),  # in both spellings of the table
    ],
)
def test_a_file_is_offered_what_it_does_not_have(line: int, character: int, there: set[str], missing: set[str]) -> None:
    found = _labels("deployment.toml", FILE, line, character)
    assert not found & there
    assert missing <= found
