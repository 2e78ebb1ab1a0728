"""Step 4 of the post for upstreams with a role or an upstream prefix, which the repository-template module lacks."""

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_pull_through_cache_rule import EcrPullThroughCacheRule
from constructs import Construct

from pull_through_cache.aws.policies import upstream_repository_policy, upstream_role_policy, upstream_role_trust
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.service_role import ServiceRole
from pull_through_cache.constructs.statements import blocks


class UpstreamRule(Construct):
    """A pull through cache rule with everything that ECR's API has.

    - `prefix`: the prefix of the cached repositories.
    - `upstream_repository_prefix`: the prefix of the upstream's repositories. Default: all of them.
    - `credential_arn`: of the secret with the credentials.
    - `role_arn`: of the role with which ECR pulls from another account's registry.
    - `address`: the name of the rule.

    Attribute: `rule`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        prefix: str,
        upstream_registry_url: str,
        upstream_repository_prefix: str | None = None,
        credential_arn: str | None = None,
        role_arn: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        self.rule = pinned(
            EcrPullThroughCacheRule(
                self,
                "rule",
                ecr_repository_prefix=prefix,
                upstream_registry_url=upstream_registry_url,
                upstream_repository_prefix=upstream_repository_prefix,
                credential_arn=credential_arn,
                custom_role_arn=role_arn,
            ),
            address,
        )


class UpstreamRole(ServiceRole):
    """The role with which ECR pulls from another account's registry and writes the images to the cache.

    It reads the upstream's repositories and writes the cached ones, no others. The other account must allow it, with
    `UpstreamRepositoryPolicy`. Source: Amazon ECR User Guide, pull-through-cache-private.html.

    - `upstream`: the upstream's name. The role's name begins with it.
    - `upstream_repositories`, `cached_repositories`: their ARNs, with wildcards.
    - `address`, attributes: see ServiceRole.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        upstream: str,
        upstream_repositories: str,
        cached_repositories: str,
        path: str | None = None,
        permissions_boundary: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            id,
            name_prefix=f"{upstream[:20]}-pull-through-",
            trusted=upstream_role_trust(),
            allowed=upstream_role_policy(
                upstream_repositories=[upstream_repositories], cached_repositories=[cached_repositories]
            ),
            path=path,
            permissions_boundary=permissions_boundary,
            address=address,
        )


class UpstreamRepositoryPolicy(Construct):
    """The repository policy that lets `principal` pull, as a document for the account with the upstream registry.

    - `principal`: the ARN of the role with which ECR pulls.
    - `address`: the name of the document.

    Attribute: `document`.
    """

    def __init__(self, scope: Construct, id: str, *, principal: str, address: str | None = None) -> None:
        super().__init__(scope, id)
        statements = blocks(upstream_repository_policy(principal), write_effect=False)
        self.document = pinned(DataAwsIamPolicyDocument(self, "document", statement=statements), address)
