"""Be the tagger: name the emotion of faces yourself, then compare your words with the data set's.

Nothing is written to disk: the answers live in the `Tagger` object and go when the kernel stops.
"""

import base64
import html
import io
import sys

import numpy as np

from emotionlab.base.arguments import whole_number
from emotionlab.base.emotions import EMOTIONS, one_hot
from emotionlab.base.errors import EmotionLabError
from emotionlab.data.dataset import Split, checked_split
from emotionlab.evaluation import Report, confidence_interval, percent, score

SIDE = 288
"""Height and width of the enlarged picture in pixels."""

_KEYS = """
function render({ model, el }) {
  let panel = null;
  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const known = /^[0-6u]$/.test(event.key);
    if (!known) return;
    // Without this a number key would also turn the notebook's cell into a heading.
    event.preventDefault();
    event.stopPropagation();
    model.send({ key: event.key });
  }
  function attach() {
    panel = el.closest(".emotionlab-tagger");
    if (!panel) return requestAnimationFrame(attach);
    panel.setAttribute("data-lm-suppress-shortcuts", "true");
    panel.addEventListener("keydown", press);
  }
  const waiting = requestAnimationFrame(attach);
  return () => {
    cancelAnimationFrame(waiting);
    if (panel) panel.removeEventListener("keydown", press);
  };
}
export default { render };
"""


class Tagger:
    """Some faces of a split, and the label that a person gives to each, one after the other.

    faces:  Split of the pictures shown, with the data set's labels.
    labels: (n,) int64, the answers so far, 0..6, in the order shown.

    Shown in a notebook it is a panel with one button for each emotion. The buttons call `answer` and
    `undo`, so that a program can do all that the panel does.
    """

    def __init__(self, faces: Split, name: str = "You"):
        self.faces = faces
        self.name = name
        self._labels: list[int] = []
        self._refresh: list = []

    def answer(self, label: int | str) -> None:
        """Give the current face a label: 0..6 or the name of an emotion.

        Raises EmotionLabError for any other label, and when every face has one already.
        """
        if self.done:
            raise EmotionLabError(f"All {len(self.faces)} faces have a label; undo one to change your mind.")
        self._labels.append(_label(label))
        self._show()

    def undo(self) -> None:
        """Take the last label back; does nothing when there is none."""
        if self._labels:
            self._labels.pop()
            self._show()

    @property
    def done(self) -> bool:
        """Whether every face has a label."""
        return len(self._labels) == len(self.faces)

    @property
    def labels(self) -> np.ndarray:
        """(n,) int64, the answers so far."""
        return np.array(self._labels, dtype=np.int64)

    @property
    def truth(self) -> np.ndarray:
        """(n,) int64, the data set's labels of the faces answered so far."""
        return self.faces.labels[: len(self._labels)]

    @property
    def agreement(self) -> float:
        """Share of the answers (0 to 1) that are the data set's label; NaN before the first answer."""
        return float(np.mean(self.labels == self.truth)) if self._labels else float("nan")

    def report(self) -> Report:
        """The answers as a Report, for `el.plot_confusion`: rows the data set, columns the tagger.

        A person gives no probabilities: every answer counts as certain, so `ece` means nothing here.
        Raises EmotionLabError before the first answer.
        """
        if not self._labels:
            raise EmotionLabError("Expected at least one answer, found none; label a face first.")
        return score(self.truth, one_hot(self.labels), name=self.name)

    def table(self):
        """DataFrame indexed by emotion: faces shown, answers agreeing, the commonest other answer."""
        import pandas as pd

        confusion = np.zeros((len(EMOTIONS), len(EMOTIONS)), dtype=int)
        np.add.at(confusion, (self.truth, self.labels), 1)
        other = confusion - np.diag(np.diag(confusion))
        words = [f"{EMOTIONS[row.argmax()]} ({row.max()})" if row.max() else "-" for row in other]
        columns = {"faces": confusion.sum(axis=1), "agreed": np.diag(confusion), "most often taken for": words}
        return pd.DataFrame(columns, index=pd.Index(EMOTIONS, name="data set says"))

    def summary(self) -> str:
        """Two sentences: how often the answers agree with the data set, and how sure that share is."""
        count = len(self._labels)
        if not count:
            return f"{self.name}: no face labelled yet, {len(self.faces)} to go."
        agreed = int((self.labels == self.truth).sum())
        low, high = confidence_interval(agreed, count)
        faces = "face" if count == 1 else "faces"
        return (
            f"{self.name}: agreed with the data set on {agreed} of {count} {faces} ({percent(agreed / count, 0)}). "
            f"So few faces leave room: the share in the long run lies between {percent(low, 0)} and "
            f"{percent(high, 0)} (95 % confidence interval)."
        )

    def panel(self):
        """A new ipywidgets panel that drives this tagger. Raises ImportError without ipywidgets."""
        return build_panel(self)

    def __repr__(self) -> str:
        return self.summary()

    def _show(self) -> None:
        for refresh in self._refresh:
            refresh()

    def _ipython_display_(self) -> None:
        try:
            panel = self.panel()
        except ImportError:
            print(f"{self.summary()} Without ipywidgets, look at `.faces` and call `.answer(label)`.")
            return
        from IPython.display import display

        display({**(panel._repr_mimebundle_() or {}), "text/plain": self.summary()}, raw=True)


