"""What happens when a principal pushes an image to a repository. "Guide" is the Amazon ECR User Guide."""

from emulator import images
from emulator.oci import Manifest
from emulator.outcomes import Outcome
from emulator.pulls import Attempt, DeniedError, attempt_of, cached

# Source: Guide, image-push-iam.html
WRITE = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)


def push(image: str, role: str) -> Outcome:
    """Push as a role of any account; no repository is created for it. Raises ValueError as ``pull`` does."""
    attempt = attempt_of(image, role)
    try:
        attempt.require("ecr:GetAuthorizationToken")
        for action in WRITE:
            attempt.require(action)
        if attempt.repository not in attempt.ecr.repositories:
            raise DeniedError(f"name unknown: {attempt.not_found}")
        put(attempt, images.without_layers(source=role))
    except DeniedError as denied:
        return attempt.outcome(str(denied))
    return attempt.outcome()


def put(attempt: Attempt, manifest: Manifest) -> None:
    """Put a pushed manifest into the repository. Raises DeniedError."""
    repository, tag = attempt.ecr.repositories[attempt.repository], attempt.named_tag
    former = cached(attempt)
    if tag and former and former.image_digest != manifest.digest and images.is_immutable(repository, tag):
        raise DeniedError(f"tag invalid: {images.IMMUTABLE_TAG.format(tag, attempt.repository)}")
    images.put(repository, manifest, tag)
    attempt.registry.fetched.pop((attempt.repository, attempt.tag), None)
