"""What every story of the demo does: run commands, and print what they did."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from demo.commands import CommandFailed, Commands
from demo.nodes import grants, reason
from emulator.outcomes import Outcome
from emulator.terraform import forget_hashes, without_provider

ROOT = Path(__file__).parents[1]


class Narrator:
    """Everything that it makes is in ``folder`` or in the emulator."""

    def __init__(
        self, console: Console, commands: Commands, executable: str, environment: dict[str, str], folder: Path
    ) -> None:
        self.console = console
        self.commands = commands
        self.folder = folder
        self._terraform = executable
        self.environment = {
            **os.environ,
            **environment,
            "CDKTF_OUTDIR": str(folder / "cdktf.out"),
            # What Terraform and jsii put there is gone with the folder, even if they are killed.
            "TMPDIR": str(folder),
        }
        self._summary = Table(box=SIMPLE_HEAD, pad_edge=False)
        for title in ("nodes of", "image", "pull", "result", "because"):
            self._summary.add_column(title, overflow="fold")

    def step(self, title: str) -> None:
        self.commands.check()
        self.console.print(f"\n{title}", style="bold")

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Padding(Text(text, style), (0, 0, 0, 2), expand=False))

    def synthesize(self, deployment: Path) -> None:
        environment = self.environment | {"DEPLOYMENT": str(deployment)}
        with self.console.status("python main.py"):
            self.commands.run([sys.executable, "main.py"], ROOT, environment, self.say)

    def terraform(self, stack: str, *arguments: str, environment: dict[str, str]) -> None:
        def see(line: str) -> None:
            # Terraform's own lines: what is done to which resource, and the sum.
            shown = re.match(r"\S.*: (Creation|Modifications|Destruction) complete|(\S+ complete!|No changes).*", line)
            if shown:
                self.say(shown[0])

        folder = self.folder / "cdktf.out" / "stacks" / stack
        self.say(f"terraform {' '.join(arguments)}", style="cyan")
        with self.console.status("Terraform is running"):
            command = [self._terraform, *arguments, "-input=false", "-no-color"]
            try:
                self.commands.run(command, folder, self.environment | environment, see)
            except CommandFailed as failure:
                raise CommandFailed(without_provider(str(failure)) or str(failure)) from None
        if arguments == ("init",):
            forget_hashes(folder)

    def outputs(self, stack: str) -> dict[str, Any]:
        """The outputs of a stack, by name."""
        lines: list[str] = []
        folder = self.folder / "cdktf.out" / "stacks" / stack
        self.commands.run([self._terraform, "output", "-json"], folder, self.environment, lines.append)
        return {name: output["value"] for name, output in json.loads("\n".join(lines)).items()}

    def pull(self, account: str, image: str, order: str, outcome: Outcome, note: str = "") -> None:
        """Print the decisions of a pull, and keep its outcome for the summary."""
        self.console.print()
        self.say(f"{account}, {order}: {image}", style="cyan")
        decisions = Table.grid(padding=(0, 2))
        for decision in outcome.decisions:
            decisions.add_row("   ", "yes" if decision.allowed else "no", decision.action, grants(decision))
        self.console.print(decisions)
        if outcome.upstream:
            self.say(f"ECR took {outcome.upstream} from the upstream registry.")
        if outcome.error:
            self.say(outcome.error, style="red")
        if note:
            self.say(note)
        result = Text("pulled", "green") if outcome.allowed else Text("denied", "red")
        self._summary.add_row(account, image, order, result, reason(outcome))

    def summary(self) -> None:
        self.step("Summary")
        self.console.print(self._summary)
