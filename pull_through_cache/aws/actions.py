"""Sets of actions, each named after what it permits. "Guide" is the Amazon ECR User Guide.

Source for pulls: Guide, pull-through-cache-iam.html and repository-policy-examples.html.
"""

FIRST_PULL = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
"""For a registry policy: have ECR fetch an image and create its repository.

CreateRepository has an effect in an identity policy or the registry policy only.
"""

PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""For a repository policy: read what is cached."""

PULL_OF_THE_POST = (
    "ecr:CreateRepository",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:DescribeImages",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
)
"""What the post grants in its repository policy. CreateRepository and GetAuthorizationToken have no effect there."""

LOGIN = "ecr:GetAuthorizationToken"
"""Accepts no resource but `*`."""

NODE_PULL = (
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    LOGIN,
    "ecr:GetDownloadUrlForLayer",
    "ecr:CreateRepository",
)
"""For a node's identity policy: everything that a pull needs, in the order of the post."""

TAG = "ecr:TagResource"
"""What a node needs in addition if the creation template sets tags."""

REPLICATE = "ecr:ReplicateImage"
"""What the role of a creation template needs in addition if replication creates repositories."""

PUSH = ("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
"""Push an image. Source: Guide, image-push-iam.html."""

OVERWRITE = (
    *PUSH,
    "ecr:BatchDeleteImage",
    "ecr:CreatePullThroughCacheRule",
    "ecr:CreateRepositoryCreationTemplate",
    "ecr:DeleteLifecyclePolicy",
    "ecr:DeletePullThroughCacheRule",
    "ecr:DeleteRegistryPolicy",
    "ecr:DeleteRepository",
    "ecr:DeleteRepositoryCreationTemplate",
    "ecr:DeleteRepositoryPolicy",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:PutRegistryPolicy",
    "ecr:SetRepositoryPolicy",
    "ecr:UpdateImageStorageClass",
    "ecr:UpdatePullThroughCacheRule",
    "ecr:UpdateRepositoryCreationTemplate",
)
"""Push or delete images, or change where they come from, or the policies that protect them."""

READ_UPSTREAM = (
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetImageCopyStatus",
)
"""What the role of a rule needs in the registry of another account. Source: Guide, pull-through-cache-private.html."""

WRITE_CACHE = (
    "ecr:BatchImportUpstreamImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetImageCopyStatus",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""What the same role needs in its own registry."""

MODULE_READ = (
    LOGIN,
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetLifecyclePolicy",
    "ecr:GetLifecyclePolicyPreview",
    "ecr:GetRepositoryPolicy",
    "ecr:ListImages",
    "ecr:ListTagsForResource",
)
"""What the repository-template module grants to readers. Source: its main.tf, version 2.3.1."""

USE_KMS_KEY = ("kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey")
"""What the role of a creation template needs for a KMS key. Source: Guide, repository-creation-templates.html."""
