"""Which hosts and origins may ask: what keeps the pages of others out, and names that were bent to point here.

See docs/protocol/web.md §2, and RFC 9110 §7.2, RFC 6454 §7, W3C Fetch Metadata.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

__all__ = ["Allowlist"]

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/@?#\s]+)(?::[0-9]{1,5})?")
_ORIGIN: Final = re.compile(r"https?://(.+)")
_FOREIGN: Final = "Pages of another origin may not ask here."
_OTHER_SITES: Final = frozenset({"cross-site", "same-site"})
_FOLLOWS_A_LINK: Final = "navigate"
_LOOPBACK_NAME: Final = "localhost"


class Allowlist:
    """The hosts by whose names this server may be reached.

    Args:
        names: names beside those of the loopback, without a port.
        takes_addresses: whether any IP address will do. No name of somebody else's can be bent to point to one.
    """

    def __init__(self, names: Sequence[str] = (), *, takes_addresses: bool = False) -> None:
        self._names = frozenset(map(str.lower, names)) | {_LOOPBACK_NAME}
        self._takes_addresses = takes_addresses

    def objection(self, hosts: Sequence[str], origins: Sequence[str], *, site: str = "", mode: str = "") -> str | None:
        """Return why a request with these `Host` and `Origin` headers may not ask, as a sentence; None: it may.

        Args:
            site, mode: what a browser says of where the request comes from, and what for (`Sec-Fetch-Site` and
                `Sec-Fetch-Mode`): what a page of others shows as its own picture or script has no `Origin`.
        """
        if len(hosts) != 1 or len(origins) > 1:
            return "A request has one Host, and at most one Origin."
        host = hosts[0].strip().lower()
        if not self._knows(host):
            return "This server is not reached by that name: start it with --allow-host NAME."
        if origins and not self._is_own(origins[0].strip().lower(), host):
            return _FOREIGN
        if site.lower() in _OTHER_SITES and mode.lower() != _FOLLOWS_A_LINK:
            return _FOREIGN
        return None

    def _knows(self, host: str) -> bool:
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1]
        if name in self._names:
            return True
        try:
            address = ip_address(name.strip("[]"))
        except ValueError:
            return False
        return self._takes_addresses or address.is_loopback

    @staticmethod
    def _is_own(origin: str, host: str) -> bool:
        match = _ORIGIN.fullmatch(origin)
        return match is not None and match[1] == host
