"""ECR's API for pull through cache rules and repository creation templates, which moto lacks.

Each method is the API action of its name, with the parameters of the ECR service model (botocore).
"Guide" is the Amazon ECR User Guide.
"""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, Never

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow

from emulator import pulls, tokens
from emulator.ecr_settings import EcrSettings, checked_repository_policy
from emulator.errors import EcrError, NotEmulatedError, invalid
from emulator.lifecycle import check_lifecycle_policy
from emulator.registry import Settings
from emulator.roles import caller
from emulator.upstreams import authentication_failure, check_credentials, check_rule

# Source: Guide, service-quotas.html
RULES_PER_REGISTRY = 50


class Ecr(EcrSettings):
    """moto's ECR, completed."""

    def get_authorization_token(self) -> ActionResult:
        """In place of moto's: the token is the caller's, works, and expires."""
        arn = caller(self.current_account, self.access_key)
        try:
            pulls.authorize(self.current_account, self.region, arn)
        except pulls.DeniedError as denied:
            raise JsonRESTError("AccessDeniedException", str(denied).removeprefix("denied: ")) from None
        password, expires = tokens.issue(arn)
        token = {
            "authorizationToken": b64encode(f"{tokens.USER}:{password}".encode()).decode(),
            "expiresAt": datetime.fromtimestamp(expires, UTC),
        }
        # registryIds is deprecated: a token is valid for every registry that the principal may use.
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
            # No value removes a credential (API: UpdatePullThroughCacheRule).
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


def _template(request: Settings) -> Settings:
    """The template's settings in a request. Tags and KMS without a role are accepted here: pulls fail later."""
    if request.get("lifecyclePolicy"):
        check_lifecycle_policy(request["lifecyclePolicy"])
    if request.get("repositoryPolicy"):
        checked_repository_policy(request["repositoryPolicy"], "repositoryPolicy")
    return {key: value for key, value in request.items() if key != "registryId"} | {"updatedAt": utcnow()}


def _page(name: str, items: list[Any], request: dict[str, Any]) -> ActionResult:
    """One page, with ``maxResults`` or else 100 results. The token is the position of the next page."""
    start = int(request.get("nextToken") or 0)
    end = start + request.get("maxResults", 100)
    page: Settings = {"registryId": request["registryId"], name: items[start:end]}
    return ActionResult(page | ({"nextToken": str(end)} if end < len(items) else {}))


# README.md describes each in a line.
NOT_EMULATED = (
    "DescribeImageReplicationStatus",
    "DescribeImageSigningStatus",
    "DescribeReplicationBackfillResults",
    "GetDownloadUrlForLayer",
    "GetLifecyclePolicyPreview",
    "ListImageReferrers",
    "ListReplicationBackfills",
    "StartLifecyclePolicyPreview",
    "StartReplicationBackfill",
    "StopReplicationBackfill",
    "UpdateImageStorageClass",
)


def _not_emulated(ecr: Ecr) -> Never:
    raise NotEmulatedError(ecr._get_action())


for _action in NOT_EMULATED:
    setattr(Ecr, camelcase_to_underscores(_action), _not_emulated)
