"""Files in this repository that are made from other files: `make docs` writes them, test_generated.py compares them."""

from collections.abc import Iterator, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from pull_through_cache.commands import commands
from pull_through_cache.commands.files import documents_of
from pull_through_cache.deployment import load
from pull_through_cache.deployment.reference import reference
from pull_through_cache.deployment.schema import schema
from pull_through_cache.diagram.svg import svg
from pull_through_cache.images.rewriting import rewrite
from stacks.app import build_app
from tests.deployment.documents import MISTAKES, problems_in
from tests.images.conftest import caches_of

PROJECT = Path(__file__).parents[1]
DEPLOYMENTS = PROJECT / "deployments"
GOLDEN_STACKS = PROJECT / "tests" / "stacks" / "golden"
MANIFESTS = PROJECT / "tests" / "images" / "manifests"
GOLDEN_CLUSTERS = PROJECT / "tests" / "cluster" / "golden"


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
    for name in ("every-upstream", "organization"):
        yield from _cluster(name)
    for file in sorted(MISTAKES.glob("*.yaml")):
        yield file.with_suffix(".txt"), "".join(f"{problem}\n" for problem in problems_in(file))
    for file in sorted(MANIFESTS.iterdir()):
        if ".cached" not in file.name:
            yield from _rewritten(file)


def _stacks(name: str) -> Iterator[tuple[Path, str]]:
    """The Terraform JSON of a deployment, so that a reviewer sees what a change does to users."""
    with TemporaryDirectory() as outdir:
        build_app(load(DEPLOYMENTS / f"{name}.yaml"), outdir=outdir).synth()
        for file in sorted(Path(outdir).glob("stacks/*/cdk.tf.json")):
            yield GOLDEN_STACKS / name / f"{file.parent.name}.tf.json", file.read_text()


def _cluster(name: str) -> Iterator[tuple[Path, str]]:
    """What makes clusters use the caches of a deployment, as a reviewer sees it in a pull request."""
    outputs = {
        "admission": "admission.yaml",
        "kyverno": "kyverno.yaml",
        "guard": "guard.yaml",
        "registries-conf": "registries.conf",
        "containerd": "containerd.sh",
    }
    for output, file in outputs.items():
        arguments = ["cluster", output, "--deployment", f"deployments/{name}.yaml"]
        with chdir(PROJECT):
            done = CliRunner().invoke(commands, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        yield GOLDEN_CLUSTERS / name / file, done.stdout


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


if __name__ == "__main__":
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
