"""Fetches images from upstream registries like ECR does: completely or not at all, and once for all waiting pulls.

"Guide" is the Amazon ECR User Guide.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Lock
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, build_opener

from emulator import images, pulls, tokens
from emulator.blobs import Blobs, WrongBlobError
from emulator.oci import Login, Manifest, Registry, RegistryError
from emulator.pulls import AUTHENTICATION_FAILED, MISSING, Attempt, DeniedError, is_due, upstream_path
from emulator.registry import Settings
from emulator.roles import administrator
from emulator.upstreams import secret_login

# Source: the ECR service model, UnableToGetUpstreamImageException
UNABLE = "denied: The image or images were unable to be pulled using the pull through cache rule."

# Rules can form a circle. AWS does not document what ECR answers then: this text is the emulator's own.
LOOP = "loop detected: Pull through cache rules ask each other for this image, and none of their registries has it"


class Imports:
    """A ``Fetch`` for pulls. ``lock`` guards moto's backends. The caller holds it; transfers of bytes release it."""

    def __init__(self, lock: Lock, blobs: Blobs) -> None:
        self._lock = lock
        self._blobs = blobs
        self._opener: OpenerDirector | None = None
        self._running: dict[tuple[str, ...], Lock] = {}

    def connect(self, proxy: str, certificates: str) -> None:
        """Reach upstream registries through a proxy. These authorities (a PEM file) sign its certificates."""
        tls = HTTPSHandler(context=ssl.create_default_context(cafile=certificates))
        self._opener = build_opener(ProxyHandler({"https": proxy}), tls)

    def __call__(self, attempt: Attempt, rule: Settings) -> bool:
        """Disconnect from upstream registries: every image exists and has no layers."""
        if self._opener is None:
            return pulls.imagine(attempt, rule)
        path, login = upstream_path(attempt.repository, rule), _login(attempt, rule)
        upstream = Registry(rule["upstreamRegistryUrl"], self._opener, login, _via(attempt, rule))
        repository = attempt.ecr.repositories[attempt.repository]
        with self._alone(attempt):
            if pulls.cached(attempt) and not is_due(attempt):
                return False
            with self._unlocked():
                manifests = self._fetch(upstream, path, attempt.tag, login)
            if attempt.ecr.repositories.get(attempt.repository) is not repository:  # deleted, or reset
                raise DeniedError(f"name unknown: {attempt.not_found}")
            pulls.store(attempt, manifests)
        return True

    def referrers(self, attempt: Attempt, rule: Settings) -> None:
        """Fetch the referrers of the manifest that the attempt names; nothing if the upstream cannot list them."""
        if self._opener is None:
            return
        path, login = upstream_path(attempt.repository, rule), _login(attempt, rule)
        upstream = Registry(rule["upstreamRegistryUrl"], self._opener, login, _via(attempt, rule))
        with self._unlocked():
            try:
                digests = upstream.referrers(path, attempt.tag)
            except RegistryError:
                return
            manifests = [each for digest in digests for each in self._fetch(upstream, path, digest, login)]
        repository = attempt.ecr.repositories[attempt.repository]
        for each in manifests:
            images.put(repository, each)

    def _fetch(self, upstream: Registry, path: str, reference: str, login: Login | None) -> list[Manifest]:
        """Guide, pull-through-cache.html: of a manifest list, every image that it lists is fetched."""
        try:
            return upstream.pull(path, reference, self._blobs)
        except WrongBlobError:
            raise DeniedError(UNABLE) from None
        except RegistryError as error:
            if error.status == HTTPStatus.LOOP_DETECTED:
                raise DeniedError(LOOP) from None
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise DeniedError("toomanyrequests: The upstream registry's rate limit is exceeded") from None
            if error.status in {401, 403}:
                # Without credentials, this means that the image does not exist or is private.
                raise DeniedError(AUTHENTICATION_FAILED if login else MISSING) from None
            raise DeniedError(MISSING if error.status == 404 else UNABLE) from None

    @contextmanager
    def _alone(self, attempt: Attempt) -> Iterator[None]:
        """Wait until no other pull fetches the same image."""
        key = attempt.account, attempt.region, attempt.repository, attempt.tag
        running = self._running.setdefault(key, Lock())
        with self._unlocked():
            running.acquire()
        try:
            yield
        finally:
            running.release()

    @contextmanager
    def _unlocked(self) -> Iterator[None]:
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()


def _via(attempt: Attempt, rule: Settings) -> str:
    """The Via header of requests to the upstream, if that is ECR (RFC 9110, 7.6.3, for the detection of loops).

    Raises DeniedError if this registry already asks for the image.
    """
    if rule["upstreamRegistry"] != "ecr":
        return ""
    host = f"{attempt.account}.dkr.ecr.{attempt.region}.amazonaws.com"
    here = f"1.1 {host} ({attempt.repository}:{attempt.tag})"
    if here in attempt.via:
        raise DeniedError(LOOP)
    return f"{attempt.via}, {here}" if attempt.via else here


def _login(attempt: Attempt, rule: Settings) -> Login | None:
    """The credentials that ECR uses with the upstream. Raises DeniedError if ECR cannot get them."""
    if "credentialArn" in rule:
        return secret_login(rule["credentialArn"], attempt.account, attempt.region)
    if rule["upstreamRegistry"] != "ecr":
        return None
    # In the same account ECR needs no role (Guide: pull-through-cache-private.html).
    role = rule.get("customRoleArn") or administrator(attempt.account)
    try:
        pulls.authorize(attempt.account, attempt.region, role)
    except (DeniedError, ValueError):
        raise DeniedError(AUTHENTICATION_FAILED) from None
    password, _ = tokens.issue(role)
    return tokens.USER, password
