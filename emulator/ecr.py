"""The ECR actions moto lacks, under the names and parameters of the ECR service model (botocore)."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model, utcnow
from moto.ecr.policy_validation import EcrLifecyclePolicyValidator
from moto.ecr.responses import ECRResponse
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from emulator import pulls, tokens
from emulator.errors import EcrError, invalid
from emulator.parameters import check
from emulator.registry import Registry, Settings, registries
from emulator.roles import caller
from emulator.upstreams import authentication_failure, check_credentials, check_rule

# Source: Guide, service-quotas.html
RULES_PER_REGISTRY = 50
# Source: Guide, registry-permissions.html
V1_ACTIONS = {"ecr:ReplicateImage", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"}
ACCOUNT_SETTINGS = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "BLOB_MOUNTING": ("ENABLED", "DISABLED"),
    "REGISTRY_POLICY_SCOPE": ("V1", "V2"),
}


class RepositoryPolicyValidator(IAMPolicyDocumentValidator):
    """A repository policy has no resource, and may be of the version 2008-10-17 (Guide: repository-policies.html)."""

    def _validate_resource_exist(self) -> None: ...

    def _validate_version(self) -> None: ...


class Ecr(ECRResponse):
    """moto's ECR, completed. Every method below answers the API action of its name."""

    @property
    def _registry(self) -> Registry:
        return registries[self.current_account][self.region]

    def _request(self) -> Settings:
        request: Settings = json.loads(self.body or "{}")
        check(get_service_model("ecr").operation_model(self._get_action()).input_shape, request)
        if request.get("registryId", self.current_account) != self.current_account:
            raise invalid("registryId", "the account of the caller")
        return {"registryId": self.current_account} | request

    def get_authorization_token(self) -> ActionResult:
        """In place of moto's: the token is the caller's, works, and expires."""
        arn = caller(self.current_account, self.access_key)
        try:
            pulls.authorize(self.current_account, self.region, arn)
        except pulls.RefusedError as refusal:
            raise JsonRESTError("AccessDeniedException", str(refusal).removeprefix("denied: ")) from None
        password, expires = tokens.issue(arn)
        token = {
            "authorizationToken": b64encode(f"{tokens.USER}:{password}".encode()).decode(),
            "expiresAt": datetime.fromtimestamp(expires, UTC),
        }
        # registryIds is deprecated: a token is good for every registry that the principal may use.
        accounts = self._request().get("registryIds") or [self.current_account]
        endpoints = [f"https://{account}.dkr.ecr.{self.region}.amazonaws.com" for account in accounts]
        return ActionResult({"authorizationData": [token | {"proxyEndpoint": each} for each in endpoints]})

    def describe_repositories(self) -> ActionResult:
        """In place of moto's, which has no pages."""
        request = self._request()
        found = self.ecr_backend.describe_repositories(repository_names=request.get("repositoryNames"))
        return _page("repositories", found, request)

    def create_pull_through_cache_rule(self) -> ActionResult:
        rule, rules = self._request(), self._registry.rules
        if rule["ecrRepositoryPrefix"] in rules:
            raise EcrError("PullThroughCacheRuleAlreadyExistsException")
        if len(rules) >= RULES_PER_REGISTRY:
            raise EcrError("LimitExceededException")
        rule["upstreamRegistry"] = check_rule(rule, self.region).name
        rules[rule["ecrRepositoryPrefix"]] = rule | {"createdAt": utcnow(), "updatedAt": utcnow()}
        return ActionResult(rules[rule["ecrRepositoryPrefix"]])

    def describe_pull_through_cache_rules(self) -> ActionResult:
        request = self._request()
        rules = [self._rule(prefix) for prefix in request.get("ecrRepositoryPrefixes", self._registry.rules)]
        return _page("pullThroughCacheRules", rules, request)

    def update_pull_through_cache_rule(self) -> ActionResult:
        request = self._request()
        rule = self._rule(request["ecrRepositoryPrefix"])
        change = {key: request[key] for key in ("credentialArn", "customRoleArn") if key in request}
        if not change:
            # There is no value that takes a credential away (API: UpdatePullThroughCacheRule).
            raise invalid("credentialArn", "give a credential or a role")
        check_credentials(rule | change, self.region)
        rule |= change | {"updatedAt": utcnow()}
        return ActionResult(rule)

    def delete_pull_through_cache_rule(self) -> ActionResult:
        rule = self._rule(self._request()["ecrRepositoryPrefix"])
        return ActionResult(self._registry.rules.pop(rule["ecrRepositoryPrefix"]))

    def validate_pull_through_cache_rule(self) -> ActionResult:
        rule = self._rule(self._request()["ecrRepositoryPrefix"])
        failure = authentication_failure(rule, self.region)
        return ActionResult(rule | {"isValid": failure is None, "failure": failure})

    def _rule(self, prefix: str) -> Settings:
        try:
            return self._registry.rules[prefix]
        except KeyError:
            raise EcrError("PullThroughCacheRuleNotFoundException") from None

    def create_repository_creation_template(self) -> ActionResult:
        request, templates = self._request(), self._registry.templates
        if request["prefix"] in templates:
            raise EcrError("TemplateAlreadyExistsException")
        # Guide: repository-creation-templates.html, the defaults of a created repository
        defaults = {"encryptionConfiguration": {"encryptionType": "AES256"}, "imageTagMutability": "MUTABLE"}
        templates[request["prefix"]] = defaults | {"createdAt": utcnow()} | _template(request)
        return self._template_result(templates[request["prefix"]])

    def describe_repository_creation_templates(self) -> ActionResult:
        request, templates = self._request(), self._registry.templates
        found = [templates[prefix] for prefix in request.get("prefixes") or templates if prefix in templates]
        return _page("repositoryCreationTemplates", found, request)

    def update_repository_creation_template(self) -> ActionResult:
        request = self._request()
        template = self._template(request["prefix"])
        template |= _template(request)
        return self._template_result(template)

    def delete_repository_creation_template(self) -> ActionResult:
        template = self._template(self._request()["prefix"])
        return self._template_result(self._registry.templates.pop(template["prefix"]))

    def _template(self, prefix: str) -> Settings:
        try:
            return self._registry.templates[prefix]
        except KeyError:
            raise EcrError("TemplateNotFoundException") from None

    def _template_result(self, template: Settings) -> ActionResult:
        return ActionResult({"registryId": self.current_account, "repositoryCreationTemplate": template})

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
        """In place of moto's, which refuses ecr:BatchImportUpstreamImage and knows no scope."""
        text = self._request()["policyText"]
        try:
            IAMPolicyDocumentValidator(text).validate()
            if self._registry.account_settings["REGISTRY_POLICY_SCOPE"] == "V1":
                _check_v1_actions(json.loads(text))
        except MalformedPolicyDocument:
            raise invalid("PolicyText", "Invalid registry policy provided") from None
        self.ecr_backend.registry_policy = text
        return ActionResult({"registryId": self.current_account, "policyText": text})


