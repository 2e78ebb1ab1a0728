import json

from caches import CachesStack

# isort: split
import pytest
from cdktf import Testing
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment


@pytest.fixture(scope="module")
def synthesized() -> str:
    return Testing.synth(CachesStack(Testing.app(), "caches"))


def test_there_is_a_policy(synthesized: str) -> None:
    assert Testing.to_have_resource(synthesized, IamPolicy.TF_RESOURCE_TYPE)


def test_the_nodes_have_the_policy(synthesized: str) -> None:
    kind = IamRolePolicyAttachment.TF_RESOURCE_TYPE

    assert Testing.to_have_resource_with_properties(synthesized, kind, {"role": "eks-nodes"})


def test_quay_is_cached(synthesized: str) -> None:
    [module] = json.loads(synthesized)["module"].values()  # the matchers know no modules

    assert module["for_each"]["quay"]["upstream_registry_url"] == "quay.io"
