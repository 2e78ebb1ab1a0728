"""A reset of the emulator ends what clients have begun in its registries."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from tests.emulator.test_distribution_pushes import CONFIG, Pusher, digest_of, manifest_of
from tests.registries import EVERYTHING, Registries


def test_an_unfinished_upload_is_canceled(registries: Registries) -> None:
    pusher = Pusher(registries)
    _, headers, _ = registries.ask("team/own/blobs/uploads/", pusher.password, "POST")
    place = headers["Location"].removeprefix("/v2/")
    registries.aws.emulator.reset()
    pusher = Pusher(registries)
    error = registries.error(f"{place}?digest={digest_of(b'')}", pusher.password, "PUT")
    assert error[:2] == (404, "BLOB_UPLOAD_UNKNOWN")


def test_uploaded_layers_are_restored(registries: Registries) -> None:
    pusher = Pusher(registries)
    pusher.upload(CONFIG, digest_of(CONFIG))
    snapshot = registries.aws.emulator.snapshot()
    registries.aws.emulator.reset()
    registries.aws.emulator.reset(snapshot)
    assert pusher.put(manifest_of(), "1")[0] == 201


def test_an_image_that_arrives_after_a_reset_is_not_cached(registries: Registries) -> None:
    registries.app.add("1", {"etc/motd": b"hello"})
    began, goes_on = Event(), Event()

    def late(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began.set()
        goes_on.wait()
        return registries.upstream(environ, start_response)

    def prepared() -> str:
        registries.aws.cache_quay()
        registries.aws.client("ecr").create_repository(repositoryName="quay/team/app")
        return registries.token(registries.aws.role(EVERYTHING))

    password = prepared()
    with registries.playing(late), ThreadPoolExecutor() as pool:
        pull = pool.submit(registries.ask, "quay/team/app/manifests/1", password)
        began.wait()
        registries.aws.emulator.reset()
        prepared()
        goes_on.set()
        assert pull.result()[0] == 404
    assert registries.aws.client("ecr").list_images(repositoryName="quay/team/app")["imageIds"] == []
