"""Policies that give the images of new pods their names in the caches, inside kube-apiserver or by Kyverno."""

from pull_through_cache.cluster.policies import NAME, Manifest, Scope, match_conditions, match_constraints
from pull_through_cache.cluster.translation import variables
from pull_through_cache.images.names import Caches

_API = "admissionregistration.k8s.io/v1"
_PATCH = "variables.cached.map(image, JSONPatch{op: 'replace', path: image[0], value: image[2]})"


def mutating_admission_policy(caches: Caches, scope: Scope) -> tuple[Manifest, Manifest]:
    """A MutatingAdmissionPolicy and its binding, for Kubernetes 1.36 and later.

    `IfNeeded` brings the policy back for containers that a webhook adds after it.
    """
    spec = {
        "failurePolicy": scope.failure_policy,
        "reinvocationPolicy": "IfNeeded",
        "matchConstraints": match_constraints(),
        **_mutation(caches),
    }
    selector = scope.namespace_selector("kube-system")
    binding = {"policyName": NAME, "matchResources": {"namespaceSelector": selector}}
    metadata = {"name": NAME}
    return (
        {"apiVersion": _API, "kind": "MutatingAdmissionPolicy", "metadata": metadata, "spec": spec},
        {"apiVersion": _API, "kind": "MutatingAdmissionPolicyBinding", "metadata": metadata, "spec": binding},
    )


def kyverno_policy(caches: Caches, scope: Scope) -> Manifest:
    """A MutatingPolicy of Kyverno 1.17 and later, for clusters before Kubernetes 1.36.

    By default, Kyverno derives policies for Deployments and similar kinds from it. That does not work with variables, so
    the list of controllers is empty. Kyverno does not evaluate existing pods in the background: their images cannot change.
    """
    spec = {
        "failurePolicy": scope.failure_policy,
        "reinvocationPolicy": "IfNeeded",
        "autogen": {"podControllers": {"controllers": []}},
        "evaluation": {"background": {"enabled": False}},
        "matchConstraints": {
            **match_constraints(),
            "namespaceSelector": scope.namespace_selector("kube-system", "kyverno"),
        },
        **_mutation(caches),
    }
    return {"apiVersion": "policies.kyverno.io/v1", "kind": "MutatingPolicy", "metadata": {"name": NAME}, "spec": spec}


def _mutation(caches: Caches) -> Manifest:
    return {
        "matchConditions": match_conditions(),
        "variables": variables(caches.rules),
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": _PATCH}}],
    }
