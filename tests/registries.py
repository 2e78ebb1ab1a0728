"""Upstream registries, the loopback internet and an emulator: what tests with real bytes need."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import Message
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import get_session

from emulator.blobs import Blobs
from emulator.internet import Asked, Internet
from emulator.layout import Layout
from emulator.oci import Manifest, Registry
from emulator.organization import REGION, Account
from emulator.upstream_registry import Application, DockerHub, UpstreamRegistry, serve
from tests.aws import REGISTRY, Aws, allow

LOGIN = ("somebody", "the token of Docker Hub")
EVERYTHING = allow("ecr:*", resource="*")
UPSTREAMS = ("quay.io", "public.ecr.aws", "registry.k8s.io", *DockerHub.HOSTS)


class Registries:
    """An empty emulator that is connected to an internet with quay.io and Docker Hub, which have the same images."""

    def __init__(self, aws: Aws, internet: Internet, folder: Path) -> None:
        self.aws = aws
        self.internet = internet
        self.app = Layout(folder / "app")
        self.upstream = UpstreamRegistry({"team/app": self.app, "library/nginx": self.app})
        self.hub = DockerHub(self.upstream, LOGIN)
        internet.asked.clear()
        internet.refused.clear()

    @contextmanager
    def served(self) -> Iterator["Registries"]:
        with ExitStack() as stack:
            url = stack.enter_context(serve(self.upstream))
            for host in UPSTREAMS:
                self.internet.play(host, url)
            url = stack.enter_context(serve(self.hub))
            for host in DockerHub.HOSTS:
                self.internet.play(host, url)
            yield self

    @contextmanager
    def playing(self, application: Application, host: str = "quay.io") -> Iterator[None]:
        """Another server answers for the host."""
        former = self.internet.backend(host)
        with serve(application) as url:
            self.internet.play(host, url)
            yield
        self.internet.play(host, str(former))

    def without_upstream(self) -> None:
        for host in UPSTREAMS:
            self.internet.stop_playing(host)

    def cache_docker_hub(self, login: tuple[str, str] = LOGIN) -> None:
        value = json.dumps({"username": login[0], "accessToken": login[1]})
        self.aws.client("ecr").create_pull_through_cache_rule(
            ecrRepositoryPrefix="docker-hub",
            upstreamRegistryUrl="registry-1.docker.io",
            credentialArn=self.aws.secret(SecretString=value),
        )

    def token(self, role: str, region: str = REGION) -> str:
        """A password for registries, as a node gets it: with the credentials of its role."""
        account = Account(role.split(":")[4], "")
        assumed = self.aws.client("sts", account).assume_role(RoleArn=role, RoleSessionName="node")["Credentials"]
        ecr = get_session().create_client(
            "ecr",
            endpoint_url=self.aws.emulator.url,
            region_name=region,
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
            config=Config(proxies={}),
        )
        (data,) = ecr.get_authorization_token()["authorizationData"]
        return base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]

    def registry(self, role: str, host: str = REGISTRY) -> Registry:
        """The registry, as a node with this role reaches it."""
        return Registry(host, self.internet.opener, ("AWS", self.token(role)))

    def pull(self, repository: str, reference: str, role: str, host: str = REGISTRY) -> list[Manifest]:
        """All bytes of an image, each verified against its digest."""
        return self.registry(role, host).pull(repository, reference, Blobs())

    def ask(
        self, path: str, password: str | None, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, Message, bytes]:
        """One request to the shared services account's registry, or to the URL: status, headers and body."""
        response = self._send(path, password, method, body, headers).getresponse()
        return response.status, response.headers, response.read()

    def abandon(self, path: str, password: str) -> None:
        """Ask the registry, and go away without waiting for the answer."""
        self._send(path, password, "GET", b"", {}).close()

    def _send(
        self, path: str, password: str | None, method: str, body: bytes, headers: dict[str, str]
    ) -> HTTPSConnection:
        url = urlsplit(path if path.startswith("https://") else f"https://{REGISTRY}/v2/{path}")
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if password is not None:
            fields["Authorization"] = "Basic " + base64.b64encode(f"AWS:{password}".encode()).decode()
        connection = HTTPSConnection("127.0.0.1", self.internet.port, context=self.internet.tls)
        connection.set_tunnel(url.netloc)
        connection.request(method, f"{url.path}?{url.query}", body, fields)
        return connection

    def error(self, path: str, password: str | None, method: str = "GET", body: bytes = b"") -> tuple[int, str, str]:
        """Status, code and message of an error."""
        status, _, answer = self.ask(path, password, method, body)
        (error,) = json.loads(answer)["errors"]
        return status, error["code"], error["message"]

    def asked(self, *hosts: str) -> list[Asked]:
        """The requests to these hosts, in order."""
        return [each for each in self.internet.asked if each.host in hosts]

    def fetched(self) -> list[str]:
        """The manifests that upstream registries gave away, by tag or digest."""
        return [path.rpartition("/")[2] for path in self.upstream.asked if "/manifests/" in path]
