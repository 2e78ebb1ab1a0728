"""Makes text from files, arguments, and AWS safe for a terminal or a log."""

import re
import unicodedata

# Control, format (bidirectional marks among them), surrogate, unassigned and private characters, and line separators.
_HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
# Commands to the program that records a log. Sources: GitHub, "Workflow commands for GitHub Actions"; actions/runner,
# ActionCommand.cs; Azure Pipelines, "Logging commands".
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#(?:\[|vso\[))")


def visible(text: object) -> str:
    r"""`text` on one line, with every character that a terminal or a log could act on written as `\x1b` or `\u202e`."""
    plain = str(text)
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(map(_visible, plain))
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", plain)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short:
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
