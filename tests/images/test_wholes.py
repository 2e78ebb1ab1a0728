"""What a document builds or pushes stays in all of it, and values of a release can be in several parts of a document."""

import pytest

from pull_through_cache.images.names import Caches
from tests.images.conftest import findings

WEB = "quay.io/acme/web"


@pytest.mark.parametrize(
    "content",
    [
        f"on: push\njobs: {{a: {{env: {{IMAGE: {WEB}}}, container: '{WEB}:1', steps: [{{run: docker push $IMAGE}}]}}}}",
        f"variables: {{IMAGE: {WEB}}}\na: {{image: '{WEB}:1', script: ['docker push \"${{IMAGE}}:1\"']}}",
        f"on: push\nenv: {{IMAGE: {WEB}}}\njobs: {{a: {{container: '{WEB}:1', steps: [{{with: {{tags: '${{{{ env.IMAGE }}}}:1'}}}}]}}}}",
        f"a: {{image: '{WEB}:1', stage: a, script: ['IMAGE={WEB}; docker build -t $IMAGE:2 .']}}",
        f"kind: Pod\napiVersion: v1\nspec: {{containers: [{{image: '{WEB}:1', env: [{{name: A, value: {WEB}}}], args: [docker push $(A)]}}]}}",
        f"services: {{web: {{image: '{WEB}:1', environment: {{A: {WEB}}}, command: docker push $A}}}}",
        f"variables: {{A: quay.io, B: $A/acme}}\na: {{image: '{WEB}:1', stage: a, script: ['docker push $B/web:$C']}}",
        f"a: {{image: '{WEB}:1', stage: a, script: ['docker push $CI_REGISTRY_IMAGE/web:$C']}}",
        f"params: [{{name: a, default: {WEB}}}]\nsteps: [{{image: '{WEB}:1', script: 'buildah push $(params.a):2'}}]",
        f"a: {{image: '{WEB}:1', stage: a, script: ['docker tag nginx {WEB}:2']}}",
        f"a: {{image: '{WEB}:1', stage: a, script: ['skopeo copy docker://nginx docker://{WEB}:2']}}",
    ],
    ids=[
        "GitHub",
        "GitLab",
        "GitHub action",
        "assignment",
        "Kubernetes",
        "Compose",
        "a part",
        "the rest is not known",
        "Tekton",
        "tag",
        "copy",
    ],
)
def test_what_a_variable_pushes_stays(caches: Caches, content: str) -> None:
    found = {finding.image: finding.stays for finding in findings(content, caches)}

    assert found[f"{WEB}:1"] == "is pushed or built here"


@pytest.mark.parametrize(
    "push",
    [
        "docker run -i -t $IMAGE a",
        "git push $IMAGE main",
        "docker push $OTHER",
        "docker push $IMAGE/part",
        "docker push $IMAGE-part",
        "docker run $IMAGE",
    ],
)
def test_a_variable_that_is_not_pushed(caches: Caches, push: str) -> None:
    found = findings(f"variables: {{IMAGE: {WEB}}}\na: {{image: '{WEB}:1', stage: a, script: ['{push}']}}", caches)

    assert {finding.image: finding.outcome for finding in found}[f"{WEB}:1"] == "rewritten"


