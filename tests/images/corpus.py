"""Compares, for folders of real charts and kustomize trees: render → rewrite, and rewrite → render.

    make tests/helm/node_modules/.package-lock.json
    .venv/bin/python -m tests.images.corpus FOLDER...

Prints every image that differs without a word from `rewrite`, and counts at the end. Writes only to a temporary folder.
"""

import re
import shutil
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from pull_through_cache.commands.files import Selection, documents_of
from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.kinds import KUSTOMIZATIONS
from pull_through_cache.images.kustomize import Kustomizations
from pull_through_cache.images.names import Caches
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.rewriting import NO_REQUESTS, rewrite
from tests.images.conftest import caches_of
from tests.images.programs import helm_template, kustomize

# Bitnami's charts reject other images than their own. `rewrite` reports this when it rewrites them.
_ANY_IMAGES = ("--set", "global.security.allowInsecureImages=true")
Place = tuple[str | int, ...]


@dataclass
class Corpus:
    """What was compared so far."""

    caches: Caches
    counts: Counter[str] = field(default_factory=Counter)

    def rewritten(self, text: str) -> str:
        """Rendered manifests with cached names."""
        stream = documents(BytesIO(text.encode()), Path("rendered"))
        return "".join(rewrite(document, self.caches).text for document in stream)

    def rewrite_file(self, file: Path, requests: Requests = NO_REQUESTS) -> list[str]:
        """Rewrites a file in place; the images that were left, each with the reason."""
        text, said = "", []
        try:
            for document in documents_of(file):
                result = rewrite(document, self.caches, requests)
                text += result.text
                said += [finding.image for finding in result.findings if finding.outcome in ("left", "unknown", "kept")]
        except InvalidFile:
            return said
        file.write_bytes(text.encode())
        return said

    def chart(self, chart: Path) -> None:
        """Compares one chart with its default values."""
        with TemporaryDirectory() as folder:
            copy = Path(folder, chart.name)
            shutil.copytree(chart, copy, symlinks=True)
            _add_dependencies(copy, chart.parent)
            before = helm_template(copy, *_ANY_IMAGES, home=folder)
            values = copy / "values.yaml"
            if before is None or not values.is_file():
                self.counts["charts not rendered"] += 1
                return
            self.counts["charts"] += 1
            said = [name for file in [values, *copy.glob("charts/**/values.yaml")] for name in self.rewrite_file(file)]
            self._compare(str(chart), before, helm_template(copy, *_ANY_IMAGES, home=folder), said, copy)

    def trees(self, folder: Path) -> None:
        """Compares every kustomize tree in a folder of files that are rewritten one by one."""
        with TemporaryDirectory() as outside:
            copy = Path(outside, "a", "b", "c", folder.name)
            shutil.copytree(folder, copy, symlinks=True)
            (copy / ".git").mkdir(exist_ok=True)
            tree = Kustomizations(copy / "file")
            said: list[str] = []
            tree.judge(copy, "")
            for file in Selection([copy], []).files:
                if not file.is_symlink():
                    said += self.rewrite_file(file, Requests(changed=partial(tree.judge, file)))
            for file in sorted(folder.rglob("*")):
                if file.name in KUSTOMIZATIONS:
                    before = kustomize(file.parent)
                    if before is None:
                        self.counts["trees not built"] += 1
                        continue
                    self.counts["trees"] += 1
                    self._compare(str(file), before, kustomize(copy / file.parent.relative_to(folder)), said, None)

    def _compare(self, what: str, before: str, after: str | None, said: list[str], chart: Path | None) -> None:
        if after is None:
            self.counts["no longer rendered"] += 1
            print(f"{what}: does not render any more")
            return
        old, wanted, got = (dict(_images(text)) for text in (before, self.rewritten(before), after))
        for place, name in wanted.items():
            self.counts["images"] += 1
            found, origin = got.get(place), old.get(place, "")
            if found == name:
                outcome = "equal" if name != origin else "equal (not covered)"
            elif any(_may_be_part(each, origin) for each in said):
                outcome = "left with a reason" if found == origin else "WRONG, though said"
            elif found == origin and chart and _is_only_in_templates(origin, chart):  # `rewrite` counts templates
                outcome = "left: only in the chart's templates"
            elif found == origin and chart and _is_in_packed_charts(origin, chart):  # `rewrite` names packed charts
                outcome = "left: in a packed chart"
            else:
                outcome = "left WITHOUT A WORD" if found == origin else "WRONG"
            self.counts[outcome] += 1
            if outcome.isupper() or "W" in outcome:
                print(f"{what}: {outcome}: {origin} -> {found}, wanted {name}", flush=True)


