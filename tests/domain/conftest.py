from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from pull_through_cache.deployment import Deployment, load
from pull_through_cache.problems import InvalidFile

Load = Callable[[str], Deployment]
Refusal = Callable[[str], list[str]]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Loads a deployment file of this content."""

    def load_text(text: str) -> Deployment:
        file = tmp_path / "deployment.yaml"
        file.write_text(dedent(text))
        return load(file)

    return load_text


@pytest.fixture
def refusal(load_text: Load) -> Refusal:
    """The lines that the author of a deployment file of this content reads, without the file's folder."""

    def refusal(text: str) -> list[str]:
        with pytest.raises(InvalidFile) as refused:
            load_text(text)
        return [line[line.index("deployment.yaml") :] for line in str(refused.value).splitlines()]

    return refusal
