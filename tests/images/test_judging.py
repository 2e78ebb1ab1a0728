"""Which text of a manifest is an image to rewrite: in doubt it stays, and `rewrite` reports it."""

from io import BytesIO
from pathlib import Path

import pytest
import yaml

from pull_through_cache.files.problems import InvalidFile
from pull_through_cache.files.yaml_stream import documents
from pull_through_cache.images.names import Caches
from pull_through_cache.images.rewriting import rewrite
from tests.images.conftest import HOST, NGINX, findings


def rewritten(content: str, caches: Caches) -> str:
    stream = documents(BytesIO(content.encode()), Path("values.yaml"))
    return "".join(rewrite(document, caches).text for document in stream)


@pytest.mark.parametrize(
    ("key", "mapping"),
    [
        ("org", "image: {org: acme, repository: web, tag: 1}"),
        ("namespace", "image: {namespace: acme, repository: web, tag: 1}"),
        ("owner", "image: {owner: acme, repository: web, tag: 1}"),
        ("host", "image: {host: quay.io, repository: acme/web, tag: 1}"),
        ("domain", "web: {domain: reg.example.com, repository: acme/web, tag: 1}"),
        ("group", "image: {group: acme, repository: web, tag: 1}"),
        ("project", "web: {project: acme, repository: web, tag: 1}"),
        ("org", "image: {registry: quay.io, org: acme, repository: web, tag: 1}"),
        ("imageOrg", "web: {imageOrg: acme, image: web, imageTag: 1}"),
        ("origin", "image: {origin: acme, repository: web, tag: 1}"),
        ("main", "web: {main: quay.io, image: acme/web, tag: 1}"),
        ("org", "a: &a {org: acme}\nimage: {<<: *a, repository: web, tag: 1}"),
    ],
)  # fmt: skip
def test_a_key_beside_an_image_may_be_a_part_of_its_name(caches: Caches, key: str, mapping: str) -> None:
    assert [finding.stays for finding in findings(mapping, caches)] == [
        f"{key} may be a part of its name; only the chart knows how it joins them"
    ]


@pytest.mark.parametrize(
    "mapping",
    [
        "image: {repository: nginx, tag: 1, pullPolicy: Always, pullSecrets: [regcred], debug: 'no'}",
        "image: {repository: nginx, tag: 1, variant: alpine, sha: abc, resourcesPreset: nano}",
        "image: {repository: quay.io/acme/web, tag: 1, org: acme}",
        "web: {name: web, namespace: shop, image: nginx:1}",
        "git: {registry: docker.io, repository: bitnami/git, tag: 1}",
        "web: {registry: docker.io, name: acme/web, tag: 1}",
    ],
)
def test_other_keys_beside_an_image(caches: Caches, mapping: str) -> None:
    assert [finding.outcome for finding in findings(mapping, caches)] == ["rewritten"]


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ("imagePrefix", "imagePrefix: acme"),
        ("imagePrefix", "imagePrefix: '{{ .Values.team }}/'"),
        ("registryPath", "registryPath: reg.example.com/acme"),
        ("dockerRepo", "dockerRepo: acme"),
        ("imageRegistryHost", "imageRegistryHost: reg.example.com"),
        ("global.imageRepo", "global: {imageRepo: acme}"),
        ("global.repository", "global: {repository: acme}"),
        ("global.image.registry", "global: {image: {registry: reg.example.com}}"),
        ("global.proxy", "global: {proxy: reg.example.com/proxy}"),
        ("common.image.registry", "common: {image: {registry: reg.example.com}}"),
        ("images.repo", "images: {repo: acme}"),
        ("registries.main", "registries: {main: reg.example.com}"),
        ("containerRegistry.server", "containerRegistry: {server: acme.azurecr.io}"),
        ("ecr", "ecr: 111122223333.dkr.ecr.eu-west-1.amazonaws.com"),
        ("hub", "hub: reg.example.com/istio"),
        ("global.imageRegistry", "global: {imageRegistry: ''}"),
        ("global.imageRegistry", "global: {imageRegistry: reg.example.com/acme, imageTag: v1}"),
        ("imageRegistry", "imageRegistry: ''"),
        ("privateRegistry.registryUrl", "privateRegistry: {registryUrl: ~}"),
        ("registry.url", "registry: {url: ''}"),
        ("offline.registry", "offline: {registry: reg.example.com}"),
        ("global.cattle.systemDefaultRegistry", "global: {cattle: {systemDefaultRegistry: ''}}"),
        ("acr.loginServer", "acr: {loginServer: acme.azurecr.io}"),
        ("harbor.url", "harbor: {url: harbor.example.com}"),
        ("image-registry", "image-registry: reg.example.com"),
        ("imageSource", "imageSource: reg.example.com"),
    ],
)
def test_a_value_elsewhere_may_be_put_before_an_image(caches: Caches, place: str, values: str) -> None:
    content = f"{values}\nweb: {{image: {{repository: acme/web, tag: 1}}}}\njob: {{initImage: 'busybox:1'}}\n"

    found = [finding for finding in findings(content, caches) if finding.use.place != place]

    assert [(finding.image, finding.stays) for finding in found] == [
        ("acme/web:1", f"{place} may be put before it; only the chart knows"),
        ("busybox:1", f"{place} may be put before it; only the chart knows"),
    ]


