"""Files in this repository that are made from other files: `make docs` writes them, test_generated.py compares them."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pull_through_cache.commands.files import documents_of
from pull_through_cache.deployment import load
from pull_through_cache.deployment.reference import reference
from pull_through_cache.deployment.schema import schema
from pull_through_cache.diagram.drawing import svg
from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.images.rewriting import rewrite
from stacks.app import build_app
from tests.images.conftest import caches_of

PROJECT = Path(__file__).parents[1]
DEPLOYMENTS = PROJECT / "deployments"
GOLDEN_STACKS = PROJECT / "tests" / "stacks" / "golden"
MANIFESTS = PROJECT / "tests" / "images" / "manifests"
MISTAKES = PROJECT / "tests" / "deployment" / "mistakes"


@cache
def generated() -> Mapping[Path, str]:
    """Every generated file with the text that it must have."""
    return dict(_generated())


def _generated() -> Iterator[tuple[Path, str]]:
    yield DEPLOYMENTS / "deployment.schema.json", f"{schema()}\n"
    yield PROJECT / "docs" / "deployment-file.md", reference()
    yield PROJECT / "docs" / "picture.svg", svg(load(DEPLOYMENTS / "organization.yaml"))
    for name in ("blog-post", "organization"):
        yield from _stacks(name)
    for file in sorted(MISTAKES.glob("*.yaml")):
        yield file.with_suffix(".txt"), _messages(file)
    for file in sorted(MANIFESTS.iterdir()):
        if ".cached" not in file.name:
            yield from _rewritten(file)


def _stacks(name: str) -> Iterator[tuple[Path, str]]:
    """The Terraform JSON of a deployment, so that a reviewer sees what a change does to users."""
    with TemporaryDirectory() as outdir:
        build_app(load(DEPLOYMENTS / f"{name}.yaml"), outdir=outdir).synth()
        for file in sorted(Path(outdir).glob("stacks/*/cdk.tf.json")):
            yield GOLDEN_STACKS / name / f"{file.parent.name}.tf.json", file.read_text()


def _rewritten(file: Path) -> Iterator[tuple[Path, str]]:
    """A manifest with cached names, its reasons below."""
    text, reasons = "", ""
    with TemporaryDirectory() as folder:
        caches = caches_of(Path(folder))
    for document in documents_of(file):
        result = rewrite(document, caches)
        text += result.text
        for finding in result.findings:
            why = finding.stays or finding.note
            where = finding.where(document).replace(f"{file}:", "")
            reasons += f"{where}: {finding.image}: {finding.outcome}{why and f': {why}'}\n"
    yield file.with_name(f"{file.stem}.cached{file.suffix}"), text
    yield file.with_name(f"{file.stem}.cached.txt"), reasons


def _messages(file: Path) -> str:
    """What the author of a deployment file with a mistake reads."""
    try:
        load(file)
    except InvalidFile as error:
        return f"{error}\n".replace(f"{file}", file.name)
    return "no errors\n"


if __name__ == "__main__":
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
