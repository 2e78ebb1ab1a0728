"""Work that grows with the size of the input, and no faster."""

import sys
import time
from collections.abc import Callable

from hypothesis import strategies

import tests.hypothesis_profiles  # noqa: F401

FRAGMENTS = (
    "[", "]", "{", "}", "- ", ": ", ", ", "&a ", "*a", "<<: ", '"', "'", "\\", "${", "{{", "}}", "#", " ", "\t", "\n", "\r\n",
    "a", "a.", "/", "@sha256:", "=", "|", "image: ", "docker://", "FROM a ", "RUN ", "<<", "--- ", "---\n",
)  # fmt: skip
PIECES = strategies.lists(strategies.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join)
# Four times the input. libyaml reads the first kilobytes before it reports any event. The clock needs more room.
MAX_CALLS, BUFFER, MAX_SECONDS, NOISE = 6, 2_000, 12, 0.1


def calls(work: Callable[[], object]) -> int:
    """How many functions `work` calls: time, without the noise of the machine."""
    count = 0

    def profile(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def seconds(work: Callable[[], object]) -> float:
    """CPU time of `work`, which a busy machine does not change."""
    start = time.process_time()
    work()
    return time.process_time() - start


def assert_linear(work: Callable[[int], Callable[[], object]], number: int) -> None:
    """`work(n)` has n pieces of input."""
    few, many = work(number), work(4 * number)
    few()  # fills caches
    assert calls(many) <= MAX_CALLS * calls(few) + BUFFER
    if (long := seconds(many)) > NOISE:  # what is quick in any case is not measured again
        assert min(long, seconds(many)) <= MAX_SECONDS * min(seconds(few) for _ in range(3))
