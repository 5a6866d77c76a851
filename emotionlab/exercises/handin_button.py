"""The button below an exercise that hands it in; shown only where EMOTIONLAB_DROPBOX names a drop box."""

import html
import os
from dataclasses import dataclass
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises.handin import came_back, exercises_in, fetch_back, hand_in
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.exercises.verdict import Table


@dataclass(frozen=True, repr=False)  # a Table shows itself already
class TableWithButton(Table):
    """A table, and below it the buttons of exercise `number`."""

    number: str = ""

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)
        try:
            display(panel(self.number))
        except ImportError:  # without ipywidgets the command is left
            display(
                HTML(f"<p>Hand in on the command line: <code>{settings.command(f'handin {self.number}')}</code></p>")
            )


def with_button(table: Table, number: str) -> Table:
    """The same table; in a notebook, the buttons of exercise `number` stand below it."""
    return TableWithButton(table.caption, table.head, table.rows, table.below, number)


def panel(number: str):
    """The ipywidgets panel: hand in, fetch the page that came back, and what became of it. Raises ImportError."""
    import ipywidgets

    hand = ipywidgets.Button(description=f"Hand in exercise {number}", layout={"width": "auto"})
    fetch = ipywidgets.Button(description="Fetch the page that came back", layout={"width": "auto"})
    said = ipywidgets.HTML()
    hand.on_click(lambda _: _show(said, lambda: _handed(number), "without a receipt, count it as not handed in"))
    fetch.on_click(lambda _: _show(said, lambda: _fetched(number), "no page was fetched"))
    first = ipywidgets.HTML(
        "<p>Save the notebook (Ctrl+S) before you hand it in. You can do it again; the last counts.</p>"
    )
    return ipywidgets.VBox([first, ipywidgets.HBox([hand, *([fetch] if _is_back(number) else [])]), said])


def _show(said, doing, undone: str) -> None:
    """Write what was done, or the one sentence why not, where a screen reader notices it.

    undone: what did not happen, in the words for an error that nobody thought of.
    """
    try:
        text = doing()
    except EmotionLabError as problem:
        text = f"✘ {problem}"
    except Exception as error:  # without a word, it would look as if all were well
        text = f"✘ An error stopped it ({type(error).__name__}: {error}); {undone}: tell your teacher."
    said.value = f'<div role="status"><pre style="white-space: pre-wrap">{html.escape(text)}</pre></div>'


def _handed(number: str) -> str:
    opened = Path(settings.open_notebook() or ".")
    is_notebook = os.path.isfile(opened) and opened.suffix == ".ipynb"
    # a copy has another name, and the same questions
    mine = opened if is_notebook and number in (exercise_of_file(opened.name), *exercises_in(opened)) else None
    return f"✔ {hand_in(number, mine)}"


def _fetched(number: str) -> str:
    name = fetch_back(number, Path.cwd()).name
    return f"✔ Open {name} in the list of files, at the left; within ten seconds it appears there."


def _is_back(number: str) -> bool:
    try:
        return came_back(number) is not None
    except (EmotionLabError, OSError):
        return False
