"""The translation of image names in CEL, the language of Kubernetes' admission policies.

Its variables do for the images of a pod what `Caches.cached` does for one name. Notes on the CEL of kube-apiserver:
all elements of a list have one type, so `from` and `to` are lists of one string beside the list `except`; and every
variable has a cost limit of its own, so the steps are variables.
"""

from collections.abc import Iterable

from pull_through_cache.aws.quotas import MAX_REPOSITORY_NAME
from pull_through_cache.images.names import Rule

Variable = dict[str, str]

# Docker's grammar of an image's name (github.com/distribution/reference), after the registry.
_COMPONENT = "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
_TAG = ":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = "@(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})"
_VALID = f"'^[^/]+/{_COMPONENT}(/{_COMPONENT})*({_TAG})?({_DIGEST})?$'"
_NOT_TOO_LONG = f"'^[^/]+/[^:@]{{1,{MAX_REPOSITORY_NAME}}}([:@]|$)'"
_IDENTIFIER = "'^[a-f0-9]{64}$'"

_NEW_POD = "request.operation == 'CREATE'"
_NEW_CONTAINER = f"({_NEW_POD} || !oldObject.spec.?ephemeralContainers.orValue([]).exists(old, old.name == c.name))"

_NAMES = f"""\
variables.images
  .map(image, [image[0], image[1], [image[1]]
    .map(n, n.matches('^[^/]*[.:][^/]*/') ? n.substring(0, n.indexOf('/')).lowerAscii() + n.substring(n.indexOf('/')) : n)
    .map(n, n.matches('^[^/]*[.][^/]*:443/') ? n.replace(':443/', '/', 1) : n)
    .map(n, n.matches('^([^/]*[.:A-Z][^/]*|localhost)/') ? n : 'docker.io/' + n)
    .map(n, n.matches('^((index|registry-1)[.]docker[.]io|registry[.]hub[.]docker[.]com)/') ? 'docker.io/' + n.substring(n.indexOf('/') + 1) : n)
    .map(n, n.matches('^docker[.]io/[^/]+$') ? 'docker.io/library/' + n.substring(10) : n)[0]])
  .filter(image, !image[1].matches({_IDENTIFIER}))
  .filter(image, image[2].matches({_NOT_TOO_LONG}))
  .filter(image, image[2].matches({_VALID}))"""
_CACHED = f"""\
variables.names
  .map(image, [image[0], image[1], (variables.caches
    .filter(c, image[2].startsWith(c.from[0]) && !c.except.exists(e, image[2].startsWith(e)))
    .map(c, c.to[0] + image[2].substring(c.from[0].size()))
    .filter(n, n.matches({_NOT_TOO_LONG})) + [image[1]])[0]])
  .filter(image, image[1] != image[2])"""


def variables(rules: Iterable[Rule]) -> list[Variable]:
    """The variables of a policy. Its other expressions use the last one, `cached`.

    `images` has the path and the name of each image. `names` adds the full name. `cached` has the name in the cache
    instead, and only the images whose name changes.
    """
    return [
        {"name": "caches", "expression": _caches(rules)},
        {"name": "images", "expression": _images()},
        {"name": "names", "expression": _NAMES},
        {"name": "cached", "expression": _CACHED},
    ]


def _caches(rules: Iterable[Rule]) -> str:
    lines = [
        f"  {{'from': {_list(rule.source)}, 'to': {_list(rule.target)}, 'except': {_list(*rule.excepted)}}}"
        for rule in rules
    ]
    return "[\n" + ",\n".join(lines) + "\n]"


def _list(*texts: str) -> str:
    # A host, a prefix, and a path have no character with a special meaning in CEL.
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def _images() -> str:
    """Path and name of each image in the request. Istio's injector replaces the image `auto` itself."""
    places = [
        _place("containers", "image", _NEW_POD),
        _place("initContainers", "image", _NEW_POD),
        _place("ephemeralContainers", "image", _NEW_CONTAINER),
        _place("volumes", "image.reference", f"has(c.image) && {_NEW_POD}"),
    ]
    return "(" + "\n  + ".join(places) + ")\n  .filter(image, image[1] != 'auto')"


def _place(field: str, image: str, condition: str) -> str:
    path = f"'/spec/{field}/' + string(i) + '/{image.replace('.', '/')}'"
    return (
        f"object.spec.?{field}.orValue([])\n"
        f"    .transformList(i, c, {condition} && has(c.{image}), [{path}, string(c.{image})])"
    )
