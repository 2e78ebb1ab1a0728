"""Converts names of images to their names in a pull through cache, and back. "Guide" is the Amazon ECR User Guide."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from docker_image.digest import InvalidDigest
from docker_image.reference import InvalidReference, Reference

from pull_through_cache.aws.quotas import MAX_REPOSITORY_NAME

if TYPE_CHECKING:
    from pull_through_cache.deployment.registry import Registry

DOCKER_HUB = "docker.io"
MAX_NAME = 1_000
"""Characters of an image's name: a host of 253, a path of 255, a tag of 128, and a digest of 135 at most, with room."""
_DOCKER_HUBS = {"registry-1.docker.io", "registry.hub.docker.com"}


class InvalidImageName(ValueError):  # noqa: N818 - named after its message
    """Text that is not the name of an image."""


class Image(NamedTuple):
    """An image's name with nothing left out: Docker Hub is `docker.io`, its official images are in `library/`."""

    registry: str
    repository: str
    version: str = ""
    """`:tag`, `@digest`, both or neither."""
    scheme: str = ""
    """`oci://` for the address of a Helm chart, or of a folder of charts."""

    def __str__(self) -> str:
        return f"{self.scheme}{self.registry}/{self.repository}{self.version}"


def parse(name: str) -> Image:
    """The image of this name, as Docker reads it, or the chart of an oci:// address. Raises InvalidImageName.

    Hosts are read without regard to case and to HTTPS's own port.
    """
    if len(name) > MAX_NAME:
        raise InvalidImageName(f"has {len(name):,} characters; no name has more than {MAX_NAME:,}")
    return _parsed(name)


@lru_cache(maxsize=1_000)  # a file names the same images many times
def _parsed(name: str) -> Image:
    if name != name.strip():
        raise InvalidImageName("has space around it")
    scheme = "oci://" if name.startswith("oci://") else ""
    host, slash, path = name.removeprefix(scheme).partition("/")
    if scheme and not path:
        raise InvalidImageName("names a registry, but no chart in it")
    if slash and (scheme or "." in host or ":" in host):
        host = host.lower()
        host = host.removesuffix(":443") if "." in host else host  # without a dot, the port makes it a host
    name = f"{host}{slash}{path}"
    try:
        reference = Reference.parse_normalized_named(name)
    except (InvalidReference, InvalidDigest) as error:
        raise InvalidImageName(f"is not an image's name: {error}") from error
    registry, _, repository = reference["name"].partition("/")
    if registry in _DOCKER_HUBS:
        registry = DOCKER_HUB
        repository = repository if "/" in repository else f"library/{repository}"
    if scheme:
        repository = repository.removeprefix("library/") if "/library/" not in f"/{path}" else repository
    tag, digest = reference["tag"], reference["digest"]
    return Image(registry, repository, (f":{tag}" if tag else "") + (f"@{digest}" if digest else ""), scheme)


@dataclass(frozen=True)
class Cache:
    """One pull through cache rule. An empty prefix is ECR's `ROOT`."""

    key: str
    """The upstream's key in the deployment file."""
    registry: str
    """The upstream registry's host in image names."""
    prefix: str
    upstream_prefix: str = ""


class Rule(NamedTuple):
    """How one cache renames images: a name that begins with `source` begins with `target` instead.

    `source` and `target` end at a slash. So do the beginnings in `excepted`: for names that begin so, ECR would go by
    the more specific prefix of another cache, and fetch another image.
    """

    cache: str
    """The key of the cache."""
    source: str
    """The beginning of the images' full names, for example `docker.io/`."""
    target: str
    """The beginning of their names in the cache, for example `123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub/`."""
    excepted: tuple[str, ...] = ()

    def renamed(self, image: Image) -> Image | None:
        """The image's name in the cache; None if the rule is not for this image, or if the name would be too long."""
        name = f"{image.registry}/{image.repository}"
        if not name.startswith(self.source) or name.startswith(self.excepted):
            return None
        registry, _, repository = (self.target + name.removeprefix(self.source)).partition("/")
        return (
            image._replace(registry=registry, repository=repository) if len(repository) <= MAX_REPOSITORY_NAME else None
        )


class CachedName(NamedTuple):
    """The name of an image in a cache or at its upstream registry, or the same name if it has no other.

    `state` is that of the name that was asked about: `cacheable`, an upstream name that a cache covers; `cached`, the
    name of a cached image; `own`, another name in the registry of the caches; `uncovered`, none of these.
    `cache` is the key of the cache, None for `own` and `uncovered`.
    """

    name: str
    state: Literal["cacheable", "cached", "own", "uncovered"]
    cache: str | None = None


