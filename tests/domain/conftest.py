from collections.abc import Callable
from textwrap import dedent

import pytest

from pull_through_cache.deployment import Deployment, load
from pull_through_cache.problems import InvalidFile

Load = Callable[[str], Deployment]
Refusal = Callable[[str], list[str]]


def registry(**parts: str) -> str:
    """A deployment file with these parts of a registry, each on a line of its own from line 2 on."""
    lines = {"regions": "[eu-central-1]", "upstreams": "{public-ecr: {url: public.ecr.aws}}", **parts}
    return "registry:\n" + "".join(f"  {key}: {value}\n" for key, value in lines.items())


def docker_hub(credentials: str) -> str:
    """A deployment file whose line 3 has these credentials."""
    return registry(upstreams=f"{{docker-hub: {{registry: docker-hub, credentials: {{{credentials}}}}}}}")


def settings(repositories: str) -> str:
    """A deployment file whose line 4 has these settings of repositories."""
    return registry(repositories=f"{{{repositories}}}")


def workloads(*entries: str) -> str:
    """A deployment file whose line 4 has these workloads."""
    return f"{registry()}workloads: {{{', '.join(entries)}}}\n"


def terraform(content: str, **parts: str) -> str:
    """A deployment file whose last line has these settings of Terraform."""
    return f"{registry(**parts)}terraform: {{{content}}}\n"


@pytest.fixture(scope="session")
def load_text(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads a deployment file of this content."""
    file = tmp_path_factory.mktemp("deployment") / "deployment.yaml"

    def load_text(text: str) -> Deployment:
        file.write_text(dedent(text))
        return load(file)

    return load_text


@pytest.fixture(scope="session")
def refusal(load_text: Load) -> Refusal:
    """The lines that the author of a deployment file of this content reads, without the file's folder."""

    def refusal(text: str) -> list[str]:
        with pytest.raises(InvalidFile) as refused:
            load_text(text)
        return [line[line.index("deployment.yaml") :] for line in str(refused.value).splitlines()]

    return refusal
