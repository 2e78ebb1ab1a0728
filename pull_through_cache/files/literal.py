"""Whether Terraform and cdktf take text literally.

Terraform evaluates `${…}` and `%{…}` in every string of its JSON. cdktf replaces its own tokens in text, keys, and
numbers, and fails on the text that marks its maps and constructs. jsii, which passes values to cdktf, fails on the key
`__proto__`, and takes a mapping with a key such as `$jsii.byref` for an object of its own.
Sources: Terraform, JSON configuration syntax, "Expression mapping"; cdktf 0.21.0, lib/tokens/token.js and
lib/tokens/private/encoding.js and resolve.js; jsii 1.142.0, @jsii/kernel, lib/api.js.
"""

import re
import struct

from pull_through_cache.files.problems import shown

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
# The name of a resource or stack can have a `-` before text, so each number counts as if it were negative.
_NUMBER = re.compile(r"(?<![0-9.])-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+")
_RESERVED = ("String Map Token Value", "Any Map Token Value", "_children", "__proto__")
_WIRE = "$jsii."


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
    if text in _RESERVED or text.startswith(_WIRE):
        return f"is {shown(text)}, which cdktf reserves; write another text"
    return next((_reference(number) for number in _NUMBER.findall(text) if _is_token(-abs(float(number)))), None)


def why_number_is_not_literal(number: str) -> str | None:
    """The same for a number, as the file has it."""
    return _reference(number) if _is_token(float(number)) else None


def _is_token(value: float) -> bool:
    # cdktf encodes references in the first two bytes of a double, and in one number of its own.
    return struct.pack(">d", value)[:2] in (b"\xfd\xff", b"\xfb\xff") or value == -123456789


def _reference(number: str) -> str:
    return f"holds {number[:30]}, which cdktf takes for a reference; write another number"
