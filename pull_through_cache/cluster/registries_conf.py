"""registries.conf, which configures where podman, buildah, skopeo, and CRI-O pull images from.

The longest prefix that matches decides (containers-registries.conf(5)), and the client tries nothing else. It looks up
the password for a pull by the `location`, so the password goes to no other host.
"""

from pull_through_cache.images.names import DOCKER_HUB, Caches


def registries_conf(caches: Caches, comment: str) -> str:
    """The content of a file in /etc/containers/registries.conf.d. Short names are Docker Hub's, as in Kubernetes."""
    beginnings = {beginning for rule in caches.rules for beginning in (rule.source, *rule.excepted)}
    tables = [
        f'[[registry]]\nprefix = "{beginning[:-1]}"\nlocation = "{_location(caches, beginning)}"\n'
        for beginning in sorted(beginnings)
    ]
    lines = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    return "\n".join([f'{lines}unqualified-search-registries = ["{DOCKER_HUB}"]\n', *tables])


def _location(caches: Caches, beginning: str) -> str:
    """Where images with names that begin like this come from: the cache of their first rule, or else the upstream."""
    for rule in caches.rules:
        if beginning.startswith(rule.source) and not beginning.startswith(rule.excepted):
            return (rule.target + beginning.removeprefix(rule.source)).rstrip("/")
    return beginning[:-1]
