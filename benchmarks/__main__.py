"""Measures, and writes docs/benchmarks.md and docs/benchmarks.svg. Needs Linux, whose /proc tells the memory."""

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks import growth
from benchmarks.measure import Measured, Program, interleaved
from benchmarks.plot import svg
from benchmarks.programs import EAGER, FLOOR, LAZY, PROJECT, PYTHON, differences, syntheses
from benchmarks.report import Target, page

DOCS = PROJECT / "docs"
VALIDATE = "validate, without Node"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        programs = syntheses(folder)
        if find_spec("pull_through_cache.__main__"):
            command = (PYTHON, "-m", "pull_through_cache", "validate", "deployments/blog-post.yaml")
            programs[VALIDATE] = Program(command, PROJECT, {})
        one = interleaved(programs, times=7)
        if different := differences(folder):
            sys.exit(f"the output is not that of this project: {', '.join(different)}")
        many = interleaved(growth.of_sizes(folder), times=3)
    text = page(one, many, targets(one, many), programs)
    (DOCS / "benchmarks.md").write_text(text, encoding="utf-8")
    (DOCS / "benchmarks.svg").write_text(svg({"One stack": one, "Stacks": many}), encoding="utf-8")
    print(text)


def targets(one: dict[str, Measured], many: dict[str, Measured]) -> list[Target]:
    """What synthesis is to take, and what it takes."""
    mine, eager = one[LAZY], one[EAGER]
    found = [
        Target("times as fast as the ordinary import", eager.seconds.median / mine.seconds.median, 15, "×", False),
        Target("time, of plain JavaScript's", mine.seconds.median / one[FLOOR].seconds.median, 4, "×"),
        Target("memory, of the ordinary import's", mine.mebibytes.median / eager.mebibytes.median, 0.25, "×"),
        Target("1,000 stacks", many["1000"].seconds.median, 12, " s"),
        Target(
            "one more stack at 1,000, of one more at 100",
            growth.one_more_stack(many, 1000) / growth.one_more_stack(many, 100),
            1.5,
            "×",
        ),
    ]
    if VALIDATE in one:
        found.append(Target("validate", one[VALIDATE].seconds.median, 0.4, " s"))
    return found


if __name__ == "__main__":
    main()
