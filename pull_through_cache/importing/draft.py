"""A deployment file in the making: its data, and the comments about what it cannot have."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from pull_through_cache.check.findings import CouldNotRun
from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.errors import problems_in
from pull_through_cache.deployment.model import Problems
from pull_through_cache.deployment.modules import Modules
from pull_through_cache.files.literal import why_not_literal
from pull_through_cache.files.problems import Place, dotted

Data = dict[str, Any]


class Draft:
    """The file for one Region.

    - `registry`: the content of the key `registry`.
    - `comments`: by the place in the file that they are about, or whose content they replace.
    """

    def __init__(self, account_id: str, region: str, modules: Modules) -> None:
        self.registry: Data = {"account_id": account_id, "regions": [region], "upstreams": {}}
        self.comments: list[tuple[Place, str]] = []
        self._modules = modules

    @property
    def upstreams(self) -> dict[str, Data]:
        """The upstreams of the registry, by key."""
        upstreams: dict[str, Data] = self.registry["upstreams"]
        return upstreams

    def comment(self, text: str, *place: str) -> None:
        """Adds a comment at a place in the registry."""
        self.comments.append((("registry", *place), text))

    def drop_what_is_invalid(self) -> None:
        """Replaces everything by a comment that the models do not accept, with their reason.

        Raises CouldNotRun for a problem that does not come from one of the registry's settings.
        """
        while self.upstreams and (problem := next(self._problems(), None)):
            self._drop(*problem)

    def _problems(self) -> Problems:
        data = {"registry": self.registry}
        yield from _not_literal(data, ())
        yield from problems_in(data, Deployment, modules=self._modules)

    def _drop(self, place: Place, message: str) -> None:
        why = message.rpartition("; ")[0] or message
        match place:
            case ("registry", "upstreams", str(key), "repositories", "statements", int(index), *_):
                statements = self.upstreams[key]["repositories"]["statements"]
                name = statements.pop(index).get("sid") or index + 1
                if not statements:
                    del self.upstreams[key]["repositories"]["statements"]
                self.comment(f"The plan removes the statement {name} from its policy: {why}.", "upstreams", key)
            case ("registry", "upstreams", str(key), "repositories", str(setting), *rest):
                del self.upstreams[key]["repositories"][setting]
                what = dotted((setting, *rest))
                self.comment(f"The plan changes its template, as a file cannot have {what}: {why}.", "upstreams", key)
            case ("registry", "upstreams", str(key), *rest):
                left_out = self.upstreams.pop(key)
                prefix = left_out.get("prefix", key)
                what = dotted(tuple(rest))
                self.comment(f"Left out, the rule {prefix}: {f'{what} ' if what else ''}{why}.", "upstreams")
            case ("registry", "registry_policy", *rest):
                self.registry["registry_policy"] = "none"
                what = dotted(tuple(rest))
                self.comment(f"Left as it is, because a file cannot have it: {what} {why}.", "registry_policy")
            case ("registry", "scanning", *rest):
                del self.registry["scanning"]
                self.comment(f"Left out, the scanning configuration: {dotted(tuple(rest))} {why}.")
            case _:
                raise CouldNotRun(f"no deployment file can describe this registry: {dotted(place)} {message}")


def _not_literal(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Text that Terraform or cdktf would evaluate, or that YAML cannot have."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _not_literal(key, (*place, key))
            yield from _not_literal(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _not_literal(inner, (*place, index))
    elif isinstance(value, str):
        if why := why_not_literal(value):
            yield place, why
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
            yield place, "holds a control character; delete it"
