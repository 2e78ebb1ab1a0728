"""Amazon Resource Names. ECR offers pull through caches in the partition `aws` only."""

from collections.abc import Iterable


def arn_region(arn: str) -> str:
    """The Region in an ARN."""
    return arn.split(":")[3]


def arn_account(arn: str) -> str:
    """The account in an ARN."""
    return arn.split(":")[4]


def account_of(principal: str) -> str:
    """The account of a principal that is given by its ARN, or by the ID of its account."""
    return arn_account(principal) if principal.startswith("arn:") else principal


def role_name(role: str) -> str:
    """The name of a role that is given by its name or its ARN."""
    return role.rpartition("/")[2]


def role_account(role: str) -> str | None:
    """The account of a role that is given by its ARN; None if only its name is given."""
    return arn_account(role) if role.startswith("arn:") else None


def repository_arns(prefixes: Iterable[str], *, account_id: str, regions: Iterable[str]) -> list[str]:
    """ARNs of the repositories with these prefixes; the prefix `ROOT` means every repository."""
    names = repository_names(prefixes)
    return [f"arn:aws:ecr:{region}:{account_id}:repository/{name}" for region in regions for name in names]


def repository_names(prefixes: Iterable[str]) -> list[str]:
    """Names, with wildcards, of the repositories with these prefixes, in order."""
    names = ["*" if prefix == "ROOT" else f"{prefix.rstrip('/')}/*" for prefix in prefixes]
    return ["*"] if "*" in names else sorted(names)
