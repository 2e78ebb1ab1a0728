"""Conflicts between the upstreams of a registry, and between an upstream and its registry. "Guide" is the ECR User Guide."""

from collections.abc import Collection, Mapping, Sequence

from pull_through_cache.aws.arns import arn_account, arn_region
from pull_through_cache.aws.policies import FIRST_PULL_SIDS
from pull_through_cache.aws.prefixes import ROOT
from pull_through_cache.aws.quotas import MAX_RULES
from pull_through_cache.deployment.access import PullAccess, RegistryPolicy
from pull_through_cache.deployment.addresses import managed, variables
from pull_through_cache.deployment.model import Problems
from pull_through_cache.deployment.repositories import KmsKeyVariable, RepositorySettings
from pull_through_cache.deployment.statements import ambiguous_sids
from pull_through_cache.deployment.upstream import Upstream, prefix_of, sid_ending
from pull_through_cache.deployment.values.regions import in_region, values_of
from pull_through_cache.files.problems import Place


def conflicts_between(upstreams: Mapping[str, Upstream]) -> Problems:
    """Upstreams that share a prefix, a secret, a name in Terraform, or a former key."""
    if len(upstreams) > MAX_RULES:
        yield (), f"has {len(upstreams)} entries; ECR accepts {MAX_RULES} rules in a Region: delete some"
    taken: dict[tuple[str, str], str] = {}
    for key, upstream in upstreams.items():
        prefix = prefix_of(key, upstream).removesuffix("/")
        other = taken.setdefault(("prefix", prefix), key)
        if other != key:
            place = (key, "prefix") if upstream.prefix else (key,)
            yield place, f"prefix {prefix!r} is already used by upstream {other!r}; write another `prefix`"
        secret = upstream.credentials and upstream.credentials.name
        other = taken.setdefault(("secret", secret), key) if secret else key
        if other != key:
            yield (
                (key, "credentials", "name"),
                f"secret {secret!r} is already used by upstream {other!r}; write another name",
            )
        sid = sid_ending(key)
        if upstream.pull_access is not None and taken.setdefault(("sid", sid), key) != key:
            message = f"its statements in the registry policy would have the sids of those of {taken['sid', sid]!r}"
            yield (key,), f"{message}; write another key"
        names = (*managed(key, upstream), *variables(key, upstream))
        others = [taken.setdefault(("address", name), key) for name in names]
        for other in [other for other in others if other != key][:1]:
            yield (
                (key,),
                f"its resources would have the same names in Terraform as those of {other!r}; write another key",
            )
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
            yield place, f"{old!r} is still an upstream; write a key that no longer exists"
        elif former.setdefault(old, key) != key:
            yield place, f"{old!r} is already the former key of {former[old]!r}; write the former key of this upstream"
        elif user:
            yield (
                place,
                f"names in Terraform of {old!r} now belong to upstream {user!r}; write another key for {user!r}",
            )


def conflicts_of_policy(policy: RegistryPolicy, upstreams: Mapping[str, Upstream], default: PullAccess) -> Problems:
    """Conflicts of the registry policy with those who may pull. `default` is the registry's `pull_access`."""
    own = {key: each.pull_access for key, each in upstreams.items() if each.pull_access is not None}
    sids = [f"{sid}{sid_ending(key)}" for key in own for sid in FIRST_PULL_SIDS]
    taken = ambiguous_sids(policy.extra_statements, sids)
    yield from ((("extra_statements", *place), message) for place, message in taken)
    accesses = [*own.values(), *([default] if len(own) < len(upstreams) else [])]
    if policy.extra_statements or not all(each.is_empty for each in accesses):
        return
    if policy.mode == "external":
        yield (), "has no statements to output because `pull_access` is empty; add to `pull_access`, or write `none`"
    elif policy.scope:
        yield (), "has a `scope` and no statements because `pull_access` is empty; delete `scope`"
    elif policy.adopt:
        yield (), "has `adopt` and no statements because `pull_access` is empty; delete `adopt`"


