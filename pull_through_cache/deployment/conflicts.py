"""What the upstreams of one registry may not say together, nor beside what the registry says."""

from collections.abc import Iterator, Mapping, Sequence

from pull_through_cache.aws.arns import arn_account, arn_region
from pull_through_cache.aws.quotas import MAX_RULES
from pull_through_cache.deployment.addresses import managed, variables
from pull_through_cache.deployment.repositories import RepositorySettings
from pull_through_cache.deployment.upstream import Upstream, prefix_of
from pull_through_cache.deployment.values import in_region
from pull_through_cache.files.problems import Place

Problems = Iterator[tuple[Place, str]]


def apart(upstreams: Mapping[str, Upstream]) -> Problems:
    """Upstreams must not meet: in a prefix, a secret, a name that Terraform knows them by, nor a former key."""
    if len(upstreams) > MAX_RULES:
        yield (), f"are {len(upstreams)}; ECR takes {MAX_RULES} rules in a Region, so take some out"
    taken: dict[tuple[str, str], str] = {}
    for key, upstream in upstreams.items():
        prefix = prefix_of(key, upstream).removesuffix("/")
        other = taken.setdefault(("prefix", prefix), key)
        if other != key:
            place = (key, "prefix") if upstream.prefix else (key,)
            yield place, f"the prefix {prefix!r} is that of {other} already; write another `prefix`"
        secret = upstream.credentials and upstream.credentials.name
        other = taken.setdefault(("secret", secret), key) if secret else key
        if other != key:
            yield (key, "credentials", "name"), f"{secret!r} is the secret of {other} already; write another name"
        names = (*managed(key, upstream), *variables(key, upstream))
        others = [taken.setdefault(("address", name), key) for name in names]
        for other in [other for other in others if other != key][:1]:
            yield (key,), f"the names that Terraform gives to it would be those of {other}; write another key"
    yield from _renamed(upstreams, taken)


def _renamed(upstreams: Mapping[str, Upstream], taken: Mapping[tuple[str, str], str]) -> Problems:
    former: dict[str, str] = {}
    for key, upstream in upstreams.items():
        old = upstream.renamed_from
        if old is None:
            continue
        place = (key, "renamed_from")
        users = (taken.get(("address", address), key) for address in managed(old, upstream))
        user = next((user for user in users if user != key), None)
        if old in upstreams:
            yield place, f"{old} is an upstream still; write the key that is gone"
        elif former.setdefault(old, key) != key:
            yield place, f"{old} became {former[old]} already; write the key that this one had"
        elif user:
            yield place, f"what Terraform knew as {old} is now {user}'s; write another key for {user}"


def in_this_registry(
    key: str, upstream: Upstream, *, regions: Sequence[str], account_id: str | None, defaults: RepositorySettings
) -> Problems:
    """An upstream must fit its registry: `defaults` are the registry's settings of repositories."""
    settings = defaults.overridden_by(upstream.repositories)
    if upstream.owner and account_id:
        if upstream.owner == account_id and upstream.host.split(".")[3] in regions:
            named = "account_id" if upstream.registry else "url"
            yield (named,), f"{upstream.host} is the registry itself; write another account's, or another Region's"
        if upstream.owner == account_id and upstream.role_arn:
            yield ("role_arn",), "is for another account's registry; take it out"
    if upstream.role_arn and account_id and arn_account(upstream.role_arn) != account_id:
        yield ("role_arn",), f"{upstream.role_arn!r} is not in account_id {account_id}; write a role of that account"
    prefix = prefix_of(key, upstream)
    if prefix.endswith("/") and settings.needs_role and not settings.role_arn:
        # The repository-template module puts a second `/` behind the prefix in the role's policy.
        yield ("prefix",), f"{prefix!r} ends in '/', with which the role for tags and KMS fails; write it without"
    yield from _secrets_elsewhere(upstream, regions, account_id)
    own = upstream.repositories
    found = list(settings_elsewhere(own, regions, account_id))
    if own.model_fields_set & {"image_tag_mutability", "image_tag_mutability_exclusion_filters"}:
        found += settings.contradictions()
    yield from ((("repositories", *place), message) for place, message in found)


def _secrets_elsewhere(upstream: Upstream, regions: Sequence[str], account_id: str | None) -> Problems:
    # Guide: pull-through-cache-creating-secret.html, "same account and Region".
    if upstream.credentials is None or upstream.credentials.store != "existing":
        return
    arns, place = upstream.credentials.secret_arn, ("credentials", "secret_arn")
    yield from _in_other_regions(arns, regions, place, "secret")
    for arn in [arns] if isinstance(arns, str) else (arns or {}).values():
        if account_id and arn_account(arn) != account_id:
            yield place, f"{arn!r} is not in account_id {account_id}; write a secret of that account"


def settings_elsewhere(settings: RepositorySettings, regions: Sequence[str], account_id: str | None) -> Problems:
    """A key is in the registry's Region, and a role in its account."""
    if settings.encryption.type == "KMS":
        yield from _in_other_regions(settings.encryption.kms_key_arn, regions, ("encryption", "kms_key_arn"), "key")
    # API, CreateRepositoryCreationTemplate: customRoleArn.
    if settings.role_arn and account_id and arn_account(settings.role_arn) != account_id:
        yield ("role_arn",), f"{settings.role_arn!r} is not in account_id {account_id}; write a role of that account"


def _in_other_regions(
    arns: str | Mapping[str, str] | None, regions: Sequence[str], place: Place, what: str
) -> Problems:
    for region in regions:
        arn = in_region(arns, region)
        if arn is None or arn_region(arn) != region:
            yield place, f"has no {what} of {region}; write an ARN for each Region"
    for region in arns if isinstance(arns, Mapping) and regions else ():
        if region not in regions:
            yield (*place, region), f"is not a Region of the registry; write one of {', '.join(regions)}"