@pytest.mark.parametrize(
    "values",
    [
        "host: shop.example.com",
        "clusterDomain: cluster.local",
        "ingress: {host: registry.example.com}",
        "global: {domain: example.com, storageClass: gp3, namespace: shop}",
        "gitRepo: acme/configuration",
        "imageCredentials: {registry: reg.example.com, username: shop}",
        "imagePullSecrets: {registry: reg.example.com}",
        "serviceAccount: {name: default, namespace: shop}",
        "sidecarRepository: acme/sidecar\nsidecarTag: 1",
        "registryDatabaseIndex: '2'",
        "x-registry: reg.example.com",
        "pypiRegistry: {url: ''}",
        "schemaRegistry: {host: schema}",
        "global: {migrations: {repository: reg.example.com/acme/migrations}}",
    ],
)
def test_other_values_elsewhere(caches: Caches, values: str) -> None:
    content = f"{values}\nweb: {{image: {{repository: acme/web, tag: 1}}}}\n"

    assert [finding.outcome for finding in findings(content, caches)] == ["rewritten"]


def test_a_global_registry_replaces_the_registry_of_an_image(caches: Caches) -> None:
    """As in the charts of Kyverno and of Bitnami."""
    content = """\
        global: {image: {registry: reg.example.com}}
        controller: {image: {registry: docker.io, repository: acme/controller, tag: 1}}
        """

    assert rewritten(content, caches) == content


def test_a_domain_for_images_may_replace_the_registry_of_an_image(caches: Caches) -> None:
    content = "imageRepositoryOverride: reg.example.com\nweb: {image: {repository: quay.io/acme/web, tag: 1}}\n"

    assert rewritten(content, caches) == content


def test_a_registry_beside_an_image_is_for_this_image(caches: Caches) -> None:
    found = findings("a: {registry: reg.example.com, image: acme/a, tag: 1}\nb: {image: acme/b}\n", caches)

    assert [finding.outcome for finding in found] == ["uncovered", "rewritten"]


@pytest.mark.parametrize("tag", ["false", "~", "null", "''"])
def test_a_tag_that_is_none(caches: Caches, tag: str) -> None:
    (found,) = findings(f"image: {{repository: nginx, tag: {tag}}}", caches)

    assert (found.image, found.cached) == ("nginx", NGINX)


def test_a_tag_beside_a_name_with_a_tag(caches: Caches) -> None:
    (found,) = findings("a: {image: 'nginx:1', tag: v2}", caches)

    assert (found.image, found.cached) == ("nginx:1", f"{NGINX}:1")


