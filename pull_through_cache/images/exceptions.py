"""Why an image stays, though its place is that of an image: what the user asks for, its value, and the programs that write it."""

from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.comments import IGNORED, Comments
from pull_through_cache.images.contexts import Context
from pull_through_cache.images.conventions import What, kept
from pull_through_cache.images.names import DOCKER_HUB, InvalidImageName, parse
from pull_through_cache.images.requests import LEFT_AS_ASKED, Requests
from pull_through_cache.images.tree import Scalar
from pull_through_cache.images.uses import ImageUse, unofficial


class Exceptions:
    """The exceptions for a document, by its comments and by requests."""

    def __init__(self, document: Document, requests: Requests) -> None:
        self._comments = Comments(document)
        self._requests = requests
        self.texts = list[Scalar]()
        """The texts that the image is in."""

    def judge(self, use: ImageUse, context: Context) -> None:
        """Keeps or leaves an image that is an exception. The user's exceptions are also for images that would be left."""
        if use.what is What.KEPT:
            return
        if why := self._asked(use, context):
            use.what, use.why = What.KEPT, why
        elif use.what is What.IMAGE:
            self._by_value(use)

    def _asked(self, use: ImageUse, context: Context) -> str:
        if any(part and self._comments.ignores(part) for part in (use.registry, use.repository, *self.texts)):
            return IGNORED
        return LEFT_AS_ASKED if context.is_any(self._requests.leave, use.place) else ""

    def _by_value(self, use: ImageUse) -> None:
        if not use.registry and (why := kept(use.name)):
            use.what, use.why = What.KEPT, why
        if use.what is What.IMAGE:
            use.what, use.why = self._comments.judge(use.registry, use.repository)
        if use.what is not What.IMAGE:
            return
        if not use.renames:
            use.what, use.why = self._requests.changed(use.name, use.keeps_name)
            use.is_whole = use.what is What.LEFT
        if use.what is What.IMAGE and (why := _unofficial(use)):
            use.what, use.why = What.LEFT, why


def _unofficial(use: ImageUse) -> str:
    """Why it is probably no image of Docker Hub, but a local build, or a part of a name; else empty."""
    if not use.registry:
        return "" if use.is_chart else unofficial(use.name)
    try:
        is_of_docker_hub = parse(use.name).registry == DOCKER_HUB
    except InvalidImageName:
        return ""
    is_alone = is_of_docker_hub and "/" not in use.registry.value + use.repository.value
    return unofficial(use.repository.value, beside_registry=True) if is_alone else ""
