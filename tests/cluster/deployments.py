"""Caches and names made up by Hypothesis: nested prefixes and upstream prefixes, `ROOT`, several caches of a registry."""

from hypothesis import strategies as st

from pull_through_cache.images.names import Cache, Caches
from tests.images.conftest import DIGEST, ELSEWHERE, HOST

REGISTRIES = """
    docker.io public.ecr.aws registry.k8s.io quay.io cgr.dev contoso.azurecr.io
    444455556666.dkr.ecr.us-east-1.amazonaws.com
    """.split()
WITH_UPSTREAM_PREFIX = {"cgr.dev", "444455556666.dkr.ecr.us-east-1.amazonaws.com", ELSEWHERE}

_words = st.sampled_from(["a", "b", "ab", "library", "quay", "a.b", "a-b", "docker.io"])
_paths = st.lists(_words, min_size=1, max_size=3).map("/".join)


@st.composite
def _cache(draw: st.DrawFn) -> Cache:
    registry = draw(st.sampled_from([*REGISTRIES, ELSEWHERE]))
    prefix = draw(st.one_of(st.just(""), _paths))
    upstream = draw(st.one_of(st.just(""), _paths)) if prefix and registry in WITH_UPSTREAM_PREFIX else ""
    return Cache(prefix or "ROOT", registry, prefix, upstream)


caches = st.lists(_cache(), min_size=1, max_size=6, unique_by=lambda cache: cache.prefix).map(
    lambda drawn: Caches(HOST, frozenset([HOST, ELSEWHERE]), tuple(drawn))
)
_hosts = st.sampled_from(
    [
        *REGISTRIES,
        HOST,
        ELSEWHERE,
        *"index.docker.io registry-1.docker.io Docker.io quay.io:443 x:443 gcr.io localhost x:5000".split(),
    ]
)
_long_paths = st.integers(235, 260).map(lambda size: "a/" + "b" * (size - 2))
_repositories = st.one_of(_paths, _long_paths, st.builds("{}/{}".format, _hosts, st.one_of(_paths, _long_paths)))
_versions = st.sampled_from(["", ":1", ":v1.2-x_y", f"@{DIGEST}", f":1@{DIGEST}"])
_text = st.text(st.sampled_from("abA1./:-_@ \n\u00e4$"), max_size=12)
names = st.one_of(st.builds("{}{}".format, _repositories, _versions), _text)
"""Names of images. Most are valid, and most belong to the caches above."""
