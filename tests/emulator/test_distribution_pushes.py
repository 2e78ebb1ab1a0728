"""Pushes of your own image."""

import hashlib
import json

from emulator.oci import IMAGE
from tests.registries import EVERYTHING, Registries

CONFIG = b'{"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "config": {}}'


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def manifest_of(config: bytes = CONFIG, **annotations: str) -> bytes:
    descriptor = {"mediaType": "application/json", "digest": digest_of(config), "size": len(config)}
    document = {"schemaVersion": 2, "mediaType": IMAGE, "config": descriptor, "layers": [], "annotations": annotations}
    return json.dumps(document).encode()


class Pusher:
    """A role with a repository, ``team/own``."""

    def __init__(self, registries: Registries, **settings: str) -> None:
        self.registries = registries
        registries.aws.client("ecr").create_repository(repositoryName="team/own", **settings)
        self.role = registries.aws.role(EVERYTHING)
        self.password = registries.token(self.role)

    def upload(self, content: bytes, digest: str) -> int:
        """Begin an upload, send two chunks, and complete it. Returns the status of the last request."""
        _, headers, _ = self.registries.ask("team/own/blobs/uploads/", self.password, "POST")
        middle = len(content) // 2
        for piece in (content[:middle], content[middle:]):
            place = headers["Location"].removeprefix("/v2/")
            _, headers, _ = self.registries.ask(place, self.password, "PATCH", piece)
        place = f"{headers['Location'].removeprefix('/v2/')}?digest={digest}"
        return self.registries.ask(place, self.password, "PUT")[0]

    def put(self, manifest: bytes, reference: str) -> tuple[int, bytes]:
        path = f"team/own/manifests/{reference}"
        status, _, body = self.registries.ask(path, self.password, "PUT", manifest, Content_Type=IMAGE)
        return status, body


def test_what_was_pushed_is_pulled(registries: Registries) -> None:
    pusher = Pusher(registries)
    assert pusher.upload(CONFIG, digest_of(CONFIG)) == 201
    assert pusher.put(manifest_of(), "1")[0] == 201
    (manifest,) = registries.pull("team/own", "1", pusher.role)
    assert manifest.digest == digest_of(manifest_of())


def test_a_layer_with_another_digest_is_rejected(registries: Registries) -> None:
    pusher = Pusher(registries)
    assert pusher.upload(CONFIG, digest_of(b"something else")) == 400
    assert registries.ask(f"team/own/blobs/{digest_of(CONFIG)}", pusher.password, "HEAD")[0] == 404


def test_a_manifest_without_its_layers_is_rejected(registries: Registries) -> None:
    status, body = Pusher(registries).put(manifest_of(), "1")
    assert (status, b"MANIFEST_INVALID" in body, digest_of(CONFIG).encode() in body) == (400, True, True)


def test_an_immutable_tag_is_not_pushed_again(registries: Registries) -> None:
    pusher = Pusher(registries, imageTagMutability="IMMUTABLE")
    pusher.upload(CONFIG, digest_of(CONFIG))
    pusher.put(manifest_of(), "1")
    again, _ = pusher.put(manifest_of(), "1")
    status, body = pusher.put(manifest_of(version="2"), "1")
    assert (again, status) == (201, 400)
    assert b"cannot be overwritten because the tag is immutable" in body


def test_a_pushed_tag_is_not_fetched_from_an_upstream(registries: Registries) -> None:
    registries.app.add("1", {"etc/motd": b"hello"})
    registries.aws.cache_quay()
    pusher = Pusher(registries)
    registries.aws.client("ecr").create_pull_through_cache_rule(
        ecrRepositoryPrefix="ROOT", upstreamRegistryUrl="public.ecr.aws"
    )
    pusher.upload(CONFIG, digest_of(CONFIG))
    pusher.put(manifest_of(), "1")
    registries.aws.emulator.advance(25)
    registries.pull("team/own", "1", pusher.role)
    assert registries.upstream.asked == []


def test_a_push_needs_the_repository(registries: Registries) -> None:
    pusher = Pusher(registries)
    error = registries.error("team/nothing/blobs/uploads/", pusher.password, "POST")
    assert error[:2] == (404, "NAME_UNKNOWN")


def test_an_unknown_upload(registries: Registries) -> None:
    pusher = Pusher(registries)
    error = registries.error("team/own/blobs/uploads/any?digest=x", pusher.password, "PUT")
    assert error[:2] == (404, "BLOB_UPLOAD_UNKNOWN")
