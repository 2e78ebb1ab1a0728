"""The Python half: a provider package imports each submodule at its first use.

The `__init__` of `cdktf_cdktf_provider_aws` imports its 2,214 submodules, whatever an app uses. Here it does not run.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

_PREFIX = "cdktf_cdktf_provider_"


def install() -> None:
    """Makes later imports of provider packages lazy. Packages that are already imported do not change."""
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_PREFIX) or "." in fullname:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and any(Path(spec.origin).parent.glob("_jsii/*.jsii.tgz")):
            spec.loader = _WithoutInit()
            return spec
        return None  # a package of another kind


class _WithoutInit(Loader):
    def exec_module(self, module: ModuleType) -> None:
        def submodule(name: str) -> ModuleType:
            """Imports a submodule that is used as an attribute of the package."""
            try:
                return importlib.import_module(f"{module.__name__}.{name}")
            except ModuleNotFoundError as error:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}") from error

        module.__dict__["__getattr__"] = submodule
