"""Puts cached names in the place of the images of a YAML document, and leaves every other byte as it is."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.manifests import Images, ImageUse, Scalar
from pull_through_cache.images.names import Answer, Caches, InvalidImageName

Values = dict[Scalar, str]

# A tag or digest that Compose, Flux or a shell fills in: what stands before it is a name all the same.
_VARIABLE_VERSION = re.compile(r"([^$]*?)([:@][^/]*\$.*)", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """What is known of one image of a document."""

    use: ImageUse
    answer: Answer | None
    """Without the version, where the document has that apart. None for what is no image's name."""
    stays: str = ""
    """Why it does not come from a cache; empty if it does, or can."""

    @property
    def image(self) -> str:
        """The image as it is in the document."""
        return self.use.name + self.use.version

    def where(self, document: Document) -> str:
        """File, line and place of the image."""
        return f"{document.file}:{self.use.repository.line}: {self.use.place}"

    @property
    def cached(self) -> str | None:
        """The image's name in a cache, None where it has none."""
        return self.answer.name + self.use.version if self.answer and self.answer.cache else None

    @property
    def changes(self) -> bool:
        """Whether the image gets another name."""
        return not self.stays and self.answer is not None and self.answer.state == "cacheable"

    @property
    def values(self) -> Values:
        """The values that the parts of the image's name should have."""
        registry, repository = self.use.registry, self.use.repository
        if not self.changes or self.answer is None:
            return {part: part.value for part in (registry, repository) if part}
        if registry is None:
            return {repository: self.answer.name}
        host, _, path = self.answer.name.partition("/")
        return {registry: host, repository: path}


@dataclass(frozen=True)
class Rewritten:
    """A document's text with cached names, and what is known of its images."""

    text: str
    findings: list[Finding]


def rewrite(document: Document, caches: Caches) -> Rewritten:
    """`document` with cached names. Raises InvalidFile if it is not YAML.

    An alias whose anchor would bring it a wrong name is written out.
    """
    images = Images(document)
    findings = [_look_up(use, caches) for use in images.uses]
    for number, finding in enumerate(findings):
        if finding.changes and any(part.edit(document.text, "") is None for part in finding.values):
            findings[number] = replace(finding, stays="is written over several lines; write it on one")
    while clashing := _clashing(findings):
        for number in clashing:
            why = "shares a part of its name with an image that needs another; write both out"
            findings[number] = replace(findings[number], stays=why)
    values = {part: value for finding in findings for part, value in finding.values.items()}
    return Rewritten(_edited(document.text, values, images.aliases), findings)


def _look_up(use: ImageUse, caches: Caches) -> Finding:
    variable = _VARIABLE_VERSION.fullmatch(use.name)
    name, version = variable.groups() if variable else (use.name, "")
    try:
        answer = caches.cached(name)
    except InvalidImageName as error:
        return Finding(use, None, "is filled in later" if "$" in name or "{{" in name else str(error))
    stays = "no cache covers it" if answer.state == "uncovered" else ""
    return Finding(use, answer._replace(name=answer.name + version), stays)


def _clashing(findings: list[Finding]) -> list[int]:
    """The findings that change a part which another finding wants otherwise: merge keys can bring one to several."""
    wanted: defaultdict[Scalar, set[str]] = defaultdict(set)
    for finding in findings:
        for part, value in finding.values.items():
            wanted[part].add(value)
    return [
        number
        for number, finding in enumerate(findings)
        if finding.changes and any(len(wanted[part]) > 1 for part in finding.values)
    ]


def _edited(text: str, values: Values, aliases: Iterable[Scalar]) -> str:
    changed = {part: value for part, value in values.items() if not part.of and value != part.value}
    edits = [part.edit(text, value) for part, value in changed.items()]
    for alias in aliases:
        value = values.get(alias, alias.value)
        if alias.of and value != changed.get(alias.of, alias.of.value):
            edits.append(alias.edit(text, value))
    pieces, done = [], 0
    for start, end, value in sorted(filter(None, edits)):
        pieces += [text[done:start], value]
        done = end
    return "".join([*pieces, text[done:]])
