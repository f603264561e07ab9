"""What `moothall serve` shows when it has opened: where it is, how one comes in, and what to beware of."""

from __future__ import annotations

from typing import Final

from moothall.engine.words import PolicyName
from moothall.settings import Settings, is_loopback, main_room, rules_of

__all__ = ["opening_lines"]

_FEW: Final = 4
_ANYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def opening_lines(settings: Settings, port: int, count: tuple[int, int], token: str | None) -> list[str]:
    """Return what is shown when a server has opened.

    Args:
        port: the one that was bound.
        count: how many are here in the first room, and how many seats it has.
        token: the operator's, where it may be shown; None where there is none.
    """
    here, seats = count
    lines = [f"Moothall is open on port {port}. Waiting for clients: {here}/{seats} here."]
    if not all(is_loopback(address) for address in settings.bind):
        where = ", ".join(settings.bind)
        lines.append(f"! INSECURE: whoever reaches {where} port {port} can take part, and nothing is encrypted.")
    rules = rules_of(settings, main_room(settings))
    if rules.policy is PolicyName.CHAIR and not rules.chair:
        lines.append("Nobody is in the chair: type chair NAME. Until then the fewest turns go first.")
    if len(settings.rooms) > 1:
        lines.append(f"There are {len(settings.rooms)} rooms: {_few(settings.rooms)}.")
    if settings.data is None:
        lines.append("Nothing is kept: --data :memory:.")
    lines.append(f"Join it: moothall join localhost {port}, or nc localhost {port}")
    lines.append(f"Send a bot: moothall bot alice localhost {port}")
    lines.append(_page_line(settings, port, token))
    lines.append("Type help for what you can do here, end to stop.")
    return lines


def _few(rooms: tuple[str, ...]) -> str:
    return ", ".join(rooms if len(rooms) <= _FEW else (*rooms[:2], "...", rooms[-1]))


def _page_line(settings: Settings, port: int, token: str | None) -> str:
    # What stands behind # is sent to no server.
    address = f"http://{_host(settings)}:{port}/"
    if settings.operator_token_file is not None:
        return f"In a browser: {address} (the operator's token is in {settings.operator_token_file})"
    if token is None:
        return f"In a browser: {address}"
    return f"In a browser: {address}#token={token}"


def _host(settings: Settings) -> str:
    if any(is_loopback(address) or address in _ANYWHERE for address in settings.bind):
        return "localhost"
    address = settings.bind[0]
    return f"[{address}]" if ":" in address else address
