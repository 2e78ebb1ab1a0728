"""Questions, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.conformance.sandbox import NotAskedError, SandboxAccounts

NOT_ASKED = "not asked: "
Ask = Callable[[SandboxAccounts], Any]


@dataclass(frozen=True)
class Question:
    """A question to AWS, and the emulator's answer.

    - ``source``: where AWS documents the answer, or who reported it.
    - ``answer``: without names of the sandbox; an error is its code and text.
    """

    name: str
    source: str
    answer: Any
    ask: Ask

    def answered(self, sandbox: SandboxAccounts) -> Any:
        """The answer in this sandbox, without its own names. Everything that the question made is deleted again."""
        try:
            answer = self.ask(sandbox)
        except ClientError as error:
            answer = error_text(error)
        except NotAskedError as error:
            answer = f"{NOT_ASKED}{error}"
        finally:
            left = sandbox.sweep()
        if left:
            raise RuntimeError(f"could not be deleted, delete it yourself: {'; '.join(left)}")
        return sandbox.neutral(answer)


QUESTIONS: list[Question] = []


def question(source: str, answer: Any) -> Callable[[Ask], Ask]:
    """Add the function as a question; its name is that of the question."""

    def add(ask: Ask) -> Ask:
        QUESTIONS.append(Question(ask.__name__.replace("_", " "), source, answer, ask))
        return ask

    return add


def error_text(error: ClientError) -> str:
    """An error's code and text."""
    return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"


def error(call: Callable[..., Any], **parameters: Any) -> str:
    """The error that rejects a call, with its text; else ``accepted``."""
    try:
        call(**parameters)
    except ClientError as error:
        return error_text(error)
    return "accepted"


def code(call: Callable[..., Any], **parameters: Any) -> str:
    """The same without the text, if AWS's text is not known."""
    return error(call, **parameters).partition(":")[0]
