"""Finds the images in Kubernetes manifests, Helm values, Compose files and others that are YAML."""

import re

from pull_through_cache.files.problems import InvalidFile, Problem, dotted
from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.comments import Comments
from pull_through_cache.images.contexts import Context, add_contexts
from pull_through_cache.images.conventions import TEXT_MAPS, Convention, What, at, kept, place_pattern
from pull_through_cache.images.embedded import image_lines, mapping_of, trees
from pull_through_cache.images.kinds import NO_IMAGES, VALUES, kind_of_document
from pull_through_cache.images.lookalikes import judge
from pull_through_cache.images.programs import of_mapping
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence, Tree, children
from pull_through_cache.images.uses import ImageUse, around, has_host, unofficial
from pull_through_cache.images.values import KEYS, image_of

_GUESS = re.compile(r"(-{1,2}[\w.-]+=)?[a-zA-Z0-9.-]+(:[0-9]+)?/[\w./-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?")
_IMAGE_KEY = re.compile(r".*[iI]mage", re.DOTALL)


class Images:
    """The images of a document, in its order, and its aliases of scalars. Raises InvalidFile if it is no manifest."""

    def __init__(self, document: Document, requests: Requests) -> None:
        self._document = document
        self._requests = requests
        self._found: dict[tuple[Scalar | None, Scalar], ImageUse] = {}
        self._seen: set[Scalar] = set()
        self._contexts: dict[Collection, Context] = {}
        self._comments = Comments(document.text)
        tree = Tree(document, KEYS)
        self.aliases = tree.aliases
        root = tree.root
        if isinstance(root, Scalar) and not root.kind.endswith(":null"):
            message = "is neither a mapping nor a list, so it is no manifest; name a file of YAML, JSON or a Dockerfile"
            raise InvalidFile([Problem(document.file, root.line, "", message)])
        self.encrypted = isinstance(root, Mapping) and isinstance(sops := root.get("sops"), Mapping) and "mac" in sops
        self._walk(root, kind_of_document(root, document.file))
        uses = sorted(self._found.values(), key=lambda use: use.repository.start)
        self.uses = self.all_or_none(uses)

    def all_or_none(self, uses: list[ImageUse]) -> list[ImageUse]:
        """Leaves all images of a pipeline if one has to be left: its jobs log in to one registry."""
        why = next((use.why for use in uses if use.what is What.LEFT and use.why.startswith("of a service")), "")
        if why:
            for use in uses:
                if use.what is What.IMAGE:
                    use.what, use.why = What.LEFT, "stays because another image of this pipeline does"
        return uses

    def _walk(self, root: Node | None, kind: str) -> None:
        if not isinstance(root, Collection) or kind == NO_IMAGES:
            return
        add_contexts(root, kind, self._contexts)
        above = [(root, self._contexts[root])]
        while above:
            node, context = above.pop()
            context = self._contexts.get(node, context)
            if type(node) is Mapping:
                self._mapping(node, context)
            keys, below = context.keys, []
            for key, child in children(node):
                name = key if isinstance(key, str) else node.name
                found = None
                if name in keys or "*" in keys:
                    found = at(context.kind, context.place(node, key if isinstance(key, str) else ""), name)
                if isinstance(child, Scalar):
                    if found or self._requests.also or _may_be_image(name, child.value):
                        self._scalar(key, child, node, context, found)
                elif self._is_walked(child, found):
                    below.append((child, context))
            above += reversed(below)

    def _is_walked(self, child: Mapping | Sequence, found: Convention | None) -> bool:
        """Whether a part of the context is still to be walked."""
        what = found.what if found else None
        if what is What.VALUES:
            self._walk(child, VALUES)
        elif what is What.PARAMETERS and isinstance(child, Sequence) and child.parent:
            self._walk(mapping_of(child, child.parent), VALUES)
        return what not in (What.NOTHING, What.VALUES)

    def _mapping(self, node: Mapping, context: Context) -> None:
        specials = list(of_mapping(node, context.kind, context.names))
        for special in specials:
            self._add(special, context)
        use = image_of(node)
        if not use or (node.name in TEXT_MAPS and not use.registry):
            return
        # A merge key can bring a repository to several registries: each pair is an image of its own.
        if (use.registry, use.repository) in self._found or any(each.repository is use.repository for each in specials):
            return
        key = next(key for key in KEYS if node.get(key) is use.repository)
        place = context.place(node, key)
        found = at(context.kind, place, key)
        if found:
            use.what, use.why = (use.what, use.why) if found.what is What.IMAGE else (found.what, found.why)
        else:
            self._judge(use, key, node, context)
        self._add(use, context)

    def _judge(self, use: ImageUse, key: str, node: Mapping, context: Context) -> None:
        """Judges an image that no convention knows by what is around it."""
        is_container = isinstance(node.parent, Sequence) and node.parent.name.lower().endswith("containers")
        if is_container or context.kind == "Compose" or use.what is not What.IMAGE:
            return
        use.what, use.why = judge(node, key, use.name + use.version, in_values=context.kind == VALUES)
        if use.what is What.IMAGE and (why := context.prefixes.over(use, node)):
            use.what, use.why = What.LEFT, why

    def _scalar(
        self, at_key: str | int, scalar: Scalar, parent: Collection, context: Context, found: Convention | None
    ) -> None:
        if scalar in self._seen or not scalar.value:
            return
        key = at_key if isinstance(at_key, str) else parent.name
        what = found.what if found else None
        if what in (What.VALUES_TEXT, What.YAML_TEXT) and (inner := trees(self._document, scalar, KEYS)) is not None:
            for tree in inner:
                self.aliases += tree.aliases
                if isinstance(tree.root, Collection):
                    tree.root.parent, tree.root.key = parent, key
                self._walk(
                    tree.root, VALUES if what is What.VALUES_TEXT else kind_of_document(tree.root, self._document.file)
                )
            return
        place = context.place(parent, key if isinstance(parent, Mapping) else "")
        use = ImageUse(dotted((*parent.place, at_key)), None, scalar)
        use.around = around(scalar.value)
        if any(self._matches(pattern, place, context) for pattern in self._requests.also):
            guess = _GUESS.fullmatch(scalar.value)
            use.around = (guess[1], "") if guess and guess[1] else use.around
        elif what is What.SUBSTITUTION:
            old, _, new = scalar.value.rpartition("=")
            use.around, use.renames = (f"{old}=", "") if new and old else ("", ""), not old
        elif what is What.CHART:
            if not self._chart(use, parent, found.why if found else ""):
                return
        elif found and what in (What.IMAGE, What.KEPT, What.LEFT):
            if key == "uses" and not scalar.value.startswith("docker://"):
                return  # an action
            use.what, use.why = found.what, found.why
        elif what is What.NOTHING or not self._guess(use, key, parent, context):
            return
        if scalar.is_text:
            self._add(use, context)

    def _chart(self, use: ImageUse, parent: Collection, note: str) -> bool:
        value = use.repository.value
        use.note = note
        if value.startswith("oci://"):
            return True
        # Argo CD writes the address of an OCI registry without oci://, beside `chart`.
        use.is_chart = "://" not in value and has_host(value) and isinstance(parent, Mapping) and "chart" in parent
        return use.is_chart

    def _guess(self, use: ImageUse, key: str, parent: Collection, context: Context) -> bool:
        """Whether a text that no convention knows can be an image: values name images by many keys."""
        value = use.repository.value
        if "\n" in value:
            for line in image_lines(use.repository):
                self._add(ImageUse(use.place, None, line, "", What.LEFT, "", guess=True), context)
            return False
        in_values = context.kind == VALUES and _IMAGE_KEY.fullmatch(key) and parent.name not in TEXT_MAPS
        if in_values and isinstance(parent, Mapping):
            self._judge(use, key, parent, context)
            return "/" in value or ":" in value or not unofficial(value)
        if "/" not in value or not (match := _GUESS.fullmatch(value)):
            return False
        use.what, use.guess, use.around = What.LEFT, True, (match[1] or "", "")
        return has_host(use.name)

    def _matches(self, pattern: str, place: str, context: Context) -> bool:
        kind, colon, rest = pattern.rpartition(":")
        return bool(place_pattern(rest).fullmatch(place)) and (not colon or kind == context.kind.rpartition("/")[2])

    def _add(self, use: ImageUse, context: Context) -> None:
        parts = [part for part in (use.registry, use.repository) if part]
        if use.what is What.NOTHING or (use.registry, use.repository) in self._found:
            return
        place = re.sub(r"\[\d+\]", "", use.place)
        if use.what is What.IMAGE:
            self._keep(use, place, context)
        self._found[use.registry, use.repository] = use
        self._seen.update(part.of or part if use.guess else part for part in parts)

    def _keep(self, use: ImageUse, place: str, context: Context) -> None:
        if not use.registry and (why := kept(use.name)):
            use.what, use.why = What.KEPT, why
        for part in (use.registry, use.repository):
            if part and use.what is What.IMAGE:
                use.what, use.why = self._comments.judge(part)
        if use.what is not What.IMAGE:
            return
        if any(self._matches(pattern, place, context) for pattern in self._requests.leave):
            use.what, use.why = What.KEPT, "is left, as --leave asks"
        elif why := self._requests.covered(use.name) or self._unofficial(use):
            use.what, use.why = What.LEFT, why

    def _unofficial(self, use: ImageUse) -> str:
        return "" if use.registry or use.is_chart else unofficial(use.name)


def _may_be_image(key: str, value: str) -> bool:
    return key.endswith(("image", "Image")) or ("mage" in value if "\n" in value else "/" in value)
