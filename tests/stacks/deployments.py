"""Deployments for the properties: valid ones with every key."""

import json
from typing import Any

from hypothesis import strategies as st

from pull_through_cache.files.literal import why_not_literal

ACCOUNTS = ("123456789012", "210987654321", "012345678901")
REGISTRY_ACCOUNT, *_ = ACCOUNTS
REGIONS = ("eu-central-1", "us-east-1", "ap-southeast-3")
PUBLIC = ("ecr-public", "k8s", "quay")
WITH_SECRET = ("docker-hub", "github-container-registry", "gitlab-container-registry", "chainguard")
HOSTS = {"quay": "quay.io", "docker-hub": "registry-1.docker.io", "chainguard": "cgr.dev"}

Data = dict[str, Any]


def maybe(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """Some of these keys."""
    return st.fixed_dictionaries({}, optional=values)


def some(*values: Any, least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, unique_by=json.dumps)


texts = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=20).filter(
    lambda text: why_not_literal(text) is None
)
names = st.from_regex(r"[a-z][a-z0-9]{1,6}([-_][a-z0-9]{1,4})?", fullmatch=True)
prefixes = st.from_regex(r"[a-z0-9]{2,8}([-_./][a-z0-9]{1,4}){0,3}", fullmatch=True)
tags = st.dictionaries(st.sampled_from(["team", "cost centre", "a/b:c"]), st.sampled_from(["", "platform", "x=1"]))
role = f"arn:aws:iam::{REGISTRY_ACCOUNT}:role"
principals = some(*(f"arn:aws:iam::{account}:{who}" for account in ACCOUNTS for who in ("root", "role/a/reader")))
counts = st.integers(1, 2**31 - 1)

conditions = st.fixed_dictionaries(
    {
        "test": st.sampled_from(["StringEquals", "StringLike", "ForAnyValue:StringLike"]),
        "variable": st.sampled_from(["aws:PrincipalOrgID", "aws:PrincipalArn", "aws:SourceVpce"]),
        "values": st.lists(texts, min_size=1, max_size=3),
    }
)
# A principal of every account needs one of these.
identifying = st.sampled_from(
    [
        {"test": test, "variable": variable, "values": values}
        for test, variable, values in (
            ("StringEqualsIgnoreCase", "aws:PrincipalOrgID", ["o-a1b2c3d4e5"]),
            ("StringLike", "aws:principalaccount", list(ACCOUNTS)),
            ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", ["o-a1b2c3d4e5/r-ab12/"]),
            ("ArnLike", "aws:PrincipalArn", [f"arn:aws:iam::{REGISTRY_ACCOUNT}:role/*"]),
            ("ArnEquals", "aws:SourceArn", [f"arn:aws:lambda:us-east-1:{REGISTRY_ACCOUNT}:function:f"]),
        )
    ]
)


@st.composite
def statements(draw: st.DrawFn, *, resources: bool, actions: list[str]) -> list[Data]:
    drawn = []
    for sid in draw(some("Audit", "Replication", "Scanner1")):
        effect, is_open = draw(st.sampled_from(["Allow", "Deny"])), draw(st.booleans())
        everyone = [{"AWS": ["*"]}, {"Service": ["lambda.amazonaws.com"]}]
        named = [{"AWS": ["123456789012"]}, {"AWS": [f"{role}/x", "123456789012"]}]
        binding = [draw(identifying)] if is_open and effect == "Allow" else []
        drawn.append(
            {
                "sid": sid,
                "effect": effect,
                "actions": draw(some(*actions, least=1)),
                "principals": draw(st.sampled_from(everyone if is_open else named)),
                "conditions": binding
                + draw(st.lists(conditions, max_size=2, unique_by=lambda each: (each["test"], each["variable"]))),
                **({"resources": ["*", f"arn:aws:ecr:*:{REGISTRY_ACCOUNT}:repository/*"]} if resources else {}),
            }
        )
    return drawn


def arns(regions: list[str], form: str) -> st.SearchStrategy[Any]:
    """An ARN for each Region, or the only one."""
    of_each = {region: form.format(region) for region in regions}
    return st.sampled_from([of_each, *(of_each.values() if len(of_each) == 1 else ())])


KEY_VARIABLES = st.sampled_from(["images_key", "key2"]).map(lambda name: {"variable": name})


