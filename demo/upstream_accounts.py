"""ECR registries that are upstreams: their images, and what their owners do after the apply."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from demo.accounts import IMAGE, TAG, image_of, pullers, registry_account
from demo.nodes import client
from emulator.aws import Emulator
from emulator.organization import Account
from pull_through_cache.aws.policies import upstream_repository_policy
from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.upstream import Upstream


def create_images(emulator: Emulator, deployment: Deployment, upstream: Upstream) -> Iterator[str]:
    """Make an image for each node role in an ECR registry, and yield a sentence for each."""
    if upstream.owner is None:
        return
    ecr = client(emulator, "ecr", Account(upstream.owner, ""), _region(upstream.host))
    prefix = f"{upstream.upstream_prefix.rstrip('/')}/" if upstream.upstream_prefix else ""
    for account, role, _ in pullers(deployment):
        name = prefix + image_of(account, role)
        try:
            ecr.create_repository(repositoryName=name)
        except ecr.exceptions.RepositoryAlreadyExistsException:  # of another upstream, or of a role of the same name
            continue
        emulator.push(f"{upstream.host}/{name}:{TAG}", Account(upstream.owner, "").administrator)
        yield f"{upstream.host} has the image {name}:{TAG}."


def let_in(emulator: Emulator, deployment: Deployment) -> Iterator[str]:
    """Let the role of each rule read the repositories of its upstream, and yield a sentence for each."""
    account = registry_account(deployment)
    for region in deployment.registry.regions:
        rules = client(emulator, "ecr", account, region).describe_pull_through_cache_rules()
        for rule in rules["pullThroughCacheRules"]:
            if "customRoleArn" in rule:
                owner = Account(rule["upstreamRegistryUrl"].partition(".")[0], "")
                _let_in(client(emulator, "ecr", owner, _region(rule["upstreamRegistryUrl"])), rule["customRoleArn"])
                yield f"The repositories of {rule['upstreamRegistryUrl']} let {rule['customRoleArn']} in."


def _let_in(ecr: Any, role: str) -> None:
    for repository in ecr.describe_repositories()["repositories"]:
        name = repository["repositoryName"]
        if IMAGE not in name:
            continue
        try:
            statements = json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])["Statement"]
        except ClientError:
            statements = []
        for statement in upstream_repository_policy(role):
            statements.append(statement.document() | {"Sid": f"Role{len(statements)}"})
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        ecr.set_repository_policy(repositoryName=name, policyText=text)


def _region(host: str) -> str:
    return host.split(".")[3]
