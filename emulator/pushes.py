"""What happens when somebody pushes an image to a repository."""

from emulator import images
from emulator.answers import Answer
from emulator.oci import Manifest
from emulator.pulls import Attempt, RefusedError, attempt_of, cached

# Source: Guide, image-push-iam.html
WRITE = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)


def push(image: str, role: str) -> Answer:
    """Push as a role of any account; no repository is created for it. Raises ValueError as ``pull`` does."""
    attempt = attempt_of(image, role)
    try:
        attempt.require("ecr:GetAuthorizationToken")
        for action in WRITE:
            attempt.require(action)
        if attempt.repository not in attempt.ecr.repositories:
            raise RefusedError(f"name unknown: {attempt.not_found}")
    except RefusedError as refusal:
        return attempt.answer(str(refusal))
    put(attempt, images.without_layers(source=role))
    return attempt.answer()


def put(attempt: Attempt, manifest: Manifest) -> None:
    """Put a pushed manifest into the repository. Raises RefusedError."""
    repository, tag = attempt.ecr.repositories[attempt.repository], attempt.named_tag
    former = cached(attempt)
    if tag and former and former.image_digest != manifest.digest and images.is_immutable(repository, tag):
        raise RefusedError(
            f"tag invalid: The image tag '{tag}' already exists in the '{attempt.repository}' repository "
            "and cannot be overwritten because the tag is immutable."
        )
    images.put(repository, manifest, tag)
    attempt.registry.fetched.pop((attempt.repository, attempt.tag), None)
