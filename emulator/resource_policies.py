"""Which policies can grant an action of ECR: the registry's, the repository's, or only the principal's own.

"Guide" is the Amazon ECR User Guide. Source: pull-through-cache-iam.html and registry-permissions.html.
"""

import json

from moto.ecr.models import ecr_backends

from emulator.outcomes import Kind
from emulator.policies import Policy
from emulator.registry import registries

# A grant for CreateRepository in a repository policy has no effect: there is no repository yet.
GRANTED_BY: dict[str, tuple[Kind, ...]] = {
    "ecr:GetAuthorizationToken": (),
    "ecr:TagResource": (),
    "ecr:CreateRepository": ("registry",),
    "ecr:BatchImportUpstreamImage": ("registry", "repository"),
}


def granting_kinds(action: str, account: str, region: str) -> tuple[Kind, ...]:
    """The kinds of resource-based policies that count for the action. Under scope V2 a registry policy grants all."""
    v2 = registries[account][region].account_settings["REGISTRY_POLICY_SCOPE"] == "V2"
    return GRANTED_BY.get(action, ("registry", "repository") if v2 else ("repository",))


def resource_policies(action: str, account: str, region: str, repository: str) -> list[Policy]:
    """The policies of the registry and the repository that count for the action."""
    backend = ecr_backends[account][region]
    policies = []
    if backend.registry_policy:
        policies.append(Policy("registry", account, json.loads(backend.registry_policy)))
    found = backend.repositories.get(repository)
    if found and found.policy:
        policies.append(Policy("repository", repository, json.loads(found.policy)))
    kinds = granting_kinds(action, account, region)
    return [policy for policy in policies if policy.kind in kinds]
