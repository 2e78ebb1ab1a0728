"""What Terraform needs to run against loopback: the executable, the modules, the AWS provider."""

import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.module_registry import module_registry

OPT = Path("/opt")
"""Where machines without a network have the AWS provider."""


def terraform_executable(environ: Mapping[str, str] = os.environ) -> str:
    """The path of Terraform, looked for on PATH. Raises FileNotFoundError if it is missing."""
    found = shutil.which("terraform", path=environ.get("PATH"))
    if not found:
        raise FileNotFoundError(
            "terraform is not on PATH: install it (https://developer.hashicorp.com/terraform/install), "
            "or add the folder it is in to PATH."
        )
    return found


def without_provider(errors: str) -> str | None:
    """One sentence if these errors of `terraform init` say that it could not download the AWS provider."""
    if not re.search(
        r"could not\s+(connect\s+to|query\s+provider\s+registry)|Error while installing hashicorp/aws", errors
    ):
        return None
    cause = re.search(r'Get\s+"\S+":\s+(.+?)(\n\n|$)', errors, re.DOTALL)
    return (
        "Terraform could not download the AWS provider: connect this machine to registry.terraform.io, or set "
        "TF_PROVIDER_MIRROR to a folder that `terraform providers mirror` wrote"
        + (f" ({' '.join(cause[1].split())})." if cause else ".")
    )


@contextmanager
def terraform_environment(environ: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """Serve the modules. Yields the variables to add to `environ` so that Terraform uses them.

    Variables it reads:

    - MODULES_DIR: a folder of real modules to serve instead of the emulator's; see `module_registry`.
    - TF_PROVIDER_MIRROR: a folder with the AWS provider, laid out as by `terraform providers mirror`. By default one
      directly below /opt; if there is none, Terraform looks in its usual places.
    - TF_CLI_CONFIG_FILE: the user's own settings, for example for a network mirror. They apply if there is no such folder.
    - TF_PLUGIN_CACHE_DIR: where Terraform caches providers. Default: a folder that is deleted when this context ends.

    Raises FileNotFoundError if MODULES_DIR or TF_PROVIDER_MIRROR does not have the modules or the provider.

    Example::

        with Emulator.start() as emulator, terraform_environment() as terraform:
            environment = os.environ | emulator.environment | terraform
            subprocess.run([terraform_executable(), "init"], env=environment, check=True)
    """
    modules_dir = environ.get("MODULES_DIR")
    mirror = _provider_mirror(environ)
    settings = _installation_from(mirror) if mirror else _own_settings(environ)
    with module_registry(Path(modules_dir) if modules_dir else None) as modules, TemporaryDirectory() as folder:
        configuration = Path(folder) / "terraform.tfrc"
        configuration.write_text(f"{settings}\n{_HOST % modules}")
        plugins = Path(folder) / "plugins"
        plugins.mkdir()
        yield {
            "TF_CLI_CONFIG_FILE": str(configuration),
            "CHECKPOINT_DISABLE": "1",
            # Else every init downloads the provider. Without a lock file, Terraform uses the cache only with this setting.
            "TF_PLUGIN_CACHE_DIR": environ.get("TF_PLUGIN_CACHE_DIR") or str(plugins),
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
            # By default, a quarter of Terraform's and the provider's work is Go's garbage collection.
            "GOGC": environ.get("GOGC", "400"),
        }


def forget_hashes(folder: Path) -> None:
    """Delete the provider's hash from the lock file. With it, each command reads all 700 MB of the provider to compare."""
    lock = folder / ".terraform.lock.hcl"
    lock.write_text(re.sub(r" *hashes = \[.*?\]\n", "", lock.read_text(), flags=re.DOTALL))


# Terraform does not discover other services of a host with `services`, so this also names the address of providers.
_HOST = """\
host "registry.terraform.io" {
  services = {
    "modules.v1"   = "%s"
    "providers.v1" = "https://registry.terraform.io/v1/providers/"
  }
}
"""

_INSTALLATION = """\
provider_installation {{
  filesystem_mirror {{
    path = {path}
  }}
  direct {{
    exclude = {providers}
  }}
}}
"""


def _provider_mirror(environ: Mapping[str, str]) -> Path | None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    target = f"{sys.platform}_{machine}"
    releases = "registry.terraform.io/hashicorp/aws"
    unpacked, packed = f"{releases}/*/{target}/", f"{releases}/*_{target}.zip"
    if not environ.get("TF_PROVIDER_MIRROR"):
        found = min(OPT.glob(f"*/{unpacked}"), default=None)
        return found.parents[4] if found else None
    mirror = Path(environ["TF_PROVIDER_MIRROR"]).absolute()
    if not any(mirror.glob(unpacked)) and not any(mirror.glob(packed)):
        raise FileNotFoundError(
            f"{mirror}, which TF_PROVIDER_MIRROR names, has no AWS provider for {target}: "
            f"put it there with `terraform providers mirror -platform={target} {mirror}`, or unset the variable."
        )
    return mirror


def _installation_from(mirror: Path) -> str:
    """Settings to install the mirror's providers from the mirror, and other providers from their registries."""
    providers = [path.relative_to(mirror).as_posix() for path in mirror.glob("registry.terraform.io/*/*/")]
    return _INSTALLATION.format(path=json.dumps(str(mirror)), providers=json.dumps(sorted(providers)))


def _own_settings(environ: Mapping[str, str]) -> str:
    """The user's settings: this environment's file, or the one that Terraform reads by default."""
    file = Path(environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
    return file.read_text() if file.is_file() else ""
