"""How long pulls through the emulator take, and the memory it needs: ``python -m benchmarks.pulls``; needs skopeo."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from botocore.config import Config
from botocore.session import get_session

from emulator.aws import Emulator
from emulator.internet import Internet
from emulator.layout import Layout
from emulator.organization import REGION, SHARED_SERVICES
from emulator.upstream_registry import UpstreamRegistry, serve

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks-pulls.md"
MEBIBYTES = 100
TIMES = 5
REGISTRY = f"{SHARED_SERVICES.id}.dkr.ecr.{REGION}.amazonaws.com"
TEXT = """\
# Benchmarks of pulls

Written by `python -m benchmarks.pulls`. skopeo copies an image with one layer of {mebibytes} MiB, each time another one: directly
from the upstream registry, then through a pull through cache of the emulator for the first and the second time. All
three go through the emulator's loopback internet, with TLS. A figure is the median of {times} rounds.

| copy | of the direct copy's time | seconds |
| --- | ---: | ---: |
| directly from the upstream registry | 1.00× | {straight:.2f} |
| first pull | {first_ratio:.2f}× | {first:.2f} |
| second pull | {second_ratio:.2f}× | {second:.2f} |

The emulator's process used {before} MiB of memory before the pulls, and at most {peak} MiB during them: it never holds a
whole layer in memory.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, Emulator.start() as emulator, Internet() as internet:
        folder = Path(scratch)
        images = Layout(folder / "upstream")
        with serve(UpstreamRegistry({"team/app": images})) as url:
            internet.play("quay.io", url)
            emulator.connect(internet)
            login = _cache(emulator)
            before = _peak(emulator)
            rounds = [_round(images, internet, folder, login, str(number)) for number in range(TIMES)]
        straight, first, second = (statistics.median(column) for column in zip(*rounds, strict=True))
        text = TEXT.format(
            mebibytes=MEBIBYTES,
            times=TIMES,
            straight=straight,
            first=first,
            second=second,
            first_ratio=first / straight,
            second_ratio=second / straight,
            before=before,
            peak=_peak(emulator),
        )
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def _round(images: Layout, internet: Internet, folder: Path, login: str, tag: str) -> tuple[float, float, float]:
    images.add(tag, {"layer": os.urandom(MEBIBYTES << 20)})
    cached = f"{REGISTRY}/quay/team/app:{tag}"
    sources = (f"quay.io/team/app:{tag}", cached, cached)
    straight, first, second = (_copy(source, internet, folder, login) for source in sources)
    return straight, first, second


def _copy(source: str, internet: Internet, folder: Path, login: str) -> float:
    destination = folder / "copy"
    shutil.rmtree(destination, ignore_errors=True)
    authorization = folder / "auth.json"
    authorization.write_text(json.dumps({"auths": {REGISTRY: {"auth": login}}}))
    command = ["skopeo", "copy", "-q", "--authfile", str(authorization), f"docker://{source}", f"dir:{destination}"]
    begun = time.monotonic()
    subprocess.run(command, env=os.environ | internet.environment, check=True)
    return time.monotonic() - begun


def _cache(emulator: Emulator) -> str:
    """A cache of quay.io; the administrator's token for it."""
    ecr = get_session().create_client(
        "ecr",
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id=SHARED_SERVICES.access_key_id,
        aws_secret_access_key="emulator",  # noqa: S106
        config=Config(proxies={}),
    )
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    token: str = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return token


def _peak(emulator: Emulator) -> int:
    """The largest resident set so far, in MiB (proc(5))."""
    status = Path(f"/proc/{emulator.process_id}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main()