def _images(text: str) -> Iterator[tuple[Place, str]]:
    """The images of containers, each with its place."""
    try:
        loaded = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return
    above: list[tuple[Place, Any]] = [((), loaded)]
    while above:
        place, node = above.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            if key == "image" and isinstance(value, str) and any("ontainers" in str(part) for part in place):
                yield (*place, key), value
            above.append(((*place, key), value))


def _split(image: str) -> tuple[str, str]:
    """An image's name and its version."""
    name = re.split("@|:(?!.*/)", image)[0]
    return name, image[len(name) :]


def _may_be_part(said: str, image: str) -> bool:
    """Whether `rewrite` reported an image: with the last part of its name, or with another part and its version."""
    (part, version), (name, own) = _split(said), _split(image)
    parts = name.split("/")
    return part.rpartition("/")[2] == parts[-1] or (version in ("", own) and {*part.split("/")} <= {*parts})


def _is_only_in_templates(image: str, chart: Path) -> bool:
    """Whether a chart's templates write an image out, or no value has the last part of its name."""
    name, version = _split(image)
    path = name.partition("/")[2] if "." in name.partition("/")[0] else name
    as_text = re.escape(path) + (f"(?:{re.escape(version)})?" if "/" in path else re.escape(version or ":"))
    written = re.compile(rf"image:\s*[\"']?{re.escape(name)}(?![\w/.-])|(?<![\w.-]){as_text}(?![\w/.:@-])")
    if any(
        written.search(file.read_text(errors="replace")) for file in chart.rglob("templates/**/*") if file.is_file()
    ):
        return True
    above: list[Any] = [yaml.load(file.read_text(), Loader=yaml.CSafeLoader) for file in chart.rglob("values.yaml")]
    while above:
        node = above.pop()
        if isinstance(node, dict | list):
            above += node.values() if isinstance(node, dict) else node
        elif re.search(rf"\b{re.escape(name.rpartition('/')[2])}\b", str(node)):
            return False
    return True


def _is_in_packed_charts(image: str, chart: Path) -> bool:
    """Whether a packed dependency of a chart has the last part of an image's name."""
    last = _split(image)[0].rpartition("/")[2].encode()
    for packed in chart.rglob("charts/*.tgz"):
        with tarfile.open(packed) as archive:
            if any(last in file.read() for member in archive if (file := archive.extractfile(member))):
                return True
    return False


def _add_dependencies(chart: Path, beside: Path) -> None:
    """Adds the charts that are beside this one to it, and removes its other dependencies."""
    file = chart / "Chart.yaml"
    about = yaml.safe_load(file.read_text())
    kept = []
    for dependency in about.get("dependencies") or []:
        name = dependency["name"]
        if (link := chart / "charts" / name).is_symlink():  # to a chart beside this one
            link.unlink()
        if (chart / "charts" / name).is_dir():
            kept.append(dependency)
        elif (beside / name / "Chart.yaml").is_file():
            shutil.copytree(beside / name, chart / "charts" / name, symlinks=True)
            _add_dependencies(chart / "charts" / name, beside)
            version = yaml.safe_load((beside / name / "Chart.yaml").read_text())["version"]
            kept.append({**dependency, "version": version, "repository": ""})
    about["dependencies"] = kept
    file.write_text(yaml.safe_dump(about))
    (chart / "Chart.lock").unlink(missing_ok=True)


def main(folders: list[str]) -> None:
    with TemporaryDirectory() as folder:
        corpus = Corpus(caches_of(Path(folder)))
    for folder in folders:
        for file in sorted(Path(folder).rglob("Chart.yaml")):
            if not (file.parents[2] / "Chart.yaml").exists():  # a chart in another is rendered with that
                corpus.chart(file.parent)
        if any(file.name in KUSTOMIZATIONS for file in Path(folder).rglob("[kK]ustomization*")):
            corpus.trees(Path(folder))
    for what, number in sorted(corpus.counts.items()):
        print(f"{number:6} {what}")


if __name__ == "__main__":
    main(sys.argv[1:])