def _check_v1_actions(policy: Settings) -> None:
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    for statement in statements:
        actions = statement.get("Action", "*")
        if not set([actions] if isinstance(actions, str) else actions) <= V1_ACTIONS:
            raise MalformedPolicyDocument


def _template(request: Settings) -> Settings:
    """The template's settings in a request. Tags and KMS without a role pass here: it is the pulls that fail."""
    if request.get("lifecyclePolicy"):
        EcrLifecyclePolicyValidator(request["lifecyclePolicy"]).validate()
    if request.get("repositoryPolicy"):
        try:
            RepositoryPolicyValidator(request["repositoryPolicy"]).validate()
        except MalformedPolicyDocument:
            raise invalid("repositoryPolicy", "Invalid repository policy provided") from None
    return {key: value for key, value in request.items() if key != "registryId"} | {"updatedAt": utcnow()}


def _page(name: str, items: list[Any], request: dict[str, Any]) -> ActionResult:
    """One page, 100 long unless ``maxResults`` says otherwise; the token is the place of the next."""
    start = int(request.get("nextToken") or 0)
    end = start + request.get("maxResults", 100)
    page: Settings = {"registryId": request["registryId"], name: items[start:end]}
    return ActionResult(page | ({"nextToken": str(end)} if end < len(items) else {}))
