"""Replaces the images of a document with their cached names, and changes no other byte."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from pull_through_cache.files.problems import InvalidFile, Problem
from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.conventions import What
from pull_through_cache.images.dockerfiles import DockerfileImages, is_dockerfile
from pull_through_cache.images.manifests import Images
from pull_through_cache.images.names import CachedName, Caches, InvalidImageName, parse
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.tree import Scalar
from pull_through_cache.images.uses import ImageUse, split_variable

Values = dict[Scalar, str]
Outcome = Literal["rewritten", "cached", "uncovered", "left", "unknown", "kept"]
NO_REQUESTS = Requests()

_BITNAMI = "the chart accepts only its own images; set global.security.allowInsecureImages, or rewrite what it renders"


@dataclass(frozen=True)
class Finding:
    """What is known of one image of a document."""

    use: ImageUse
    answer: CachedName | None
    """Without the version, if the document has the version in another place. None if it is not the name of an image."""
    stays: str = ""
    """Why it does not come from a cache; empty if it does, or can."""
    reverse: bool = False
    """Whether the upstream's name is wanted."""

    @property
    def image(self) -> str:
        """The image as it is in the document."""
        return self.use.name + self.use.version

    def where(self, document: Document) -> str:
        """File, line and place of the image."""
        return f"{document.file}:{self.use.repository.line}: {self.use.place}"

    @property
    def cached(self) -> str | None:
        """The image's name in a cache; None if it has none."""
        return self.answer.name + self.use.version if self.answer and self.answer.cache else None

    @property
    def outcome(self) -> Outcome:
        """The result for the image. `kept` must not change, `left` is uncertain, and no cache covers `uncovered`."""
        if self.use.what is What.KEPT:
            return "kept"
        if self.answer is None:
            return "unknown"
        if self.answer.state == ("cached" if self.reverse else "cacheable"):
            return "left" if self.stays else "rewritten"
        if self.use.what is What.LEFT and self.answer.state == "uncovered" and not self.use.is_whole:
            return "left"
        return "uncovered" if self.answer.state == "uncovered" else "cached"

    @property
    def note(self) -> str:
        """What else to do because the image gets another name; else empty."""
        if self.outcome != "rewritten" or self.reverse:
            return ""
        name = self.use.name
        is_chart_value = self.use.registry or self.use.version
        return _BITNAMI if is_chart_value and parse(name).repository.startswith("bitnami") else self.use.note

    @property
    def values(self) -> Values:
        """The values that the parts of the image's name should have."""
        registry, repository = self.use.registry, self.use.repository
        if self.outcome != "rewritten" or self.answer is None:
            return {part: part.value for part in (registry, repository) if part}
        if registry is None:
            return {repository: self.use.value(self.answer.name)}
        host, _, path = self.answer.name.partition("/")
        return {registry: host, repository: path}


@dataclass(frozen=True)
class Rewritten:
    """A document's text with cached names, and what is known of its images."""

    text: str
    findings: list[Finding]
    encrypted: bool = False
    """Whether a checksum of SOPS is over the text, so that it must not change."""


def rewrite(
    document: Document, caches: Caches, requests: Requests = NO_REQUESTS, *, reverse: bool = False
) -> Rewritten:
    """`document` with cached names, or with `reverse` with upstream names. Raises InvalidFile if it is no manifest.

    An alias is written out if its anchor would give it a wrong name.
    """
    images = (DockerfileImages if is_dockerfile(document.file) else Images)(document, requests)
    looked_up = (_look_up(use, caches, reverse) for use in images.uses)
    findings = [finding for finding in looked_up if finding is not None]
    for number, finding in enumerate(findings):
        if finding.outcome == "rewritten" and any(part.edit(document.text, "") is None for part in finding.values):
            findings[number] = replace(finding, stays="has several lines or escapes; write it plainly, on one line")
    if any(finding.use.binds and finding.outcome == "left" and finding.cached for finding in findings):
        why = "stays because another image of this file does"
        findings = [replace(each, stays=why) if each.outcome == "rewritten" else each for each in findings]
    while clashing := _clashing(findings):
        for number in clashing:
            why = "shares a part of its name with an image that needs another; write both out"
            findings[number] = replace(findings[number], stays=why)
    values = {part: value for finding in findings for part, value in finding.values.items()}
    return Rewritten(_edited(document.text, values, images.aliases), findings, images.encrypted)


def reject_encrypted(document: Document, result: Rewritten) -> None:
    """Raises InvalidFile if a document of SOPS would change."""
    changed = [finding for finding in result.findings if finding.outcome == "rewritten"]
    if result.encrypted and changed:
        why = "is encrypted by SOPS, whose MAC is over plain values too; decrypt it, rewrite it and encrypt it again"
        use = changed[0].use
        raise InvalidFile([Problem(document.file, use.repository.line, use.place, why)])


def _look_up(use: ImageUse, caches: Caches, reverse: bool) -> Finding | None:
    name, version = split_variable(use.name)
    scheme = "oci://" if use.is_chart else ""
    try:
        answer = (caches.upstream if reverse else caches.cached)(scheme + name)
    except InvalidImageName as error:
        if use.guess:
            return None
        return Finding(use, None, use.why or _unknown(name, error), reverse)
    is_covered = answer.state == ("cached" if reverse else "cacheable")
    if use.guess and not is_covered:
        return None
    stays = use.why if use.what is not What.IMAGE else ""
    if use.guess and use.what is What.LEFT:
        stays = f"looks like an image of {parse(name).registry}, left"
    elif answer.state == "uncovered" and not reverse:
        stays = "no cache covers it" if use.is_whole else stays or "no cache covers it"
    return Finding(use, answer._replace(name=answer.name.removeprefix(scheme) + version), stays, reverse)


def _unknown(name: str, error: InvalidImageName) -> str:
    if name.startswith("ENC[") and name.endswith("]"):
        return "is encrypted by SOPS; decrypt the file, rewrite it and encrypt it again"
    return "is filled in later" if re.search(r"\$|\{\{|\[\[", name) else str(error)


def _clashing(findings: list[Finding]) -> list[int]:
    """Findings that change a part that another finding changes differently: merge keys can share a part."""
    wanted: defaultdict[Scalar, set[str]] = defaultdict(set)
    for finding in findings:
        for part, value in finding.values.items():
            wanted[part].add(value)
    return [
        number
        for number, finding in enumerate(findings)
        if finding.outcome == "rewritten" and any(len(wanted[part]) > 1 for part in finding.values)
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
