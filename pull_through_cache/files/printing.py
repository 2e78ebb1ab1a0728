"""Makes text from files, arguments, and AWS safe for a terminal or a log."""

import unicodedata

# Control, format (bidirectional marks among them), surrogate, unassigned and private characters, and line separators.
_HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


def visible(text: object) -> str:
    r"""`text` on one line, with every character that a terminal or a log could act on written as `\x1b` or `\u202e`."""
    plain = str(text)
    return plain if plain.isascii() and plain.isprintable() else "".join(map(_visible, plain))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short:
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
