"""The options that select images and files."""

import functools
from collections.abc import Callable
from pathlib import Path

import click

from pull_through_cache.commands.files import STANDARD_INPUT, Selection, files_argument
from pull_through_cache.commands.tables import report
from pull_through_cache.images.kustomize import Kustomizations
from pull_through_cache.images.requests import Requests

_OPTIONS = (
    click.option("--also", multiple=True, metavar="[KIND:]PLACE", help="Treat the text at PLACE as an image."),
    click.option("--leave", multiple=True, metavar="[KIND:]PLACE", help="Do not change images at PLACE."),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out files of folders, as .gitignore does."),
)


class Asked:
    """What a command has to do: the files, and the requests for each."""

    def __init__(
        self, paths: tuple[Path, ...], also: tuple[str, ...], leave: tuple[str, ...], exclude: tuple[str, ...]
    ) -> None:
        self._selection = Selection(paths, exclude)
        self._folders = [path for path in paths if path != STANDARD_INPUT and path.is_dir()]
        self._also, self._leave = also, leave
        self._trees: list[Kustomizations] = []
        self.files = list(dict.fromkeys(self._selection.files))
        if not self.files:
            report(f"no YAML, JSON, or Dockerfile in {', '.join(map(str, paths))}")
        if self._selection.templates:
            report(f"{self._selection.templates} Helm templates left out; rewrite what helm template renders of them")
        for chart in sorted(self._selection.packed_charts):
            report(f"{chart}: a packed chart, left out; rewrite what helm template renders of it")

    def of(self, file: Path) -> Requests:
        """The requests for one file."""
        if file == STANDARD_INPUT:
            return Requests(self._also, self._leave)
        tree = next((tree for tree in self._trees if tree.has(file)), None)
        if tree is None:
            folder = next((path for path in self._folders if file.is_relative_to(path)), None)
            tree = Kustomizations(file, folder)
            self._trees.append(tree)
        return Requests(self._also, self._leave, functools.partial(tree.judge, file))


def with_files(command: Callable[..., None]) -> Callable[..., None]:
    """Gives `command` the argument `asked`, by the argument and options that it gets here."""

    @functools.wraps(command)
    def run(
        files: tuple[Path, ...], also: tuple[str, ...], leave: tuple[str, ...], exclude: tuple[str, ...], **rest: object
    ) -> None:
        command(asked=Asked(files, also, leave, exclude), **rest)

    for option in reversed(_OPTIONS):
        run = option(run)
    return files_argument(run)
