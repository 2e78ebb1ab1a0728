"""Runs the script that sets a node up, in a folder instead of `/`."""

import os
import subprocess
from pathlib import Path

from pull_through_cache.cluster.containerd import script
from pull_through_cache.images.names import Caches


def set_up(caches: Caches, folder: Path, containerd: str) -> subprocess.CompletedProcess[str]:
    """`containerd` is the shell script that is run as containerd."""
    (folder / "etc" / "eks" / "image-credential-provider").mkdir(parents=True)
    (folder / "containerd").write_text(f"#!/bin/sh\n{containerd}\n")
    (folder / "containerd").chmod(0o755)
    text = script(caches, "Sets a node up.").replace("/etc/", f"{folder}/etc/")
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(["sh"], input=text, env=environment, capture_output=True, text=True, check=False)
