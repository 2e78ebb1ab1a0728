"""ECR's API for the settings of a registry, that moto lacks, or where moto accepts calls that AWS rejects.

Each method is the API action of its name, with the parameters of the ECR service model (botocore).
"Guide" is the Amazon ECR User Guide.
"""

import json

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model, utcnow
from moto.ecr.models import Repository
from moto.ecr.responses import ECRResponse
from moto.iam.exceptions import MalformedPolicyDocument

from emulator import images
from emulator.conditions import listed
from emulator.documents import check_resource_policy
from emulator.errors import EcrError, invalid
from emulator.lifecycle import check_lifecycle_policy
from emulator.parameters import check
from emulator.registry import Registry, Settings, registries

# Source: Guide, registry-permissions.html
V1_ACTIONS = {"ecr:*", "ecr:ReplicateImage", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"}
ACCOUNT_SETTINGS = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "BLOB_MOUNTING": ("ENABLED", "DISABLED"),
    "REGISTRY_POLICY_SCOPE": ("V1", "V2"),
}


class EcrSettings(ECRResponse):
    """moto's ECR, with the policies and settings of a registry."""

    @property
    def _registry(self) -> Registry:
        return registries[self.current_account][self.region]

    def call_action(self) -> TYPE_RESPONSE:
        """Answer a call with parameters that match the service model. Reject others, which moto would accept."""
        try:
            self._checked()
        except ServiceException as error:
            status, headers, body = self.serialized(ActionResult(error))
            return status, headers, body
        return super().call_action()

    def _checked(self) -> Settings:
        request: Settings = json.loads(self.body or "{}")
        model, action = get_service_model("ecr"), self._get_action()
        if action in model.operation_names:
            check(model.operation_model(action).input_shape, request)
        return request

    def _request(self) -> Settings:
        """The parameters of a call about the caller's own registry."""
        request = self._checked()
        if request.get("registryId", self.current_account) != self.current_account:
            raise invalid("registryId", "the account of the caller")
        return {"registryId": self.current_account} | request

    def _repository(self, request: Settings) -> Repository:
        try:
            return self.ecr_backend.repositories[request["repositoryName"]]
        except KeyError:
            raise EcrError("RepositoryNotFoundException") from None

    def get_account_setting(self) -> ActionResult:
        name = self._account_setting(self._request())
        return ActionResult({"name": name, "value": self._registry.account_settings[name]})

    def put_account_setting(self) -> ActionResult:
        request = self._request()
        name, value = self._account_setting(request), request["value"]
        if value not in ACCOUNT_SETTINGS[name]:
            raise invalid("value", f"one of {', '.join(ACCOUNT_SETTINGS[name])}")
        self._registry.account_settings[name] = value
        return ActionResult(request)

    def _account_setting(self, request: Settings) -> str:
        name: str = request["name"]
        if name not in ACCOUNT_SETTINGS:
            raise invalid("name", f"one of {', '.join(ACCOUNT_SETTINGS)}")
        return name

    def put_registry_policy(self) -> ActionResult:
        """Replaces moto's, which lacks the scope and the action ecr:BatchImportUpstreamImage."""
        text = self._request()["policyText"]
        try:
            check_resource_policy(text, "ecr")
            if self._registry.account_settings["REGISTRY_POLICY_SCOPE"] == "V1":
                _check_v1_actions(json.loads(text))
        except MalformedPolicyDocument:
            raise invalid("PolicyText", "Invalid registry policy provided") from None
        self.ecr_backend.registry_policy = text
        return ActionResult({"registryId": self.current_account, "policyText": text})

    def set_repository_policy(self) -> ActionResult:
        request = self._request()
        repository = self._repository(request)
        repository.policy = checked_repository_policy(request["policyText"], "PolicyText")
        return ActionResult(request)

    def put_lifecycle_policy(self) -> ActionResult:
        request = self._request()
        repository = self._repository(request)
        check_lifecycle_policy(request["lifecyclePolicyText"])
        repository.lifecycle_policy = request["lifecyclePolicyText"]
        return ActionResult(request)

    def put_registry_scanning_configuration(self) -> ActionResult:
        """Both parameters are optional. moto requires them."""
        request: Settings = {"scanType": "BASIC", "rules": []} | self._checked()
        self.ecr_backend.put_registry_scanning_configuration(request["scanType"], request["rules"])
        return ActionResult({"registryScanningConfiguration": request})

    def put_image(self) -> ActionResult:
        """Handles manifests that are not JSON, and immutable tags: moto fails, or has a different error."""
        request = self._request()
        repository, tag = self._repository(request), request.get("imageTag")
        former = images.find(repository, tag) if tag else None
        changed = former is not None and former.image_manifest != request["imageManifest"]
        if tag and changed and images.is_immutable(repository, tag):
            raise EcrError("ImageTagAlreadyExistsException", images.IMMUTABLE_TAG.format(tag, repository.name))
        try:
            json.loads(request["imageManifest"])
        except ValueError:
            raise invalid("imageManifest", "Invalid JSON syntax") from None
        result: ActionResult = super().put_image()
        return result

    def register_pull_time_update_exclusion(self) -> ActionResult:
        """Guide: pull-time-update-exclusions.html; pulls by these principals do not change the time of the last pull."""
        arn, exclusions = self._request()["principalArn"], self._registry.pull_time_exclusions
        if arn in exclusions:
            raise EcrError("ExclusionAlreadyExistsException")
        exclusions[arn] = utcnow()
        return ActionResult({"principalArn": arn, "createdAt": exclusions[arn]})

    def deregister_pull_time_update_exclusion(self) -> ActionResult:
        arn, exclusions = self._request()["principalArn"], self._registry.pull_time_exclusions
        if arn not in exclusions:
            raise EcrError("ExclusionNotFoundException")
        del exclusions[arn]
        return ActionResult({"principalArn": arn})

    def list_pull_time_update_exclusions(self) -> ActionResult:
        self._request()
        return ActionResult({"pullTimeUpdateExclusions": list(self._registry.pull_time_exclusions)})

    def get_signing_configuration(self) -> ActionResult:
        self._request()
        configuration = self._registry.signing_configuration
        if configuration is None:
            raise EcrError("SigningConfigurationNotFoundException")
        return ActionResult({"registryId": self.current_account, "signingConfiguration": configuration})

    def put_signing_configuration(self) -> ActionResult:
        self._registry.signing_configuration = self._request()["signingConfiguration"]
        return ActionResult({"signingConfiguration": self._registry.signing_configuration})

    def delete_signing_configuration(self) -> ActionResult:
        deleted = self.get_signing_configuration()
        self._registry.signing_configuration = None
        return deleted


def checked_repository_policy(text: str, parameter: str) -> str:
    """The policy of a repository. Raises InvalidParameterException unless ECR accepts it."""
    try:
        check_resource_policy(text, "ecr", resource=False)
    except MalformedPolicyDocument:
        raise invalid(parameter, "Invalid repository policy provided") from None
    return text


def _check_v1_actions(policy: Settings) -> None:
    for statement in listed(policy["Statement"]):
        if not set(listed(statement.get("Action", "*"))) <= V1_ACTIONS:
            raise MalformedPolicyDocument
