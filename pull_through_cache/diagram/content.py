"""What a deployment's diagram shows: accounts, Regions, upstreams, caches, and who may pull by which policy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pull_through_cache.aws.arns import role_name
from pull_through_cache.aws.registries import Authentication
from pull_through_cache.deployment import Deployment
from pull_through_cache.deployment.access import PullAccess
from pull_through_cache.deployment.registry import Registry
from pull_through_cache.deployment.sharing import access_to, is_shared
from pull_through_cache.deployment.workload import Workload


@dataclass(frozen=True, eq=False)
class Box:
    """A title and the lines below it. Two boxes with the same text are still two boxes."""

    title: str
    lines: Sequence[str]


class Group(NamedTuple):
    """Boxes in one frame."""

    title: str
    boxes: list[Box]


class Arrow(NamedTuple):
    """Images go from the box `start` to the box `end`, or to one `line` of it."""

    start: Box
    end: Box
    line: str = ""


class Diagram(NamedTuple):
    """Groups in columns from left to right, and arrows."""

    columns: list[list[Group]]
    arrows: list[Arrow]


def diagram(deployment: Deployment) -> Diagram:
    """The diagram of a deployment: upstream registries, the registry, and the accounts whose nodes pull."""
    registry = deployment.registry
    account_id = registry.known_account_id
    account = f"account {account_id}" if account_id else "the caller's account"
    caches = {key: _cached(registry, key) for key in registry.upstreams}
    upstreams = {key: Box(up.kind.title, _upstream(registry, key)) for key, up in registry.upstreams.items()}
    regions = {region: Box(region, list(caches.values())) for region in registry.regions}
    arrows = [Arrow(box, region, caches[key]) for key, box in upstreams.items() for region in regions.values()]
    accounts: dict[str, Group] = {}
    if registry.node_roles:
        nodes = Box("its own nodes", _nodes(registry, registry.node_roles))
        accounts[account_id or ""] = Group(" ".join(["The registry's account", *filter(None, [account_id])]), [nodes])
        arrows += [Arrow(region, nodes) for region in regions.values()]
    for name, workload in deployment.workloads.items():
        region = workload.region or registry.regions[0]
        several = [f"from {region}"] if len(regions) > 1 else []
        box = Box(name, [*_nodes(workload, workload.node_roles), *several])
        group = accounts.setdefault(workload.account_id, Group(f"Account {workload.account_id}", []))
        group.boxes.append(box)
        arrows.append(Arrow(regions[region], box))
    columns = [
        [Group("Upstream registries", list(upstreams.values()))],
        [
            Group(
                f"ECR registry, {account}",
                [*regions.values(), Box("Other accounts", list(_access(registry)))],
            )
        ],
    ]
    return Diagram([*columns, *([list(accounts.values())] if accounts else [])], arrows)


def _cached(registry: Registry, key: str) -> str:
    prefix = registry.prefix(key).rstrip("/")
    return "every other repository" if prefix == "ROOT" else f"{prefix}/*"


def _upstream(registry: Registry, key: str) -> list[str]:
    upstream = registry.upstreams[key]
    host = upstream.host + (f"/{upstream.upstream_prefix.rstrip('/')}/*" if upstream.upstream_prefix else "")
    authentication = upstream.kind.authentication
    if authentication is Authentication.SECRET:
        return [host, "with a secret"]
    elsewhere = upstream.owner is not None and upstream.owner != registry.account_id
    return [host, "with a role"] if elsewhere else [host]


def _nodes(access: Registry | Workload, roles: Sequence[str]) -> list[str]:
    names = ", ".join(map(role_name, roles))
    return [f"node role{'s' if len(roles) > 1 else ''} {names}", f"by {access.policy_name}"]


def _access(registry: Registry) -> Iterator[str]:
    """Which other accounts may pull, and by which policies."""
    if not is_shared(registry):
        yield "no other account may pull"
        return
    own = [key for key, upstream in registry.upstreams.items() if upstream.pull_access is not None]
    if len(own) < len(registry.upstreams):
        yield from _principals(registry.pull_access)
    for key in own:
        yield f"{_cached(registry, key)}: {', '.join(_principals(access_to(registry, key)))}"
    yield "later pulls: by the repositories' policy"
    yield {
        "managed": "first pulls: by the registry policy",
        "external": "first pulls: by the registry policy, which another team manages",
        "none": "first pulls fail: no registry policy",
    }[registry.registry_policy.mode]


def _principals(access: PullAccess) -> Iterator[str]:
    if access.is_empty:
        yield "no other account"
    if access.organization:
        caller = access.organization == "caller"
        yield "the organization of this account" if caller else f"the organization {access.organization}"
    yield from (f"unit {path}" for path in access.organizational_units)
    yield from (f"account {account_id}" for account_id in access.accounts)
