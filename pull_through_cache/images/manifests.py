"""Finds the images in Kubernetes manifests, Helm values, Compose files and others that are YAML."""

import re

from pull_through_cache.files.problems import InvalidFile, Problem, dotted
from pull_through_cache.files.yaml_stream import Document
from pull_through_cache.images.aliases import TOO_MANY, at_aliases
from pull_through_cache.images.charts import Charts
from pull_through_cache.images.contexts import Context, add_contexts, mark
from pull_through_cache.images.conventions import TEXT_MAPS, Convention, What, at
from pull_through_cache.images.dockerfiles import INLINE_DOCKERFILES, inline_dockerfile
from pull_through_cache.images.embedded import GUESSED, MAX_TEXTS, embedded, images_in_text, mapping_of, may_be_text
from pull_through_cache.images.exceptions import Exceptions
from pull_through_cache.images.guesses import GUESS, guess, guess_part, is_chart, may_be_image
from pull_through_cache.images.kinds import NO_IMAGES, VALUES, is_checked_by_sops, kind_of_document
from pull_through_cache.images.lookalikes import judge
from pull_through_cache.images.prefixes import has_own_version
from pull_through_cache.images.programs import keep, of_mapping
from pull_through_cache.images.requests import Requests
from pull_through_cache.images.tree import Collection, Mapping, Node, Scalar, Sequence, Tree, children
from pull_through_cache.images.uses import ImageUse, around, unofficial
from pull_through_cache.images.values import KEYS, image_of, unnamed_image_of
from pull_through_cache.images.wholes import Whole

_IMAGE_KEY = re.compile(r".*[iI]mage", re.DOTALL)


