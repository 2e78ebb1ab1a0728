"""What an image is in the files of each program: one table, each row with its source.

Places without a row follow the general rule of `manifests.py`: the text under `image` is an image, and so is a mapping
of a registry, a repository and a tag.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache


class What(Enum):
    """What is at a place."""

    IMAGE = "an image that is pulled"
    KEPT = "an image that is not pulled by this name, or not an image; stays unchanged"
    LEFT = "an image that could be rewritten, but the result might be wrong"
    NOTHING = "no image anywhere in it"
    VALUES = "values of a Helm chart"
    VALUES_TEXT = "values of a Helm chart, as text"
    YAML_TEXT = "manifests or patches, as text"
    PARAMETERS = "names and values of a Helm chart, in a list or a mapping"
    SUBSTITUTION = "`old=new:tag` of kustomize"
    CHART = "the address of a chart or artifact, with or without oci://"


@dataclass(frozen=True)
class Convention:
    """`kind` is a pattern of a group and kind, or a name of `kinds.py`; `place` one of keys, ** for any number."""

    kind: str
    place: str
    what: What
    why: str = ""
    source: str = ""


BUILT = "is built and pushed, not pulled"
_MATCHED = "is compared with images, not pulled"
_MACHINE = "is the image of a machine"
_TAGS = "is asked for its tags; ECR lists only tags that were pulled"
_LOGIN = "set `provider: aws`, so that Flux logs in to ECR"
_LOCK = "also run `helm dependency update`: Chart.lock has a digest of the dependencies"

CONVENTIONS = (
    # Kubernetes
    Convention(".*/.*List", "items.status", What.NOTHING, source="https://kubernetes.io/docs/reference/using-api/api-concepts/"),
    Convention(".*/.*", "status", What.NOTHING, source="https://kubernetes.io/docs/concepts/overview/working-with-objects/"),
    Convention(
        r"(config|operator)\.openshift\.io/Image.*", "**", What.NOTHING, source="https://docs.redhat.com, image mirroring"
    ),
    Convention(".*", "**.rbd.image", What.NOTHING, source="https://kubernetes.io/docs/concepts/storage/volumes/#rbd"),
    Convention(r".*/.*Report", "**", What.NOTHING, source="https://aquasecurity.github.io/trivy-operator, and other scanners"),
    Convention(r"spdx\.softwarecomposition\.kubescape\.io/.*", "**", What.NOTHING, source="https://kubescape.io"),
    # Builds
    Convention(
        r"kafka\.strimzi\.io/KafkaConnect", "spec.build.output.image", What.KEPT, BUILT,
        "https://strimzi.io/docs/operators/latest/configuring#type-DockerOutput-reference",
    ),
    Convention(r"shipwright\.io/.*", "**.output.image", What.KEPT, BUILT, "https://shipwright.io/docs/build/build/"),
    Convention("skaffold/.*", "**.artifacts.image", What.KEPT, BUILT, "https://skaffold.dev/docs/references/yaml/"),
    Convention("skaffold/.*", "**.test.image", What.KEPT, BUILT, "https://skaffold.dev/docs/references/yaml/"),
    Convention(
        "skaffold/.*", "**.helm.releases.setValues", What.PARAMETERS, source="https://skaffold.dev/docs/deployers/helm/"
    ),
    Convention("skaffold/.*", "**.helm.releases.setValueTemplates", What.PARAMETERS),
    Convention(r"kbld\.k14s\.io/.*", "destinations.newImage", What.KEPT, BUILT, "https://carvel.dev/kbld/docs/develop/config/"),
    Convention(r"kbld\.k14s\.io/.*", "**.newImage", What.IMAGE, source="https://carvel.dev/kbld/docs/develop/config/"),
    Convention(r"kbld\.k14s\.io/.*", "**.image", What.KEPT, _MATCHED, "https://carvel.dev/kbld/docs/develop/config/"),
    Convention("DevSpace", "images.*.image", What.KEPT, BUILT, "https://www.devspace.sh/docs/configuration/images/"),
    Convention("DevSpace", "deployments.*.helm.values", What.VALUES),
    Convention("Okteto", "build.*.image", What.KEPT, BUILT, "https://www.okteto.com/docs/reference/okteto-manifest/"),
    Convention("werf", "image", What.KEPT, BUILT, "https://werf.io/docs/v2/reference/werf_yaml.html"),
    Convention("werf", "from", What.IMAGE, source="https://werf.io/docs/v2/reference/werf_yaml.html"),
    Convention("werf", "**.image", What.KEPT, "is the name of an image that is built here"),
    Convention("OpenFaaS", "functions.*.image", What.KEPT, BUILT, "https://docs.openfaas.com/reference/yaml/"),
    Convention("Knative function", "image", What.KEPT, BUILT, "https://github.com/knative/func/blob/main/docs/reference/func_yaml.md"),
    Convention("Knative function", "deploy.image", What.KEPT, BUILT),
    Convention(r"nuclio\.io/.*", "spec.image", What.KEPT, BUILT, "https://docs.nuclio.io/en/stable/reference/function-configuration/function-configuration-reference.html"),
    # Flux: https://fluxcd.io/flux/components/
    Convention(r"image\.toolkit\.fluxcd\.io/ImageRepository", "spec.image", What.KEPT, _TAGS, "imagerepositories"),
    Convention(r"kustomize\.toolkit\.fluxcd\.io/Kustomization", "spec.images.newName", What.IMAGE, source="kustomizations"),
    Convention(r"kustomize\.toolkit\.fluxcd\.io/Kustomization", "spec.patches.patch", What.YAML_TEXT, source="kustomizations"),
    Convention(r"helm\.toolkit\.fluxcd\.io/HelmRelease", "spec.values", What.VALUES, source="helmreleases"),
    Convention(r"helm\.toolkit\.fluxcd\.io/HelmRelease", "spec.valuesFrom", What.PARAMETERS, source="helmreleases"),
    Convention(r"helm\.toolkit\.fluxcd\.io/HelmRelease", "**.kustomize.images.newName", What.IMAGE, source="helmreleases"),
    Convention(r"helm\.toolkit\.fluxcd\.io/HelmRelease", "**.kustomize.patches.patch", What.YAML_TEXT, source="helmreleases"),
    Convention(r"source\.toolkit\.fluxcd\.io/OCIRepository", "spec.url", What.CHART, _LOGIN, "ocirepositories"),
    Convention(
        r"source\.toolkit\.fluxcd\.io/HelmRepository", "spec.url", What.CHART,
        f"{_LOGIN}; HelmReleases need exact versions: ECR lists only tags that were pulled", "helmrepositories",
    ),
    # Argo CD: https://argo-cd.readthedocs.io/en/stable/user-guide/
    Convention(r"argoproj\.io/Application(Set)?", "**.helm.values", What.VALUES_TEXT, source="helm/#values"),
    Convention(r"argoproj\.io/Application(Set)?", "**.helm.valuesObject", What.VALUES, source="helm/#values"),
    Convention(r"argoproj\.io/Application(Set)?", "**.helm.parameters", What.PARAMETERS, source="helm/#helm-parameters"),
    Convention(r"argoproj\.io/Application(Set)?", "**.helm.fileParameters", What.PARAMETERS, source="helm/#helm-parameters"),
    Convention(r"argoproj\.io/Application(Set)?", "**.kustomize.images", What.SUBSTITUTION, source="kustomize/"),
    Convention(r"argoproj\.io/Application(Set)?", "**.kustomize.patches.patch", What.YAML_TEXT, source="kustomize/"),
    Convention(r"argoproj\.io/Application(Set)?", "**.repoURL", What.CHART, source="oci/"),
    Convention(
        r"argocd-image-updater\.argoproj\.io/.*", "**.imageName", What.KEPT, _TAGS, "https://argocd-image-updater.readthedocs.io"
    ),
    Convention(r"argoproj\.io/ApplicationSet", "**.elements.image", What.LEFT, "is a parameter, whose use is not known", "applicationset/"),
    Convention(r"kargo\.akuity\.io/.*", "**.image", What.KEPT, _TAGS, "https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses"),
    Convention(r"kargo\.akuity\.io/.*", "**.repoURL", What.KEPT, _TAGS, "https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses"),
    # Helm
    Convention(r"helm\.cattle\.io/HelmChart(Config)?", "spec.valuesContent", What.VALUES_TEXT, source="https://docs.k3s.io/add-ons/helm"),
    Convention(r"helm\.cattle\.io/HelmChart", "spec.set", What.PARAMETERS, source="https://docs.k3s.io/add-ons/helm"),
    Convention(r"helm\.cattle\.io/HelmChart", "spec.chart", What.CHART, source="https://docs.k3s.io/add-ons/helm"),
    Convention(r"Chart\.yaml", "annotations", What.NOTHING, source="https://artifacthub.io/docs/topics/annotations/helm/"),
    Convention(r"Chart\.yaml", "dependencies.repository", What.CHART, _LOCK, "https://helm.sh/docs/helm/helm_dependency/"),
    Convention(r"Chart\.lock", "**", What.NOTHING, source="https://helm.sh/docs/helm/helm_dependency_build/"),
    Convention("values", "**.keel.images", What.NOTHING, source="https://keel.sh/docs/#helm"),
    Convention("values", "releases.set", What.PARAMETERS, source="https://helmfile.readthedocs.io"),
    Convention("values", "releases.setString", What.PARAMETERS),
    Convention("values", "releases.values", What.VALUES),
    Convention("values", "releases.chart", What.CHART, source="https://helmfile.readthedocs.io"),
    # kustomize: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
    Convention(r"kustomize\.config\.k8s\.io/.*", "images.newName", What.IMAGE, source="images/"),
    Convention(r"kustomize\.config\.k8s\.io/.*", "patches.patch", What.YAML_TEXT, source="patches/"),
    Convention(r"kustomize\.config\.k8s\.io/.*", "patchesJson6902.patch", What.YAML_TEXT, source="patchesjson6902/"),
    Convention(r"kustomize\.config\.k8s\.io/.*", "patchesStrategicMerge", What.YAML_TEXT, source="patchesstrategicmerge/"),
    Convention(r"kustomize\.config\.k8s\.io/.*", "helmCharts.valuesInline", What.VALUES, source="helmcharts/"),
    Convention(r"kustomize\.config\.k8s\.io/.*", "helmCharts.repo", What.CHART, source="helmcharts/"),
    Convention("/ImageTagTransformer", "imageTag.newName", What.IMAGE, source="../builtins/#_imagetagtransformer_"),
    # Policies and machines
    Convention(r".*kyverno\.io/.*", "**.image", What.KEPT, _MATCHED, "https://kyverno.io/docs/policy-types/"),
    Convention(r".*kyverno\.io/.*", "**.imageReferences", What.NOTHING, source="https://kyverno.io/docs/policy-types/"),
    Convention(r".*kyverno\.io/.*", "**.skipImageReferences", What.NOTHING, source="https://kyverno.io/docs/policy-types/"),
    Convention(r".*kyverno\.io/.*", "**.matchImageReferences", What.NOTHING, source="https://kyverno.io/docs/policy-types/"),
    Convention(r".*kyverno\.io/.*", "**.deny", What.NOTHING, source="https://kyverno.io/docs/policy-types/"),
    Convention(r".*kyverno\.io/.*", "**.preconditions", What.NOTHING, source="https://kyverno.io/docs/policy-types/"),
    Convention(r"templates\.gatekeeper\.sh/.*", "**.rego", What.NOTHING, source="https://open-policy-agent.github.io/gatekeeper"),
    Convention(r"constraints\.gatekeeper\.sh/.*", "spec.parameters", What.NOTHING, source="https://open-policy-agent.github.io/gatekeeper"),
    Convention(r"policies\.kubewarden\.io/.*", "spec.settings", What.NOTHING, source="https://docs.kubewarden.io"),
    Convention(r"policy\.sigstore\.dev/ClusterImagePolicy", "spec.images", What.NOTHING, source="https://docs.sigstore.dev/policy-controller/overview/"),
    Convention(".*/.*", "**.containerDisk.image", What.IMAGE, source="https://kubevirt.io/user-guide/storage/containerdisk/"),
    Convention(r".*/.*Machine(Template|Pool|Class|Config)?", "**.image", What.KEPT, _MACHINE, "https://cluster-api.sigs.k8s.io"),
    Convention("values", "**.machine.image", What.KEPT, _MACHINE, "https://circleci.com/docs/configuration-reference/#machine"),
    Convention(r"infrastructure\.cluster\.x-k8s\.io/.*", "**.image", What.KEPT, _MACHINE, "https://cluster-api.sigs.k8s.io"),
    Convention("values", "**.vmImage", What.NOTHING, source="https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/pool"),
    # Compose and CI
    Convention(
        "GitHub workflow", "jobs.*.container", What.IMAGE,
        source="https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax",
    ),
    Convention("GitHub workflow", "jobs.*.container.image", What.IMAGE),
    Convention("GitHub workflow", "jobs.*.services.*.image", What.IMAGE),
    Convention("GitHub (workflow|action)", "**.steps.uses", What.IMAGE),
    Convention("GitHub action", "runs.image", What.IMAGE),
    Convention("GitHub (workflow|action)", "**.image", What.LEFT, "is not a job's container, so its use is not known"),
    Convention(
        "Cloud Build", "steps.name", What.LEFT, "is a builder of Google Cloud Build, which cannot log in to ECR by itself",
        "https://docs.cloud.google.com/build/docs/build-config-file-schema",
    ),
    Convention(
        "Cloud Build", "images", What.KEPT, BUILT, "https://docs.cloud.google.com/build/docs/build-config-file-schema"
    ),
    Convention(
        "values", "**.jobs.container", What.LEFT, "may be a name under resources.containers; write the image there",
        "https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/jobs-job-container",
    ),
    Convention("GitLab CI", "**.services", What.IMAGE, source="https://docs.gitlab.com/ci/services/"),
    Convention("GitLab CI", "**.services.name", What.IMAGE, source="https://docs.gitlab.com/ci/services/"),
    Convention("GitLab CI", "**.image.name", What.IMAGE, source="https://docs.gitlab.com/ci/yaml/#image"),
)  # fmt: skip

# Values that are not images to pull, wherever they are.
_KEPT_VALUES = (
    (r"auto", "is replaced by Istio's injector", "https://istio.io/latest/docs/setup/additional-setup/gateway/"),
    (r"(sha256:)?[0-9a-f]{64}", "is the id of an image", "https://github.com/opencontainers/image-spec/blob/main/config.md"),
    (r"ami-[0-9a-f]{8,17}", "is the image of a machine", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIs.html"),
    (
        r"([a-z0-9.-]+/)*(global/)?images/(family/)?[a-z0-9-]+|family/[a-z0-9-]+|(centos|cos|debian|fedora(-coreos)?|opensuse|rhel|rhel-sap|rocky-linux"
        r"|suse|ubuntu-os(-pro)?|windows|windows-sql)-cloud/[a-z0-9-]+",
        "is the image of a machine", "https://cloud.google.com/compute/docs/images/os-details",
    ),
    (
        r"(?i)(almalinux|amazon-linux|centos|cos|debian|fedora|fedora-coreos|flatcar|freebsd|opensuse|rhel|rocky|rocky-linux"
        r"|sles|ubuntu|windows|windows-server)-[a-z-]*[0-9][^:@/]*",
        "is the image of a machine", "https://docs.openstack.org/image-guide/obtain-images.html",
    ),
    (
        r"aws/codebuild/.*", "is an image of CodeBuild",
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html",
    ),
    (
        r"[^:@]*\.(png|jpe?g|gif|svg|webp|ico|bmp|iso|img|raw|qcow2?|vmdk|vhdx?|ova|sif|tar|tgz|gz|bz2|xz|zst|zip)",
        "is the name of a file",
        "",
    ),
    (r"\.{0,2}/.*|Dockerfile", "is the name of a file", ""),
    (r"(https?|file)://.*|data:.*", "is the address of a file", ""),
    (r"(docker\.io/)?(library/)?scratch(:latest)?", "is Docker's empty image, which is never pulled", "https://hub.docker.com/_/scratch"),
)  # fmt: skip

# The keys of maps from text to text, where `image` is the name of a label or of a variable.
TEXT_MAPS = frozenset(
    "annotations args binaryData data env environment labels matchLabels nodeSelector selector stringData substitute "
    "variables".split()
)


def at(kind: str, place: str, key: str) -> Convention | None:
    """The convention for a place, written with dots and without indexes, whose last key is `key`."""
    for pattern, convention in _rows(kind).get(key, ()) or ():
        if pattern.fullmatch(place):
            return convention
    for pattern, convention in _rows(kind).get("*", ()):
        if pattern.fullmatch(place):
            return convention
    return None


def kept(value: str) -> str:
    """Why a value is not an image to pull, wherever it is; else empty."""
    return next((why for pattern, why, _ in _KEPT_VALUES if re.fullmatch(pattern, value)), "")


@cache
def last_keys(kind: str) -> frozenset[str]:
    """The last keys of the places that have a convention in this kind; "*" for every key."""
    return frozenset(_rows(kind))


@cache
def _rows(kind: str) -> dict[str, list[tuple[re.Pattern[str], Convention]]]:
    rows: dict[str, list[tuple[re.Pattern[str], Convention]]] = {}
    for convention in CONVENTIONS:
        if re.fullmatch(convention.kind, kind):
            last = convention.place.rpartition(".")[2]
            entry = (place_pattern(convention.place), convention)
            rows.setdefault("*" if "*" in last else last, []).append(entry)
    return rows


@cache
def place_pattern(place: str) -> re.Pattern[str]:
    """The places that a pattern matches: `*` is a key, `**` any number of keys, or none."""
    above, _, last = place.rpartition(".")
    if last == "**":
        return re.compile(f"{place_pattern(above).pattern}(?:\\..*)?" if above else ".*", re.DOTALL)
    parts = (
        r"(?:.*\.)?" if part == "**" else re.escape(part).replace(r"\*", "[^.]*") + r"\." for part in place.split(".")
    )
    return re.compile("".join(parts).removesuffix(r"\."), re.DOTALL)
