"""A deployment as a diagram."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pull_through_cache.deployment import load
from pull_through_cache.diagram.mermaid import mermaid
from pull_through_cache.diagram.svg import svg
from tests.conftest import Load

PROJECT = Path(__file__).parents[2]
DEPLOYMENTS = PROJECT / "deployments"
SVG = "{http://www.w3.org/2000/svg}"
UPSTREAMS = "{docker-hub: {registry: docker-hub, credentials: {}}, quay: {registry: quay}}"
WIDTHS = {
    "title": {"m": 12.5, "n": 8.5, "i": 4.1, "-": 5.0, "…": 12.0},
    "line": {"m": 11.7, "n": 7.6, "i": 3.3, "-": 4.3},
}
"""Of letters in DejaVu Sans at 12 pixels, in bold and as usual."""
TALLEST = 14
"""Pixels from the top to the bottom of a line in this font."""
DEPLOYMENT = f"""\
registry:
  account_id: "123456789012"
  regions: [eu-central-1, us-east-1]
  upstreams: {UPSTREAMS}
  pull_access: {{organizational_units: [o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*], accounts: ["210987654321"]}}
  node_roles: [own-nodes]
workloads:
  shop: {{account_id: "210987654321", region: us-east-1, node_roles: [eks-nodes], policy_name: shop-pull}}
"""


def elements(picture: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter(f"{SVG}{tag}"))  # noqa: S314 - ours


def texts(picture: str) -> list[str]:
    return [str(each.text) for each in elements(picture, "text")]


def lefts(picture: str) -> set[int]:
    """Where the columns begin."""
    return {int(each.attrib["x"]) for each in elements(picture, "rect") if each.get("class") == "group"}


def arrows(picture: str) -> int:
    return sum("marker-end" in path.attrib for path in elements(picture, "path"))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("ECR registry, account 123456789012", id="the registry's account"),
        pytest.param("us-east-1", id="a Region"),
        pytest.param("Docker Hub", id="an upstream"),
        pytest.param("registry-1.docker.io", id="its host"),
        pytest.param("with a secret", id="how ECR authenticates"),
        pytest.param("docker-hub/*", id="a cache"),
        pytest.param("unit o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", id="an organizational unit"),
        pytest.param("first pulls: by the registry policy", id="the registry policy"),
        pytest.param("Account 210987654321", id="a workload's account"),
        pytest.param("node role eks-nodes", id="its nodes"),
        pytest.param("by shop-pull", id="their policy"),
        pytest.param("node role own-nodes", id="the registry's own nodes"),
    ],
)
def test_it_shows(load_text: Load, said: str) -> None:
    deployment = load_text(DEPLOYMENT)
    assert said in texts(svg(deployment))
    assert said in mermaid(deployment)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("external", "first pulls: by the registry policy, which another team manages"),
        ("none", "first pulls fail: no registry policy"),
    ],
)
def test_it_shows_who_manages_the_registry_policy(load_text: Load, mode: str, said: str) -> None:
    text = DEPLOYMENT.replace("  node_roles: [own-nodes]", f"  node_roles: [own-nodes]\n  registry_policy: {mode}")
    assert said in mermaid(load_text(text))


def test_no_other_account_may_pull(load_text: Load) -> None:
    text = f"registry: {{regions: [eu-central-1], pull_access: {{}}, upstreams: {UPSTREAMS}}}"
    assert texts(svg(load_text(text)))[-2:] == ["Other accounts", "no other account may pull"]


def test_arrows_go_from_upstreams_to_each_region_and_on_to_the_nodes(load_text: Load) -> None:
    deployment = load_text(DEPLOYMENT)
    assert arrows(svg(deployment)) == 2 * 2 + 2 + 1
    assert [line.strip() for line in mermaid(deployment).splitlines() if "-->" in line] == [
        "box0 --> box2",
        "box0 --> box3",
        "box1 --> box2",
        "box1 --> box3",
        "box2 --> box5",
        "box3 --> box5",
        "box3 --> box6",
    ]


def test_the_text_of_nine_upstreams_and_twenty_workloads_does_not_overlap(load_text: Load) -> None:
    kinds = "docker-hub github-container-registry gitlab-container-registry chainguard".split()
    upstreams = [f"upstream-{kind}: {{registry: {kind}, credentials: {{}}}}" for kind in kinds]
    upstreams += [f"{kind}: {{registry: {kind}}}" for kind in ("k8s", "quay", "ecr-public")]
    upstreams += [f"ecr{n}: {{registry: ecr, account_id: '21098765432{n}', region: us-east-1}}" for n in range(2)]
    name = "-".join(["workload"] * 6)
    workloads = [
        f"  {name}-{n:02}: {{account_id: '3000000000{n // 2:02}', node_roles: ['{name}-{n}', b], policy_name: {name}-{n}}}\n"
        for n in range(20)
    ]
    text = DEPLOYMENT.replace(UPSTREAMS, f"{{{', '.join(upstreams)}}}") + "".join(workloads)

    picture = svg(load_text(text))

    columns: dict[int, list[int]] = {}
    for row in elements(picture, "text"):
        column = max(left for left in lefts(picture) if left < int(row.attrib["x"]))
        columns.setdefault(column, []).append(int(row.attrib["y"]))
    assert len(columns) == 3
    for rows in columns.values():
        assert min(after - before for before, after in pairwise(sorted(rows))) > TALLEST


@pytest.mark.parametrize("letter", ["m", "n", "i", "-n"])
def test_long_text_stays_in_its_box(load_text: Load, letter: str) -> None:
    name = (letter * 64)[-63:].strip("-")
    picture = svg(load_text(DEPLOYMENT.replace("shop:", f"{name}:").replace("own-nodes", name)))

    [*_, box] = [each for each in elements(picture, "rect") if each.get("class") == "box"]
    right = int(box.attrib["x"]) + int(box.attrib["width"])
    rows = [each for each in elements(picture, "text") if set(str(each.text)) <= {*letter, "…"}]
    assert len(rows) >= 2
    for row in rows:
        widths = WIDTHS[row.attrib["class"]]
        assert int(row.attrib["x"]) + sum(widths[each] for each in str(row.text)) <= right


def test_a_long_title_is_cut_and_whole_under_the_pointer(load_text: Load) -> None:
    name = "-".join(["workload"] * 7)
    picture = svg(load_text(DEPLOYMENT.replace("shop:", f"{name}:")))

    [title] = [each for each in elements(picture, "text") if each.find(f"{SVG}title") is not None]
    assert title.findtext(f"{SVG}title") == name
    first, last = str(title.text).split("…")
    assert name.startswith(first)
    assert name.endswith(last)
    assert min(len(first), len(last)) > 10


def test_a_workload_names_its_region_where_there_are_several(load_text: Load) -> None:
    assert "from us-east-1" in texts(svg(load_text(DEPLOYMENT)))
    one = DEPLOYMENT.replace("[eu-central-1, us-east-1]", "[us-east-1]")
    assert "from us-east-1" not in texts(svg(load_text(one)))


def test_characters_that_xml_and_mermaid_reserve(load_text: Load) -> None:
    deployment = load_text(DEPLOYMENT)
    assert "by the repositories' policy" in " ".join(texts(svg(deployment)))
    assert "by the repositories' policy" in mermaid(deployment)


@pytest.mark.parametrize("file", sorted(DEPLOYMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_same_deployment_gives_the_same_picture(file: Path) -> None:
    assert svg(load(file)) == svg(load(file))
