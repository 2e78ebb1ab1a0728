"""Images on disk in OCI image layout (OCI image specification 1.1). skopeo and other tools can read and write them."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emulator.oci import IMAGE, INDEX

Descriptor = dict[str, Any]
TAG = "org.opencontainers.image.ref.name"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Layout:
    """The images of one repository. Images can be read while others are added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptors: dict[str, Descriptor] = {}
        self._tags: dict[str, Descriptor] = {}
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def add(self, tag: str, files: Mapping[str, bytes], platforms: Sequence[str] = ("amd64",)) -> str:
        """Add an image with one layer of these files, for each platform; returns its digest.

        With several platforms, the tag is an index of them. An existing tag moves.
        """
        images = [self._image(files, architecture) for architecture in platforms]
        top = images[0]
        if len(images) > 1:
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images}
            top = self._write(json.dumps(index).encode(), INDEX)
        self._tags[tag] = top
        entries = [each | {"annotations": {TAG: name}} for name, each in self._tags.items()]
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        (self._folder / "index.json").write_text(json.dumps(index))
        return str(top["digest"])

    def sign(self, digest: str, text: bytes) -> str:
        """Add a referrer of an image, such as a signature; returns its digest."""
        empty = self._write(b"{}", "application/vnd.oci.empty.v1+json")
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "artifactType": "application/vnd.example.signature",
            "config": empty,
            "layers": [self._write(text, "application/octet-stream")],
            "subject": self._descriptors[digest],
        }
        return str(self._write(json.dumps(manifest).encode(), IMAGE)["digest"])

    def find(self, reference: str) -> Descriptor | None:
        """The descriptor of a tag or a digest."""
        return self._tags.get(reference) or self._descriptors.get(reference)

    def file(self, digest: str) -> Path:
        return self._folder / "blobs" / digest.replace(":", "/")

    def referrers(self, digest: str) -> bytes:
        """The index of a manifest's referrers."""
        manifests = [each for each in self._descriptors.values() if each["mediaType"] == IMAGE]
        documents = [(each, json.loads(self.file(each["digest"]).read_bytes())) for each in manifests]
        about = [each for each, document in documents if document.get("subject", {}).get("digest") == digest]
        return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": about}).encode()

    def _image(self, files: Mapping[str, bytes], architecture: str) -> Descriptor:
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, content in {**files, "etc/platform": architecture.encode()}.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        layer = self._write(gzip.compress(archive.getvalue(), compresslevel=0, mtime=0), LAYER)
        diff = f"sha256:{hashlib.sha256(archive.getvalue()).hexdigest()}"
        platform = {"architecture": architecture, "os": "linux"}
        config = platform | {"config": {}, "rootfs": {"type": "layers", "diff_ids": [diff]}}
        manifest = {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": self._write(json.dumps(config).encode(), CONFIG),
            "layers": [layer],
        }
        return self._write(json.dumps(manifest).encode(), IMAGE) | {"platform": platform}

    def _write(self, content: bytes, media_type: str) -> Descriptor:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.file(digest).write_bytes(content)
        self._descriptors[digest] = {"mediaType": media_type, "digest": digest, "size": len(content)}
        return dict(self._descriptors[digest])
