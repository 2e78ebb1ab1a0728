"""A diagram as the text of a Mermaid flowchart."""

from html import escape

from pull_through_cache.deployment import Deployment
from pull_through_cache.diagram.content import Box, diagram
from pull_through_cache.files.printing import visible


def mermaid(deployment: Deployment) -> str:
    """The diagram as the text of a Mermaid flowchart."""
    columns, arrows = diagram(deployment)
    names: dict[Box, str] = {}
    lines = ["flowchart LR"]
    for number, group in enumerate(group for column in columns for group in column):
        lines.append(f'  subgraph group{number}["{_entities(group.title)}"]')
        for box in group.boxes:
            names[box] = f"box{len(names)}"
            text = "<br>".join([f"<b>{_entities(box.title)}</b>", *map(_entities, box.lines)])
            lines.append(f'    {names[box]}["{text}"]')
        lines.append("  end")
    links = dict.fromkeys(f"  {names[arrow.start]} --> {names[arrow.end]}" for arrow in arrows)
    return "\n".join([*lines, *links]) + "\n"


def _entities(text: str) -> str:
    """Text for Mermaid, which writes entities with `#`."""
    return escape(visible(text), quote=False).replace("&", "#").replace('"', "#quot;")
