"""Every output does with the whole table of names what `image` does, except for the names that docs/clusters.md lists."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pull_through_cache.images.names import parse
from tests.cluster.cel import evaluated
from tests.cluster.runtimes import as_docker_reads, containerd, podman
from tests.images.conftest import HOST, UPSTREAMS, Run, deployment
from tests.images.table import image_after, rows, written_out

Images = Callable[[str, list[str]], list[str]]
"""The images that are pulled for these names, by an output of the command."""


def by_policy(output: str, names: list[str]) -> list[str]:
    """With the patch of the printed policy."""
    spec = next(iter(yaml.safe_load_all(output)))["spec"]
    patch = spec["mutations"][0]["jsonPatch"]["expression"].replace("JSONPatch{op:", "{'op':")
    patch = patch.replace(" path:", " 'path':").replace(" value:", " 'value':")
    changed = {int(each["path"]): each["value"] for each in evaluated(spec["variables"], names, patch)}
    return [changed.get(number, name) for number, name in enumerate(names)]


def by_guard(output: str, names: list[str]) -> list[str]:
    """As the guard's message says to write."""
    spec = next(iter(yaml.safe_load_all(output)))["spec"]
    [validation] = spec["validations"]
    after = []
    for name in names:
        message = evaluated(spec["variables"], [name], validation["messageExpression"])
        written = re.search(r" \(write (.*)\)$", message)
        assert evaluated(spec["variables"], [name], validation["expression"]) is (written is None)
        after.append(written[1] if written else name)
    return after


def by_podman(output: str, names: list[str]) -> list[str]:
    return [podman(tomllib.loads(output), name) or "none" for name in names]


def by_containerd(output: str, names: list[str]) -> list[str]:
    mirrors = re.findall(r"/certs\.d/(\S+)/hosts\.toml <<'EOF'\n(.*?)EOF", output, re.DOTALL)
    return [containerd(dict(mirrors), name) or "none" for name in names]


IMAGES: dict[str, Images] = {
    "admission": by_policy,
    "kyverno": by_policy,
    "guard": by_guard,
    "registries-conf": by_podman,
    "containerd": by_containerd,
}
PODMAN = {
    "docker.io:443/nginx:1": "none",
    "quay.io:443/cilium/cilium:v1": "none",
    "quay.io:8443/cilium/cilium": "none",
    "444455556666.dkr.ecr.us-east-1.amazonaws.com/base": f"{HOST}/base",
}
"""Names that get a wrong name by registries.conf, so that their pulls fail."""


def expected(output: str, printed: str, name: str, after: str) -> str:
    """What an output is expected to do with a name that `image` changes to `after`."""
    if output in ("admission", "kyverno", "guard"):
        return after
    if output == "registries-conf" and name in PODMAN:
        return PODMAN[name]
    image = as_docker_reads(name)
    if image is None:
        return "none"
    # For a runtime, a host in uppercase, with a port, or with another name of Docker Hub's is another host.
    is_another_host = after != name and image.registry != parse(name).registry
    left_out = re.findall(r"# Not through a cache: (.*?);", printed)
    return str(image) if is_another_host or image.registry in left_out or after == name else after


@pytest.mark.parametrize("output", IMAGES)
@pytest.mark.parametrize("upstreams", UPSTREAMS)
def test_the_table_of_names(run: Run, tmp_path: Path, upstreams: str, output: str) -> None:
    table = [(written_out(name), image_after(name, becomes)) for of, name, becomes in rows() if of == upstreams]
    names = [name for name, _ in table]
    printed = run("cluster", output, "--deployment", str(deployment(tmp_path, upstreams))).stdout

    pulled = dict(zip(names, IMAGES[output](printed, names), strict=True))

    assert pulled == {name: expected(output, printed, name, after) for name, after in table}
