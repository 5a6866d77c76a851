"""Notices that nobody should miss, in a notebook or a terminal."""

import html
import sys


def in_notebook() -> bool:
    """True inside a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def warn(text: str) -> None:
    """Show `text`, a line or several: as a framed box in a notebook, else on standard output."""
    if not in_notebook():
        print("⚠ " + text.replace("\n", "\n  "))
        return
    from IPython.display import HTML, display

    first, *others = (html.escape(line) for line in text.splitlines())
    frame = "border: 2px solid #b35900; border-radius: 4px; padding: 0.5em 1em"
    display(HTML(f'<div role="alert" style="{frame}"><b>⚠ {first}</b><br>{"<br>".join(others)}</div>'))
