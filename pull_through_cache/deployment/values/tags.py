"""Keys and values of tags."""

from typing import Annotated

from pull_through_cache.deployment.values.text import TextPattern

# IAM API, Tag: [\p{L}\p{Z}\p{N}_.:/=+\-@]. Python's \w matches \p{L}, \p{N} and _. The spaces are \p{Z}.
_CHARACTER = r"[\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+@-]"
_FOR_EDITORS = r"[^\x00-\x1f!-)*,;<>?\[-^`{-~]"
# AWS General Reference, "Best practices and strategies" for tags: `aws:` is reserved for AWS, in uppercase and lowercase.
TagKey = Annotated[
    str,
    TextPattern(
        rf"(?![aA][wW][sS]:){_CHARACTER}{{1,128}}",
        "is not a tag key; write up to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:",
        rf"(?![aA][wW][sS]:){_FOR_EDITORS}{{1,128}}",
    ),
]
TagValue = Annotated[
    str,
    TextPattern(
        rf"{_CHARACTER}{{0,256}}",
        "is not a tag value; write up to 256 letters, digits, spaces and _.:/=+-@",
        rf"{_FOR_EDITORS}{{0,256}}",
    ),
]
