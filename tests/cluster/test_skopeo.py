"""Where the real skopeo pulls the names of the table from, by the registries.conf of their deployment."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from pull_through_cache.cluster.registries_conf import registries_conf
from tests.cluster.runtimes import podman
from tests.images.conftest import Named
from tests.images.table import rows, written_out

pytestmark = pytest.mark.slow

NOT_OF_SKOPEO = re.compile(r":[^/]*@|^\[")
"""Names with a tag and a digest, or with an IPv6 address."""
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: nothing leaves the machine."""


def first_asked(folder: Path, configuration: str, name: str) -> str:
    """The image that skopeo tries to get for a name, from its log; `none` if that is not a valid name."""
    file = folder / "registries.conf"
    file.write_text(configuration)
    environment = {**os.environ, "HTTPS_PROXY": NOWHERE}
    command = ["skopeo", "--debug", "--registries-conf", str(file), "inspect", "--raw", f"docker://{name}"]
    log = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr
    found = re.search(r'Trying to access \\"(.*?)\\"', log)
    return found[1] if found else "none" if "invalid reference format" in log else log


@pytest.mark.parametrize(
    ("deployment", "name"),
    [row[:2] for row in rows() if row[2] != "invalid" and not NOT_OF_SKOPEO.search(row[1])],
    ids=lambda part: part,
)
def test_a_name_is_pulled_from(tmp_path: Path, named: Named, deployment: str, name: str) -> None:
    configuration = registries_conf(named(deployment), "")
    location = podman(tomllib.loads(configuration), written_out(name))

    asked = first_asked(tmp_path, configuration, written_out(name))

    assert asked.removesuffix(":latest") == (location.removesuffix(":latest") if location else "none")
