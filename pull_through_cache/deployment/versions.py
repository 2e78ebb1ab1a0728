"""Version constraints with the meaning that they have for Terraform. Source: Terraform's documentation, "Version Constraints"."""

import re

Version = tuple[int, int, int]

_CONDITION = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*(\d+(?:\.\d+){0,2})")


def allows(constraint: str, at_least: str) -> bool:
    """Whether `constraint` allows the version `at_least` or a later one."""
    conditions = [_CONDITION.match(part.strip()) for part in constraint.split(",")]
    pairs = [(found[1] or "=", found[2]) for found in conditions if found]
    floor = _version(at_least)
    bounds = [floor, *(_version(bound) for _, bound in pairs)]
    # The lowest version that a list of conditions allows is one of its bounds, or next to one.
    candidates = [*bounds, *((major, minor, patch + 1) for major, minor, patch in bounds)]
    return any(
        version >= floor and all(_keeps(version, operator, bound) for operator, bound in pairs)
        for version in candidates
    )


def _keeps(version: Version, operator: str, text: str) -> bool:
    bound = _version(text)
    if operator == "~>":
        kept = text.split(".")[:-1]
        return version >= bound and version[: len(kept)] == bound[: len(kept)]
    return {
        "=": version == bound,
        "!=": version != bound,
        ">=": version >= bound,
        "<=": version <= bound,
        ">": version > bound,
        "<": version < bound,
    }[operator]


def _version(text: str) -> Version:
    major, minor, patch = [*map(int, text.split(".")), 0, 0][:3]
    return major, minor, patch
