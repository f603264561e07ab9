"""The operator's token: what a request must show that leads the hall. Its hash is kept, and nothing else.

See docs/protocol/web.md §2.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest

__all__ = ["OperatorToken"]

_SCHEME = "bearer"


class OperatorToken:
    """What opens the operator's requests.

    Args:
        token: the words that the operator knows.
    """

    def __init__(self, token: str) -> None:
        self._digest = _digest(token)

    def opens(self, authorization: str) -> bool:
        """Tell whether a header `Authorization: Bearer TOKEN` shows it, in a time that tells nothing of how nearly."""
        scheme, _, token = authorization.strip().partition(" ")
        return scheme.lower() == _SCHEME and compare_digest(_digest(token.strip()), self._digest)


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
