"""Text that must match a pattern."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StrictInt
from pydantic_core import CoreSchema, core_schema

from pull_through_cache.files.problems import shown


@dataclass(frozen=True)
class TextPattern:
    """The whole text must match `pattern`. The pattern must not backtrack far, because texts may be long.

    - `message` describes text that does not match: what the text is not, and after `; write` a remedy.
    - `editor_pattern` replaces `pattern` for editors if JavaScript reads `pattern` differently.
    """

    pattern: str
    message: str
    editor_pattern: str = ""

    def problem(self, text: str) -> str | None:
        """What is wrong with `text`; None if it matches."""
        return None if re.fullmatch(self.pattern, text) else f"{shown(text)} {self.message}"

    def check(self, text: str) -> str:
        if problem := self.problem(text):
            raise ValueError(problem)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        pattern = self.editor_pattern or self.pattern
        return {**handler(schema), "pattern": f"^({pattern})$", "patternErrorMessage": self.message}


@dataclass(frozen=True)
class MaxBytes:
    """Text of at most `limit` bytes in UTF-8."""

    limit: int

    def check(self, text: str) -> str:
        size = len(text.encode())
        if size > self.limit:
            raise ValueError(f"has {size:,} bytes; write {self.limit:,} at most")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "maxLength": self.limit}


Count = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
