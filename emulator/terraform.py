"""What Terraform needs to run against loopback: the executable, the modules, the AWS provider."""

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.module_registry import module_registry

OPT = Path("/opt")
"""Where machines without a network keep what they need."""


def terraform_executable(environ: Mapping[str, str] = os.environ) -> str:
    """The path of Terraform, looked for on PATH. Raises FileNotFoundError when it is not there."""
    found = shutil.which("terraform", path=environ.get("PATH"))
    if not found:
        raise FileNotFoundError(
            "terraform is not on PATH: install it (https://developer.hashicorp.com/terraform/install), "
            "or add the folder it is in to PATH."
        )
    return found


@contextmanager
def terraform_environment(environ: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """Serve the modules; yields what to add to `environ` for Terraform to take them from there.

    Variables it reads:

    - MODULES_DIR: a folder of real modules to serve instead of the emulator's; see `module_registry`.
    - TF_PROVIDER_MIRROR: a folder with the AWS provider, laid out as `terraform providers mirror` does. By default one
      directly below /opt; where there is none, Terraform looks where it always does.
    - TF_CLI_CONFIG_FILE: the user's own settings, say of a network mirror. They count where there is no such folder.
    - TF_PLUGIN_CACHE_DIR: where Terraform keeps providers. By default until this context ends.

    Raises FileNotFoundError when MODULES_DIR or TF_PROVIDER_MIRROR does not have what it should.

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
            # Else every init downloads the provider. Without a lock file Terraform only uses the cache if it may.
            "TF_PLUGIN_CACHE_DIR": environ.get("TF_PLUGIN_CACHE_DIR") or str(plugins),
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        }


# A host with `services` is not asked what others it has, so where providers are is said here too.
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
    """Settings by which the mirror's providers come from it, and others from their registries."""
    providers = [path.relative_to(mirror).as_posix() for path in mirror.glob("registry.terraform.io/*/*/")]
    return _INSTALLATION.format(path=json.dumps(str(mirror)), providers=json.dumps(sorted(providers)))


def _own_settings(environ: Mapping[str, str]) -> str:
    """The user's settings: this environment's file, or the one that Terraform reads by default."""
    file = Path(environ.get("TF_CLI_CONFIG_FILE") or Path.home() / ".terraformrc")
    return file.read_text() if file.is_file() else ""
