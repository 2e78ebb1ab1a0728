"""The policies of repositories that exist already, which a creation template does not change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import Fn, MapTerraformIterator, TerraformIterator, TerraformLocal, Token
from cdktf_cdktf_provider_aws.data_aws_ecr_repositories import DataAwsEcrRepositories
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import DataAwsIamPolicyDocument
from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository_policy import EcrRepositoryPolicy
from constructs import Construct

from pull_through_cache.aws.prefixes import NamesUnder
from pull_through_cache.aws.statements import Statement
from pull_through_cache.constructs.pinned import pinned
from pull_through_cache.constructs.statements import blocks


@dataclass(frozen=True, kw_only=True)
class ManagedRepositories:
    """The repositories of one cache, and their policies.

    - `names`: the names of the repositories.
    - `statements`: of the repository policy. Without any, Terraform sets no policy and removes none.
    - `lifecycle_policy`: JSON. Default: Terraform sets none and removes none.
    """

    names: NamesUnder
    statements: Sequence[Statement]
    lifecycle_policy: str | None = None


class ExistingRepositories(Construct):
    """The repository policies and lifecycle policies of the repositories that the registry has at each plan.

    There is one resource for the repository policies and one for the lifecycle policies, with `for_each` over the names
    of the repositories. So a repository keeps its address when it gets the policy of another cache.

    Terraform overwrites policies that exist, and deletes the policies when the construct is removed.

    - `caches`: the repositories of each cache, by a key of your own. No repository may belong to two.
    - `address`: the name of the data source with the names and of the two resources. A cache's policy document and
      lifecycle policy (a local value) get `<address>_<key>`.

    Attributes: `repositories`, `documents` by key, `policies` and `lifecycle_policies`; these two are None if no cache
    has one.
    """

    def __init__(
        self, scope: Construct, id: str, *, caches: Mapping[str, ManagedRepositories], address: str | None = None
    ) -> None:
        super().__init__(scope, id)
        self._caches, self._address = caches, address
        self.repositories = pinned(DataAwsEcrRepositories(self, "repositories"), address)
        self.documents = {
            key: pinned(
                DataAwsIamPolicyDocument(self, f"document-{key}", statement=blocks(cache.statements)),
                self._address_of(key),
            )
            for key, cache in caches.items()
            if cache.statements
        }
        self.policies = self._policies()
        self.lifecycle_policies = self._lifecycle_policies()

    def _policies(self) -> EcrRepositoryPolicy | None:
        if not self.documents:
            return None
        documents = {key: each.friendly_unique_id for key, each in self.documents.items()}
        each = self._each({key: f"data.aws_iam_policy_document.{name}.json" for key, name in documents.items()})
        return pinned(
            EcrRepositoryPolicy(self, "policies", for_each=each, repository=each.key, policy=_value(each)),
            self._address,
        )

    def _lifecycle_policies(self) -> EcrLifecyclePolicy | None:
        texts = {
            key: pinned(TerraformLocal(self, f"lifecycle-{key}", cache.lifecycle_policy), self._address_of(key))
            for key, cache in self._caches.items()
            if cache.lifecycle_policy
        }
        if not texts:
            return None
        each = self._each({key: f"local.{text.friendly_unique_id}" for key, text in texts.items()})
        return pinned(
            EcrLifecyclePolicy(self, "lifecycles", for_each=each, repository=each.key, policy=_value(each)),
            self._address,
        )

    def _address_of(self, key: str) -> str | None:
        return f"{self._address}_{key}" if self._address else None

    def _each(self, values: Mapping[str, str]) -> MapTerraformIterator:
        """The names of the repositories of these caches, each with the value of its cache: an expression."""
        names = f"data.aws_ecr_repositories.{self.repositories.friendly_unique_id}.names"
        # cdktf's functions have no `if` in a `for` expression.
        parts = [
            f"{{ for name in {names} : name => {value} if {_condition(self._caches[key].names)} }}"
            for key, value in values.items()
        ]
        return TerraformIterator.from_map(Token.as_string_map(Fn.merge([Token.as_any(part) for part in parts])))


def _condition(names: NamesUnder) -> str:
    """The condition in Terraform's language that a `name` is one of these."""
    others = [f' && !startswith(name, "{prefix}")' for prefix in names.except_under]
    return "".join([f'startswith(name, "{names.prefix}")', *others])


def _value(each: MapTerraformIterator) -> str:
    return Token.as_string(each.value)
