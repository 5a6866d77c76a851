"""The browser's half of the panels: JavaScript and style sheets in this folder."""

from pathlib import Path


def page_part(*names: str) -> str:
    """The browser's half of a panel: files of this folder, one after the other."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)
