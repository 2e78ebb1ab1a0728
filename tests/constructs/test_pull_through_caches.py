import json
from typing import Any

from cdktf import TerraformOutput, TerraformStack, Testing

from pull_through_cache.constructs.pull_through_caches import PullThroughCache, PullThroughCaches
from tests.constructs.conftest import kinds

SOURCE = "terraform-aws-modules/ecr/aws//modules/repository-template"
QUAY = PullThroughCache(prefix="quay", description="Quay", upstream_registry_url="quay.io")
KUBERNETES = PullThroughCache(prefix="k8s", description="Kubernetes", upstream_registry_url="registry.k8s.io")


def block(stack: TerraformStack, **caches: PullThroughCache) -> Any:
    """The module block of these caches."""
    PullThroughCaches(stack, "caches", source=SOURCE, version="2.3.1", caches=caches, address="caches")
    return json.loads(Testing.synth(stack))["module"]["caches"]


def test_two_in_a_stack_are_separate(stack: TerraformStack) -> None:
    one = PullThroughCaches(stack, "one", source=SOURCE, version="2.3.1", caches={"quay": QUAY})
    two = PullThroughCaches(stack, "two", source=SOURCE, version="2.3.1", caches={"k8s": KUBERNETES})

    synthesized = Testing.synth(stack)
    assert kinds(synthesized) == {"module": 2}
    modules = json.loads(synthesized)["module"]
    assert [list(modules[each.module.friendly_unique_id]["for_each"]) for each in (one, two)] == [["quay"], ["k8s"]]


def test_for_each_identifies_the_caches(stack: TerraformStack) -> None:
    assert block(stack, quay=QUAY, k8s=KUBERNETES) == {
        "source": SOURCE,
        "version": "2.3.1",
        "for_each": {
            "k8s": {"prefix": "k8s", "description": "Kubernetes", "upstream_registry_url": "registry.k8s.io"},
            "quay": {"prefix": "quay", "description": "Quay", "upstream_registry_url": "quay.io"},
        },
        "prefix": "${each.value.prefix}",
        "description": "${each.value.description}",
        "upstream_registry_url": "${each.value.upstream_registry_url}",
        "credential_arn": "${try(each.value.credential_arn, null)}",
        "create_pull_through_cache_rule": True,
        "image_tag_mutability": "MUTABLE",
    }


def test_an_input_in_which_caches_differ_is_in_for_each(stack: TerraformStack) -> None:
    tagged = PullThroughCache(
        prefix="hub", description="Hub", upstream_registry_url="registry-1.docker.io", resource_tags={"team": "a"}
    )

    made = block(stack, quay=QUAY, hub=tagged)

    assert made["resource_tags"] == "${each.value.resource_tags}"
    assert {key: cache["resource_tags"] for key, cache in made["for_each"].items()} == {
        "hub": {"team": "a"},
        "quay": {},
    }


def test_an_input_that_a_cache_lacks_is_null_for_it(stack: TerraformStack) -> None:
    expiring = PullThroughCache(
        prefix="hub", description="Hub", upstream_registry_url="registry-1.docker.io", lifecycle_policy="{}"
    )

    made = block(stack, quay=QUAY, hub=expiring)

    assert made["lifecycle_policy"] == "${try(each.value.lifecycle_policy, null)}"
    assert "lifecycle_policy" not in made["for_each"]["quay"]


def test_an_input_that_all_caches_share_is_in_the_block(stack: TerraformStack) -> None:
    tags = {"team": "a"}
    one = PullThroughCache(prefix="a", description="A", upstream_registry_url="quay.io", resource_tags=tags)
    two = PullThroughCache(prefix="b", description="B", upstream_registry_url="cgr.dev", resource_tags=tags)

    made = block(stack, one=one, two=two)

    assert made["resource_tags"] == tags


def test_the_template_roles_are_known_by_key(stack: TerraformStack) -> None:
    caches = PullThroughCaches(stack, "c", source=SOURCE, version="2.3.1", caches={"quay": QUAY}, address="caches")
    TerraformOutput(stack, "roles", value=caches.role_arns)

    assert json.loads(Testing.synth(stack))["output"]["roles"]["value"] == (
        "${{ for key, cache in module.caches : key => cache.iam_role_arn }}"
    )
