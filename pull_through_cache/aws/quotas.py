"""Limits of AWS, each with its source. "Guide" is the Amazon ECR User Guide, "IAM Guide" the AWS IAM User Guide."""

MAX_RULES = 50
"""Pull through cache rules of a registry in a Region. Source: Guide, service-quotas.html."""

MAX_RESOURCE_POLICY = 10_240
"""Characters of a repository policy or a registry policy. Source: Guide, service-quotas.html."""

MAX_MANAGED_POLICY = 6_144
"""Characters of a managed policy, without white space. Source: IAM Guide, reference_iam-quotas.html."""

MAX_ROLE_POLICY = 10_240
"""Characters of all inline policies of a role, without white space. Source: IAM Guide, reference_iam-quotas.html."""

MAX_SCAN_FILTERS = 100
"""Filters of a scanning rule. Source: ECR API, ScanningRepositoryFilterList."""

MAX_LIFECYCLE_POLICY = 30_720
"""Characters of a lifecycle policy. Source: ECR API, LifecyclePolicyTextForRepositoryCreationTemplate."""

MAX_LIFECYCLE_RULES = 50
"""Rules of a lifecycle policy. Source: Guide, lifecycle_policy_parameters.html and service-quotas.html."""

MAX_TEMPLATE_DESCRIPTION = 255
"""Bytes. The API takes 256 characters; the Terraform provider aws (5.100.0 and 6) takes 255 bytes."""

MAX_REPOSITORY_NAME = 255
"""Characters of a repository name. CreateRepository accepts 256, but clients reject a reference longer than 255."""
