"""What schemathesis loads to ask with: it would take 186.0 for a whole number.

JSON Schema does; our decoder, as most, takes it for a fraction, and the protocol says integer.
"""

from __future__ import annotations

import schemathesis


@schemathesis.hook
def map_body(_context: object, body: object) -> object:
    """Write whole numbers as such."""
    match body:
        case dict():
            return {name: map_body(_context, value) for name, value in body.items()}
        case list():
            return [map_body(_context, value) for value in body]
        case float() if body.is_integer() and abs(body) < 2**63:  # where whole numbers have their bounds
            return int(body)
        case _:
            return body