def test_surrogate_pairs(caches: Caches) -> None:
    content = r'{"icon": "\ud83d\udc33", "image": "nginx", "after": "\ud83d\udc33"}'

    assert rewritten(content, caches) == content.replace('"nginx"', f'"{NGINX}"')


def test_a_comment_on_the_line_of_a_marker(caches: Caches) -> None:
    content = "kind: A\n---# a pod\nimage: nginx\n"

    assert rewritten(content, caches) == content.replace("nginx", NGINX)


@pytest.mark.parametrize("name", ["notes.yaml", "notes.txt"])
@pytest.mark.parametrize("content", ["FROM nginx:1.27\nCOPY a /b\n", "image\n", "'nginx'\n", "a: b\n---\nplain text\n"])
def test_plain_text_is_rejected(caches: Caches, name: str, content: str) -> None:
    with pytest.raises(InvalidFile, match="is neither a mapping nor a list, so it is no manifest"):
        findings(content, caches, name)


def kubernetes(kind: str, content: str) -> str:
    group, _, kind = kind.rpartition("/")
    return f"apiVersion: {group}/v1\nkind: {kind}\n{content}\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("sourceImage: debian-cloud/debian-12", id="source"),
        pytest.param("osImage: ubuntu/noble", id="operating system"),
        pytest.param("diskImage: acme/disk", id="disk"),
        pytest.param("vmImage: acme/vm", id="virtual machine"),
        pytest.param("machineImage: acme/golden", id="machine"),
        pytest.param("imageId: acme/golden", id="id"),
        pytest.param("vm: {image: acme/golden}", id="of a virtual machine"),
        pytest.param("node: {image: debian, machineType: e2-medium}", id="beside a machine's type"),
        pytest.param("node: {image: ubuntu, flavor: m1.small}", id="beside a flavor"),
        pytest.param("heat_template_version: 2021-04-16\nresources: {a: {properties: {image: debian}}}", id="Heat"),
        pytest.param("kind: Pod\napiVersion: v1\nspec: {volumes: [{rbd: {image: nginx}}]}", id="Ceph volume"),
        pytest.param(
            "apiVersion: v1\nkind: PodList\nitems: [{status: {containerStatuses: [{image: nginx}]}}]", id="status in a list"
        ),
        pytest.param("backgroundImage: photos/cat", id="background"),
        pytest.param("logoImage: acme/logo", id="logo"),
        pytest.param("heroImage: node", id="hero"),
        pytest.param("pets: [{image: photos/cat}]", id="item of a list"),
        pytest.param("pets: [{image: acme/cat, alt: A cat}]", id="beside a description"),
        pytest.param("git: {repository: acme/configuration, tag: v1}", id="Git"),
        pytest.param("source: {repository: acme/configuration, tag: v1, branch: main}", id="source of a branch"),
        pytest.param("module: {repository: github.com/acme/module, tag: v1}", id="GitHub"),
        pytest.param("panels: []\nschemaVersion: 39\nrename: {image: nginx}", id="dashboard"),
        pytest.param("openapi: 3.1.0\npaths: {}\nexample: {image: nginx}", id="OpenAPI"),
        pytest.param("$schema: http://json-schema.org/draft-07/schema#\nexamples: [{image: nginx}]", id="JSON Schema"),
        pytest.param("$schema: https://docs.renovatebot.com/s.json\na: [quay.io/acme/a]", id="Renovate"),
        pytest.param(
            kubernetes("aquasecurity.github.io/VulnerabilityReport", "report: {artifact: {repository: a/b, tag: 1}}"),
            id="report",
        ),
        pytest.param(
            kubernetes("constraints.gatekeeper.sh/Repos", "spec: {parameters: {repos: [quay.io/acme/a]}}"),
            id="constraint",
        ),
        pytest.param(
            kubernetes("kyverno.io/ClusterPolicy", "spec: {rules: [{imageReferences: [ghcr.io/acme/a]}]}"),
            id="policy",
        ),
    ],
)  # fmt: skip
def test_what_is_no_image_is_not_reported(caches: Caches, content: str) -> None:
    assert findings(content, caches) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("image: ubuntu-22.04", "is the image of a machine"),
        ("image: projects/debian-cloud/global/images/family/debian-12", "is the image of a machine"),
        ("image: family/debian-12", "is the image of a machine"),
        (
            "images: {web: {image: quay.io/acme/web, dockerfile: Dockerfile}}",
            "may be built here, because of dockerfile beside it",
        ),
        (
            "build: {web: {image: quay.io/acme/web, context: web}}",
            "may be built here, because of context beside it",
        ),
        ("image: https://example.com/cat", "is the address of a file"),
        (
            "image: {registry: ghcr.io, repository: quay.io/acme/web, tag: 1}",
            "its registry is beside a name that has a registry; only the chart knows",
        ),
        ("substitute: {image: 'quay.io/acme/web:1', tag: 2}", "looks like an image of quay.io, left"),
        ("Image: aws/codebuild/standard:7.0", "is an image of CodeBuild"),
        ("osImage: quay.io/acme/os:1", "may be the image of a machine"),
        ("pets: [{image: acme/cat}]", "may be a picture: it has neither a registry nor a tag"),
        ("hero: {image: acme/cat}", "may be a picture: it has neither a registry nor a tag"),
        ("pets: {logo: me, image: acme/cat}", "may be a picture: it has neither a registry nor a tag"),
        ("pets: {title: Pets, image: node}", "may be a picture: it has neither a registry nor a tag"),
        ("image: worker", "is not an official image of Docker Hub; write docker.io/library/worker if it is one"),
        (
            "dockerImage: web\ndockerTag: 1",
            "is not an official image of Docker Hub; write docker.io/library/web if it is one",
        ),
        ("image: quay.io:80/a/b", "no cache covers it"),
        ("image: 'ENC[AES256_GCM,data:x]'", "is encrypted by SOPS; decrypt the file, rewrite it and encrypt it again"),
    ],
)
def test_what_is_probably_no_image_stays(caches: Caches, content: str, why: str) -> None:
    (found,) = findings(content, caches)

    assert (found.outcome == "rewritten", found.stays) == (False, why)