@pytest.mark.parametrize(
    ("name", "content", "outcomes"),
    [
        ("devspace.yaml", f"images: {{web: {{image: {WEB}}}}}\ndeployments: {{a: {{helm: {{values: {{webImage: '{WEB}:1'}}}}}}}}", ["kept", "kept"]),
        ("okteto.yml", f"build: {{web: {{image: {WEB}}}}}\ndeploy: {{image: '{WEB}:1'}}", ["kept", "kept"]),
        ("werf.yaml", "image: node\nfrom: alpine:3\nimport: [{image: base}]", ["kept", "rewritten", "kept"]),
        ("values.yaml", f"a: {{image: {WEB}, dockerfile: a}}\nb: {{image: '{WEB}:1'}}\nc: {{image: nginx}}", ["left", "left", "rewritten"]),
        ("skaffold.yaml", f"apiVersion: skaffold/v4\nkind: Config\nbuild: {{artifacts: [{{image: {WEB}}}]}}\n"
         f"deploy: {{helm: {{releases: [{{setValues: {{image.repository: {WEB}, other.image: nginx}}}}]}}}}", ["kept", "kept", "rewritten"]),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith("ml") else "",
)  # fmt: skip
def test_what_a_document_builds_stays_in_all_of_it(
    caches: Caches, name: str, content: str, outcomes: list[str]
) -> None:
    assert [finding.outcome for finding in findings(content, caches, name)] == outcomes


def application(helm: str) -> str:
    return f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {{source: {{helm: {{{helm}}}}}}}"


VALUES = {
    "values": "values: 'web: {image: {repository: acme/web, tag: 1}}'",
    "valuesObject": "valuesObject: {web: {image: {repository: acme/web, tag: 1}}}",
    "parameters": "parameters: [{name: web.image.repository, value: acme/web}, {name: web.image.tag, value: v1}]",
}
REGISTRIES = {
    "values": "values: 'global: {imageRegistry: reg.example.com}'",
    "valuesObject": "valuesObject: {web: {image: {registry: reg.example.com}}}",
    "parameters": "parameters: [{name: global.imageRegistry, value: reg.example.com}]",
}


@pytest.mark.parametrize("registry", REGISTRIES)
@pytest.mark.parametrize("image", VALUES)
def test_a_registry_in_another_part_of_the_values(caches: Caches, image: str, registry: str) -> None:
    parts = [VALUES[image], *([REGISTRIES[registry]] if registry != image else [])]

    (found,) = (each for each in findings(application(", ".join(parts)), caches) if each.image.startswith("acme/web"))

    assert (found.outcome, "may be put before it; only the chart knows" in found.stays) == (
        ("rewritten", False) if registry == image else ("left", True)
    )


@pytest.mark.parametrize(
    "content",
    [
        "releases:\n- set: [{name: global.imageRegistry, value: reg.example.com}]\n  values: [{image: {repository: acme/web}}]",
        "releases:\n- setString: [{name: image.registry, value: reg.example.com}]\n  values: [{image: {repository: acme/web}}]",
        "releases:\n- values: [{image: {registry: reg.example.com}}, {image: {repository: acme/web}}]",
        application("fileParameters: [{name: image.registry, path: a}], values: 'image: {repository: acme/web}'"),
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec: {set: {global.imageRegistry: reg.example.com},"
        " valuesContent: 'image: {repository: acme/web}'}",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {valuesFrom: [{kind: Secret, name: a,"
        " targetPath: global.imageRegistry}], values: {image: {repository: acme/web}}}",
        "apiVersion: skaffold/v4\nkind: Config\ndeploy: {helm: {releases: [{setValues: {image.repository: acme/web},"
        " setValueTemplates: {image.registry: '{{.HUB}}'}}]}}",
        "apiVersion: skaffold/v4\nkind: Config\nmanifests: {helm: {releases: [{setValues: {image.repository: acme/web},"
        " setValueTemplates: {image.registry: '{{.HUB}}'}}]}}",
    ],
    ids=["helmfile", "helmfile, text", "helmfile, items", "Argo CD, file", "k3s", "Flux", "Skaffold", "Skaffold 3"],
)
def test_a_registry_in_another_part_of_a_programs_values(caches: Caches, content: str) -> None:
    found = {finding.image: finding.outcome for finding in findings(content, caches)}

    assert found["acme/web"] == "left"


def test_a_whole_image_beside_a_registry_of_another_one(caches: Caches) -> None:
    content = application("parameters: [{name: image.registry, value: quay.io}], valuesObject: {job: {image: busybox}}")

    assert [finding.outcome for finding in findings(content, caches)] == ["rewritten"]


def test_a_registry_of_another_release(caches: Caches) -> None:
    content = f"{application(VALUES['values'])}\n---\n{application(REGISTRIES['parameters'])}"

    assert [finding.outcome for finding in findings(content, caches)] == ["rewritten"]


def test_a_tag_whose_name_is_in_another_part(caches: Caches) -> None:
    content = application(f"parameters: [{{name: web.image.tag, value: v2}}], {VALUES['values']}")

    assert [finding.image for finding in findings(content, caches)] == ["acme/web:1"]


@pytest.mark.parametrize(("policy", "outcome"), [("minor", "left"), ("never", "rewritten")])
def test_images_of_values_that_keel_updates_stay(caches: Caches, policy: str, outcome: str) -> None:
    content = f"keel: {{policy: {policy}, images: [{{repository: image.repository, tag: image.tag}}]}}\nimage: {{repository: acme/web, tag: 1}}"

    assert [finding.outcome for finding in findings(content, caches)] == [outcome]
