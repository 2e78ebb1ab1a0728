"""The commands of `pull-through-cache`."""

import click

from pull_through_cache import __version__, faults
from pull_through_cache.commands.check import check
from pull_through_cache.commands.cluster import cluster
from pull_through_cache.commands.image import image
from pull_through_cache.commands.images import images
from pull_through_cache.commands.import_ import import_
from pull_through_cache.commands.picture import picture
from pull_through_cache.commands.rewrite import rewrite
from pull_through_cache.commands.settle import settle
from pull_through_cache.commands.validate import validate
from pull_through_cache.files.printing import visible
from pull_through_cache.files.problems import InvalidFile


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            with faults.interruptible():
                return super().invoke(ctx)
        except InvalidFile as error:
            click.echo(error, err=True)
            ctx.exit(2)
        except click.exceptions.NoArgsIsHelpError:  # its message is the help
            raise
        except click.ClickException as error:
            error.message = visible(error.message)  # type: ignore[misc]
            raise
        except KeyboardInterrupt:
            ctx.exit(130)
        except click.Abort as error:
            if isinstance(error.__context__, KeyboardInterrupt):  # at a question
                ctx.exit(130)
            raise


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success; 1 see the help of the command; 2 the command could not run.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Work with the pull through caches of a deployment file. Only `import`, `check` and `settle` need AWS."""


for command in (validate, import_, image, rewrite, images, cluster, check, settle, picture):
    commands.add_command(command)
