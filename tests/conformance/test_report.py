"""The report, and what stops a run before it begins."""

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.questions import Question
from tests.conformance.report import DifferenceError, Report

QUESTION = Question("a rule", "Guide", ["expected"], lambda _: None)


def outcome(error: Exception | None) -> pytest.CallInfo[Any]:
    def call() -> None:
        if error:
            raise error

    return pytest.CallInfo.from_call(call, when="call")


def test_every_difference_is_written(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    report = Report(tmp_path / "report.md", "eu-central-1")
    for error in (
        None,
        DifferenceError(QUESTION, ["found"], asked=True),
        DifferenceError(QUESTION, "not asked: no account", asked=False),
        RuntimeError("could not be deleted"),
    ):
        report.pytest_runtest_makereport(request.node, outcome(error))
    report.pytest_sessionfinish()
    assert (tmp_path / "report.md").read_text() == (
        "# Conformance\n\n"
        "3 questions asked in eu-central-1: 1 answers differ from the emulator's. 1 not asked.\n"
        "Names of the sandbox are replaced: PREFIX, ACCOUNT, OTHER, REGION.\n\n"
        "## a rule\n\nSource: Guide\n\n"
        'The emulator answers\n\n    ["expected"]\n\nand AWS\n\n    ["found"]\n\n'
        "## Not asked\n\n- a rule: not asked: no account\n\n"
        "## Failed\n\n- test_every_difference_is_written: could not be deleted\n"
    )


def test_without_a_profile_nothing_happens(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert main() == 2
    assert capsys.readouterr().out.startswith("Set AWS_PROFILE to a profile of a sandbox account")