@pytest.mark.parametrize(
    "content",
    ["pets: [{name: cat, image: acme/cat, ports: [80]}]", "sidecars: [{image: acme/cat}]", "job: {image: node}"],
)
def test_an_image_without_a_tag(caches: Caches, content: str) -> None:
    assert [finding.outcome for finding in findings(content, caches)] == ["rewritten"]


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ('# {"$imagepolicy": "shop:web"}', "set newName in images of the kustomization"),
        ('# {"$imagepolicy": "shop:web:name"}', "remove the comment with :name"),
        ("# kpt-set: ${image}", "is written by a function of kpt"),
    ],
)
def test_an_image_that_a_program_writes_stays(caches: Caches, comment: str, why: str) -> None:
    (found,) = findings(f"image: quay.io/acme/web:1 {comment}\n", caches)

    assert (found.outcome, why in found.stays) == ("left", True)


@pytest.mark.parametrize(
    "build",
    [
        "{image: busybox, args: [--context, ., --destination, quay.io/acme/web]}",
        "{image: gcr.io/kaniko-project/executor, args: [-d, quay.io/acme/web]}",
        "{image: docker, command: [docker, build, -t, quay.io/acme/web, .]}",
        "{image: docker, args: [docker push -q quay.io/acme/web]}",
    ],
)
def test_what_a_container_pushes_stays(caches: Caches, build: str) -> None:
    content = f"kind: Pod\napiVersion: v1\nspec: {{containers: [{build}, {{image: 'quay.io/acme/web:1'}}]}}"

    (found,) = (finding for finding in findings(content, caches) if finding.image == "quay.io/acme/web:1")

    assert found.stays == "is pushed or built here"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("runtime: go\nimage: quay.io/acme/f", "func.yaml"),
        ("specVersion: 0.36.0\nruntime: go\ndeploy: {image: quay.io/acme/f}", "values.yaml"),
        (kubernetes("nuclio.io/NuclioFunction", "spec: {image: quay.io/acme/f}"), "values.yaml"),
    ],
)
def test_the_image_of_a_function_is_built(caches: Caches, content: str, name: str) -> None:
    assert [finding.stays for finding in findings(content, caches, name)] == ["is built and pushed, not pulled"]


