"""Deployment files with one part that matters."""


def registry(**parts: str) -> str:
    """A deployment file with these parts of a registry, each on a line of its own from line 2 on."""
    lines = {"regions": "[eu-central-1]", "upstreams": "{public-ecr: {url: public.ecr.aws}}", **parts}
    return "registry:\n" + "".join(f"  {key}: {value}\n" for key, value in lines.items())


def docker_hub(credentials: str) -> str:
    """A deployment file whose line 3 has these credentials."""
    return registry(upstreams=f"{{docker-hub: {{registry: docker-hub, credentials: {{{credentials}}}}}}}")


def settings(repositories: str) -> str:
    """A deployment file whose line 4 has these settings of repositories."""
    return registry(repositories=f"{{{repositories}}}")


def workloads(*entries: str) -> str:
    """A deployment file whose line 4 has these workloads."""
    return f"{registry()}workloads: {{{', '.join(entries)}}}\n"


def terraform(content: str, **parts: str) -> str:
    """A deployment file whose last line has these settings of Terraform."""
    return f"{registry(**parts)}terraform: {{{content}}}\n"
