"""The accounts that a deployment file names, as the emulator's organization."""

import re
from itertools import pairwise

from emulator.organization import MANAGEMENT, ORGANIZATION_ID, ROOT_ID, SHARED_SERVICES, STRANGER, Account, Organization
from pull_through_cache.aws.arns import role_name
from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.sharing import access_to

IMAGE, TAG = "team/image", "1"


def registry_account(deployment: Deployment) -> Account:
    return Account(deployment.registry.known_account_id or SHARED_SERVICES.id, "shared-services", None)


def organization_of(deployment: Deployment) -> Organization:
    """One organization, with the units of the file. Every account is in the first of them, or in the root."""
    registry = deployment.registry
    accesses = [access_to(registry, key) for key in registry.upstreams]
    units = dict.fromkeys(path for access in accesses for path in access.organizational_units)
    paths = [path.removesuffix("*").strip("/").split("/") for path in units]
    organization = next((each.organization for each in accesses if each.organization not in {None, "caller"}), None)
    identifier = organization or (paths[0][0] if paths else ORGANIZATION_ID)
    paths = [path for path in paths if path[0] == identifier]
    root = paths[0][1] if paths and len(paths[0]) > 1 else ROOT_ID
    parents = {unit: parent for path in paths for parent, unit in pairwise(path[1:])}
    home = paths[0][-1] if paths and len(paths[0]) > 1 else root
    names = {registry_account(deployment).id: "shared-services"}
    names |= {each.account_id: name for name, each in deployment.workloads.items() if each.account_id not in names}
    owners = {each.owner: f"upstream-{key}" for key, each in deployment.registry.upstreams.items() if each.owner}
    names = owners | names
    members = tuple(Account(account, name, home) for account, name in names.items() if account != MANAGEMENT.id)
    strangers = (STRANGER,) if STRANGER.id not in names else ()
    return Organization(identifier, root, MANAGEMENT, parents, members, strangers)


def node_roles(deployment: Deployment) -> list[tuple[Account, str, str]]:
    """The account, the role's ARN and the workload's name of every node role."""
    registry = registry_account(deployment)
    roles = [(registry, role, registry.name) for role in deployment.registry.node_roles]
    for name, workload in deployment.workloads.items():
        roles += [(Account(workload.account_id, name), role, name) for role in workload.node_roles]
    # One entry may have a role's name, and another its ARN, which has the path.
    arns = {(account.id, role_name(role)): role for account, role, _ in roles if role.startswith("arn:")}
    found = [(account, arns.get((account.id, role_name(role)), role), name) for account, role, name in roles]
    return [(account, _arn(account, role), name) for account, role, name in found]


def pullers(deployment: Deployment) -> list[tuple[Account, str, str]]:
    """The node roles, or if the file has none, a role of the demo's own in the registry's account."""
    registry = registry_account(deployment)
    return node_roles(deployment) or [(registry, _arn(registry, "demo"), registry.name)]


def image_of(account: Account, role: str) -> str:
    """The repository that a role pulls from. Each has its own: the first pull is what needs most."""
    name = re.sub("[^a-z0-9]+", "-", role.rpartition("/")[2].lower()).strip("-")
    return f"{account.id}-{name}/{IMAGE}"


def _arn(account: Account, role: str) -> str:
    return role if role.startswith("arn:") else f"arn:aws:iam::{account.id}:role/{role_name(role)}"
