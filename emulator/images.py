"""Images in moto's repositories: the manifests that clients get, byte for byte."""

from typing import Any

from moto.ecr.models import Image, Repository

from emulator.blobs import DIGEST
from emulator.oci import Manifest


def find(repository: Repository, reference: str) -> Image | None:
    """The image of a tag or a digest."""
    if DIGEST.fullmatch(reference):
        return next((image for image in repository.images if image.image_digest == reference), None)
    return next((image for image in repository.images if reference in image.image_tags), None)


def put(repository: Repository, manifest: Manifest, tag: str | None = None) -> None:
    """Add a manifest, and move the tag to it: the image that had the tag stays, without it."""
    image = find(repository, manifest.digest)
    if image is None:
        untagged: Any = None
        text = manifest.body.decode()
        image = Image(repository.registry_id, untagged, text, repository.name, manifest.media_type, manifest.digest)
        repository.images.append(image)
    if tag:
        for other in repository.images:
            other.remove_tag(tag)
            vars(other)["image_tag"] = next(iter(other.image_tags), None)
        image.update_tag(tag)


def refers_to(repository: Repository, digest: str) -> bool:
    """Whether a manifest of the repository lists this layer or configuration."""
    return any(digest in image.image_manifest for image in repository.images)
