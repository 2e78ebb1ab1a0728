"""An upstream that is a real registry: Debian's docker-registry."""

from pathlib import Path

from tests.aws import REGISTRY
from tests.clients.programs import docker_registry, run
from tests.registries import Registries


def test_an_image_comes_as_the_registry_has_it(registries: Registries, node: str, tmp_path: Path) -> None:
    layout = next(tmp_path.glob("app"))
    with docker_registry(tmp_path) as url:
        place = url.removeprefix("http://")
        copied = run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{layout}:1", f"docker://{place}/a/b:1")
        assert copied.returncode == 0, copied.stderr
        registries.internet.play("public.ecr.aws", url)
        registries.aws.client("ecr").create_pull_through_cache_rule(
            ecrRepositoryPrefix="public", upstreamRegistryUrl="public.ecr.aws"
        )
        pulled = run(
            "skopeo",
            "inspect",
            "--raw",
            f"--creds=AWS:{node}",
            f"docker://{REGISTRY}/public/a/b:1",
            environment=registries.internet.environment,
        )
    descriptor = registries.app.find("1")
    assert descriptor
    assert pulled.stdout.encode() == registries.app.file(descriptor["digest"]).read_bytes()
