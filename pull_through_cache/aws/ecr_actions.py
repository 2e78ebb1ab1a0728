"""The actions of Amazon ECR that a policy can name.

Source: the operations of ECR's API in botocore (a test compares them), and the Service Authorization Reference, "Actions,
resources, and condition keys for Amazon Elastic Container Registry", for the actions that are only permissions.
"""

from fnmatch import fnmatchcase

PERMISSIONS_ONLY = frozenset({"BatchImportUpstreamImage", "GetImageCopyStatus", "ReplicateImage"})
"""Actions without an operation of the same name in ECR's API."""

ECR_ACTIONS = PERMISSIONS_ONLY | frozenset(
    """
    BatchCheckLayerAvailability BatchDeleteImage BatchGetImage BatchGetRepositoryScanningConfiguration
    CompleteLayerUpload CreatePullThroughCacheRule CreateRepository CreateRepositoryCreationTemplate
    DeleteLifecyclePolicy DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepository
    DeleteRepositoryCreationTemplate DeleteRepositoryPolicy DeleteSigningConfiguration DeregisterPullTimeUpdateExclusion
    DescribeImageReplicationStatus DescribeImageScanFindings DescribeImageSigningStatus DescribeImages
    DescribePullThroughCacheRules DescribeRegistry DescribeReplicationBackfillResults DescribeRepositories
    DescribeRepositoryCreationTemplates
    GetAccountSetting GetAuthorizationToken GetDownloadUrlForLayer GetLifecyclePolicy GetLifecyclePolicyPreview
    GetRegistryPolicy GetRegistryScanningConfiguration GetRepositoryPolicy GetSigningConfiguration InitiateLayerUpload
    ListImageReferrers ListImages ListPullTimeUpdateExclusions ListReplicationBackfills ListTagsForResource
    PutAccountSetting PutImage
    PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy PutRegistryPolicy
    PutRegistryScanningConfiguration PutReplicationConfiguration PutSigningConfiguration RegisterPullTimeUpdateExclusion
    SetRepositoryPolicy StartImageScan StartLifecyclePolicyPreview StartReplicationBackfill StopReplicationBackfill
    TagResource UntagResource UpdateImageStorageClass
    UpdatePullThroughCacheRule UpdateRepositoryCreationTemplate UploadLayerPart ValidatePullThroughCacheRule
    """.split()
)


def is_ecr_action(text: str) -> bool:
    """Whether `text`, such as `ecr:Batch*`, names at least one action of ECR. IAM ignores case and knows `*` and `?`."""
    service, _, pattern = text.lower().partition(":")
    return service == "ecr" and "[" not in pattern and any(fnmatchcase(each.lower(), pattern) for each in ECR_ACTIONS)
