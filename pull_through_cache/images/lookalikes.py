"""What is under the keys of images, but is a picture, the disk of a machine, or a repository of Git."""

import re

from pull_through_cache.images.conventions import What
from pull_through_cache.images.prefixes import words
from pull_through_cache.images.tree import Mapping, Sequence
from pull_through_cache.images.uses import has_host

_PICTURES = frozenset(
    "author authors avatar background banner brand card carousel cover favicon featured footer gallery header hero icon logo og photo "
    "people person picture poster preview profile screenshot slide social speaker speakers splash teaser thumb thumbnail wallpaper".split()
)
# A picture's neighbors. No chart or manifest has them beside an image.
_BESIDE_PICTURES = frozenset("alt caption excerpt href layout permalink price src subtitle".split())
MAY_BE_BUILT = "may be built here, because of "
_BESIDE_BUILDS = frozenset("build context dockerfile".split())  # in the files of DevSpace, Garden, Okteto and werf
_MAYBE_BESIDE_PICTURES = frozenset("avatar icon link logo photo picture".split())
_PICTURE_PATHS = re.compile(r"(assets|images?|img|media|photos?|pictures?|public|screenshots?|static|uploads?)/.*")
_MACHINES = frozenset("ami bootdisk disk iso machine os vm".split())
_MACHINE_KEYS = _MACHINES | frozenset("boot cloud golden guest rootfs source".split())
_BESIDE_MACHINES = frozenset(
    "ami disk_size diskSize diskSizeGb flavor flavorName flavorRef flavor_id instanceType instance_type key_name keyName "
    "keypair machineType machine_type security_groups serverType server_type sshKeyName vcpus vmSize vm_size".split()
)
_CONTAINER_KEYS = frozenset(
    "args command commands entrypoint env envFrom environment imagePullPolicy ports pullPolicy resources restart script "
    "settings volumeMounts".split()
)
_CONTAINER_LISTS = frozenset(
    "container containers docker job jobs pod pods service services sidecar sidecars step steps task tasks".split()
)
_GIT = frozenset("bitbucket chart charts git gitea github gitlab helm scm source sources src vcs".split())
_BESIDE_GIT = frozenset("branch commit gitRef ref revision sshKey targetRevision".split())
_GIT_HOSTS = re.compile(r"(?i)(.*\.)?(github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com|gitea\.com)/.*|git@.*")


def judge(mapping: Mapping, key: str, image: str, *, in_values: bool) -> tuple[What, str]:
    """What an image under this key of a mapping is, and why it stays if it may be something else.

    - `in_values`: the file is no program's that is known, so it can be anything.
    """
    if "tagSelection" in mapping:  # https://carvel.dev/vendir/docs/latest/vendir-spec/
        return What.LEFT, "is asked for its tags; ECR lists only tags that were pulled"
    if in_values and key == "image" and (beside := _BESIDE_BUILDS & mapping.own.keys()):
        return What.LEFT, f"{MAY_BE_BUILT}{min(beside)} beside it"
    is_whole = has_host(image) or ":" in image or "@" in image
    if _is_of_machine(mapping, key, image):
        return (What.LEFT, "may be the image of a machine") if is_whole else (What.NOTHING, "")
    if is_whole or not in_values:
        return What.IMAGE, ""
    if words(key) & _PICTURES or mapping.own.keys() & _BESIDE_PICTURES or _PICTURE_PATHS.fullmatch(image):
        return What.NOTHING, ""
    is_maybe_picture = mapping.own.keys() & _MAYBE_BESIDE_PICTURES or _is_bare_item(mapping)
    if "title" in mapping or words(mapping.name) & _PICTURES or ("/" in image and is_maybe_picture):
        return What.LEFT, "may be a picture: it has neither a registry nor a tag"
    return What.IMAGE, ""


def _is_of_machine(mapping: Mapping, key: str, image: str) -> bool:
    around = mapping.parent if mapping.name == "image" and mapping.parent else mapping
    is_named_so = words(key) & _MACHINE_KEYS or words(around.name) & _MACHINES
    return bool(is_named_so or (not has_host(image) and mapping.own.keys() & _BESIDE_MACHINES))


def is_git(mapping: Mapping, value: str) -> bool:
    """Whether the `repository` of a mapping is one of Git, or of charts."""
    if _GIT_HOSTS.fullmatch(value):
        return True
    return not has_host(value) and bool(words(mapping.name) & _GIT or mapping.own.keys() & _BESIDE_GIT)


def _is_bare_item(mapping: Mapping) -> bool:
    """Whether a mapping is an item of a list, and nothing says that it is a container."""
    if not isinstance(mapping.parent, Sequence):
        return False
    return not (words(mapping.parent.name) & _CONTAINER_LISTS or mapping.own.keys() & _CONTAINER_KEYS)
