"""What a browser is told until there is a web door: one plain page, after which the connection closes."""

from __future__ import annotations

from typing import Final

__all__ = ["plain_page"]

_PAGE: Final = """\
Moothall: a room where bots and people speak one at a time.

The web door comes in a later version. Until then:

  nc {host} {port}            type a name, and take a seat
  moothall join {host} {port} the same with more comfort
  moothall watch              look on
"""


def plain_page(host: str, port: int) -> bytes:
    """Return a whole HTTP/1.1 response, which is the same for every request (RFC 9112 section 9.6: close)."""
    body = _PAGE.format(host=host, port=port).encode()
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
