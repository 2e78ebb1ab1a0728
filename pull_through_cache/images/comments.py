"""Comments and annotations that decide what happens to an image."""

import re
from bisect import bisect_right
from functools import cached_property

from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.conventions import What
from pull_through_cache.images.tree import Scalar

_IGNORE = "# pull-through-cache: ignore"
_IGNORE_ABOVE = re.compile(r"\s*([^#]*:\s+)?" + _IGNORE)
"""The comment on a line of its own, or after the key of a mapping that begins on the next line."""
IGNORED = "has the comment pull-through-cache: ignore"
# https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources; a tag may be written there.
_FLUX = re.compile(r"""#\s*\{\s*"\$imagepolicy"\s*:\s*"[^":]*:[^":]*(:name)?"\s*\}""")
_FLUX_WHY = "is written by Flux's image automation, with the upstream's name; "
_FLUX_NAME = "remove the comment with :name, so that Flux writes only the tag"
_FLUX_ALL = "set newName in images of the kustomization, or in postRenderers of the HelmRelease"
# https://catalog.kpt.dev/apply-setters/
_KPT = re.compile(r"""#\s*(kpt-set:|\{\s*"\$(openapi|kpt-set|ref)")""")
# https://keel.sh/docs/#policies and https://argocd-image-updater.readthedocs.io/en/stable/configuration/images/
_KEEL = re.compile(r"""keel\.sh/policy["']?\s*:\s*["']?(?!never)\w""")
_UPDATER = re.compile(r"""argocd-image-updater\.argoproj\.io/image-list["']?\s*:(.*(?:\n(?!.*:\s).*[=,/].*)*)""")
UPDATED = "is updated by {}, which asks for its tags; ECR lists only tags that were pulled"


class Comments:
    """The comments of a document, and its annotations for programs that update images."""

    def __init__(self, document: Document) -> None:
        text = self._text = document.text
        self._before = document.before
        self._may_ignore = _IGNORE in text
        self._keel = "keel.sh/policy" in text and bool(_KEEL.search(text))
        self._updated = _names(match[1]) if "image-list" in text and (match := _UPDATER.search(text)) else frozenset()
        self._is_any = any(word in text for word in ("$imagepolicy", "kpt-set", "$openapi", "$ref"))

    def ignores(self, part: Scalar) -> bool:
        """Whether a part of an image's name, or the text that it is in, has the comment beside it or above it."""
        if not self._may_ignore:
            return False
        numbers = {part.line - self._before, bisect_right(self._starts, part.start)}
        return any(
            _IGNORE in self._line(number) or _IGNORE_ABOVE.match(self._line(number - 1)) is not None
            for number in numbers
        )

    def judge(self, *parts: Scalar | None) -> tuple[What, str]:
        """Whether an image may be rewritten, by the programs that write the parts of its name; and why not."""
        if self._keel:
            return What.LEFT, UPDATED.format("Keel")
        if self._updated and any(_names(part.value) & self._updated for part in parts if part):
            return What.LEFT, UPDATED.format("Argo CD Image Updater")
        judged = (self._judge(part) for part in parts if part and self._is_any)
        return next((each for each in judged if each[0] is not What.IMAGE), (What.IMAGE, ""))

    def _judge(self, part: Scalar) -> tuple[What, str]:
        end = self._text.find("\n", part.end)
        beside = self._text[part.end : end if end >= 0 else len(self._text)]
        if marker := _FLUX.search(beside):
            return What.LEFT, _FLUX_WHY + (_FLUX_NAME if marker[1] else _FLUX_ALL)
        if _KPT.search(beside):
            return What.LEFT, "is written by a function of kpt; change its setter"
        return What.IMAGE, ""

    @cached_property
    def _starts(self) -> list[int]:
        """Where the lines begin."""
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    def _line(self, number: int) -> str:
        """A line, counted from 1; empty before the first."""
        starts = [*self._starts[max(number - 1, 0) : number + 1], len(self._text)]
        return self._text[starts[0] : starts[1]] if number > 0 else ""


def _names(text: str) -> frozenset[str]:
    """The names of images in a list, without versions."""
    return frozenset(re.split("[:@](?!.*/)", word)[0] for word in re.split(r"""[\s,="'{}]+""", text) if "/" in word)
