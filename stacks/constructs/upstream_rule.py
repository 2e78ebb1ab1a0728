"""Step 4 for upstreams that the repository-template module cannot make a rule for: ECR private, and upstream prefixes."""

from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import (
    DataAwsIamPolicyDocument,
    DataAwsIamPolicyDocumentStatement,
    DataAwsIamPolicyDocumentStatementPrincipals,
)
from cdktf_cdktf_provider_aws.ecr_pull_through_cache_rule import EcrPullThroughCacheRule
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from pull_through_cache.policies import READ_UPSTREAM, WRITE_CACHE
from stacks.addresses import pinned


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
        ecr = DataAwsIamPolicyDocumentStatementPrincipals(
            type="Service", identifiers=["pullthroughcache.ecr.amazonaws.com"]
        )
        trust = pinned(
            DataAwsIamPolicyDocument(
                self,
                "trust",
                statement=[DataAwsIamPolicyDocumentStatement(actions=["sts:AssumeRole"], principals=[ecr])],
            ),
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
                statement=[
                    DataAwsIamPolicyDocumentStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
                    DataAwsIamPolicyDocumentStatement(actions=list(READ_UPSTREAM), resources=[upstream_repositories]),
                    DataAwsIamPolicyDocumentStatement(actions=list(WRITE_CACHE), resources=[cached_repositories]),
                ],
            ),
            name,
        )
        pinned(IamRolePolicy(self, "policy", name="pull-through", role=role.id, policy=permissions.json), name)
        self.arn = role.arn


def policy_for_upstream(scope: Construct, id: str, *, upstream: str, principal: str) -> str:
    """The repository policy that lets `principal` pull, as JSON, for the account whose registry is the upstream."""
    whom = DataAwsIamPolicyDocumentStatementPrincipals(type="AWS", identifiers=[principal])
    statement = DataAwsIamPolicyDocumentStatement(
        sid="AllowPullThroughCache", actions=list(READ_UPSTREAM), principals=[whom]
    )
    document = pinned(
        DataAwsIamPolicyDocument(scope, id, statement=[statement]), f"{upstream.replace('-', '_')}_for_upstream"
    )
    return str(document.json)