@dataclass(frozen=True)
class Caches:
    """The caches of a registry. `host` is the address to pull from, `hosts` the registry's addresses in all Regions."""

    host: str
    hosts: frozenset[str]
    caches: tuple[Cache, ...]
    usable: frozenset[str] | None = None
    """The keys of the caches that the puller may use. None: all of them."""

    def cached(self, name: str) -> CachedName:
        """The name under which `name` comes from a cache. Raises InvalidImageName.

        The result is a cached name only if ECR would fetch exactly this image for it.
        """
        image = parse(name)
        if image.registry in self.hosts:
            origin = self._origin(image)
            return CachedName(name, "cached", origin[1].key) if origin else CachedName(name, "own")
        for rule in self.rules:
            if found := rule.renamed(image):
                return CachedName(str(found), "cacheable", rule.cache)
        return CachedName(name, "uncovered")

    def upstream(self, name: str) -> CachedName:
        """The name at the upstream registry of the cached image `name`. Raises InvalidImageName."""
        image = parse(name)
        if origin := self._origin(image):
            return CachedName(str(origin[0]), "cached", origin[1].key)
        return CachedName(name, "own" if image.registry in self.hosts else "uncovered")

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules for renaming images. Commands, policies, and mirrors share them. The first rule for an image decides.

        The rule with the most specific prefix decides what ECR fetches (Guide:
        pull-through-cache-private-wildcards.html).
        """
        most_specific_first = sorted(self.caches, key=lambda cache: -len(cache.upstream_prefix))
        usable = (cache for cache in most_specific_first if self.usable is None or cache.key in self.usable)
        return tuple(self._rule(cache) for cache in usable if cache.registry not in self.hosts)

    def _rule(self, cache: Cache) -> Rule:
        source = _join(cache.registry, f"{cache.upstream_prefix}/" if cache.upstream_prefix else "")
        target = _join(self.host, f"{cache.prefix}/" if cache.prefix else "")
        below = (_below(cache.prefix, other.prefix) for other in self.caches if other is not cache)
        return Rule(cache.key, source, target, tuple(f"{source}{prefix}/" for prefix in below if prefix))

    def _origin(self, image: Image) -> tuple[Image, Cache] | None:
        """What ECR fetches for `image`, and through which cache; None if it is not the name of a cached image."""
        if image.registry not in self.hosts:
            return None
        below = [(cache, _below(cache.prefix, image.repository)) for cache in self.caches]
        reached = [(cache, rest) for cache, rest in below if rest is not None]
        if not reached:
            return None
        cache, rest = max(reached, key=lambda entry: len(entry[0].prefix))
        repository = _join(cache.upstream_prefix, rest)
        if cache.registry == DOCKER_HUB and "/" not in repository and not image.scheme:
            return None  # Docker Hub rejects an official image's name without library/.
        return image._replace(registry=cache.registry, repository=repository), cache


def caches(registry: "Registry", *, account_id: str, region: str, usable: Collection[str] = ()) -> Caches:
    """The caches of a deployment's registry in this account, to be pulled from in `region`.

    - `usable`: the keys of the upstreams whose caches the puller may use. Default: all.
    """

    def host(region: str) -> str:
        return f"{account_id}.dkr.ecr.{region}.amazonaws.com"

    # The dual-stack name of the same registry. Source: Guide, ecr-requests.html.
    dual_stack = {f"{account_id}.dkr-ecr.{region}.on.aws" for region in registry.regions}
    return Caches(
        host(region),
        frozenset(map(host, registry.regions)) | dual_stack,
        tuple(
            Cache(
                key,
                DOCKER_HUB if upstream.host == "registry-1.docker.io" else upstream.host,
                _path(registry.prefix(key)),
                _path(upstream.upstream_prefix or "ROOT"),
            )
            for key, upstream in registry.upstreams.items()
        ),
        frozenset(usable) if usable else None,
    )


def _path(prefix: str) -> str:
    return "" if prefix == "ROOT" else prefix.removesuffix("/")


def _below(prefix: str, repository: str) -> str | None:
    """What follows `prefix` in `repository`, None if the repository is not below it."""
    if not prefix:
        return repository
    return repository[len(prefix) + 1 :] if repository.startswith(f"{prefix}/") else None


def _join(prefix: str, repository: str) -> str:
    return f"{prefix}/{repository}" if prefix else repository