ASKED = "ECR lists only tags that were pulled"
APPLICATION = """\
kind: Application
apiVersion: argoproj.io/v1alpha1
metadata:
  annotations:
    argocd-image-updater.argoproj.io/image-list: web=quay.io/acme/web:1.x
spec: {source: {helm: {valuesObject: {a: {image: "quay.io/acme/web:1"}, b: {image: "quay.io/acme/other:1"}}}}}
"""


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            "kind: Deployment\napiVersion: apps/v1\nmetadata: {annotations: {keel.sh/policy: minor}}\n"
            "spec: {template: {spec: {containers: [{image: nginx}]}}}",
            id="Keel",
        ),
        pytest.param(kubernetes("kargo.akuity.io/Warehouse", "spec: {subscriptions: [{image: {repoURL: a/b}}]}"), id="Kargo"),
        pytest.param("contents: [{imgpkgBundle: {image: quay.io/a/b, tagSelection: {semver: {}}}}]", id="vendir"),
        pytest.param("resources: [{type: registry-image, source: {repository: quay.io/a/b}}]", id="Concourse"),
        pytest.param(
            kubernetes("source.toolkit.fluxcd.io/OCIRepository", "spec: {url: oci://quay.io/a/b, ref: {semver: 1.2.3}}"),
            id="Flux",
        ),
        pytest.param(
            kubernetes(
                "argoproj.io/Application", "spec: {source: {repoURL: quay.io/a/b, chart: c, targetRevision: 1.*}}"
            ),
            id="Argo CD",
        ),
    ],
)  # fmt: skip
def test_an_image_whose_tags_are_listed_stays(caches: Caches, content: str) -> None:
    found = findings(content, caches)

    assert [(finding.outcome != "rewritten", finding.stays.endswith(ASKED)) for finding in found] == [(True, True)]


def test_an_image_that_argo_cd_image_updater_updates_stays(caches: Caches) -> None:
    found = {finding.use.place: finding.outcome for finding in findings(APPLICATION, caches)}

    assert found["spec.source.helm.valuesObject.a.image"] == "left"
    assert found["spec.source.helm.valuesObject.b.image"] == "rewritten"


def test_a_tag_that_flux_writes(caches: Caches) -> None:
    content = 'image:\n  repository: quay.io/acme/web\n  tag: "1" # {"$imagepolicy": "shop:web:tag"}\n'

    assert rewritten(content, caches) == content.replace("quay.io", f"{HOST}/quay")


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        ("a: 1\nimage: {{ .Values.image }}\n", "it is a template; rewrite what `helm template` prints for its chart"),
        ("image: {{ image }}\n", "put it in quotes"),
        ("{% if a %}\nimage: nginx\n{% endif %}\n", "it is a template; render it first"),
        ("a: [\n", "correct it"),
    ],
)
def test_a_file_that_is_not_yaml_has_one_remedy(caches: Caches, content: str, remedy: str) -> None:
    with pytest.raises(InvalidFile) as error:
        findings(content, caches)

    assert str(error.value).partition("; it names")[0].endswith(f"; {remedy}")


def test_a_parameter_without_a_name(caches: Caches) -> None:
    content = "image: {repository: acme/web, tag: 1}\ningress: {name: '', default: false}"

    assert [finding.outcome for finding in findings(content, caches)] == ["rewritten"]


def test_a_name_that_begins_with_a_slash(caches: Caches) -> None:
    (found,) = findings("image: {base: registry.k8s.io, web: {repository: /acme/web, tag: 1}}", caches)

    assert (found.outcome, found.stays.partition(",")[0]) == ("unknown", "its name begins with /")


