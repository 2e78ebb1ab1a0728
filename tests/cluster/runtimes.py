"""Where container runtimes pull an image from, by the files that `cluster` prints for them."""

import tomllib
from collections.abc import Mapping
from typing import Any

from docker_image.digest import InvalidDigest
from docker_image.reference import InvalidReference, Reference

from pull_through_cache.images.names import Image

Toml = Mapping[str, Any]


def as_docker_reads(name: str) -> Image | None:
    """The image of this name, as every runtime reads it before it looks for a mirror; None if it is not a name."""
    try:
        reference = Reference.parse_normalized_named(name)
    except (InvalidReference, InvalidDigest):
        return None
    registry, _, repository = reference["name"].partition("/")
    tag, digest = reference["tag"], reference["digest"]
    return Image(registry, repository, (f":{tag}" if tag else "") + (f"@{digest}" if digest else ""))


def podman(configuration: Toml, name: str) -> str | None:
    """The image that podman, buildah, skopeo, and CRI-O pull; None if they can pull none.

    The longest prefix decides, if `/`, `:`, `@`, or nothing follows it (containers/image, sysregistriesv2,
    refMatchingPrefix).
    """
    image = as_docker_reads(name)
    if image is None:
        return None
    full = str(image)
    fits = [
        table
        for table in configuration.get("registry", [])
        if full.startswith(table["prefix"]) and full[len(table["prefix"]) :][:1] in ("", "/", ":", "@")
    ]
    if fits:
        table = max(fits, key=lambda table: len(table["prefix"]))
        full = table["location"] + full.removeprefix(table["prefix"])
    return full if as_docker_reads(full) else None


def containerd(hosts: Mapping[str, str], name: str) -> str | None:
    """The image that containerd pulls by these hosts.toml; None if the name is not a name."""
    image = as_docker_reads(name)
    if image is None or image.registry not in hosts:
        return None if image is None else str(image)
    host, _, prefix = tomllib.loads(hosts[image.registry])["server"].removeprefix("https://").partition("/v2")
    return f"{host}{prefix}/{image.repository}{image.version}"
