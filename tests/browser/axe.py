"""axe-core, the audit of what keeps people out of a page, run in the page as it stands."""

from __future__ import annotations

from importlib.resources import files

from tests.browser.browsing import Visitor

__all__ = ["serious_findings"]

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`);
}"""


async def serious_findings(visitor: Visitor) -> list[str]:
    """Return what axe calls serious or critical: the rule, and where."""
    await visitor.run(f"() => {{ {_AXE} }}")
    found: list[str] = await visitor.run(_RUN)
    return found
