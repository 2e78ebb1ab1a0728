"""Terraform's settings: where modules and the AWS provider come from."""

import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import emulator.terraform
from emulator.terraform import terraform_environment, terraform_executable
from tests.emulator.module_client import get

MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
TARGET = f"{sys.platform}_{MACHINE}"
AWS = "registry.terraform.io/hashicorp/aws"


@pytest.fixture(autouse=True)
def opt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without anything below /opt, or in the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(emulator.terraform, "OPT", tmp_path / "opt")
    return tmp_path / "opt"


def settings(**environ: str) -> str:
    with terraform_environment(environ) as added:
        return Path(added["TF_CLI_CONFIG_FILE"]).read_text()


def unpacked(mirror: Path, target: str = TARGET, provider: str = AWS) -> Path:
    (mirror / provider / "6.28.0" / target).mkdir(parents=True)
    return mirror


def packed(mirror: Path) -> Path:
    (mirror / AWS).mkdir(parents=True)
    (mirror / AWS / f"terraform-provider-aws_6.28.0_{TARGET}.zip").touch()
    return mirror


def test_modules_come_from_loopback() -> None:
    with terraform_environment({}) as added:
        text = Path(added["TF_CLI_CONFIG_FILE"]).read_text()
        url = text.split('"modules.v1"   = "')[1].split('"')[0]
        answer, _ = get(f"{url}terraform-aws-modules/ecr/aws/versions")
    assert (answer.status, url.split(":")[1]) == (200, "//127.0.0.1")


def test_other_providers_still_come_from_the_terraform_registry() -> None:
    assert '"providers.v1" = "https://registry.terraform.io/v1/providers/"' in settings()


def test_terraform_decides_where_no_copy_of_the_provider_is_known() -> None:
    assert "provider_installation" not in settings()


def test_a_copy_below_opt_is_used(opt: Path) -> None:
    mirror = unpacked(opt / "plugins")
    assert f'path = "{mirror}"' in settings()


def test_a_copy_for_another_machine_is_not_used(opt: Path) -> None:
    unpacked(opt / "plugins", target="plan9_arm")
    assert "provider_installation" not in settings()


@pytest.mark.parametrize("layout", [unpacked, packed], ids=lambda layout: str(layout.__name__))
def test_a_named_mirror_comes_first(tmp_path: Path, opt: Path, layout: Callable[[Path], Path]) -> None:
    unpacked(opt / "plugins")
    mirror = layout(tmp_path / "mirror")
    assert f'path = "{mirror}"' in settings(TF_PROVIDER_MIRROR=str(mirror))


def test_only_what_the_mirror_has_comes_from_it(tmp_path: Path) -> None:
    mirror = unpacked(unpacked(tmp_path), provider="registry.terraform.io/hashicorp/random")
    excluded = 'exclude = ["registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/random"]'
    assert excluded in settings(TF_PROVIDER_MIRROR=str(mirror))


def test_a_named_mirror_without_the_provider_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"TF_PROVIDER_MIRROR names, has no AWS provider for {TARGET}"):
        settings(TF_PROVIDER_MIRROR=str(tmp_path))


@pytest.mark.parametrize("named", [True, False], ids=["named", "in the home folder"])
def test_the_users_own_settings_are_kept(tmp_path: Path, named: bool) -> None:
    own = tmp_path / "home" / ".terraformrc"
    own.parent.mkdir()
    own.write_text('provider_installation { network_mirror { url = "https://mirror.example.com/" } }')
    text = settings(TF_CLI_CONFIG_FILE=str(own)) if named else settings()
    assert text.startswith(own.read_text() + "\n")


def test_missing_settings_of_the_user_are_ignored(tmp_path: Path) -> None:
    assert settings(TF_CLI_CONFIG_FILE=str(tmp_path / "missing")).startswith("\nhost")


def test_the_users_provider_cache_is_kept() -> None:
    with terraform_environment({"TF_PLUGIN_CACHE_DIR": "cache"}) as added:
        assert added["TF_PLUGIN_CACHE_DIR"] == "cache"


def test_a_named_folder_without_modules_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No module in"):
        settings(MODULES_DIR=str(tmp_path))


def test_nothing_is_left_behind() -> None:
    with terraform_environment({}) as added:
        folder = Path(added["TF_CLI_CONFIG_FILE"]).parent
    assert not folder.exists()


def test_terraform_is_found_on_path(tmp_path: Path) -> None:
    executable = tmp_path / "terraform"
    executable.touch(mode=0o755)
    assert terraform_executable({"PATH": str(tmp_path)}) == str(executable)


def test_a_missing_terraform_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="terraform is not on PATH: install it"):
        terraform_executable({"PATH": str(tmp_path)})
