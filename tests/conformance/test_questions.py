"""The emulator answers every question as it is said to. With CONFORMANCE=aws, so does AWS."""

import pytest

from tests.conformance import policies, pulls, rules  # noqa: F401 - they have the questions
from tests.conformance.questions import NOT_ASKED, QUESTIONS, Question
from tests.conformance.report import DifferenceError
from tests.conformance.sandbox import SandboxAccounts


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_answer(sandbox: SandboxAccounts, question: Question) -> None:
    answer = question.answered(sandbox)
    if answer != question.answer:
        raise DifferenceError(question, answer, asked=not str(answer).startswith(NOT_ASKED))


def test_nothing_is_left(sandbox: SandboxAccounts) -> None:
    """A question that is interrupted leaves what the next sweep takes."""
    sandbox.role("left")
    sandbox.secret()
    sandbox.rule()
    sandbox.template()
    assert sandbox.sweep() == []
    assert list(sandbox.things()) == []
