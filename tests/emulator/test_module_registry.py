"""The module registry, with the requests that Terraform sends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.module_registry import module_registry
from tests.emulator.module_client import download, get, unpack

ECR = "terraform-aws-modules/ecr/aws"
SECRETS_MANAGER = "terraform-aws-modules/secrets-manager/aws"


@pytest.fixture(scope="module")
def modules() -> Iterator[str]:
    with module_registry() as url:
        yield url


def checkout(folder: Path, path: str, text: str = "") -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


@pytest.mark.parametrize(
    ("module", "versions"),
    [(ECR, ["2.3.1", "2.4.0", "3.2.0"]), (SECRETS_MANAGER, ["1.3.1", "2.0.1"])],
    ids=["ecr", "secrets-manager"],
)
def test_it_lists_a_modules_versions(modules: str, module: str, versions: list[str]) -> None:
    _, body = get(f"{modules}{module}/versions")
    assert json.loads(body) == {"modules": [{"versions": [{"version": version} for version in versions]}]}


def test_a_download_has_the_address_of_the_package(modules: str) -> None:
    answer, body = get(f"{modules}{ECR}/2.3.1/download")
    assert (answer.status, answer.headers["X-Terraform-Get"], body) == (204, "./package.tar.gz", b"")


def test_a_submodule_is_at_its_address(modules: str) -> None:
    files = unpack(download(modules, ECR, "2.3.1"))
    assert {str(Path(path).parent) for path in files} == {"modules/repository-template"}


def test_a_package_is_the_same_from_every_registry(modules: str) -> None:
    with module_registry() as other:
        assert download(other, SECRETS_MANAGER, "1.3.1") == download(modules, SECRETS_MANAGER, "1.3.1")


@pytest.mark.parametrize(
    "path",
    [
        "terraform-aws-modules/vpc/aws/versions",
        f"{ECR}/9.9.9/download",
        f"{ECR}/2.3.1/versions",
        f"{ECR}/2.3.1/main.tf",
        f"{ECR}/2.3.1/../download",
    ],
)
def test_an_unknown_module_is_not_found(modules: str, path: str) -> None:
    answer, _ = get(modules + path)
    assert answer.status == 404


def test_a_folder_of_checkouts_is_served_instead(tmp_path: Path) -> None:
    checkout(tmp_path, f"{ECR}/2.3.0/modules/repository-template/main.tf", "# real")
    with module_registry(tmp_path) as modules:
        _, versions = get(f"{modules}{ECR}/versions")
        other, _ = get(f"{modules}{SECRETS_MANAGER}/versions")
        files = unpack(download(modules, ECR, "2.3.0"))
    assert json.loads(versions)["modules"][0]["versions"] == [{"version": "2.3.0"}]
    assert other.status == 404
    assert files == {"modules/repository-template/main.tf": "# real"}


def test_a_checkouts_hidden_files_are_left_out(tmp_path: Path) -> None:
    checkout(tmp_path, f"{ECR}/2.3.0/main.tf")
    checkout(tmp_path, f"{ECR}/2.3.0/.git/config")
    with module_registry(tmp_path) as modules:
        assert unpack(download(modules, ECR, "2.3.0")) == {"main.tf": ""}


def test_an_error_about_a_folder_describes_the_layout(tmp_path: Path) -> None:
    checkout(tmp_path, "terraform-aws-ecr/main.tf")
    with pytest.raises(FileNotFoundError, match="<namespace>/<name>/<provider>/<version>"), module_registry(tmp_path):
        pass
