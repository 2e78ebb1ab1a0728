"""What the tests of constructs share: a stack, and a count of what is in it."""

import json
from collections import Counter

import pytest

import pull_through_cache.constructs  # noqa: F401 - before cdktf

# isort: split
from cdktf import TerraformStack, Testing


@pytest.fixture
def stack() -> TerraformStack:
    return TerraformStack(Testing.app(), "stack")


def kinds(synthesized: str) -> Counter[str]:
    """How many resources, data sources, modules and variables a synthesized stack has of each kind."""
    configuration = json.loads(synthesized)
    counted = Counter(
        {
            f"{prefix}{kind}": len(elements)
            for block, prefix in (("resource", ""), ("data", "data."))
            for kind, elements in configuration.get(block, {}).items()
        }
    )
    return counted + Counter({block: len(configuration.get(block, {})) for block in ("module", "variable")})
