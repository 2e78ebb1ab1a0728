"""The requests that the admission policies apply to, and that Kubernetes accepts the policies."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from pull_through_cache.cluster.guard import Action
from tests.images.conftest import HOST, Run

MUTATING, VALIDATING = "1.36", "1.30"
"""The first versions of Kubernetes that have the policies without a feature gate."""
POLICIES = ("admission", "kyverno", "guard")
KYVERNO = json.loads(Path(__file__).with_name("kyverno.json").read_text())


def printed(run: Run, *arguments: str) -> list[dict[str, Any]]:
    result = run("cluster", *arguments)
    assert result.exit_code == 0, result.stderr
    return list(yaml.safe_load_all(result.stdout))


def namespaces(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The selector of namespaces: in the binding, or in the policy if there is no binding."""
    spec = documents[-1]["spec"]
    selector = spec.get("matchResources", spec.get("matchConstraints"))["namespaceSelector"]
    return list(selector["matchExpressions"])


@pytest.mark.parametrize("output", POLICIES)
@pytest.mark.parametrize("options", [[], ["--fail", "--namespaces", "example.com/team=shop"]], ids=["usual", "options"])
def test_kubernetes_takes_it(run: Run, output: str, options: list[str]) -> None:
    documents = printed(run, output, *options)

    for document in documents:
        if output == "kyverno":
            assert (document["apiVersion"], document["kind"]) == ("policies.kyverno.io/v1", "MutatingPolicy")
            jsonschema.validate(document["spec"], KYVERNO)
            kubernetes_validate.validate(as_of_kubernetes(document), MUTATING, strict=True)
        else:
            kubernetes_validate.validate(document, VALIDATING if output == "guard" else MUTATING, strict=True)


def as_of_kubernetes(policy: dict[str, Any]) -> dict[str, Any]:
    """Kyverno's policy without what only Kyverno has."""
    spec = {key: value for key, value in policy["spec"].items() if key not in ("autogen", "evaluation")}
    return {**policy, "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy", "spec": spec}


def test_a_mistake_in_a_policy_would_be_found(run: Run) -> None:
    policy, _ = printed(run, "admission")
    policy["spec"]["reinvocation"] = "IfNeeded"

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(policy, MUTATING, strict=True)


def test_a_mistake_in_what_only_kyverno_has_would_be_found(run: Run) -> None:
    [policy] = printed(run, "kyverno")
    policy["spec"]["autogen"]["controllers"] = []

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(policy["spec"], KYVERNO)


@pytest.mark.parametrize("output", POLICIES)
def test_it_is_for_new_pods_and_new_ephemeral_containers(run: Run, output: str) -> None:
    rules = printed(run, output)[0]["spec"]["matchConstraints"]["resourceRules"]

    assert [(rule["operations"], rule["resources"]) for rule in rules] == [
        (["CREATE"], ["pods"]),
        (["UPDATE"], ["pods/ephemeralcontainers"]),
    ]


@pytest.mark.parametrize("output", POLICIES)
def test_pods_that_opt_out_stay(run: Run, output: str) -> None:
    constraints = printed(run, output)[0]["spec"]["matchConstraints"]

    assert constraints["objectSelector"]["matchExpressions"] == [
        {"key": "pull-through-cache", "operator": "NotIn", "values": ["disabled"]},
        {"key": "cnpg.io/cluster", "operator": "DoesNotExist"},
    ]


@pytest.mark.parametrize(
    ("output", "left_out"),
    [("admission", ["kube-system"]), ("guard", ["kube-system"]), ("kyverno", ["kube-system", "kyverno"])],
)
def test_namespaces_that_are_left_out(run: Run, output: str, left_out: list[str]) -> None:
    assert namespaces(printed(run, output)) == [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": left_out}
    ]


@pytest.mark.parametrize("output", POLICIES)
def test_only_some_namespaces(run: Run, output: str) -> None:
    selector = namespaces(printed(run, output, "--namespaces", "example.com/team=shop"))

    assert selector[1:] == [{"key": "example.com/team", "operator": "In", "values": ["shop"]}]


@pytest.mark.parametrize("output", POLICIES)
@pytest.mark.parametrize(("options", "failure"), [([], "Ignore"), (["--fail"], "Fail")])
def test_what_happens_when_the_policy_fails(run: Run, output: str, options: list[str], failure: str) -> None:
    assert printed(run, output, *options)[0]["spec"]["failurePolicy"] == failure


@pytest.mark.parametrize("output", ["admission", "kyverno"])
def test_containers_that_webhooks_add_are_seen(run: Run, output: str) -> None:
    assert printed(run, output)[0]["spec"]["reinvocationPolicy"] == "IfNeeded"


def test_kyverno_derives_no_policies_for_other_kinds(run: Run) -> None:
    (policy,) = printed(run, "kyverno")

    assert policy["spec"]["autogen"] == {"podControllers": {"controllers": []}}


@pytest.mark.parametrize("action", ["warn", "audit", "deny"])
def test_what_the_guard_does(run: Run, action: Action) -> None:
    binding = printed(run, "guard", "--action", action)[1]

    assert binding["spec"]["validationActions"] == [action.capitalize()]


def test_the_guard_warns_unless_another_action_is_given(run: Run) -> None:
    assert run("cluster", "guard").stdout == run("cluster", "guard", "--action", "warn").stdout.replace(
        " --action warn", ""
    )


def test_the_policies_have_the_same_translation(run: Run) -> None:
    translations = {json.dumps(printed(run, output)[0]["spec"]["variables"]) for output in POLICIES}

    assert len(translations) == 1
    assert HOST in translations.pop()
