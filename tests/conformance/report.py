"""The report of a run: every answer in which AWS and the emulator differ."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.questions import Question

HEAD = """\
# Conformance

{asked} questions asked in {region}: {differences} answers differ from the emulator's. {not_asked} not asked.
Names of the sandbox are replaced: PREFIX, ACCOUNT, OTHER, REGION.
"""
DIFFERENCE = """
## {name}

Source: {source}

The emulator answers

    {expected}

and AWS

    {found}
"""


class DifferenceError(AssertionError):
    """An answer that is not the emulator's."""

    def __init__(self, question: Question, answer: Any, *, asked: bool) -> None:
        super().__init__(f"{question.name}: {json.dumps(answer)} instead of {json.dumps(question.answer)}")
        self.question, self.answer, self.asked = question, answer, asked


class Report:
    """A plugin of pytest that writes the report, whatever happens in between."""

    def __init__(self, file: Path, region: str) -> None:
        self._file, self._region = file, region
        self._asked = 0
        self._found: list[DifferenceError] = []
        self._errors: list[str] = []

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Keep what a question brought."""
        if call.when == "call":
            self._asked += 1
        if call.excinfo and isinstance(call.excinfo.value, DifferenceError):
            self._found.append(call.excinfo.value)
        elif call.excinfo:
            self._errors.append(f"- {item.name}: {call.excinfo.value}")

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        differences = [each for each in self._found if each.asked]
        not_asked = [each for each in self._found if not each.asked]
        text = HEAD.format(
            asked=self._asked - len(not_asked),
            region=self._region,
            differences=len(differences),
            not_asked=len(not_asked),
        )
        for each in differences:
            question = each.question
            answers = {"expected": json.dumps(question.answer), "found": json.dumps(each.answer)}
            text += DIFFERENCE.format(name=question.name, source=question.source, **answers)
        for title, lines in (
            ("Not asked", [f"- {each.question.name}: {each.answer}" for each in not_asked]),
            ("Failed", self._errors),
        ):
            if lines:
                text += "\n".join([f"\n## {title}\n", *lines, ""])
        self._file.write_text(text)