@st.composite
def repositories(draw: st.DrawFn, regions: list[str]) -> Data:
    kms_key_arn = arns(regions, f"arn:aws:kms:{{}}:{REGISTRY_ACCOUNT}:key/0a1b-2c") | KEY_VARIABLES
    keep = maybe(keep_last=counts, expire_untagged_after_days=counts)
    rule = '{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}'
    policy = f'{{"rules": [{rule}, "action": {{"type": "expire"}}}}]}}'
    return draw(
        maybe(
            existing=st.sampled_from(["unmanaged", "managed"]),
            image_tag_mutability=st.sampled_from(["MUTABLE", "IMMUTABLE"]),
            encryption=st.just({"type": "AES256"})
            | st.fixed_dictionaries({"type": st.just("KMS"), "kms_key_arn": kms_key_arn}),
            tags=tags,
            lifecycle=keep
            | maybe(expire_after_days=counts)
            | maybe(archive_after_days_unpulled=counts)
            | st.just({"policy": policy}),
            read_access=principals,
            read_write_access=principals,
            lambda_read_access=some(f"arn:aws:lambda:*:{REGISTRY_ACCOUNT}:function:*"),
            statements_only=st.just(False),
            statements=statements(resources=False, actions=["ecr:DescribeImages", "ecr:BatchGetImage", "ecr:*"]),
            applied_for=some("REPLICATION", "CREATE_ON_PUSH").map(lambda more: ["PULL_THROUGH_CACHE", *more]),
            description=texts,
            role_arn=st.just(f"{role}/templates")
            | st.just({region: f"{role}/templates-{region}" for region in regions}),
        )
    )


@st.composite
def credentials(draw: st.DrawFn, key: str, regions: list[str]) -> Data:
    store = draw(st.sampled_from(["module", "write_only", "existing"]))
    if store == "existing":
        form = f"arn:aws:secretsmanager:{{}}:{REGISTRY_ACCOUNT}:secret:ecr-pullthroughcache/{key}-AbCdEf"
        return {"store": store, "secret_arn": draw(arns(regions, form))}
    made = draw(
        maybe(
            name=st.just(f"ecr-pullthroughcache/{key}"),
            description=texts,
            recovery_window_in_days=st.just(0) | st.integers(7, 30),
            read_access=some(f"arn:aws:iam::{REGISTRY_ACCOUNT}:root", f"{role}/a/reader"),
        )
    )
    if "name" in made and len(regions) > 1:
        made |= draw(maybe(replicate=st.booleans()))
    return {"store": store, **made, **(draw(maybe(version=counts)) if store == "write_only" else {})}


UNIT = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
accesses = maybe(
    organization=st.sampled_from(["caller", "o-a1b2c3d4e5"]),
    organizational_units=some(UNIT, f"{UNIT}*"),
    accounts=some(*ACCOUNTS),
)


def access_to(registry: Data, key: str) -> Data:
    """Who may pull what an upstream caches."""
    access: Data = registry["upstreams"][key].get("pull_access", registry["pull_access"])
    return access


def may_pull(registry: Data, account: str) -> list[str]:
    """The keys of the upstreams whose caches an account may use."""
    return [
        key
        for key in registry["upstreams"]
        if account in (REGISTRY_ACCOUNT, *access_to(registry, key).get("accounts", ()))
        or access_to(registry, key).get("organization")
        or access_to(registry, key).get("organizational_units")
    ]


@st.composite
def upstreams(draw: st.DrawFn, key: str, regions: list[str]) -> Data:
    kind = draw(st.sampled_from([*PUBLIC, *WITH_SECRET, "azure-container-registry", "ecr"]))
    upstream: Data = {"url": HOSTS[kind]} if kind in HOSTS and draw(st.booleans()) else {"registry": kind}
    if kind == "azure-container-registry":
        upstream["name"] = "contoso"
    if kind == "ecr":
        upstream |= {"account_id": draw(st.sampled_from(ACCOUNTS[1:])), "region": draw(st.sampled_from(REGIONS))}
        upstream |= draw(
            maybe(role_arn=st.just(f"{role}/pull") | st.just({each: f"{role}/{each}" for each in regions}))
        )
    if kind in (*WITH_SECRET, "azure-container-registry"):
        upstream["credentials"] = draw(credentials(key, regions))
    if kind in ("chainguard", "ecr"):
        upstream |= draw(maybe(upstream_prefix=prefixes | st.just("ROOT")))
    taken_over = maybe(adopt=st.booleans() | st.sampled_from([["rule"], ["template"]])) | st.just(
        {"renamed_from": f"old-{key}"}
    )
    own = maybe(pull_access=accesses)
    return {**upstream, "repositories": draw(repositories(regions)), **draw(own), **draw(taken_over)}


