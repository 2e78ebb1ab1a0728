"""skopeo, as Debian has it."""

import json
from pathlib import Path

from emulator.organization import STRANGER
from tests.aws import REGISTRY
from tests.clients.programs import Finished, run
from tests.registries import EVERYTHING, Registries

IMAGE = f"{REGISTRY}/quay/team/app:1"


def skopeo(registries: Registries, *arguments: str) -> Finished:
    return run("skopeo", *arguments, environment=registries.internet.environment)


def test_skopeo_copies_all_platforms(registries: Registries, node: str, tmp_path: Path) -> None:
    copied = skopeo(registries, "copy", "--all", f"--src-creds=AWS:{node}", f"docker://{IMAGE}", f"oci:{tmp_path}/copy")
    assert copied.returncode == 0, copied.stderr
    index = json.loads((tmp_path / "copy/index.json").read_text())
    assert registries.app.find(index["manifests"][0]["digest"]) == registries.app.find("1")


def test_skopeo_shows_a_stranger_the_error_of_ecr(registries: Registries, node: str) -> None:
    registries.ask("quay/team/app/manifests/1", node)
    stranger = registries.token(registries.aws.role(EVERYTHING, account=STRANGER))
    refused = skopeo(registries, "inspect", f"--creds=AWS:{stranger}", f"docker://{IMAGE}")
    assert refused.returncode != 0
    assert "no resource-based policy allows the ecr:BatchGetImage action" in refused.stderr


def test_skopeo_lists_tags(registries: Registries, node: str) -> None:
    registries.ask("quay/team/app/manifests/1", node)
    listed = skopeo(registries, "list-tags", f"--creds=AWS:{node}", f"docker://{REGISTRY}/quay/team/app")
    assert json.loads(listed.stdout)["Tags"] == ["1"]


def test_skopeo_pushes_an_image(registries: Registries, node: str) -> None:
    registries.aws.client("ecr").create_repository(repositoryName="team/own")
    source, destination = f"docker://{IMAGE}", f"docker://{REGISTRY}/team/own:1"
    credentials = (f"--src-creds=AWS:{node}", f"--dest-creds=AWS:{node}")
    pushed = skopeo(registries, "copy", "--all", *credentials, source, destination)
    assert pushed.returncode == 0, pushed.stderr
    assert json.loads(registries.ask("team/own/tags/list", node)[2])["tags"] == ["1"]
