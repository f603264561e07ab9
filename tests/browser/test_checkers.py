"""What watches the browsers notices what is wrong: a checker that finds nothing must be able to find something."""

from __future__ import annotations

import pytest

from tests.browser.axe import serious_findings
from tests.browser.browsing import Browsers

pytestmark = pytest.mark.asyncio(loop_scope="session")


FAULTS = {
    "console: planted": "() => console.error('planted')",
    "script: planted": "() => { setTimeout(() => { throw new Error('planted'); }); }",
    "policy: connect-src": "() => { fetch('https://evil.example/').catch(() => null); }",
    "dialog: planted": "() => { setTimeout(() => alert('planted')); }",
    "policy: style-src": "() => document.createElement('div').setAttribute('style', 'color: red')",
    "policy: require-trusted-types-for": "() => { try { document.body.innerHTML = '<b>x</b>'; } catch {} }",
    "TrustedScript": "() => { try { document.createElement('a').setAttribute('onclick', 'x()'); } catch {} }",
    "request: https://evil.example": "() => { new Image().src = 'https://evil.example/'; }",
}
BARRIERS = {
    "button-name": "() => document.querySelector('main').append(document.createElement('button'))",
    "color-contrast": "() => document.querySelector('h1').style.setProperty('color', '#ddd')",
    "label": "() => document.querySelector('label').remove()",
    "html-has-lang": "() => { document.documentElement.lang = ''; }",
}


async def test_planted_faults_are_noted(browsers: Browsers) -> None:
    """Errors of the console and of scripts, breaches of the content policy, dialogs, requests to elsewhere."""
    async with browsers.house() as home:
        visitor = await browsers.visitor(home.port)
        for note, fault in FAULTS.items():
            await visitor.goto("/")
            assert not any(note in found for found in browsers.notes)
            await visitor.run(fault)

            await browsers.until_noted(note)
    # Some faults are told twice, in words of the browser's own.
    assert browsers.complaints != []
    browsers.expect(".")


async def test_planted_barriers_are_found(browsers: Browsers) -> None:
    """A button without a name, words one cannot read, a field without a label, no language."""
    async with browsers.house() as home:
        visitor = await browsers.visitor(home.port, color_scheme="light")
        for rule, fault in BARRIERS.items():
            await visitor.goto("/")
            await visitor.page.get_by_role("heading", name="The hall").wait_for()
            await visitor.run(fault)

            assert [finding.split(":")[0] for finding in await serious_findings(visitor)] == [rule]
