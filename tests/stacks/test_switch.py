"""All files of a run are put in place, or none: with a failure, or a signal, at every step."""

import errno
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from stacks.switch import signals_wait, switch

_STEPS = {"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}
"""What Python announces (PEP 578) before it changes a folder: the steps of a switch."""


class Steps:
    """Counts the steps of a switch, and does something at one of them."""

    def __init__(self) -> None:
        self.count, self.at, self.counts = 0, 0, False
        self.action: Callable[[], None] = lambda: None
        sys.addaudithook(self._announced)

    def _announced(self, event: str, _: tuple[Any, ...]) -> None:
        if self.counts and event in _STEPS:
            self.count += 1
            if self.count == self.at:
                self.action()

    @contextmanager
    def act(self, at: int, action: Callable[[], None]) -> Iterator[None]:
        """Counts in the block, and acts before the step that has the number `at`."""
        self.count, self.at, self.counts, self.action = 0, at, True, action
        try:
            yield
        finally:
            self.counts = False


@pytest.fixture(scope="module")
def steps() -> Steps:
    return Steps()


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else "folder"
        for path in folder.rglob("*")
        if "new" not in path.relative_to(folder).parts
    }


BEFORE = {
    "changed": "old",
    "gone": "old",
    "gone too": "old",
    "stacks": "folder",
    "stacks/same": "old",
    "stacks/terraform.lock": "its own",
}
AFTER = {
    "changed": "new",
    "stacks": "folder",
    "stacks/same": "new",
    "stacks/terraform.lock": "its own",
    "added": "folder",
    "added/first": "new",
}


def prepare(folder: Path) -> dict[Path, Path]:
    """Makes the tree BEFORE, and returns the files to put in place."""
    (folder / "stacks").mkdir(parents=True)
    for name, text in BEFORE.items():
        if text != "folder":
            (folder / name).write_text(text)
    (folder / "new").mkdir()
    files = {}
    for number, name in enumerate(["changed", "added/first", "stacks/same"]):
        files[folder / name] = folder / "new" / f"file {number}"
        files[folder / name].write_text("new")
    return files


def put_in_place(folder: Path, files: dict[Path, Path]) -> None:
    with signals_wait():
        switch(files, remove=[folder / "gone", folder / "gone too"], spare=folder / "new")


def test_files_are_put_in_place_and_removed(tmp_path: Path) -> None:
    put_in_place(tmp_path, prepare(tmp_path))
    assert tree(tmp_path) == AFTER


def test_a_failure_at_any_step_changes_nothing(tmp_path: Path, steps: Steps) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    step = 0
    while step <= steps.count:  # until a run has fewer steps
        step += 1
        folder = tmp_path / str(step)
        files = prepare(folder)
        try:
            with steps.act(step, fail):
                put_in_place(folder, files)
        except OSError:
            assert (step, tree(folder)) == (step, BEFORE)
        else:  # there was no such step; or it was a hard link, for which a copy is taken
            assert (step, tree(folder)) == (step, AFTER)
    assert step > 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_at_any_step_waits_until_all_is_in_place(tmp_path: Path, steps: Steps, number: signal.Signals) -> None:
    class ArrivedError(Exception):
        pass

    def arrive(_number: int, _frame: FrameType | None) -> None:
        raise ArrivedError

    earlier = signal.signal(number, arrive)
    try:
        step = 0
        while step <= steps.count:
            step += 1
            folder = tmp_path / str(step)
            files = prepare(folder)
            try:
                with steps.act(step, lambda: signal.raise_signal(number)):
                    put_in_place(folder, files)
            except ArrivedError:
                pass
            else:
                assert step > steps.count
            assert (step, tree(folder)) == (step, AFTER)
    finally:
        signal.signal(number, earlier)
    assert step > 5


@pytest.mark.parametrize("name", ["changed", "added/first", "stacks/same"])
def test_a_folder_in_the_place_of_a_file_changes_nothing(tmp_path: Path, name: str) -> None:
    files = prepare(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).mkdir(parents=True)
    before = tree(tmp_path)

    with pytest.raises(IsADirectoryError, match=name):
        put_in_place(tmp_path, files)
    assert tree(tmp_path) == before
