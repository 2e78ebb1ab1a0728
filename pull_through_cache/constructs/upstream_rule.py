"""Step 4 for upstreams that the repository-template module cannot make a rule for: ECR private, and upstream prefixes."""

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_pull_through_cache_rule import EcrPullThroughCacheRule
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from pull_through_cache.aws.policies import upstream_repository_policy, upstream_role_policy, upstream_role_trust
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


class UpstreamRule(Construct):
    """A pull through cache rule with what the module's rule lacks: an upstream prefix and a role."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        upstream: str,
        prefix: str,
        upstream_registry_url: str,
        upstream_repository_prefix: str | None,
        credential_arn: str | None,
        role_arn: str | None,
    ) -> None:
        super().__init__(scope, id)
        pinned(
            EcrPullThroughCacheRule(
                self,
                "rule",
                ecr_repository_prefix=prefix,
                upstream_registry_url=upstream_registry_url,
                upstream_repository_prefix=upstream_repository_prefix,
                credential_arn=credential_arn,
                custom_role_arn=role_arn,
            ),
            upstream.replace("-", "_"),
        )


class UpstreamRole(Construct):
    """The role with which ECR pulls from another account's registry and puts the images into the cache.

    It reads the upstream's repositories and writes the cache's, no others. The other account must let it in:
    `policy_for_upstream` is the repository policy to attach there. Source: Guide, pull-through-cache-private.html.

    - `upstream_repositories`, `cached_repositories`: their ARNs, with wildcards.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        upstream: str,
        upstream_repositories: str,
        cached_repositories: str,
        path: str | None,
        permissions_boundary: str | None,
    ) -> None:
        super().__init__(scope, id)
        name = f"{upstream.replace('-', '_')}_upstream_role"
        trust = pinned(
            DataAwsIamPolicyDocument(self, "trust", statement=blocks(upstream_role_trust(), write_effect=False)),
            f"{name}_trust",
        )
        role = pinned(
            IamRole(
                self,
                "role",
                # IAM takes 38 characters of prefix. The suffix lets every Region's stack have a role of its own.
                name_prefix=f"{upstream[:20]}-pull-through-",
                path=path,
                permissions_boundary=permissions_boundary,
                assume_role_policy=trust.json,
            ),
            name,
        )
        permissions = pinned(
            DataAwsIamPolicyDocument(
                self,
                "permissions",
                statement=blocks(
                    upstream_role_policy(
                        upstream_repositories=[upstream_repositories], cached_repositories=[cached_repositories]
                    ),
                    write_effect=False,
                ),
            ),
            name,
        )
        pinned(IamRolePolicy(self, "policy", name="pull-through", role=role.id, policy=permissions.json), name)
        self.arn = role.arn


def policy_for_upstream(scope: Construct, id: str, *, upstream: str, principal: str) -> str:
    """The repository policy that lets `principal` pull, as JSON, for the account whose registry is the upstream."""
    statements = blocks(upstream_repository_policy(principal), write_effect=False)
    document = pinned(
        DataAwsIamPolicyDocument(scope, id, statement=statements), f"{upstream.replace('-', '_')}_for_upstream"
    )
    return str(document.json)