def test_the_registry_of_the_main_image_may_be_put_before_others(caches: Caches) -> None:
    """As in the charts of Sysdig."""
    content = """\
        image: {registry: quay.io, repository: acme/web, tag: 1}
        slim: {image: {repository: acme/slim}}
        other: {image: {registry: docker.io, repository: acme/other}}
        test: {image: "busybox:1"}
        """

    assert [(each.image, each.outcome) for each in findings(content, caches)] == [
        ("quay.io/acme/web:1", "left"),
        ("acme/slim", "left"),
        ("docker.io/acme/other", "rewritten"),
        ("busybox:1", "rewritten"),
    ]


def test_a_name_beside_an_empty_registry(caches: Caches) -> None:
    """As in the chart of Yugabyte."""
    (found,) = findings("postgres: {registry: '', tag: 14, name: postgres}", caches)

    assert found.stays.startswith("its registry is empty")


@pytest.mark.parametrize("key", ["repository", "name", "repo"])
@pytest.mark.parametrize("registry", ["docker.io", "registry-1.docker.io", "index.docker.io"])
def test_a_namespace_of_docker_hub_is_no_image(caches: Caches, registry: str, key: str) -> None:
    """As in the chart of OpenEBS, which puts an image's name after it."""
    values = f"image: {{registry: {registry}, {key}: acme, tag: 1}}"
    (found,) = findings(values, caches)

    assert found.stays == "is not an official image of Docker Hub; write library/acme if it is one"
    for path in ("library/acme", "nginx"):
        assert [each.outcome for each in findings(values.replace("acme", path), caches)] == ["rewritten"]


def test_a_registry_with_a_path(caches: Caches) -> None:
    """As in the chart of CockroachDB."""
    values = "image: {registry: docker.io/acme, repository: web, tag: 1}"

    assert [each.outcome for each in findings(values, caches)] == ["rewritten"]


@pytest.mark.parametrize(
    "values",
    [
        "web: {image_name: quay.io/acme/web, image_version: v1, image_pull_policy: Always}",
        "web: {imageName: quay.io/acme/web, imageVersion: v1}",
    ],
)
def test_a_version_beside_the_name_of_an_image(caches: Caches, values: str) -> None:
    assert [(each.image, each.outcome) for each in findings(values, caches)] == [("quay.io/acme/web:v1", "rewritten")]


def test_the_matrix_of_a_container(caches: Caches) -> None:
    content = "on: push\njobs: {a: {strategy: {matrix: {image: ['debian:12']}}, container: '${{ matrix.image }}'}}"

    assert next((each.image, each.outcome) for each in findings(content, caches)) == ("debian:12", "rewritten")


@pytest.mark.parametrize(
    "text", ["redis:7.2", "redis:7", "node:lts", "python:3.13-slim", "debian:bookworm", "alpine:v3"]
)
def test_an_official_image_with_a_version_is_reported(caches: Caches, text: str) -> None:
    assert [each.outcome for each in findings(f"cache: '{text}'", caches)] == ["left"]


@pytest.mark.parametrize(
    "text", ["redis:6379", "redis:10.0.0.1", "mysql:db", "node:node", "nginx:80", "postgres:password"]
)
def test_what_is_no_official_image_with_a_version(caches: Caches, text: str) -> None:
    assert findings(f"cache: '{text}'", caches) == []


@pytest.mark.parametrize(
    "command",
    [
        "docker run acme/tool:1",
        "docker run -it --rm -v /a:/b --env A=b acme/tool:1 sh",
        "docker run --rm \\\n  -e A='b c' \\\n  acme/tool:1",
        "podman create --name a -p8080:80 acme/tool:1",
    ],
)
def test_an_image_that_a_script_runs_is_reported(caches: Caches, command: str) -> None:
    content = yaml.safe_dump({"script": f"set -e\n{command}\n"})

    assert [(each.image, each.outcome) for each in findings(content, caches)] == [("acme/tool:1", "left")]
