"""Every action of ECR's service model gets an answer, and has a line in the emulator's table."""

import re
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.session import get_session

from tests.aws import Aws, error_of

README = Path(__file__).parents[2] / "emulator" / "README.md"
MODEL = get_session().get_service_model("ecr")
WELL_FORMED = {
    "registryId": "123456789012",
    "region": "us-east-1",
    "layerDigest": f"sha256:{'0' * 64}",
    "replicationBackfillId": "01234567-89ab-cdef-0123-456789abcdef",
}
PRINCIPAL = "arn:aws:iam::123456789012:role/scanner"


def example(shape: Any) -> Any:
    """The smallest value of this shape, which is what a client could send."""
    if shape.type_name == "structure":
        return {name: example(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [example(shape.member)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(shape.metadata.get("min", 1), 2)
    return {"integer": 1, "long": 1, "boolean": True, "blob": b"x", "map": {}}[shape.type_name]


@pytest.mark.parametrize("action", MODEL.operation_names)
def test_an_answer_or_an_error_of_the_service_model(aws: Aws, action: str) -> None:
    operation = MODEL.operation_model(action)
    code = None
    try:
        getattr(aws.client("ecr"), xform_name(action))(**example(operation.input_shape))
    except ClientError as error:
        code = error.response["Error"]["Code"]
    assert code in {None, "NotEmulatedException", *(shape.error_code for shape in operation.error_shapes)}


@pytest.mark.parametrize("action", MODEL.operation_names)
def test_the_table_has_a_line(action: str) -> None:
    (line,) = re.findall(rf"^\| `{action}` \| (.+)$", README.read_text(), re.MULTILINE)
    assert re.match(r"(as AWS|simplified|not emulated)\b", line)


@pytest.mark.parametrize("action", re.findall(r"^\| `([A-Z]\w+)` \| not emulated", README.read_text(), re.MULTILINE))
def test_the_error_names_a_missing_action(aws: Aws, action: str) -> None:
    parameters = example(MODEL.operation_model(action).input_shape)
    error = error_of(getattr(aws.client("ecr"), xform_name(action)), **_filled(parameters))
    assert error == f"NotEmulatedException: The emulator does not have the action {action}."


def test_repositories_come_in_pages(aws: Aws) -> None:
    for number in range(5):
        aws.client("ecr").create_repository(repositoryName=f"quay/{number}")
    pages = aws.client("ecr").get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["repositories"]) for page in pages] == [2, 2, 1]


def _filled(parameters: Any) -> Any:
    """The parameters, with values that have the right form."""
    if isinstance(parameters, dict):
        return {key: WELL_FORMED.get(key) or _filled(value) for key, value in parameters.items()}
    return parameters


def test_exclusions_from_pull_times(aws: Aws) -> None:
    ecr = aws.client("ecr")
    ecr.register_pull_time_update_exclusion(principalArn=PRINCIPAL)
    again = error_of(ecr.register_pull_time_update_exclusion, principalArn=PRINCIPAL)
    listed = ecr.list_pull_time_update_exclusions()["pullTimeUpdateExclusions"]
    ecr.deregister_pull_time_update_exclusion(principalArn=PRINCIPAL)
    missing = error_of(ecr.deregister_pull_time_update_exclusion, principalArn=PRINCIPAL)
    assert (again.partition(":")[0], listed, missing.partition(":")[0]) == (
        "ExclusionAlreadyExistsException",
        [PRINCIPAL],
        "ExclusionNotFoundException",
    )


def test_the_signing_configuration(aws: Aws) -> None:
    ecr = aws.client("ecr")
    profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/images"
    configuration = {"rules": [{"signingProfileArn": profile}]}
    ecr.put_signing_configuration(signingConfiguration=configuration)
    kept = ecr.get_signing_configuration()["signingConfiguration"]
    ecr.delete_signing_configuration()
    gone = error_of(ecr.get_signing_configuration)
    assert (kept, gone.partition(":")[0]) == (configuration, "SigningConfigurationNotFoundException")
