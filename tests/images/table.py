"""The table of names in names.txt."""

from pathlib import Path

from tests.images.conftest import DIGEST, ELSEWHERE, HOST

TABLE = Path(__file__).with_name("names.txt")


def rows() -> list[tuple[str, str, str]]:
    """Deployment, name and what the name becomes, as they are written in the table."""
    found, deployment = [], ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        match line.split():
            case [word, *_] if word.startswith("#"):
                continue
            case [name]:
                deployment = name
            case [name, becomes]:
                found.append((deployment, name, becomes))
    return found


def written_out(text: str) -> str:
    """A name or a path of the table without abbreviations."""
    for word, meaning in {"HOST": HOST, "ELSEWHERE": ELSEWHERE, "DIGEST": DIGEST, "SHORT": DIGEST[7:-1]}.items():
        text = text.replace(word, meaning)
    return text


def image_after(name: str, becomes: str) -> str:
    """What a policy or a mirror makes of a name: the name in the cache, or the name as it was."""
    stays = becomes in ("cached", "own", "uncovered", "invalid")
    return written_out(name) if stays else f"{HOST}/{written_out(becomes)}"
