"""The command: Regions, output files, exit codes, and permissions."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.organization import SHARED_SERVICES, STRANGER
from pull_through_cache.commands import commands
from tests.aws import allow, policy
from tests.check.test_permissions import assume, grant
from tests.importing import registries
from tests.importing.conftest import Import, Read
from tests.importing.registries import ACCOUNT, REGION, Registry

DOCUMENT = (Path(__file__).parents[2] / "docs" / "permissions" / "import.json").read_text()
DOCUMENTED = [action for statement in json.loads(DOCUMENT)["Statement"] for action in statement["Action"]]


def test_an_account_without_rules(registry: Registry, import_: Import) -> None:  # noqa: ARG001
    result = import_(account=STRANGER)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (f"nothing to import: account {STRANGER.id} has no pull through cache rules in {REGION}\n")


@pytest.mark.parametrize("make", registries.UNCHANGED.values(), ids=registries.UNCHANGED)
def test_check_finds_nothing_even_before_a_deploy(
    registry: Registry, import_: Import, tmp_path: Path, make: Any
) -> None:
    make(registry)
    file = tmp_path / "mine.yaml"
    import_("-o", str(file))
    environment = registry.aws.emulator.environment
    checked = CliRunner().invoke(commands, ["check", str(file)], env=environment, catch_exceptions=False)
    assert (checked.stdout, checked.exit_code) == (f"{file}: no findings\n", 0)


def test_several_regions_that_are_the_same(registry: Registry, imported: Read) -> None:
    for region in (REGION, "us-east-1"):
        registries.rules_older_than_templates(Registry(registry.aws, region))
    found = imported("--region", REGION, "--region", "us-east-1", "--region", REGION).registry
    assert found.regions == (REGION, "us-east-1")
    credentials = found.upstreams["docker-hub"].credentials
    assert credentials is not None
    assert isinstance(credentials.secret_arn, dict)
    assert [arn.split(":")[3] for arn in credentials.secret_arn.values()] == [REGION, "us-east-1"]


def test_several_regions_with_keys_and_roles_of_their_own(registry: Registry, imported: Read) -> None:
    for region in (REGION, "us-east-1"):
        registries.own_templates(Registry(registry.aws, region))
    settings = imported("--region", REGION, "--region", "us-east-1").registry.upstreams["quay"].repositories
    roles = {region: f"arn:aws:iam::{ACCOUNT}:role/ecr-templates-{region}" for region in (REGION, "us-east-1")}
    assert settings.role_arn == roles
    assert isinstance(settings.encryption.kms_key_arn, dict)


def test_several_regions_with_one_role(registry: Registry, imported: Read) -> None:
    role = registry.aws.role(name="ecr-templates", service="ecr.amazonaws.com")
    for region in (REGION, "us-east-1"):
        there = Registry(registry.aws, region)
        there.rule("quay", "quay.io")
        there.template("quay", customRoleArn=role)
    found = imported("--region", REGION, "--region", "us-east-1").registry
    assert found.upstreams["quay"].repositories.role_arn == role


def test_several_regions_that_differ(registry: Registry, import_: Import) -> None:
    registry.rule("quay", "quay.io")
    there = Registry(registry.aws, "us-east-1")
    there.rule("quay", "quay.io")
    there.rule("k8s", "registry.k8s.io")
    result = import_("--region", REGION, "--region", "us-east-1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"could not import: {REGION} and us-east-1 differ in registry.upstreams.k8s, and a deployment file is for Regions "
        "that are the same; import each Region into a file of its own, with one --region\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--region", "eu-centrl-1"], "'eu-centrl-1' is not an AWS Region; write one such as eu-central-1"),
        (["--profile", "nobody"], "could not import: The config profile (nobody) could not be found"),
    ],
)
def test_wrong_options(registry: Registry, import_: Import, options: list[str], message: str) -> None:  # noqa: ARG001
    result = import_(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_without_a_region(registry: Registry, import_: Import, tmp_path: Path) -> None:  # noqa: ARG001
    nowhere = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None, "AWS_CONFIG_FILE": str(tmp_path / "none")}
    result = import_(**nowhere)
    assert result.exit_code == 2
    assert "--region is missing; write for example `--region eu-central-1`." in result.stderr


def test_an_output_file(registry: Registry, import_: Import, tmp_path: Path) -> None:
    registry.rule("quay", "quay.io")
    file = tmp_path / "mine.yaml"
    result = import_("-o", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert file.read_text() == import_().stdout
    assert file.stat().st_mode & 0o777 == 0o666 & ~_umask()
    assert list(tmp_path.iterdir()) == [file]


def test_an_existing_file_is_replaced_only_by_force(registry: Registry, import_: Import, tmp_path: Path) -> None:
    registry.rule("quay", "quay.io")
    file = tmp_path / "mine.yaml"
    file.write_text("mine\n")
    refused = import_("-o", str(file))
    assert (refused.exit_code, file.read_text()) == (2, "mine\n")
    assert f"--output: {file} exists; write another file, or add --force." in refused.stderr
    assert import_("-o", str(file), "--force").exit_code == 0
    assert file.read_text() == import_().stdout


def test_a_folder_that_does_not_exist(registry: Registry, import_: Import, tmp_path: Path) -> None:
    registry.rule("quay", "quay.io")
    file = tmp_path / "no" / "mine.yaml"
    result = import_("-o", str(file))
    assert (result.exit_code, result.stderr) == (2, f"{file}: cannot be written (No such file or directory)\n")


def test_its_permissions_suffice_and_each_is_used(registry: Registry, import_: Import) -> None:
    registries.made_by_this_project(registry)
    session = assume(registry.aws, grant(registry.aws, "importer", DOCUMENT))
    registry.aws.emulator.authorize()
    result = import_(account=SHARED_SERVICES, **session)
    assert result.exit_code == 0, result.stderr
    assert set(registry.aws.emulator.permissions()) == set(DOCUMENTED)


@pytest.mark.parametrize("missing", [each for each in DOCUMENTED if each.startswith("ecr:")])
def test_a_denied_call_is_named_and_nothing_is_written(
    registry: Registry, import_: Import, tmp_path: Path, missing: str
) -> None:
    registries.made_by_this_project(registry)
    document = policy(allow(*(set(DOCUMENTED) - {missing}), resource="*"))
    session = assume(registry.aws, grant(registry.aws, "importer", document))
    registry.aws.emulator.authorize()
    result = import_("-o", str(tmp_path / "mine.yaml"), **session)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"could not import: {REGION}: {missing} is denied; allow it for these credentials\n"
    assert not list(tmp_path.iterdir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
