"""`cluster`: prints configuration that makes the pods of a cluster pull through the caches."""

import functools
import re
import shlex
from collections.abc import Callable
from typing import get_args

import click
from click.core import ParameterSource

from pull_through_cache.cluster.admission import kyverno_policy, mutating_admission_policy
from pull_through_cache.cluster.containerd import mirrors, script
from pull_through_cache.cluster.guard import Action, validating_admission_policy
from pull_through_cache.cluster.policies import Scope, text
from pull_through_cache.cluster.registries_conf import registries_conf
from pull_through_cache.commands.options import with_caches
from pull_through_cache.deployment.cdktf_json import read_cdktf_json
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import shown
from pull_through_cache.images.names import Caches

# Kubernetes: "Labels and Selectors", syntax and character set.
_DOMAIN = r"(?=[^/]{1,253}/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/"
_WORD = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"


@click.group()
def cluster() -> None:
    """Print configuration to make clusters pull from the caches.

    Print one output for each cluster, with the --workload or --region that it pulls from. docs/clusters.md shows which
    output is for which cluster.
    """


def _namespaces(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, str] | None:
    if value is None:
        return None
    if not re.fullmatch(rf"({_DOMAIN})?{_WORD}=({_WORD})?", value):
        raise click.BadParameter(f"{shown(value)} is not a label with a value; write for example team=shop")
    label, _, content = value.partition("=")
    return label, content


def _with_scope(command: Callable[..., None]) -> Callable[..., None]:
    """Gives `command` the scope of a policy as its argument `scope`, by options that it gets here."""

    @click.option(
        "--namespaces", metavar="LABEL=VALUE", callback=_namespaces, help="Only for namespaces with this label."
    )
    @click.option("--fail", is_flag=True, help="Reject pods if the policy fails. Default: pods do not change.")
    @functools.wraps(command)
    def run(*args: object, namespaces: tuple[str, str] | None, fail: bool, **rest: object) -> None:
        command(*args, scope=Scope(namespaces, fail), **rest)

    return run


@cluster.command()
@with_caches
@_with_scope
def admission(caches: Caches, scope: Scope) -> None:
    """The policy for Kubernetes 1.36 or later.

    A MutatingAdmissionPolicy and its binding, which give the images of new pods their names in the caches.
    """
    comment = _comment(
        caches, "Gives the images of new pods their names in the caches of {host}.", "kubectl apply -f -"
    )
    click.echo(text(comment, *mutating_admission_policy(caches, scope)), nl=False)


@cluster.command()
@with_caches
@_with_scope
def kyverno(caches: Caches, scope: Scope) -> None:
    """The policy for Kyverno 1.17 or later.

    A MutatingPolicy, which gives the images of new pods their names in the caches. For clusters before Kubernetes 1.36.
    """
    comment = _comment(
        caches, "Gives the images of new pods their names in the caches of {host}.", "kubectl apply -f -"
    )
    click.echo(text(comment, kyverno_policy(caches, scope)), nl=False)


@cluster.command()
@with_caches
@_with_scope
@click.option(
    "--action",
    type=click.Choice(get_args(Action)),
    default="warn",
    show_default=True,
    help="Warn the client, write to the audit log, or reject the pod.",
)
def guard(caches: Caches, scope: Scope, action: Action) -> None:
    """A policy that finds images that a cache covers.

    A ValidatingAdmissionPolicy and its binding, for Kubernetes 1.30 or later. It finds new pods with images that a cache
    covers, and reports which images to write instead.
    """
    comment = _comment(caches, "Finds the images of new pods that could come from {host}.", "kubectl apply -f -")
    click.echo(text(comment, *validating_admission_policy(caches, scope, action)), nl=False)


@cluster.command("registries-conf")
@with_caches
def registries_conf_command(caches: Caches) -> None:
    """registries.conf for podman and similar tools.

    It is for podman, buildah, skopeo, and CRI-O.
    """
    comment = _comment(
        caches, "Pulls images through the caches of {host}.", "sudo tee /etc/containers/registries.conf.d/caches.conf"
    )
    click.echo(registries_conf(caches, comment), nl=False)


@cluster.command()
@with_caches
def containerd(caches: Caches) -> None:
    """A script that sets up EKS nodes.

    A shell script for containerd and the kubelet. It writes a mirror for each registry, and the kubelet's CredentialProviderConfig. Standard error has the registries
    that it leaves out, and why. Exit code 2 if that is all of them.
    """
    found = mirrors(caches)
    for registry, reason in found.left_out:
        click.echo(visible(f"{registry}: not through a cache: {reason}; `cluster admission` can do it"), err=True)
    if not found.hosts:
        click.echo("no registry is left for containerd to mirror", err=True)
        raise click.exceptions.Exit(2)
    comment = _comment(caches, "Makes containerd on this node pull through the caches of {host}.", "sudo sh")
    click.echo(script(caches, comment), nl=False)


def _comment(caches: Caches, purpose: str, use: str) -> str:
    """What is at the top of an output: its purpose, its source, and how to renew it. The same on every machine."""
    context = click.get_current_context()
    file = (context.params["file"] or read_cdktf_json().deployment).name
    options = []
    for option in context.command.params:
        value = context.params[option.name or ""]
        given = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if given and isinstance(value, bool):
            options.append(option.opts[0])
        elif given:
            options += [option.opts[0], "=".join(value) if isinstance(value, tuple) else str(value)]
    command = shlex.join(["pull-through-cache", "cluster", context.command.name or "", *options])
    return "\n".join(
        [
            purpose.format(host=caches.host),
            f"Made from the deployment file {file if file.isprintable() else shown(file)}. When it has changed, run:",
            f"  {command if command.isprintable() else shown(command)} | {use}",
        ]
    )