def conflicts_with_registry(
    key: str,
    upstream: Upstream,
    *,
    regions: Sequence[str],
    account_id: str | None,
    defaults: RepositorySettings,
    template_role: str,
    credential_variables: Collection[str],
) -> Problems:
    """Conflicts of an upstream with the registry.

    - `defaults`: the registry's settings of repositories.
    - `credential_variables`: the names of the Terraform variables of all upstreams.
    """
    settings = defaults.overridden_by(upstream.repositories)
    if upstream.owner and account_id:
        if upstream.owner == account_id and upstream.host.split(".")[3] in regions:
            key_of_host = "account_id" if upstream.registry else "url"
            yield (key_of_host,), f"{upstream.host} is this registry itself; write another account or another Region"
        if upstream.owner == account_id and upstream.role_arn:
            yield ("role_arn",), "is for a registry of another account; delete this key"
    yield from _roles(upstream.role_arn, regions, account_id)
    if (name := settings.encryption.variable) in credential_variables:
        own = "encryption" in upstream.repositories.model_fields_set
        at: Place = ("repositories", "encryption", "kms_key_arn", "variable") if own else ()
        yield at, f"variable {name!r} has credentials of an upstream; write another name"
    prefix = prefix_of(key, upstream)
    if prefix.endswith("/") and settings.makes_role and template_role == "module":
        # The repository-template module puts a second `/` behind the prefix in the role's policy.
        message = f"{prefix!r} ends in '/', which breaks the role for tags and KMS"
        yield ("prefix",), f"{message}; delete the '/', or write `template_role: shared` under `registry`"
    yield from _credentials(upstream, regions, account_id)
    if settings.existing == "managed" and prefix == ROOT:
        message = "also matches repositories that are no caches, which Terraform would manage"
        yield ("prefix",), f"{prefix!r} {message}; write `repositories: {{existing: unmanaged}}` for this upstream"
    for place, message in _repositories(upstream.repositories, settings, regions, account_id):
        yield ("repositories", *place), message


def _repositories(
    own: RepositorySettings, settings: RepositorySettings, regions: Sequence[str], account_id: str | None
) -> Problems:
    """Conflicts of the upstream's own settings of repositories. `settings` has the registry's too."""
    yield from settings_elsewhere(own, regions, account_id)
    # What the upstream does not set itself is reported at the registry's own settings.
    if own.model_fields_set & {
        "image_tag_mutability",
        "image_tag_mutability_exclusion_filters",
        "encryption",
        "role_arn",
        "statements_only",
        "read_access",
        "read_write_access",
        "lambda_read_access",
    }:
        yield from settings.contradictions()


def _credentials(upstream: Upstream, regions: Sequence[str], account_id: str | None) -> Problems:
    """A secret in another account or Region, or one for another account."""
    if upstream.credentials is None:
        return
    # Secrets Manager User Guide, auth-and-access_examples_cross.html: the key aws/secretsmanager is for one account.
    for index, arn in enumerate(upstream.credentials.read_access):
        if account_id and arn_account(arn) != account_id:
            message = f"{arn!r} is in another account, which cannot use the key aws/secretsmanager of the secret"
            yield ("credentials", "read_access", index), f"{message}; write a principal of account {account_id}"
    if upstream.credentials.replicate and len(regions) == 1:
        yield ("credentials", "replicate"), "needs several `regions`; delete this key"
    for key in ("secret_arn", "adopt"):
        arns, place = getattr(upstream.credentials, key), ("credentials", key)
        if not arns:
            continue
        # Guide: pull-through-cache-creating-secret.html, "same account and Region".
        yield from _in_other_regions(arns, regions, place, "secret")
        for arn in values_of(arns):
            if account_id and arn_account(arn) != account_id:
                yield place, f"{arn!r} is not in account {account_id}; write a secret of that account"


def settings_elsewhere(settings: RepositorySettings, regions: Sequence[str], account_id: str | None) -> Problems:
    """A key in another Region than the registry, or a role in another account."""
    key = settings.encryption.kms_key_arn
    if key and not isinstance(key, KmsKeyVariable):
        yield from _in_other_regions(key, regions, ("encryption", "kms_key_arn"), "key")
    # API, CreateRepositoryCreationTemplate: customRoleArn.
    yield from _roles(settings.role_arn, regions, account_id)


def _roles(arns: str | Mapping[str, str] | None, regions: Sequence[str], account_id: str | None) -> Problems:
    if arns:
        yield from _in_other_regions(arns, regions, ("role_arn",), "role")
    for arn in values_of(arns):
        if account_id and arn_account(arn) != account_id:
            yield ("role_arn",), f"{arn!r} is not in account {account_id}; write a role of that account"


def _in_other_regions(
    arns: str | Mapping[str, str] | None, regions: Sequence[str], place: Place, what: str
) -> Problems:
    for region in regions:
        arn = in_region(arns, region)
        if arn is None or arn_region(arn) not in (region, ""):  # the ARN of a role has none
            yield place, f"has no {what} in {region}; write an ARN for each Region"
    for region in arns if isinstance(arns, Mapping) and regions else ():
        if region not in regions:
            yield (*place, region), f"is not a Region of this registry; write one of {', '.join(regions)}"
