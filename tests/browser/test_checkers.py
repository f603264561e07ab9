"""What watches the browsers notices what is wrong: a checker that finds nothing must be able to find something."""

from __future__ import annotations

import pytest

from tests.browser.axe import serious_findings
from tests.browser.browsing import Browsers

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("() => console.error('planted')", "console: planted"),
        ("() => { setTimeout(() => { throw new Error('planted'); }); }", "script: planted"),
        ("() => { fetch('https://evil.example/').catch(() => null); }", "policy: connect-src"),
        ("() => { setTimeout(() => alert('planted')); }", "dialog: planted"),
        (
            "() => { const it = document.createElement('div'); it.setAttribute('style', 'color: red'); }",
            "policy: style-src",
        ),
        (
            "() => { try { document.createElement('a').setAttribute('onclick', 'x()'); } catch {} }",
            "policy: require-trusted-types-for",
        ),
        ("() => { try { document.body.innerHTML = '<b>x</b>'; } catch {} }", "policy: require-trusted-types-for"),
    ],
)
async def test_a_planted_fault_is_noted(browsers: Browsers, fault: str, note: str) -> None:
    """Errors of the console and of scripts, breaches of the content policy, dialogs."""
    async with browsers.house() as home:
        visitor = await browsers.visitor(home.port)
        await visitor.goto("/")
        await visitor.run(fault)

        await browsers.until_noted(note)
        # Some faults are told twice, in words of the browser's own.
        browsers.expect(".")


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("const it = document.createElement('button'); document.querySelector('main').append(it);", "button-name"),
        ("document.querySelector('h1').style.setProperty('color', '#ddd');", "color-contrast"),
        ("document.querySelector('label').remove();", "label"),
        ("document.documentElement.lang = '';", "html-has-lang"),
    ],
)
async def test_a_planted_barrier_is_found(browsers: Browsers, fault: str, rule: str) -> None:
    """A button without a name, words one cannot read, a field without a label, no language."""
    async with browsers.house() as home:
        visitor = await browsers.visitor(home.port, color_scheme="light")
        await visitor.goto("/")
        await visitor.page.get_by_role("heading", name="The hall").wait_for()
        assert await serious_findings(visitor) == []
        await visitor.run(f"() => {{ {fault} }}")

        assert [finding.split(":")[0] for finding in await serious_findings(visitor)] == [rule]
