"""What Node requires with the hook lazy_modules.cjs."""

import json
import subprocess
from pathlib import Path

import pytest

from lazy_bindings.bundled_node import BUNDLED_NODE
from tests.stacks.conftest import PROJECT

HOOK = PROJECT / "lazy_bindings" / "lazy_modules.cjs"


@pytest.mark.parametrize(
    ("files", "loaded"),
    [
        pytest.param(["index.js", "lazy-index.js"], "lazy-index.js", id="lazy index"),
        pytest.param(["index.js"], "index.js", id="no lazy index"),
    ],
)
@pytest.mark.parametrize("name", ["@cdktf/provider-aws", "@cdktf/provider-small"])
def test_node_takes_the_lazy_index_where_there_is_one(tmp_path: Path, name: str, files: list[str], loaded: str) -> None:
    assert BUNDLED_NODE
    package = tmp_path / "node_modules" / name
    (package / "lib").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": name, "main": "lib/index.js"}))
    for file in files:
        (package / "lib" / file).write_text("module.exports = require('node:path').basename(__filename)")

    script = f"console.log(require('{name}'))"
    command = [BUNDLED_NODE, "--require", str(HOOK), "--eval", script]

    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout == f"{loaded}\n"


def test_node_requires_archiver_when_it_is_called(tmp_path: Path) -> None:
    assert BUNDLED_NODE
    package = tmp_path / "node_modules" / "archiver"
    package.mkdir(parents=True)
    (package / "index.js").write_text("console.log('required'); module.exports = (kind) => kind")

    script = "const archiver = require('archiver'); console.log('not called'); console.log(archiver('zip'))"
    command = [BUNDLED_NODE, "--require", str(HOOK), "--eval", script]

    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert printed.split("\n") == ["not called", "required", "zip", ""]


def test_node_ends_when_jsiis_index_is_written(tmp_path: Path) -> None:
    assert BUNDLED_NODE
    worker = tmp_path / "runtime-index-worker.js"
    worker.write_text("setTimeout(() => require('node:fs').writeFileSync('index', ''), 100)")

    script = f"new (require('node:worker_threads').Worker)({str(worker)!r}); process.exit(3)"
    command = [BUNDLED_NODE, "--require", str(HOOK), "--eval", script]

    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 3
    assert (tmp_path / "index").exists()