class Images:
    """The images of a document, in its order, and its aliases of scalars. Raises InvalidFile if it is no manifest."""

    def __init__(self, document: Document, requests: Requests) -> None:
        self._document = document
        self._requests = requests
        self._found: dict[tuple[Scalar | None, Scalar], ImageUse] = {}
        self._seen: set[Scalar] = set()
        self._contexts: dict[Collection, Context] = {}
        self._with_images: set[Collection] = set()
        self._exceptions = Exceptions(document, requests)
        self._whole, self._charts = Whole(), Charts(document.file)
        self._depth, self._text_why = 0, ""
        tree = Tree(document, KEYS)
        self.aliases = tree.aliases
        root = tree.root
        if isinstance(root, Scalar) and not root.kind.endswith(":null"):
            message = "is neither a mapping nor a list, so it is no manifest; name a file of YAML, JSON or a Dockerfile"
            raise InvalidFile([Problem(document.file, root.line, "", message)])
        self.encrypted = is_checked_by_sops(root)
        self._walk(root, kind_of_document(root, document.file))
        self._visit_aliases(tree)
        self.uses = sorted(self._whole.judge(self._found.values()), key=lambda use: use.repository.start)

    def _walk(self, root: Node | None, kind: str) -> None:
        if not isinstance(root, Collection) or kind == NO_IMAGES:
            return
        add_contexts(root, kind, self._contexts)
        self._visit(root, self._contexts[root])

    def _walk_values(self, root: Mapping | Sequence) -> None:
        self._walk(root, VALUES)
        self._whole.add_part(self._contexts[root])

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
                    if found or self._requests.also or may_be_image(name, child.value):
                        self._scalar(key, child, node, context, found)
                elif self._is_walked(child, found):
                    below.append((child, context))
            above += reversed(below)
            if len(self._found) > number:
                mark(node, self._with_images)

    def _visit_aliases(self, tree: Tree) -> None:
        """What is pulled where its anchor is may be pushed where an alias is."""
        for target, why in at_aliases(tree, self._with_images):
            self._text_why = why
            if context := self._context_of(target.parent):
                self._visit(target, context)
        self._text_why = ""

    def _context_of(self, node: Collection | None) -> Context | None:
        while node is not None and node not in self._contexts:
            node = node.parent
        return self._contexts[node] if node is not None else None

    def _is_walked(self, child: Mapping | Sequence, found: Convention | None) -> bool:
        """Whether a part of the context is still to be walked."""
        what = found.what if found else None
        if what is What.VALUES and isinstance(child, Mapping):
            self._walk_values(child)
        elif what is What.PARAMETERS and child.parent and child.name:
            self._walk_values(mapping_of(child, child.parent))
        return what is not What.NOTHING and not (what is What.VALUES and isinstance(child, Mapping))

    def _mapping(self, node: Mapping, context: Context) -> None:
        specials = list(of_mapping(node, context.kind, context.names))
        for special in specials:
            self._add(special, context)
        use = image_of(node) or (unnamed_image_of(node) if context.kind == VALUES else None)
        if not use or (node.name in TEXT_MAPS and not use.registry):
            return
        # A merge key can bring a repository to several registries: each pair is an image of its own.
        if any(each.repository is use.repository for each in specials):
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
        self._whole.add_use(use, node)
        in_values = context.kind == VALUES
        is_container = isinstance(node.parent, Sequence) and node.parent.name.lower().endswith("containers")
        if is_container or context.kind == "Compose" or use.what is not What.IMAGE:
            return
        use.what, use.why = judge(node, key, use.name + use.version, in_values=in_values)
        why = context.prefixes.over(use, node) or (in_values and self._charts.why(use, node))
        if use.what is What.IMAGE and why:
            use.what, use.why = What.LEFT, why

    def _scalar(
        self, at_key: str | int, scalar: Scalar, parent: Collection, context: Context, found: Convention | None
    ) -> None:
        if not scalar.value or (scalar in self._seen and not self._is_kept(scalar, found, parent, at_key)):
            return
        key = at_key if isinstance(at_key, str) else parent.name
        what = found.what if found else None
        use = ImageUse(dotted((*parent.place, at_key)), None, scalar)
        if self._text(use, parent, at_key, what, context):
            return
        use.around = around(scalar.value)
        if context.is_any(self._requests.also, use.place):
            match = GUESS.fullmatch(scalar.value)
            use.around = (match[1], "") if match and match[1] else use.around
        elif what is What.SUBSTITUTION:
            old, _, new = scalar.value.rpartition("=")
            use.around, use.renames = (f"{old}=", "") if new and old else ("", ""), True
        elif what is What.CHART:
            use.note = found.why if found else ""
            if not is_chart(use, parent):
                return
        elif found and what in (What.IMAGE, What.KEPT, What.LEFT):
            if key == "uses" and not scalar.value.startswith("docker://"):
                return  # an action
            use.what, use.why = found.what, found.why
            use.keeps_name = key == "newName" and isinstance(parent, Mapping) and parent.text("name") == scalar.value
        elif what is What.NOTHING or (
            "docker-image://" not in use.around[0] and not self._guess(use, at_key, parent, context)
        ):
            return
        if scalar.is_text:
            self._add(use, context)

    def _is_kept(self, scalar: Scalar, found: Convention | None, parent: Collection, key: str | int) -> bool:
        """Whether an image has to stay at this place, an alias of where it was found."""
        former = self._found.get((None, scalar)) if found and found.what in (What.KEPT, What.LEFT) else None
        return former is not None and former.place != dotted((*parent.place, key))

    def _text(self, use: ImageUse, parent: Collection, key: str | int, what: What | None, context: Context) -> bool:
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
            self._add_named(use, context)
            return is_known or "\n" in scalar.value
        outside, self._text_why = self._text_why, self._text_why or (inner.why if is_known else GUESSED)
        self._depth += 1
        self._exceptions.texts.append(scalar)
        for tree in inner.trees:
            self.aliases += tree.aliases
        for root in roots:
            root.parent, root.key = parent, key
            self._walk(root, VALUES if what is What.VALUES_TEXT else kind_of_document(root, self._document.file))
            if what is What.VALUES_TEXT:
                self._whole.add_part(self._contexts[root])
        self._exceptions.texts.pop()
        self._depth -= 1
        self._text_why = outside
        return True

    def _guess(self, use: ImageUse, at_key: str | int, parent: Collection, context: Context) -> bool:
        """Whether a text that no convention knows can be an image: values name images by many keys."""
        value, key = use.repository.value, at_key if isinstance(at_key, str) else parent.name
        in_values = context.kind == VALUES and _IMAGE_KEY.fullmatch(key) and parent.name not in TEXT_MAPS
        if in_values and isinstance(parent, Mapping):
            self._judge(use, key, parent, context)
            return "/" in value or ":" in value or not unofficial(value) or has_own_version(parent, key)
        is_named = context.kind == VALUES and parent.name not in TEXT_MAPS
        is_guess = (is_named and guess_part(use, key)) or guess(use, at_key, parent)
        if not is_guess and key != "description":
            self._add_named(use, context)
        return is_guess

    def _add_named(self, text: ImageUse, context: Context) -> None:
        for each in images_in_text(text.repository):
            self._add(ImageUse(text.place, None, each, what=What.LEFT, guess=True), context)

    def _add(self, use: ImageUse, context: Context) -> None:
        if use.what is What.NOTHING:
            return
        keep(use, context.names)
        self._exceptions.judge(use, context)
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
            shared = use.why in (former.why, TOO_MANY) or use.place == former.place
            use.what, use.why = What.LEFT, use.why if shared else f"is shared, and in one place {use.why}"
        self._found[use.registry, use.repository] = use
        parts = [part for part in (use.registry, use.repository) if part]
        self._seen.update(part.of or part if use.guess else part for part in parts)
