"""Whether Terraform and cdktf take text literally.

Terraform evaluates `${…}` and `%{…}` in every string of its JSON. cdktf replaces its own tokens in text, keys, and
numbers, and fails on the text that marks its maps. jsii, which passes values to cdktf, fails on the key `__proto__`.
Sources: Terraform, JSON configuration syntax, "Expression mapping"; cdktf 0.21.0, lib/tokens/token.js and
lib/tokens/private/encoding.js; jsii 1.142.0, @jsii/kernel, lib/api.js.
"""

import re
import struct

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_NUMBER = re.compile(r"-(?=\.?[0-9])[0-9]*(?:\.[0-9]*)?[eE]\+?[0-9]+")
_RESERVED = ("String Map Token Value", "Any Map Token Value", "__proto__")


def why_not_literal(text: str) -> str | None:
    """What in `text` Terraform or cdktf would change, and what to write instead; None for plain text.

    JSON in text is decoded and encoded again, so an escape counts as the character that it means.
    """
    text = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text)
    if "${aws:" in text:
        return "holds an IAM policy variable, which Terraform would evaluate; write the values themselves"
    if "${" in text or "%{" in text:
        return "holds '${' or '%{', which Terraform would evaluate; write it without"
    if "TfToken[" in text:
        return "holds 'TfToken[', which cdktf takes for a reference; write it without"
    if text in _RESERVED:
        return f"is {text!r}, which cdktf reserves; write another text"
    return next(filter(None, map(why_number_is_not_literal, _NUMBER.findall(text))), None)


def why_number_is_not_literal(number: str) -> str | None:
    """The same for a number, as the file has it."""
    value = float(number)
    # cdktf encodes references in the first two bytes of a double, and in one number of its own.
    if struct.pack(">d", value)[:2] in (b"\xfd\xff", b"\xfb\xff") or value == -123456789:
        return f"holds {number[:30]}, which cdktf takes for a reference; write another number"
    return None
