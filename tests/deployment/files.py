"""Deployment files with one part that matters."""


def registry(**parts: str) -> str:
    """A deployment file with these parts of a registry, each on a line of its own from line 2 on."""
    lines = {"regions": "[eu-central-1]", "upstreams": "{public-ecr: {url: public.ecr.aws}}", **parts}
    return "registry:\n" + "".join(f"  {key}: {value}\n" for key, value in lines.items())


def docker_hub(credentials: str) -> str:
    """A deployment file with these credentials on line 3."""
    return registry(upstreams=f"{{docker-hub: {{registry: docker-hub, credentials: {{{credentials}}}}}}}")


def settings(repositories: str) -> str:
    """A deployment file with these settings of repositories on line 4."""
    return registry(repositories=f"{{{repositories}}}")


def workloads(*entries: str) -> str:
    """A deployment file with these workloads on line 4."""
    return f"{registry()}workloads: {{{', '.join(entries)}}}\n"


def terraform(content: str, **parts: str) -> str:
    """A deployment file with these settings of Terraform on the last line."""
    return f"{registry(**parts)}terraform: {{{content}}}\n"