def tagger(split: Split, size: int = 30, seed: int = 0) -> Tagger:
    """A panel on which you label `size` faces of `split`, drawn at random (all when there are fewer).

    Raises EmotionLabError when `split` is no Split or size is not a whole number of at least 1.
    """
    checked_split("split", split)
    size = whole_number("size", size, at_least=1)
    return Tagger(split.sample(size, seed))


def _label(label: int | str) -> int:
    if isinstance(label, str) and label in EMOTIONS:
        return EMOTIONS.index(label)
    if isinstance(label, int | np.integer) and not isinstance(label, bool) and 0 <= label < len(EMOTIONS):
        return int(label)
    words = ", ".join(f"{i} {word}" for i, word in enumerate(EMOTIONS))
    raise EmotionLabError(f"Expected one of {words}, found {label!r}; answer with the number or the word.")


# ---------------------------------------------------------------------------------- the panel


def build_panel(tagger: Tagger):
    """An ipywidgets VBox: picture, seven labelled buttons, undo, progress.

    Its children are, in this order: heading, picture, buttons, undo row, result (and the number keys).
    """
    import ipywidgets as widgets

    heading, picture, result = widgets.HTML(), widgets.HTML(), widgets.HTML()
    buttons = [widgets.Button(description=f"{i} {word}") for i, word in enumerate(EMOTIONS)]
    undo = widgets.Button(description="u undo", icon="undo", tooltip="Take the last label back")
    hint = widgets.HTML("Click a button. Or click one once, then use the keys 0 to 6, and u to undo.")

    def press(label):
        # Buttons stay enabled at the end: a disabled one would lose the focus, and the keys with it.
        if not tagger.done:
            tagger.answer(label)

    for label, button in enumerate(buttons):
        button.tooltip = f"This face looks {EMOTIONS[label]} (key {label})"
        button.on_click(lambda _, label=label: press(label))
    undo.on_click(lambda _: tagger.undo())

    def refresh():
        heading.value = _heading(tagger)
        picture.value = "" if tagger.done else _picture(tagger)
        result.value = _result(tagger) if tagger.done else ""

    refresh()
    tagger._refresh.append(refresh)
    row = widgets.HBox(buttons, layout=widgets.Layout(flex_flow="row wrap"))
    keys = _number_keys(tagger)
    undo_row = widgets.HBox([undo, hint] if keys else [undo])
    panel = widgets.VBox([heading, picture, row, undo_row, result, *keys])
    panel.add_class("emotionlab-tagger")
    return panel


def _number_keys(tagger: Tagger) -> list:
    """A widget without a face that turns the keys 0 to 6 and u into answers; empty where it cannot work."""
    if "google.colab" in sys.modules:  # Colab shows widgets of other makers only after an opt-in
        return []
    try:
        import anywidget
    except ImportError:
        return []

    def pressed(_, message, __):
        key = message.get("key")
        if key == "u":
            tagger.undo()
        elif not tagger.done:
            tagger.answer(int(key))

    keys = anywidget.AnyWidget(_esm=_KEYS)
    keys.on_msg(pressed)
    return [keys]


def _heading(tagger: Tagger) -> str:
    done, count = len(tagger.labels), len(tagger.faces)
    text = "All done. Thank you." if tagger.done else f"Face {done + 1} of {count}: which emotion does it show?"
    bar = f'<progress value="{done}" max="{count}" aria-label="{done} of {count} faces labelled"></progress>'
    return f'<p role="alert"><strong>{text}</strong></p>{bar}'


def _picture(tagger: Tagger) -> str:
    """The current face as an HTML image: the picture is inside the page, in no file."""
    from PIL import Image

    number = len(tagger.labels)
    large = Image.fromarray(tagger.faces.images[number]).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    large.save(buffer, format="PNG")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    alt = f"Face {number + 1} of {len(tagger.faces)}, a grey picture of 48 by 48 pixels, enlarged"
    return f'<img src="data:image/png;base64,{data}" width="{SIDE}" height="{SIDE}" alt="{alt}">'


def _result(tagger: Tagger) -> str:
    table = tagger.table().rename_axis(index=None, columns="data set says")
    return f'<p role="alert">{html.escape(tagger.summary())}</p>{table.to_html()}'
