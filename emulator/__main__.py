"""Run the emulator for your own Terraform and your own clients: ``python -m emulator``, Ctrl-C to end it."""

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from emulator.aws import Emulator
from emulator.internet import Internet
from emulator.organization import EXAMPLE, KEY_PREFIX, REGION, SHARED_SERVICES, Account, Organization
from emulator.terraform import terraform_environment
from emulator.upstream_registry import SampleRegistry, serve
from emulator.upstreams import UPSTREAMS

OUTSIDE_AWS = "|".join(each.host for each in UPSTREAMS if each.authentication != "role")
CLIENTS = """\
# For another account, export AWS_ACCESS_KEY_ID={prefix}<account ID>: {accounts}.
# Unset AWS_PROFILE.
# The emulator also answers for every upstream registry, with the same small image each time. To pull with a client:
#   aws ecr get-login-password | HTTPS_PROXY={proxy} SSL_CERT_FILE={certificate} \\
#     skopeo login --username AWS --password-stdin {registry}
#   HTTPS_PROXY={proxy} SSL_CERT_FILE={certificate} skopeo inspect docker://{registry}/PREFIX/IMAGE
# podman uses the same two variables. Start containerd with them.
# docker: add {{"proxies": {{"https-proxy": "{proxy}"}}}} to /etc/docker/daemon.json, copy
#   {certificate} to /etc/docker/certs.d/{registry}/ca.crt, and restart it.
# Ctrl-C ends it."""


@contextmanager
def connected(folder: Path, organization: Organization = EXAMPLE) -> Iterator[tuple[Emulator, Internet]]:
    """An emulator with upstream registries that have every image. The image is kept in a folder."""
    registry = serve(SampleRegistry(folder / "sample"))
    with Emulator.start(organization) as emulator, Internet() as internet, registry as url:
        internet.play(OUTSIDE_AWS, url)
        emulator.connect(internet)
        yield emulator, internet


def run(
    organization: Organization = EXAMPLE,
    registry: Account = SHARED_SERVICES,
    region: str = REGION,
    prepare: Callable[[Emulator], None] = lambda _: None,
) -> None:
    """Prepare the accounts, print the variables to export for the registry's, and serve until a signal comes."""
    ended = Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(name, lambda *_: ended.set())
    with (
        TemporaryDirectory() as folder,
        connected(Path(folder), organization) as (emulator, internet),
        terraform_environment() as terraform,
    ):
        prepare(emulator)
        variables = {**emulator.environment_of(registry, region), **terraform}
        exports = [f"export {variable}={shlex.quote(value)}" for variable, value in variables.items()]
        host = f"{registry.id}.dkr.ecr.{region}.amazonaws.com"
        clients = CLIENTS.format(
            prefix=KEY_PREFIX,
            accounts=", ".join(account.id for account in organization.accounts if account.id != registry.id),
            proxy=internet.proxy,
            certificate=internet.authority.certificate,
            registry=host,
        )
        # In one piece: a reader may leave after the first line.
        print("\n".join([*exports, clients, ""]), end="", flush=True)
        ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="Serve AWS and its registries on loopback until Ctrl-C. Prints the environment variables to use it.",
    )
    parser.add_argument(
        "--deployment", metavar="FILE", help="with the accounts of a deployment file, and what the file expects in them"
    )
    file = parser.parse_args().deployment
    if file:  # deployment files are the demo's business
        os.execv(sys.executable, [sys.executable, "-m", "demo", "--serve", "--deployment", file])  # noqa: S606
    run()


if __name__ == "__main__":
    main()
