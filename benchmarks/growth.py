"""Generated deployments with many stacks: the registry's, and one for each workload account."""

from pathlib import Path

from benchmarks.measure import Measured, Program
from benchmarks.programs import BENCHMARKS, NODE, PROJECT, PYTHON, content

SIZES = (1, 10, 100, 1000)
FLOOR = "999 in plain JavaScript"
"""The same workload stacks, without the registry's."""

_REGISTRY = """
terraform: {backend: {s3: {bucket: states, region: eu-central-1}}}
registry:
  account_id: "123456789012"
  regions: [eu-central-1]
  upstreams:
    public-ecr: {url: public.ecr.aws}
    docker-hub: {url: registry-1.docker.io, credentials: {}}
workloads:
"""
_WORKLOAD = """
  team-{number}:
    account_id: "{account_id}"
    assume_role_arn: arn:aws:iam::{account_id}:role/terraform
    node_roles: [eks-nodes]
"""


def deployment(stacks: int) -> str:
    """A deployment file with this number of stacks."""
    workloads = [_WORKLOAD.format(number=number, account_id=10**11 + number) for number in range(1, stacks)]
    return _REGISTRY + ("".join(workloads) or "  {}\n")


def of_sizes(folder: Path) -> dict[str, Program]:
    """The synthesis of each size of deployment, named after its number of stacks."""
    programs = {}
    for stacks in SIZES:
        file = folder / f"{stacks}.yaml"
        file.write_text(deployment(stacks), encoding="utf-8")
        environment = {"DEPLOYMENT": str(file), "CDKTF_OUTDIR": str(folder / f"{stacks} stacks")}
        programs[str(stacks)] = Program([PYTHON, "main.py"], PROJECT, environment)
    command = (NODE, BENCHMARKS / "many_stacks.cjs", "999")
    programs[FLOOR] = Program(command, PROJECT, {"CDKTF_OUTDIR": str(folder / FLOOR)})
    return programs


def different(folder: Path) -> bool:
    """Whether plain JavaScript's stacks in `folder` differ from this project's."""
    mine = content(folder / "1000 stacks")
    return content(folder / FLOOR) != {name: stack for name, stack in mine.items() if name.startswith("workload-")}


def one_more_stack(measured: dict[str, Measured], size: int) -> float:
    """Seconds for one more stack at `size` stacks: the slope from a tenth of that size."""
    fewer = size // 10
    return (measured[str(size)].seconds.median - measured[str(fewer)].seconds.median) / (size - fewer)
