"""Images in moto's repositories: the manifests that clients get, byte for byte.

"Guide" is the Amazon ECR User Guide.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from moto.ecr.models import Image, Repository

from emulator.blobs import DIGEST
from emulator.oci import IMAGE, Manifest

# The digest of {}, if there is no configuration (OCI image specification, "Guidance for an Empty Descriptor").
EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


IMMUTABLE_TAG = (
    "The image tag '{}' already exists in the '{}' repository and cannot be overwritten because the tag is immutable."
)


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


def is_immutable(repository: Repository, tag: str) -> bool:
    """Guide: image-tag-mutability.html; a filter can have wildcards, and excludes the tags that it matches."""
    filters = repository.image_tag_mutability_exclusion_filters or ()
    excluded = any(fnmatchcase(tag, each["filter"]) for each in filters)
    return repository.image_tag_mutability.startswith("IMMUTABLE") != excluded


def without_layers(source: str) -> Manifest:
    """A manifest that names its source."""
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": EMPTY, "size": 2}
    document = {"schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": []}
    return Manifest(json.dumps(document | {"annotations": {"source": source}}).encode(), IMAGE)
