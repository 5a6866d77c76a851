"""What runs inside a notebook's kernel while the site is built: it names each figure, and notes what was used.

The runner puts a call of `begin` before the first cell and one of `end` behind the last.
"""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2]

USED = "application/x-emotionlab-used"
"""Kind of the output in which `end` hands over the files of the package that the notebook used."""

MOST_NAMES = 8
"""So many names a description lists; a longer one would not be listened to."""

_opened: set[str] = set()


def begin() -> None:
    """Describe figures in words from now on, and note each file of the package that is opened."""
    from matplotlib.figure import Figure

    sys.addaudithook(_note)
    # a method of the class: IPython forgets a printer that is registered for figures when it learns to draw them
    Figure._repr_pretty_ = lambda figure, printer, cycle: printer.text(describe(figure))
    text = get_ipython().display_formatter.formatters["text/plain"]  # noqa: F821 (IPython puts it there)
    recognition = "emotionlab.recognition.recognizer"
    text.for_type_by_name(recognition, "Recognition", lambda found, printer, cycle: printer.text(_in_words(found)))


def end() -> None:
    """Hand over the files of the package that were used, as paths relative to it."""
    from IPython.display import publish_display_data

    modules = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    used = {path for path in _opened if os.path.isfile(path)} | {
        path for path in modules if path.startswith(str(PACKAGE))
    }
    publish_display_data({USED: sorted(Path(path).relative_to(PACKAGE).as_posix() for path in used)})


def _note(event: str, arguments: tuple) -> None:
    path = arguments[0] if event == "open" else None
    if isinstance(path, str) and path.startswith(str(PACKAGE)) and not path.endswith((".pyc", ".py")):
        _opened.add(path)


def _in_words(found) -> str:
    faces = ", ".join(face.text for face in found)
    return f"The picture with a box round each face: {faces}." if faces else "The picture, in which no face was found."


# ------------------------------------------------------------------------------------ figures in words


def describe(figure) -> str:
    """One sentence for who cannot see the figure: what it shows, its title, its axes and its legend."""
    shown = [axes for axes in figure.axes if axes.get_visible()]
    title = _title(figure, shown)
    sentence = f"Figure with {_kind(shown)}" + (f", titled “{title}”" if title else "")
    details = filter(None, [_axis_names(shown), _listed("showing", _names(shown))])
    return ": ".join([sentence, "; ".join(details)]).removesuffix(": ") + "."


def _title(figure, shown) -> str:
    above = figure.get_suptitle()
    titles = [above] if above else list(dict.fromkeys(axes.get_title() for axes in shown))
    return _plain(" / ".join(filter(None, titles)))


def _kind(shown) -> str:
    """What is drawn, in a few words; the most telling first."""
    pictures = sum(bool(axes.images) for axes in shown)
    kinds = [f"{pictures} picture{'s' if pictures > 1 else ''}"] if pictures else []
    kinds += ["bars"] if any(len(axes.patches) > 1 for axes in shown) else []
    kinds += ["lines"] if any(len(line.get_xdata()) > 2 for axes in shown for line in axes.lines) else []
    kinds += ["points"] if any(axes.collections for axes in shown) and not pictures else []
    return " and ".join(kinds[:2]) or "a drawing"


def _axis_names(shown) -> str:
    pairs = dict.fromkeys((_plain(axes.get_ylabel()), _plain(axes.get_xlabel())) for axes in shown if not axes.images)
    told = [f"{up} over {across}" if up and across else up or across for up, across in pairs]
    return "; ".join(filter(None, told))


def _names(shown) -> list[str]:
    """The words of legends; else the captions under the pictures, or the names of the bars."""
    legends = [text.get_text() for axes in shown if axes.get_legend() for text in axes.get_legend().get_texts()]
    captions = [axes.get_xlabel() for axes in shown if axes.images]
    ticks = [label.get_text() for axes in shown for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    bars = [] if any(axes.images for axes in shown) else [word for word in ticks if any(map(str.isalpha, word))]
    return list(dict.fromkeys(map(_plain, filter(None, legends or captions or bars))))


def _listed(word: str, names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{word} {', '.join(names[:MOST_NAMES])}{more}"


def _plain(text: str) -> str:
    return " ".join(text.replace("$", "").split())
