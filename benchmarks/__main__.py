"""Measures, and writes docs/benchmarks.md. Needs Linux: memory is read from /proc."""

import sys
import tempfile
from pathlib import Path

from benchmarks import growth
from benchmarks.measure import Measured, Program, interleaved
from benchmarks.programs import EAGER, FLOOR, LAZY, PROJECT, PYTHON, differences, syntheses
from benchmarks.report import Target, page

DOCS = PROJECT / "docs"
VALIDATE = "validate, without Node"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        programs = syntheses(folder)
        command = (PYTHON, "-m", "pull_through_cache", "validate", "deployments/blog-post.yaml")
        programs[VALIDATE] = Program(command, PROJECT, {})
        one = interleaved(programs, times=7)
        if different := differences(folder):
            sys.exit(f"the output is not that of this project: {', '.join(different)}")
        many = interleaved(growth.of_sizes(folder), times=3)
        if growth.different(folder):
            sys.exit(f"the output is not that of this project: {growth.FLOOR}")
    text = page(one, many, targets(one, many), programs)
    (DOCS / "benchmarks.md").write_text(text, encoding="utf-8")
    print(text)


def targets(one: dict[str, Measured], many: dict[str, Measured]) -> list[Target]:
    """The targets, with the measured figures."""
    mine, eager = one[LAZY], one[EAGER]
    return [
        Target("times as fast as the ordinary import", eager.seconds.median / mine.seconds.median, 15, "×", False),
        Target("time, of plain JavaScript's", mine.seconds.median / one[FLOOR].seconds.median, 4, "×"),
        Target("memory, of the ordinary import's", mine.mebibytes.median / eager.mebibytes.median, 0.25, "×"),
        Target(
            "1,000 stacks, of plain JavaScript's time",
            many["1000"].seconds.median / many[growth.FLOOR].seconds.median,
            3,
            "×",
        ),
        Target(
            "one more stack at 1,000, of one more at 100",
            growth.one_more_stack(many, 1000) / growth.one_more_stack(many, 100),
            1.5,
            "×",
        ),
        Target(
            "validate, of plain JavaScript's time", one[VALIDATE].seconds.median / one[FLOOR].seconds.median, 2, "×"
        ),
    ]


if __name__ == "__main__":
    main()
