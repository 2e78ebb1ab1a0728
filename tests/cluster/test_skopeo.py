"""Where the real skopeo pulls the names of the table from, by the registries.conf of their deployment."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from pull_through_cache.cluster.registries_conf import registries_conf
from pull_through_cache.images.names import parse
from tests.images.conftest import Named
from tests.images.table import image_after, rows, written_out

pytestmark = pytest.mark.slow

OTHERWISE = re.compile(
    r"""
    :[^/]*@                # skopeo takes no tag beside a digest,
    | ^\[                  # and no IPv6 address
    | ^registry(-1|[.]hub)  # for a registry of its own
    | ^[^/]*[A-Z]          # a host in upper case is another host
    | ^quay[.]io:          # a prefix covers all ports
    | amazonaws[.]com/base$  # and the repository of just that name
    """,
    re.VERBOSE,
)
"""Names that skopeo or registries.conf cannot have as in the table."""
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: nothing leaves the machine."""


def first_asked(folder: Path, configuration: str, name: str) -> str:
    """The image that skopeo tries to get for a name, from its log."""
    file = folder / "registries.conf"
    file.write_text(configuration)
    environment = {**os.environ, "HTTPS_PROXY": NOWHERE}
    command = ["skopeo", "--debug", "--registries-conf", str(file), "inspect", "--raw", f"docker://{name}"]
    log = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr
    found = re.search(r'Trying to access \\"(.*?)\\"', log)
    return found[1] if found else log


@pytest.mark.parametrize(
    ("deployment", "name", "becomes"),
    [row for row in rows() if row[2] != "invalid" and not OTHERWISE.search(row[1])],
    ids=lambda part: part,
)
def test_a_name_is_pulled_from(tmp_path: Path, named: Named, deployment: str, name: str, becomes: str) -> None:
    image = str(parse(image_after(name, becomes)))

    asked = first_asked(tmp_path, registries_conf(named(deployment), ""), written_out(name))

    assert asked.removesuffix(":latest") == image.removesuffix(":latest")
