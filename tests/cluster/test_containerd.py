"""The files for containerd and the kubelet: the password for ECR reaches the caches and no other host."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given

import tests.hypothesis_profiles  # noqa: F401
from pull_through_cache.cluster.containerd import credential_providers, mirrors
from pull_through_cache.images.names import Caches, InvalidImageName, parse
from tests.cluster.deployments import caches, names
from tests.cluster.node import set_up
from tests.images.conftest import Named, Run, deployment, outcome

OF_AWS = re.compile(
    r"(\*[.]dkr[.-]ecr(-fips)?[.]\*[.](amazonaws[.]com|on[.]aws))|public[.]ecr[.]aws|ecr-public[.]aws[.]com"
)
DUMPS = {
    "1.6": '    [plugins."io.containerd.grpc.v1.cri".registry]\n      config_path = "{}"\n',
    "2.3": "    [plugins.'io.containerd.cri.v1.images'.registry]\n      config_path = '{}'\n",
}


def printing(version: str, config_path: str) -> str:
    """A program that prints what `containerd config dump` of this version does."""
    return f"cat <<'EOF'\n{DUMPS[version].format(config_path)}EOF"


def matched(caches: Caches) -> list[str]:
    """The registries that the kubelet returns the ECR password for."""
    config = json.loads(credential_providers(caches, mirrors(caches).hosts))
    return list(config["providers"][0]["matchImages"])


def urls(toml: dict[str, Any]) -> set[str]:
    """Every URL that containerd asks by a hosts.toml. It needs both: without one of them it asks the registry itself."""
    assert toml["host"]
    return {toml["server"], *toml["host"]}


@given(caches=caches)
def test_the_password_reaches_no_other_host(caches: Caches) -> None:
    hosts = mirrors(caches).hosts

    for registry in matched(caches):
        if not OF_AWS.fullmatch(registry):
            asked = {(urlsplit(url).scheme, urlsplit(url).netloc) for url in urls(tomllib.loads(hosts[registry]))}
            assert asked == {("https", caches.host)}


@given(caches=caches, name=names)
def test_a_mirror_has_the_image_that_the_command_line_names(caches: Caches, name: str) -> None:
    try:
        image, answer = parse(name), caches.cached(name)
    except InvalidImageName:
        return
    if toml := mirrors(caches).hosts.get(image.registry):
        mirror = tomllib.loads(toml)
        url = mirror["server"]
        assert mirror["override_path"] is True
        assert [(at, host["override_path"]) for at, host in mirror["host"].items()] == [(url, True)]
        mirrored = url.removeprefix(f"https://{caches.host}/v2")
        if len(repository := f"{mirrored}/{image.repository}".lstrip("/")) <= 255:
            assert answer.name == f"{caches.host}/{repository}{image.version}"


def test_the_mirrors(named: Named) -> None:
    assert list(mirrors(named("usual")).hosts) == [
        "docker.io",
        "registry.k8s.io",
        "quay.io",
        "ghcr.io",
        "registry.gitlab.com",
        "contoso.azurecr.io",
        "cgr.dev",
    ]


@pytest.mark.parametrize(
    ("deployment", "registry", "reason"),
    [
        pytest.param("usual", "public.ecr.aws", "that registry's own password", id="ECR Public"),
        pytest.param("usual", "444455556666.dkr.ecr.us-east-1.amazonaws.com", "that registry's own password", id="ECR"),
        pytest.param(
            "prefixes", "cgr.dev", "only images below cgr.dev/acme.com/ are cached in acme", id="upstream prefix"
        ),
        pytest.param(
            "root", "docker.io", "images below docker.io/quay/, docker.io/team/quay/ are not", id="nested prefix"
        ),
    ],
)
def test_what_a_mirror_cannot_do(named: Named, deployment: str, registry: str, reason: str) -> None:
    found = mirrors(named(deployment))

    assert registry not in found.hosts
    assert any(left_out.registry == registry and reason in left_out.reason for left_out in found.left_out)


def test_what_is_left_out_is_reported(run: Run) -> None:
    result = run("cluster", "containerd")

    assert result.exit_code == 0
    assert "public.ecr.aws: not through a cache: the kubelet sends that registry's own password" in result.stderr
    assert "# Not through a cache: public.ecr.aws; the kubelet sends that registry's own password" in result.stdout


def test_caches_of_which_a_mirror_can_do_none(run: Run, tmp_path: Path) -> None:
    file = deployment(tmp_path)
    file.write_text(file.read_text().split("  upstreams:\n")[0] + "  upstreams: {public-ecr: {registry: ecr-public}}\n")

    code, out, error = outcome(run("cluster", "containerd"))

    assert (code, out) == (2, "")
    assert error.endswith("`cluster admission` can do it\nno registry is left for containerd to mirror\n")


def test_the_password_is_for_the_caches_region(named: Named) -> None:
    provider = json.loads(credential_providers(named("usual"), []))["providers"][0]

    assert provider["env"] == [{"name": "AWS_REGION", "value": "eu-central-1"}]


@pytest.mark.parametrize("version", DUMPS)
@pytest.mark.parametrize("more", ["", ":/etc/docker/certs.d"], ids=["one folder", "two folders"])
def test_the_script_writes_the_files(named: Named, tmp_path: Path, version: str, more: str) -> None:
    caches = named("usual")

    result = set_up(caches, tmp_path, printing(version, f"{tmp_path}/etc/containerd/certs.d{more}"))

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    written = {path.parent.name: path.read_text() for path in tmp_path.glob("etc/containerd/certs.d/*/hosts.toml")}
    assert written == mirrors(caches).hosts
    config = tmp_path / "etc" / "eks" / "image-credential-provider" / "config.json"
    assert json.loads(config.read_text()) == json.loads(credential_providers(caches, mirrors(caches).hosts))


@pytest.mark.parametrize("version", DUMPS)
@pytest.mark.parametrize(
    "config_path",
    [
        pytest.param("", id="none"),
        pytest.param("/etc/docker/certs.d", id="another folder"),
        pytest.param("/etc/docker/certs.d:{}/etc/containerd/certs.d", id="another folder first"),
    ],
)
def test_the_script_changes_nothing_where_containerd_reads_no_mirrors(
    named: Named, tmp_path: Path, version: str, config_path: str
) -> None:
    result = set_up(named("usual"), tmp_path, printing(version, config_path.format(tmp_path)))

    assert result.returncode == 1
    assert "nothing was changed" in result.stderr
    assert not list(tmp_path.glob("etc/**/*.*"))
