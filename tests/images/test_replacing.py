"""Files that `rewrite --in-place` replaces, and files that it does not replace."""

import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pull_through_cache.commands.files import check_replaceable
from pull_through_cache.files.problems import InvalidFile
from tests.images.conftest import NGINX, Run, deployment, outcome

PROJECT = Path(__file__).parents[2]


def test_the_owner_is_kept(run: Run, manifest: Path) -> None:
    owner = (1234, 5678) if os.geteuid() == 0 else (os.getuid(), os.getgroups()[-1])
    os.chown(manifest, *owner)
    manifest.chmod(0o604)

    assert run("rewrite", "--in-place", manifest.name).exit_code == 0
    found = manifest.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (*owner, 0o604)
    assert NGINX in manifest.read_text()


# Version 2; the owner, user 1234, the group, the mask, and others, each with its permissions: Linux, posix_acl_xattr.h.
ACCESS_LIST = struct.pack(
    "<I" + "HHI" * 5, 2, 1, 6, 2**32 - 1, 2, 4, 1234, 4, 4, 2**32 - 1, 16, 4, 2**32 - 1, 32, 0, 2**32 - 1
)


@pytest.mark.parametrize(
    ("name", "value"),
    [("user.note", b"important"), ("system.posix_acl_access", ACCESS_LIST)],
    ids=["note", "access list"],
)
def test_extended_attributes_are_kept(run: Run, manifest: Path, name: str, value: bytes) -> None:
    os.setxattr(manifest, name, value)
    mode = manifest.stat().st_mode

    assert run("rewrite", "--in-place", manifest.name).exit_code == 0
    assert (os.getxattr(manifest, name), manifest.stat().st_mode) == (value, mode)
    assert NGINX in manifest.read_text()


STEPS = {"tempfile.mkstemp", "os.chmod", "os.rename", "os.remove"}
"""What Python announces (PEP 578) before it changes a folder."""


def rewritten_until(step: int, run: Run, file: Path) -> bool:
    """Rewrites a file in another process, and kills it before this step. Returns whether it came to its end."""
    process = os.fork()
    if not process:
        steps = iter(range(step))
        sys.addaudithook(
            lambda event, _: (
                os.kill(os.getpid(), signal.SIGKILL) if event in STEPS and next(steps, None) is None else None
            )
        )
        run("rewrite", "--in-place", str(file))
        os._exit(0)
    return os.waitpid(process, 0)[1] == 0


def test_a_kill_at_any_step_leaves_the_old_or_the_new_content(run: Run, manifest: Path) -> None:
    old = manifest.read_text()
    step = 0
    while not rewritten_until(step, run, manifest):
        assert manifest.read_text() == old
        step += 1
    assert manifest.read_text() == old.replace("nginx", NGINX)
    assert step >= 3


def test_a_file_with_hard_links_is_rejected(run: Run, manifest: Path) -> None:
    before = manifest.read_text()
    os.link(manifest, manifest.with_name("other.yaml"))

    code, _, said = outcome(run("rewrite", "--in-place", manifest.name))

    assert (code, manifest.read_text()) == (2, before)
    assert said.startswith("pod.yaml: has 2 hard links")


def test_a_fifo_is_rejected(run: Run, manifest: Path) -> None:
    fifo = manifest.with_name("fifo.yaml")
    os.mkfifo(fifo)

    code, _, said = outcome(run("rewrite", "--in-place", fifo.name))

    assert (code, fifo.is_fifo()) == (2, True)
    assert said.startswith("fifo.yaml: is not a regular file")


def test_a_file_that_is_removed_before_its_turn(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"gone\.yaml: cannot be read \(No such file or directory\)"):
        check_replaceable(tmp_path / "gone.yaml")


def test_what_does_not_end_is_rejected(run: Run) -> None:
    code, out, said = outcome(run("rewrite", "/dev/zero"))

    assert (code, out) == (2, "")
    assert "has a document of more than 64 MiB" in said


@pytest.mark.parametrize("content", ["[" * 50_000, "{a: " * 50_000, "- " * 50_000], ids=["lists", "mappings", "blocks"])
def test_deep_nesting_is_rejected(run: Run, content: str) -> None:
    code, out, said = outcome(run("rewrite", stdin=content))

    assert (code, out) == (2, "")
    assert "is nested more than 500 levels deep" in said


def test_nesting_that_is_accepted(run: Run) -> None:
    content = "[" * 400 + "{image: nginx}" + "]" * 400

    assert run("rewrite", stdin=content).stdout == content.replace("nginx", NGINX)


def test_an_interrupt_is_quiet_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pods.yaml"
    content = "image: nginx\n---\n" * 20_000
    file.write_text(content)
    environment = {**os.environ, "DEPLOYMENT": str(deployment(tmp_path))}
    with subprocess.Popen(
        [sys.executable, "-m", "pull_through_cache", "rewrite", "--in-place", str(file)],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        while process.poll() is None and not _reads(process.pid, file):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr
        assert process.stderr.read() == b""
    assert file.read_text() == content
    assert sorted(each.name for each in tmp_path.iterdir()) == ["deployment.yaml", "pods.yaml"]


def _reads(process: int, file: Path) -> bool:
    """Whether a process has a file open."""
    return any(each.resolve() == file for each in Path(f"/proc/{process}/fd").iterdir())
