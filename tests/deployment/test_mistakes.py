"""Each rule finds its mistake, at its place. The `.txt` files beside the mistakes have the messages."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.deployment.documents import MISTAKES, problems_in


@pytest.mark.parametrize("file", sorted(MISTAKES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_marked_places_have_problems_and_no_others(file: Path) -> None:
    marked = Counter(
        (number, key)
        for number, line in enumerate(file.read_text().splitlines(), 1)
        for key in re.findall(r" ?# wrong: ?(.*?)(?: \(.*\)|(?=  #)|$)", line)
    )

    found = Counter((problem.line, _last_key(problem.place)) for problem in problems_in(file))

    assert found - marked == Counter()
    assert marked - found == Counter()


def _last_key(place: str) -> str:
    return re.split(r"\.(?![^']*'$)", place)[-1]
