"""A real image, pulled by a real client: skopeo where it is installed, else the project's own minimal one."""

import base64
import hashlib
import json
import shutil
from pathlib import Path

from demo.commands import CommandFailed
from demo.narrator import Narrator
from emulator.blobs import Blobs
from emulator.internet import Internet
from emulator.oci import Registry, RegistryError
from emulator.tokens import USER


class Client:
    """``name`` is the client's."""

    def __init__(self, narrator: Narrator, internet: Internet) -> None:
        self._narrator = narrator
        self._internet = internet
        self._skopeo = shutil.which("skopeo")
        self.name = "skopeo" if self._skopeo else "the project's own client, because skopeo is not on PATH"

    def pull(self, host: str, repository: str, tag: str, password: str) -> str:
        """All bytes of all platforms; returns the digest. Raises CommandFailed with the client's error."""
        if self._skopeo:
            return self._copy(self._skopeo, host, repository, tag, password)
        try:
            return Registry(host, self._internet.opener, (USER, password)).pull(repository, tag, Blobs())[-1].digest
        except RegistryError as error:
            raise CommandFailed(str(error)) from None

    def _copy(self, skopeo: str, host: str, repository: str, tag: str, password: str) -> str:
        folder = self._narrator.folder
        login = base64.b64encode(f"{USER}:{password}".encode()).decode()
        authorization = folder / "auth.json"
        authorization.write_text(json.dumps({"auths": {host: {"auth": login}}}))
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        command = [skopeo, "copy", "--all", "-q", "--authfile", str(authorization)]
        command += [f"docker://{host}/{repository}:{tag}", f"dir:{copy}"]
        environment = self._narrator.environment | self._internet.environment
        self._narrator.commands.run(command, folder, environment, lambda _: None)
        return f"sha256:{hashlib.sha256(Path(copy / 'manifest.json').read_bytes()).hexdigest()}"
