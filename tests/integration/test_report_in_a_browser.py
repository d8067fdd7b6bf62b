"""The HTML reports in a real Chromium: they can be read, filtered, used with the keyboard, and ask nobody for anything.

axe-core, which ships with axe-playwright-python, judges structure and contrast, in light and in dark.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.base.errors import ExitCode, MailwrightError, SpecError
from mailwright.base.states import Check, Light, Row
from mailwright.report.formats import plan_printer
from mailwright.report.html import Page as Content
from mailwright.report.html import page_html
from mailwright.report.states_html import status_page
from mailwright.report.verified_html import verify_page
from mailwright.tenants.planning import Action, Change, Failure, TenantPlan
from peers import find, require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from commands import Run

pytestmark = [pytest.mark.network, pytest.mark.filterwarnings("ignore::ResourceWarning")]

HOSTILE = "<img src=http://127.0.0.1:9/x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    require("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = driver.chromium.launch(executable_path=find("chromium"), args=arguments)
        yield browser
        browser.close()


def rows(count: int, said: str = HOSTILE) -> list[Row]:
    checks = [Check(Light.GOOD), Check(Light.CARE, "update: smtpPort"), Check(Light.BAD, f"AUTH 535 {said}".strip()), Check()]
    return [
        Row(
            "prod",
            "tenant",
            f"t{number}.example",
            {
                "valid": checks[0],
                "in sync": checks[number % 50 == 1],
                "verified": checks[2 if number % 100 == 7 else 3 * (number % 2)],
            },
            number % 90,
            3,
        )
        for number in range(count)
    ]


def senders(said: str = HOSTILE) -> list[dict[str, Any]]:
    def one(name: str, code: int, status: str) -> dict[str, Any]:
        phases = [
            {"name": phase, "status": "ok", "code": 250, "ms": 4.5, "reply": "ok"} for phase in ("resolve", "connect", "EHLO")
        ]
        phases.append({"name": "AUTH", "status": status, "code": 535, "ms": 12.0, "reply": said})
        client = {
            "outcome": "failed" if code else "connected",
            "error": said if code else None,
            "basis": "observed",
            "cleartext_credentials": False,
        }
        findings = [{"code": "X", "severity": "warning", "message": said, "remedy": None}] if code else []
        tls = {"version": "TLSv1.3", "certificate": {"days_left": 12}, "chain": []}
        return {
            "name": name,
            "host": "relay.example.com",
            "port": 587,
            "exit_code": code,
            "phases": phases,
            "client": client,
            "findings": findings,
            "tls": tls,
        }

    return [one("good.example", 0, "ok"), one("bad.example", 4, "failed"), one("worse.example", 4, "failed")]


def plans(count: int, said: str = HOSTILE) -> Iterator[TenantPlan]:
    """Of ten tenants seven are unchanged; one changes, one is created, and one fails."""
    for number in range(count):
        domain = f"t{number}.example"
        if number % 10 == 3:
            changes = (Change("smtpServerHost", "relay1.example.com", said or "relay2.example.com"), Change("smtpPort", 25, None))
            yield TenantPlan(domain, Action.UPDATE, changes, ("! its password will be sent to a new host",))
        elif number % 10 == 5:
            yield TenantPlan(
                domain,
                Action.CREATE,
                notes=("the password will be sent",),
                summary=f"EmailPublisher, {said or 'relay.example.com:587'}",
            )
        elif number % 10 == 9:
            refused = Failure("refused", f"HTTP 400 for {domain}: {said}".removesuffix(": "), "look there", 400, ExitCode.REFUSED)
            yield TenantPlan(domain, Action.ERROR, failure=refused)
        else:
            yield TenantPlan(domain, Action.UNCHANGED)


def plan_page(of: dict[str, Iterable[TenantPlan] | MailwrightError]) -> str:
    """Return the page of the plans of environments."""
    printer = plan_printer("html")
    lines: list[str] = []
    for environment, found in of.items():
        lines += printer.begin(environment, f"https://{environment}.example.com:9443", several=len(of) > 1)
        if isinstance(found, MailwrightError):
            lines += printer.failed(found)
            continue
        counts: Counter[Action] = Counter()
        for plan in found:
            counts[plan.action] += 1
            lines += printer.add(plan, 12)
        lines += [*printer.rest(), *printer.end(counts, 12)]
    return "\n".join([*lines, *printer.finish()])


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, run: Run) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "deployment.toml").write_text('[output_adapter.email]\nhost = "x"\npassword = "R&D-of-2019"\n', encoding="utf-8")
    made = {
        "status": "\n".join(status_page(rows(300))),
        "verify": "\n".join(verify_page(senders(), ["a reason"], ["http.example: it sends by HTTP"])),
        "plan": plan_page({"prod": plans(40), "staging": SpecError(f"no {HOSTILE}"), "test": plans(10)}),
        "validate": run("validate", "deployment.toml", "--format", "html", cwd=folder).stdout,
        "empty": "\n".join(page_html(Content("Nothing", "nothing to report", Light.GOOD))),
    }
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


def opened(browser: Browser, path: Path, **options: Any) -> tuple[Page, list[str], list[str]]:
    """Return a page, what it asked for, and what its console said."""
    page = browser.new_context(**options).new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    return page, asked, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["status", "verify", "plan", "validate", "empty"])
def test_structure_and_contrast(name: str, scheme: str, browser: Browser, pages: dict[str, Path]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page, asked, said = opened(browser, pages[name], color_scheme=scheme)
    # The page's policy lets only its own script run: axe is put in by the browser itself.
    found = axe.run(page)
    assert [(item["id"], [node["html"][:120] for node in item["nodes"][:3]]) for item in found.response["violations"]] == []
    assert asked == [pages[name].as_uri()]
    assert said == []
    page.context.close()


@pytest.mark.parametrize("name", ["status", "verify", "plan"])
def test_what_a_peer_said_is_text(name: str, browser: Browser, pages: dict[str, Path]) -> None:
    page, asked, _ = opened(browser, pages[name])
    assert page.title().startswith(("The state", "What mailwright"))
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert HOSTILE in page.inner_text("main")
    assert asked == [pages[name].as_uri()]
    page.context.close()


def test_it_is_read_without_a_script_and_on_paper(browser: Browser, pages: dict[str, Path]) -> None:
    page, _, _ = opened(browser, pages["status"], java_script_enabled=False)
    assert page.locator("tbody tr").count() == 300
    assert page.locator("tbody tr").nth(299).is_visible()
    assert not page.locator(".tools").is_visible()
    page.context.close()
    page, _, _ = opened(browser, pages["status"])
    page.emulate_media(media="print")
    assert not page.locator(".tools").is_visible()
    assert page.locator(".scroll").evaluate("node => getComputedStyle(node).overflow") == "visible"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.context.close()


def test_it_filters_with_the_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    page, _, _ = opened(browser, pages["status"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "filter"
    page.keyboard.type("t10")
    assert page.inner_text(".count") == "11 of 300"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.inner_text(".count") == "2 of 300"  # t101 differs, t107 fails
    page.context.close()


def test_what_is_wrong_stands_first_and_once(browser: Browser, pages: dict[str, Path]) -> None:
    page, _, _ = opened(browser, pages["status"])
    titles = page.locator(".attention h3").all_inner_texts()
    assert titles == ["prod · tenant t7.example and 2 more", "prod · tenant t1.example and 5 more"]
    page.context.close()
    page, _, _ = opened(browser, pages["verify"])
    assert page.locator(".attention h3").first.inner_text() == "bad.example, relay.example.com:587 and 1 more"
    label = page.locator(".attention svg").first.get_attribute("aria-label")
    assert label == "bad.example, relay.example.com:587: resolve 4 ms 250, connect 4 ms 250, EHLO 4 ms 250, AUTH 12 ms 535"
    page.context.close()


def test_a_plan_says_first_what_changes_and_counts_the_rest(browser: Browser, pages: dict[str, Path]) -> None:
    page, _, _ = opened(browser, pages["plan"])
    assert page.inner_text(".summary") == "5 to create, 5 to update, 0 to delete, 35 tenants unchanged, 5 failed"
    titles = page.locator(".attention h3").all_inner_texts()
    assert titles == [
        "prod · t9.example and 4 more",
        "staging, https://staging.example.com:9443: not planned",
        "prod · t3.example and 4 more",
    ]
    assert page.locator("h2").all_inner_texts() == ["What needs attention", "What changes", "Servers"]
    changes, servers = page.locator("tbody").all()
    assert changes.locator("tr").count() == 15
    first = changes.locator("tr").first.locator("th, td").all_inner_texts()
    assert [first[0], first[1], first[2].split()[-1]] == ["t3.example", "prod", "update"]
    what = [
        f"smtpServerHost relay1.example.com -> {HOSTILE[:60]}…",
        "smtpPort 25 -> (none)",
        "! its password will be sent to a new host",
    ]
    assert first[3].split("\n") == what
    assert [row.split("\t")[1:] for row in servers.inner_text().split("\n")] == [
        ["prod", "4", "4", "0", "28", "4"],
        ["staging", "not planned", "", "", "", ""],
        ["test", "1", "1", "0", "7", "1"],
    ]
    page.context.close()


LAYERS = """() => [...document.querySelectorAll("tbody *")].filter(node => {
  const style = getComputedStyle(node);
  return style.position !== "static" || style.overflow !== "visible" || style.clipPath !== "none" || style.borderCollapse !== "separate";
}).length"""
"""How many parts of the rows a browser would look at anew for each picture: ten thousand rows of them make it slow."""


SCROLL = """async node => {
  const frame = () => new Promise(done => requestAnimationFrame(done)), first = node.scrollTop;
  let longest = 0, screens = 0;
  for (; screens < 10; screens++) {
    const start = performance.now();
    node.scrollTo(0, (node.scrollHeight - node.clientHeight) * (screens + 1) / 10);
    await frame(); await frame();
    longest = Math.max(longest, performance.now() - start);
  }
  return { longest, screens, moved: node.scrollTop - first };
}"""
"""Goes down in ten steps; says how long the longest took, until the frame after it was drawn."""


def test_ten_thousand_rows_stay_usable(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "status.html"
    path.write_text("\n".join(status_page(rows(10_000))), encoding="utf-8")
    assert path.stat().st_size < 6 << 20
    page, _, said = opened(browser, path)
    assert page.evaluate(LAYERS) == 0
    scrolled = page.locator(".scroll").evaluate(SCROLL)
    assert scrolled["screens"] == 10
    assert scrolled["moved"] > 1000  # pixels
    assert scrolled["longest"] < 2000  # milliseconds, on a machine that does other things too
    page.fill(".filter", "t9999.example")
    assert page.inner_text(".count") == "1 of 10000"
    taken = page.evaluate(
        "() => { const box = document.querySelector('.filter'), start = performance.now(); box.value = 't5';"
        " box.dispatchEvent(new Event('input')); return performance.now() - start; }"
    )
    assert taken < 2000
    print(f"10,000 rows: filtered in {taken:.0f} ms, the longest of ten steps to the end {scrolled['longest']:.0f} ms")
    assert said == []
    page.context.close()


def test_no_secret_is_in_a_page(pages: dict[str, Path]) -> None:
    assert "R&amp;D-of-2019" not in pages["validate"].read_text(encoding="utf-8")
    assert "of-2019" not in pages["validate"].read_text(encoding="utf-8")


def test_pictures(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    """Each page makes a picture; `make pictures` keeps them in docs/pictures."""
    folder = Path(os.environ.get("MAILWRIGHT_PICTURES") or tmp_path)
    (tmp_path / "status.html").write_text("\n".join(status_page(rows(120, ""))), encoding="utf-8")
    refused = "535 5.7.8 Error: authentication failed"
    (tmp_path / "verify.html").write_text("\n".join(verify_page(senders(refused))), encoding="utf-8")
    (tmp_path / "plan.html").write_text(plan_page({"prod": plans(40, "")}), encoding="utf-8")
    for name in ("status", "verify", "plan"):
        page, _, _ = opened(browser, tmp_path / f"{name}.html", viewport={"width": 1000, "height": 700})
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
        page.context.close()
