"""Registries as people have them, made by hand in the emulator."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from emulator.organization import ORGANIZATION_ID, SHARED_SERVICES
from tests.aws import Aws, Json, allow, policy

REGION = "eu-central-1"
ACCOUNT = SHARED_SERVICES.id
OTHER = "900000000001"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
FIRST_PULL = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
OF_THE_ORGANIZATION = {"StringEquals": {"AWS:PrincipalOrgID": ORGANIZATION_ID}}
KEEP_10: Json = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Expire all but the newest images",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
            "action": {"type": "expire"},
        }
    ]
}
KEEP_RELEASES: Json = {
    "rules": [
        {
            "rulePriority": 10,
            "description": "Releases",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["v*"],
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 365,
            },
            "action": {"type": "expire"},
        }
    ]
}


class Registry:
    """The registry of one Region. Its methods make what they are named after."""

    def __init__(self, aws: Aws, region: str = REGION) -> None:
        self.aws, self.region = aws, region
        self.ecr = aws.client("ecr", region=region)

    def rule(self, prefix: str, host: str, **settings: str) -> None:
        self.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix=prefix, upstreamRegistryUrl=host, **settings)

    def rule_with_secret(self, prefix: str, host: str, name: str) -> None:
        self.rule(prefix, host, credentialArn=self.aws.secret(f"ecr-pullthroughcache/{name}", self.region))

    def template(self, prefix: str, *statements: Json, **settings: Any) -> None:
        """A template, with a policy of these statements if there are any."""
        if statements:
            settings["repositoryPolicy"] = policy(*statements)
        settings = {"appliedFor": ["PULL_THROUGH_CACHE"], **settings}
        self.ecr.create_repository_creation_template(prefix=prefix, **settings)

    def registry_policy(self, *statements: Json) -> None:
        self.ecr.put_registry_policy(policyText=policy(*statements))

    def scanning(self, kind: str, *rules: tuple[str, list[str]]) -> None:
        self.ecr.put_registry_scanning_configuration(
            scanType=kind,
            rules=[
                {
                    "scanFrequency": often,
                    "repositoryFilters": [{"filter": name, "filterType": "WILDCARD"} for name in names],
                }
                for often, names in rules
            ],
        )

    def arn(self, pattern: str) -> str:
        return f"arn:aws:ecr:{self.region}:{ACCOUNT}:repository/{pattern}"


def rules_older_than_templates(registry: Registry) -> None:
    registry.rule("ecr-public", "public.ecr.aws")
    registry.rule_with_secret("docker-hub", "registry-1.docker.io", "docker-hub")
    registry.rule("quay", "quay.io")


def eks_blueprints(registry: Registry) -> None:
    """The pattern "ecr-pull-through-cache" of EKS Blueprints for Terraform."""
    registry.rule_with_secret("docker-hub", "registry-1.docker.io", "docker")
    for prefix, host in (("ecr", "public.ecr.aws"), ("k8s", "registry.k8s.io"), ("quay", "quay.io")):
        registry.rule(prefix, host)
    for prefix in ("docker-hub", "ecr", "k8s", "quay"):
        everything = allow("ecr:*", principal={"AWS": ROOT}, sid="PrivateReadWrite")
        registry.template(
            prefix, everything, description=f"Pull through cache of {prefix}", lifecyclePolicy=json.dumps(KEEP_10)
        )


def the_guide_s_examples(registry: Registry) -> None:
    registry.rule("ecr-public", "public.ecr.aws")
    registry.template("ROOT", imageTagMutability="IMMUTABLE", description="Default")
    read = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    sid = "PullThroughCacheFromReadOnlyRole"
    registry.registry_policy(allow(*FIRST_PULL, resource=registry.arn("ecr-public/*"), principal=read, sid=sid))


def module_policy() -> Json:
    """What the repository-template module of terraform-aws-modules writes."""
    actions = (
        "ecr:ListTagsForResource ecr:ListImages ecr:GetRepositoryPolicy ecr:GetLifecyclePolicyPreview ecr:GetLifecyclePolicy "
        "ecr:GetDownloadUrlForLayer ecr:GetAuthorizationToken ecr:DescribeRepositories ecr:DescribeImages "
        "ecr:DescribeImageScanFindings ecr:BatchGetImage ecr:BatchCheckLayerAvailability"
    )
    return allow(*actions.split(), principal={"AWS": ROOT}, sid="PrivateReadOnly")


def terraform_modules(registry: Registry) -> None:
    registry.rule_with_secret("dockerhub", "registry-1.docker.io", "dockerhub")
    registry.rule("team/quay", "quay.io")
    registry.template("dockerhub", module_policy(), description="Docker Hub", lifecyclePolicy=json.dumps(KEEP_RELEASES))
    registry.template("team/quay", module_policy(), description="quay.io")


def own_templates(registry: Registry) -> None:
    create = allow("ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource", resource=registry.arn("*"))
    key = f"arn:aws:kms:{registry.region}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef"
    name = f"ecr-templates-{registry.region}"
    role = registry.aws.role(create, allow("kms:*", resource=key), name=name, service="ecr.amazonaws.com")
    registry.rule("quay", "quay.io")
    registry.template(
        "quay",
        allow(*PULL, principal={"AWS": [f"arn:aws:iam::{OTHER}:root", ROOT]}),
        allow(*PULL, principal="*", condition=OF_THE_ORGANIZATION, sid="Organization"),
        appliedFor=["PULL_THROUGH_CACHE", "REPLICATION"],
        customRoleArn=role,
        resourceTags=[{"Key": "team", "Value": "platform"}, {"Key": "cost centre", "Value": "0017"}],
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key},
    )
    registry.rule("k8s", "registry.k8s.io")
    registry.template("k8s", description="registry.k8s.io", lifecyclePolicy=json.dumps(KEEP_10))


def root(registry: Registry) -> None:
    registry.rule("ROOT", "public.ecr.aws")
    registry.template("ROOT", module_policy())


def made_by_this_project(registry: Registry) -> None:
    registry.rule("quay", "quay.io")
    read = allow(*PULL, principal={"AWS": "*"}, sid="AllowReadFromOrganization", condition=OF_THE_ORGANIZATION)
    registry.template("quay", module_policy(), read, description="quay.io", lifecyclePolicy=json.dumps(KEEP_10))
    first_pull = {
        "sid": "AllowPullThroughFromOrganization",
        "principal": {"AWS": "*"},
        "condition": OF_THE_ORGANIZATION,
    }
    registry.registry_policy(allow(*FIRST_PULL, resource=registry.arn("quay/*"), **first_pull))
    registry.scanning("ENHANCED", ("CONTINUOUS_SCAN", ["quay/*"]))


def access_of_one_upstream(registry: Registry) -> None:
    """What this project makes for a `pull_access` of the upstream k8s beside that of the registry."""
    other = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    registry.rule("quay", "quay.io")
    read = allow(*PULL, principal={"AWS": "*"}, sid="AllowReadFromOrganization", condition=OF_THE_ORGANIZATION)
    registry.template("quay", module_policy(), read, description="quay.io")
    registry.rule("k8s", "registry.k8s.io")
    read = allow(*PULL, principal=other, sid="AllowReadFromAccounts")
    registry.template("k8s", module_policy(), read, description="registry.k8s.io")
    everyone = {"principal": {"AWS": "*"}, "condition": OF_THE_ORGANIZATION}
    registry.registry_policy(
        allow(*FIRST_PULL, resource=registry.arn("quay/*"), sid="AllowPullThroughFromOrganization", **everyone),
        allow(*FIRST_PULL, resource=registry.arn("k8s/*"), sid="AllowPullThroughFromAccountsForK8s", principal=other),
    )


def a_registry_policy_of_others(registry: Registry) -> None:
    registry.rule("quay", "quay.io")
    registry.template("quay")
    everywhere = registry.arn("*")
    codebuild = {"StringEquals": {"aws:SourceAccount": OTHER}}
    registry.registry_policy(
        allow(
            "ecr:ReplicateImage",
            "ecr:CreateRepository",
            resource=everywhere,
            principal={"AWS": OTHER},
            sid="Replication",
        ),
        allow(
            "ecr:CreateRepository",
            resource=everywhere,
            principal={"Service": "codebuild.amazonaws.com"},
            condition=codebuild,
        ),
        allow("ecr:DeleteRepository", resource=everywhere, principal="*", sid="NoDeletion") | {"Effect": "Deny"},
    )


def every_upstream_with_credentials(registry: Registry) -> None:
    registry.rule_with_secret("ghcr", "ghcr.io", "github")
    registry.rule_with_secret("gitlab", "registry.gitlab.com", "gitlab")
    registry.rule_with_secret("azure_images", "contoso.azurecr.io", "azure")
    for prefix in ("ghcr", "gitlab", "azure_images"):
        registry.template(prefix, module_policy(), description="")
    rules = ("CONTINUOUS_SCAN", ["apps/*"]), ("SCAN_ON_PUSH", ["azure_images/*", "ghcr/*", "gitlab/*", "team/*"])
    registry.scanning("ENHANCED", *rules)


def ecr_of_another_account(registry: Registry) -> None:
    service = "pullthroughcache.ecr.amazonaws.com"
    there = f"arn:aws:ecr:{REGION}:{OTHER}:repository/base/*"
    read = ("ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer", "ecr:GetImageCopyStatus")
    statements = [allow("ecr:GetAuthorizationToken", resource="*"), allow(*read, resource=there)]
    write = allow("ecr:*", resource=registry.arn("base/*"))
    role = registry.aws.role(*statements, write, name="ecr-pull-through", service=service)
    host = f"{OTHER}.dkr.ecr.{REGION}.amazonaws.com"
    registry.rule("base", host, customRoleArn=role, upstreamRepositoryPrefix="base")
    registry.template("base", description="Base images")


UNCHANGED: Mapping[str, Callable[[Registry], None]] = {
    made.__name__.replace("_", " "): made
    for made in (
        eks_blueprints,
        terraform_modules,
        own_templates,
        root,
        made_by_this_project,
        access_of_one_upstream,
        a_registry_policy_of_others,
        every_upstream_with_credentials,
        ecr_of_another_account,
    )
}
"""Registries that a file can describe as a whole."""
WITHOUT_TEMPLATES: Mapping[str, Callable[[Registry], None]] = {
    made.__name__.replace("_", " "): made for made in (rules_older_than_templates, the_guide_s_examples)
}
"""Registries with rules that have no template of their own, which a file always has."""
