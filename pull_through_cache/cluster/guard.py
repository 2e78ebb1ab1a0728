"""A policy that finds images of new pods that a cache covers and that are not pulled through it."""

from typing import Literal

from pull_through_cache.cluster.policies import NAME, Manifest, Scope, match_conditions, match_constraints
from pull_through_cache.cluster.translation import variables
from pull_through_cache.images.names import Caches

Action = Literal["warn", "audit", "deny"]

_API = "admissionregistration.k8s.io/v1"
_NAME = f"{NAME}-guard"
_MESSAGE = """\
'images that are not pulled through their cache: ' + variables.cached
  .map(image, image[1] + ' (write ' + image[2] + ')').join(', ')"""
_LONG_MESSAGE = "images that are not pulled through their cache; `pull-through-cache image NAME` prints what to write"
"""Replaces a message that is longer than the 5 KiB that kube-apiserver accepts."""


def validating_admission_policy(caches: Caches, scope: Scope, action: Action) -> tuple[Manifest, Manifest]:
    """A ValidatingAdmissionPolicy and its binding, for Kubernetes 1.30 and later."""
    spec = {
        "failurePolicy": scope.failure_policy,
        "matchConstraints": match_constraints(),
        "matchConditions": match_conditions(),
        "variables": variables(caches.rules),
        "validations": [
            {
                "expression": "variables.cached.size() == 0",
                "message": _LONG_MESSAGE,
                "messageExpression": _MESSAGE,
            }
        ],
    }
    binding = {
        "policyName": _NAME,
        "validationActions": [action.capitalize()],
        "matchResources": {"namespaceSelector": scope.namespace_selector("kube-system")},
    }
    metadata = {"name": _NAME}
    return (
        {"apiVersion": _API, "kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": spec},
        {"apiVersion": _API, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata, "spec": binding},
    )
