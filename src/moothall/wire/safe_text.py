"""Safe text: nothing that anyone types can harm or mislead another's terminal.

Used wherever words are shown to people, never where they are kept: the log holds what was said. Normative:
docs/protocol/text.md, "Control characters".
"""

import re

__all__ = ["safe_text"]

# Every character that moves a cursor, starts an escape sequence, ends a line or turns the order of letters around.
# Tab is harmless. "\r\n" comes first, so that it is one line break.
_HARMFUL = re.compile(
    "\r\n"
    "|[\x00-\x08\x0a-\x1f"  # C0 but tab, ESC among them
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200e\u200f"  # marks of direction
    "\u2028-\u202e"  # line and paragraph separator; embeddings and overrides of direction
    "\u2066-\u2069"  # isolates of direction
    "\ud800-\udfff]"  # lone surrogates, which no encoder takes
)


def safe_text(words: str) -> str:
    r"""Return `words` as one line that is safe to show: what is harmful is shown escaped, as `\x1b` or `\u202e`.

    A line break is shown as `\n`, a lone return as `\r`. A backslash stays as it is, so this cannot be undone: it is
    for eyes only.
    """
    # Nearly all words are printable, and asking is several times quicker than searching.
    return words if words.isprintable() else _HARMFUL.sub(_escaped, words)


def _escaped(found: re.Match[str]) -> str:
    harmful = found[0]
    return r"\n" if harmful == "\r\n" else harmful.encode("unicode_escape").decode()
