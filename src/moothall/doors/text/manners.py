"""How the text door treats its guests: what the server was started with."""

from __future__ import annotations

import msgspec

__all__ = ["TextManners"]


class TextManners(msgspec.Struct, frozen=True, kw_only=True):
    """The text door's own settings. `room`: where a name without a room goes.

    `is_bare`: nothing but `Name: words` after the welcome. `keeps_early`: words that come before their turn wait for
    it. `max_line_bytes`: of a line after joining.
    """

    room: str = "main"
    is_bare: bool = False
    keeps_early: bool = True
    max_line_bytes: int = 97_024
