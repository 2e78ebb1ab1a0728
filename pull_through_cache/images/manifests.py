"""Finds the images in Kubernetes manifests, Helm values, Compose files and others that are YAML."""

import re

from pull_through_cache.files.problems import InvalidFile, Problem, dotted
from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.contexts import Context, add_contexts
from pull_through_cache.images.conventions import TEXT_MAPS, Convention, What, at, kept, place_pattern
from pull_through_cache.images.dockerfiles import INLINE_DOCKERFILES, inline_dockerfile
from pull_through_cache.images.embedded import GUESSED, MAX_TEXTS, embedded, image_lines, mapping_of, may_be_text
from pull_through_cache.images.kinds import VALUES, kind_of_document
from pull_through_cache.images.programs import judge, of_mapping
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence, Tree, children
from pull_through_cache.images.uses import ImageUse, around, has_host, unofficial
from pull_through_cache.images.values import KEYS, image_of

_GUESS = re.compile(
    r"(-{1,2}[\w.-]+=|docker://|oci://)?[a-zA-Z0-9.-]+(:[0-9]+)?/[\w./-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?"
)
_IGNORE = "# pull-through-cache: ignore"
_IMAGE_KEY = re.compile(r".*[iI]mage", re.DOTALL)


class Images:
    """The images of a document, in its order, and its aliases of scalars. Raises InvalidFile if it is no manifest."""

    def __init__(self, document: Document, requests: Requests) -> None:
        self._document = document
        self._requests = requests
        self._found: dict[tuple[Scalar | None, Scalar], ImageUse] = {}
        self._seen: set[Scalar] = set()
        self._contexts: dict[Collection, Context] = {}
        self._depth, self._text_why = 0, ""
        self._has_comments = _IGNORE in document.text
        tree = Tree(document, KEYS)
        self.aliases = tree.aliases
        root = tree.root
        if isinstance(root, Scalar) and not root.kind.endswith(":null"):
            message = "is neither a mapping nor a list, so it is no manifest; name a file of YAML, JSON or a Dockerfile"
            raise InvalidFile([Problem(document.file, root.line, "", message)])
        self.encrypted = isinstance(root, Mapping) and isinstance(sops := root.get("sops"), Mapping) and "mac" in sops
        self._walk(root, kind_of_document(root, document.file))
        self.uses = sorted(self._found.values(), key=lambda use: use.repository.start)

    def _walk(self, root: Node | None, kind: str) -> None:
        if not isinstance(root, Collection):
            return
        add_contexts(root, kind, self._contexts)
        self._visit(root, self._contexts[root])

    def _visit(self, root: Mapping | Sequence, context: Context) -> None:
        above = [(root, context)]
        while above:
            node, context = above.pop()
            context = self._contexts.get(node, context)
            number = len(self._found)
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
            if len(self._found) > number:
                self._mark(node)

    def _mark(self, node: Collection | None) -> None:
        while node is not None and node not in self._with_images:
            self._with_images.add(node)
            node = node.parent

    def _visit_aliases(self, tree: Tree) -> None:
        """Judges images at the places of aliases too: what an anchor shares may be pushed there."""
        visited: Counter[Collection] = Counter()
        for target, parent, key in tree.shares:
            if target not in self._with_images or visited[target] > MAX_ALIASES:
                continue
            visited[target] += 1
            if visited[target] > MAX_ALIASES:
                self._text_why = f"is shared by more than {MAX_ALIASES} aliases; write it out"
            above: Collection | None = parent
            while above is not None and above.key == "<<":
                above = above.parent
            if key == "<<" and above is not None:
                above, key = above.parent, above.key
            context = self._context_of(above)
            if context is not None:
                own = target.parent, target.key
                target.parent, target.key = above, key
                self._visit(target, context)
                target.parent, target.key = own
            self._text_why = ""

    def _context_of(self, node: Collection | None) -> Context | None:
        while node is not None and node not in self._contexts:
            node = node.parent
        return self._contexts[node] if node is not None else None

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
        if any(each.repository is use.repository for each in specials):
            return
        key = next(key for key in KEYS if node.get(key) is use.repository)
        place = context.place(node, key)
        found = at(context.kind, place, key)
        if found and found.what is not What.IMAGE:
            use.what, use.why = found.what, found.why
        elif self._is_joined(use, node, context):
            above = context.registries.over(node)
            if above and (not has_host(use.name) or (above[1] and (use.registry or use.version))):
                use.what, use.why = What.LEFT, f"{above[0]} may be put before it; only the chart knows"
        self._add(use, context)

    def _is_joined(self, use: ImageUse, node: Mapping, context: Context) -> bool:
        is_container = isinstance(node.parent, Sequence) and node.parent.name.lower().endswith("containers")
        return use.what is What.IMAGE and not is_container and context.kind != "Compose"

    def _scalar(
        self, at_key: str | int, scalar: Scalar, parent: Collection, context: Context, found: Convention | None
    ) -> None:
        if scalar in self._seen or not scalar.value:
            return
        key = at_key if isinstance(at_key, str) else parent.name
        what = found.what if found else None
        use = ImageUse(dotted((*parent.place, at_key)), None, scalar)
        if self._text(use, parent, at_key, what):
            return
        place = context.place(parent, key if isinstance(parent, Mapping) else "")
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
        elif "docker-image://" not in use.around[0] and not self._guess(use, key, parent, context):
            return
        if scalar.is_text:
            self._add(use, context)

    def _text(self, use: ImageUse, parent: Collection, key: str | int, what: What | None) -> bool:
        """Whether the scalar is a text with documents in it, whose images are now found."""
        scalar, name = use.repository, key if isinstance(key, str) else parent.name
        if name in INLINE_DOCKERFILES and ("\n" in scalar.value or scalar.value[:5].upper() == "FROM "):
            inline = inline_dockerfile(self._document, scalar, self._requests)
            for image in inline or ():
                image.place = f"{use.place}: {image.place}"
                self._found.setdefault((None, image.repository), image)
            return inline is not None
        is_known = what in (What.VALUES_TEXT, What.YAML_TEXT)
        if not is_known and (what or not may_be_text(scalar.value)):
            return False
        inner = embedded(self._document, scalar, KEYS) if self._depth < MAX_TEXTS else None
        roots = [tree.root for tree in inner.trees if isinstance(tree.root, Collection)] if inner else []
        if not inner or not roots:
            for line in image_lines(scalar):
                self._add_found(ImageUse(use.place, None, line, "", What.LEFT, "", guess=True))
            return is_known or "\n" in scalar.value
        outside, self._text_why = self._text_why, self._text_why or (inner.why if is_known else GUESSED)
        self._depth += 1
        for tree in inner.trees:
            self.aliases += tree.aliases
        for root in roots:
            root.parent, root.key = parent, key
            self._walk(root, VALUES if what is What.VALUES_TEXT else kind_of_document(root, self._document.file))
        self._depth -= 1
        self._text_why = outside
        return True

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
        in_values = context.kind == VALUES and _IMAGE_KEY.fullmatch(key) and parent.name not in TEXT_MAPS
        if in_values and isinstance(parent, Mapping):
            if not has_host(value) and (above := context.registries.over(parent)):
                use.what, use.why = What.LEFT, f"{above[0]} may be put before it; only the chart knows"
            return "/" in value or ":" in value or not unofficial(value)
        if "/" not in value or not (match := _GUESS.fullmatch(value)):
            return False
        use.what, use.guess, use.around = What.LEFT, True, (match[1] or "", "")
        return has_host(use.name) or use.around[0] == "docker://"

    def _matches(self, pattern: str, place: str, context: Context) -> bool:
        kind, colon, rest = pattern.rpartition(":")
        return bool(place_pattern(rest).fullmatch(place)) and (not colon or kind == context.kind.rpartition("/")[2])

    def _add(self, use: ImageUse, context: Context) -> None:
        if use.what is What.NOTHING:
            return
        judge(use, context.names)
        if use.what is What.IMAGE:
            self._keep(use, re.sub(r"\[\d+\]", "", use.place), context)
        if self._text_why and use.what is not What.KEPT:
            use.what, use.why = What.LEFT, self._text_why
            use.guess |= self._text_why == GUESSED
        self._add_found(use)

    def _add_found(self, use: ImageUse) -> None:
        """Adds an image. One that other mappings share by a merge key stays if it has to stay in one of them."""
        if use.guess and use.registry is None and unofficial(use.name):
            return
        former = self._found.get((use.registry, use.repository))
        if former and (former.what is not What.IMAGE or use.what is What.IMAGE):
            return
        if former:
            shared = "" if use.place == former.place else "is shared by merge keys, and in one place "
            use.what, use.why = What.LEFT, shared + use.why
        self._found[use.registry, use.repository] = use
        parts = [part for part in (use.registry, use.repository) if part]
        self._seen.update(part.of or part if use.guess else part for part in parts)

    def _keep(self, use: ImageUse, place: str, context: Context) -> None:
        why = "" if use.registry else kept(use.name)
        if any(self._ignored(part) for part in (use.registry, use.repository) if part):
            why = "has the comment pull-through-cache: ignore"
        elif any(self._matches(pattern, place, context) for pattern in self._requests.leave):
            why = "is left, as --leave asks"
        if why:
            use.what, use.why = What.KEPT, why
        elif (
            why := self._requests.covered(use.name)
            or (not use.registry and not use.is_chart and unofficial(use.name))
            or ""
        ):
            use.what, use.why = What.LEFT, why

    def _ignored(self, part: Scalar) -> bool:
        text = self._document.text
        if not self._has_comments:
            return False
        end = text.find("\n", part.end)
        line = text.rfind("\n", 0, part.start) + 1
        above = text[text.rfind("\n", 0, max(line - 1, 0)) + 1 : line].strip()
        return _IGNORE in text[part.end : end if end >= 0 else len(text)] or above.startswith(_IGNORE)


def _may_be_image(key: str, value: str) -> bool:
    return "/" in value or "mage" in value or key.endswith(("image", "Image")) or key in INLINE_DOCKERFILES