registry_policies = st.sampled_from(["managed", "none"]) | st.fixed_dictionaries(
    {
        "mode": st.just("managed"),
        "scope": st.just("V2"),
        "extra_statements": statements(resources=True, actions=["ecr:ReplicateImage", "ecr:BatchGetImage"]).filter(
            bool
        ),
    },
    optional={"adopt": st.booleans()},
)
of_shared_registries = st.just("external") | st.just({"mode": "managed", "adopt": True})
frequencies = st.sampled_from(["SCAN_ON_PUSH", "CONTINUOUS_SCAN"])
scanning_rule = st.fixed_dictionaries(
    {"frequency": frequencies, "repositories": some("apps/*", "team", "*-prod", least=1)}
)
basic = st.fixed_dictionaries({"type": st.just("BASIC")}, optional={"adopt": st.booleans()})
enhanced = st.fixed_dictionaries(
    {"type": st.just("ENHANCED")},
    optional={"frequency": frequencies, "extra_rules": st.lists(scanning_rule, max_size=1)},
)


@st.composite
def registries(draw: st.DrawFn) -> Data:
    regions = draw(some(*REGIONS, least=1))
    keys = draw(st.lists(names, min_size=1, max_size=3, unique_by=lambda name: name.replace("_", "").replace("-", "")))
    registry = {
        "account_id": REGISTRY_ACCOUNT,
        "regions": regions,
        "upstreams": {key: draw(upstreams(key, regions)) for key in keys},
        "pull_access": draw(accesses),
    }
    shared = any(any(access_to(registry, key).values()) for key in keys)
    return {
        **registry,
        "registry_policy": draw(registry_policies | of_shared_registries if shared else registry_policies),
        **draw(
            maybe(
                repositories=repositories(regions),
                template_role=st.sampled_from(["module", "shared"]),
                repository_policy=st.sampled_from(["pull", "post"]),
                scanning=basic | enhanced,
                node_roles=some("eks-nodes", f"{role}/eks/more", "karpenter", least=1),
                attach=st.booleans(),
                policy_name=st.just("registry-pull"),
                policy_path=st.just("/platform/"),
                role_path=st.just("/platform/"),
                permissions_boundary=st.just(f"arn:aws:iam::{REGISTRY_ACCOUNT}:policy/boundary"),
                outputs=st.just(True),
            )
        ),
    }


@st.composite
def deployments(draw: st.DrawFn) -> Data:
    """The content of an accepted deployment file, chosen by strategies."""
    registry = draw(registries())
    accounts = [account for account in ACCOUNTS if may_pull(registry, account)]
    workloads = {}
    for name in draw(st.lists(st.from_regex("[a-z]{1,5}(-[0-9])?", fullmatch=True), max_size=3, unique=True)):
        if accounts:
            account = draw(st.sampled_from(accounts))
            workloads[name] = {
                "account_id": account,
                "node_roles": draw(some("nodes", f"arn:aws:iam::{account}:role/eks/other", least=1)),
                "policy_name": f"pull-{name}",
                **draw(
                    maybe(
                        region=st.sampled_from(registry["regions"]),
                        assume_role_arn=st.just(f"arn:aws:iam::{account}:role/terraform"),
                        profile=texts,
                        policy_path=st.just("/a/b/"),
                        attach=st.booleans(),
                        caches=some(*may_pull(registry, account)),
                    )
                ),
            }
    backends = [
        {"s3": {"bucket": "states", "region": "eu-central-1"}},
        {"http": {"address": "https://states.example/{stack}"}},
        {"cloud": {"organization": "example"}},
        {"local": {"path": "../{stack}.tfstate"}},
        {"gcs": {"bucket": "b", "prefix": "{stack}", "more": [1, None, {"deep": True}]}},
    ]
    terraform = maybe(
        required_version=st.sampled_from([">= 1.5", "~> 1.11", "1.11.4"]),
        required_providers=st.just({"aws": "~> 6.0"}),
        backend=st.sampled_from(backends),
        default_tags=tags,
    )
    silenced = some("first-pull", "immutable-tags", "shadowed-prefix", "archived-images")
    more = draw(maybe(terraform=terraform, strict=st.just(False), silence=silenced))
    return {"registry": registry, **({"workloads": workloads} if workloads else {}), **more}
