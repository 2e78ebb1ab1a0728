"""Makes the AWS bindings load only what is used, in Python and in Node. To import this module is all there is to do.

The package `cdktf_cdktf_provider_aws` imports its 2,214 submodules at once, and its JavaScript requires as many files:
10 to 48 seconds, whatever an app uses. Here the Python package is put into `sys.modules` without running its
`__init__`, so that a submodule is imported when it is asked for; and the Node that jsii starts, which is started at
once (`ahead.py`), is told to load the package's own lazy index (`lazy_bindings.cjs`).

Where the package, jsii or Node is not what this was made for, or with EAGER_BINDINGS=1, the import is the ordinary one:
slower, with the same result.
"""

import importlib
import os
import subprocess
import sys
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType

from lazy_bindings.node import BUNDLED_NODE

_PACKAGE = "cdktf_cdktf_provider_aws"
_ASSEMBLY = "provider-aws@21.22.1.jsii.tgz"
_HOOK = Path(__file__).with_name("lazy_bindings.cjs")


def _load_lazily() -> None:
    for name in ("constructs", "cdktf", _PACKAGE):
        if name in sys.modules:
            raise ImportError(
                f"{name} was imported before stacks, which makes the AWS bindings load in under a second; "
                f"write `import stacks` above the first import of {name}, or set EAGER_BINDINGS=1 to do without"
            )
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None or not Path(spec.origin).with_name("_jsii").joinpath(_ASSEMBLY).exists():
        return
    package = module_from_spec(spec)
    package.__dict__["__getattr__"] = _submodule
    sys.modules[_PACKAGE] = package
    _start_node(Path(spec.origin).parents[1])


def _submodule(name: str) -> ModuleType:
    """A submodule that is named before it is imported."""
    try:
        return importlib.import_module(f"{_PACKAGE}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(f"module {_PACKAGE!r} has no attribute {name!r}") from error


def _start_node(libraries: Path) -> None:
    """Starts jsii's Node with the hook, and leaves the environment as it was."""
    given = os.environ.get("NODE_OPTIONS")
    # Node's own rules for NODE_OPTIONS: quotation marks around spaces, backslashes before both kinds of them.
    hook = str(_HOOK).replace("\\", "\\\\").replace('"', '\\"')
    # cdktf calls what Node has deprecated, and says so on stderr; nobody who synthesizes can do anything about it.
    options = f'{given or ""} --no-deprecation --require "{hook}"'.strip()
    if not _accepts(options):
        return
    os.environ["NODE_OPTIONS"] = options
    try:
        try:
            from lazy_bindings.ahead import start_node
        except ImportError:
            importlib.import_module("cdktf")  # starts Node, and waits for it
        else:
            start_node(libraries)
    finally:
        if given is None:
            del os.environ["NODE_OPTIONS"]
        else:
            os.environ["NODE_OPTIONS"] = given


def _accepts(options: str) -> bool:
    """Whether Node starts with these options. The bundled one does, with no others added: that need not be tried."""
    node = os.environ.get("JSII_NODE", "node")
    if node == BUNDLED_NODE and "NODE_OPTIONS" not in os.environ:
        return True
    trial = [node, "--eval", "0"]
    try:
        return subprocess.run(trial, env={**os.environ, "NODE_OPTIONS": options}, capture_output=True).returncode == 0
    except OSError:
        return False


if os.environ.get("EAGER_BINDINGS") != "1":
    _load_lazily()
