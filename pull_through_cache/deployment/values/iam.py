"""Accounts, organizations, and the names and ARNs of IAM. ECR offers pull through caches in the partition aws only."""

from typing import Annotated

from pydantic import AfterValidator, Field

from pull_through_cache.aws.ecr_actions import ECR_ACTIONS, is_ecr_action
from pull_through_cache.deployment.values.text import TextPattern
from pull_through_cache.files.problems import nearest, shown

ACCOUNT = "[0-9]{12}"
# IAM API, CreateRole: RoleName and Path.
_ROLE_NAME = r"[A-Za-z0-9_+=,.@-]{1,64}"
_ROLE_ARN = rf"arn:aws:iam::({ACCOUNT}):role/(?:[!-~]{{1,510}}/)?({_ROLE_NAME})"

AccountId = Annotated[str, TextPattern(ACCOUNT, "is not an account ID; write its 12 digits, in quotes")]
RoleArn = Annotated[
    str, TextPattern(_ROLE_ARN, "is not the ARN of a role; write arn:aws:iam::<account id>:role/<name>")
]
NodeRole = Annotated[
    str,
    TextPattern(
        rf"{_ROLE_NAME}|{_ROLE_ARN}",
        "is not the name or ARN of a role; write the name of the nodes' role, or arn:aws:iam::<account id>:role/<name>",
    ),
]
PrincipalArn = Annotated[
    str,
    TextPattern(
        rf"arn:aws:iam::{ACCOUNT}:(root|(role|user)/[!-)+->@-~]{{1,576}})",  # AWS accepts no wildcard here
        "is not the ARN of an account, a role or a user; write, for example, arn:aws:iam::<account id>:root",
    ),
]
# IAM User Guide, reference_policies_elements_principal.html: a resource policy names no groups and no policies.
PRINCIPALS = {
    "*": TextPattern(r"\*", "is not *; write `'*': ['*']`"),
    "AWS": TextPattern(
        rf"\*|{ACCOUNT}|arn:aws:iam::{ACCOUNT}:(root|(role|user)/[!-)+->@-~]{{1,576}})|"
        rf"arn:aws:sts::{ACCOUNT}:(assumed-role|federated-user)/[!-)+->@-~]{{1,576}}",
        "is not the ARN of an account, a role or a user; write, for example, arn:aws:iam::<account id>:root, or * with a "
        "condition",
    ),
    "Service": TextPattern(
        r"[a-z0-9-]+([.][a-z0-9-]+)*[.]amazonaws[.]com",
        "is not a service principal; write one such as codebuild.amazonaws.com",
    ),
    "Federated": TextPattern(
        rf"arn:aws:iam::{ACCOUNT}:(oidc|saml)-provider/[!-)+->@-~]{{1,576}}|[a-z0-9-]+([.][a-z0-9-]+)+",
        "is not an identity provider; write one such as arn:aws:iam::<account id>:oidc-provider/<host>",
    ),
}
"""The principals of a resource policy, by type."""


def _ecr_action(text: str) -> str:
    if not is_ecr_action(text):
        meant = nearest(text, (f"ecr:{action}" for action in ECR_ACTIONS))
        raise ValueError(f"{shown(text)} is not an action of ECR; write one such as {meant or 'ecr:BatchGetImage'}")
    return text


EcrAction = Annotated[str, AfterValidator(_ecr_action), Field(json_schema_extra={"pattern": "^ecr:[A-Za-z*?]+$"})]
# IAM API: pathType for roles, policyPathType for policies.
RolePath = Annotated[str, TextPattern(r"(?=.{1,512}$)(/|/[!-~]+/)", "is not an IAM path; write one such as /platform/")]
PolicyPath = Annotated[
    str,
    TextPattern(
        r"(?=.{1,512}$)((/[A-Za-z0-9.,+@=_-]+)*)/", "is not a path of IAM policies; write one such as /platform/"
    ),
]
PolicyArn = Annotated[
    str,
    TextPattern(
        rf"arn:aws:iam::({ACCOUNT}|aws):policy/[!-)+->@-~]{{1,640}}",
        "is not the ARN of a managed policy; write arn:aws:iam::<account id>:policy/<name>",
    ),
]
PolicyName = Annotated[
    str,
    TextPattern(r"[A-Za-z0-9_+=,.@-]{1,128}", "is not a policy name; write up to 128 letters, digits and _+=,.@-"),
]
# Organizations API: Organization, Root, OrganizationalUnit. IAM User Guide: aws:PrincipalOrgPaths.
OrganizationId = Annotated[
    str,
    TextPattern(
        r"caller|o-[a-z0-9]{10,32}",
        "is not an organization ID; write o-<id>, or `caller` for the organization of the registry's account",
    ),
]
OrganizationPath = Annotated[
    str,
    TextPattern(
        r"o-[a-z0-9]{10,32}/r-[a-z0-9]{4,32}/(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}/)*\*?",
        "is not the path of an organizational unit or a root; write o-<id>/r-<root>/ou-<unit>/, and add * to include the "
        "units below",
    ),
]
