"""Question voice.1: a wave cut into overlapping pieces.

Title, points, task and model solution: solutions/voice.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "voice.1",
    hints=(
        "Where does the last whole piece begin? At the latest at `len(wave) - window`.",
        "`range(0, len(wave) - window + 1, hop)` gives all beginnings. A piece is `wave[start : start + window]`.",
        "`return np.stack([wave[i : i + window] for i in range(0, len(wave) - window + 1, hop)])`",
    ),
    passed="Right. Fade each row in and out, take its spectrum, and lay the rows side by side: a spectrogram.",
    explained={"A list of the pieces is as good as an array.": ("line 7: np.stack(… -> [wave[start:…",)},
)


@QUESTION.inputs
def waves(seed):
    """(wave, window, hop): one that the pieces fill to the end, one with a rest, one whose pieces do not overlap."""
    rng = np.random.default_rng(seed)
    return [(rng.normal(0, 1, length), window, hop) for length, window, hop in ((20, 6, 2), (19, 5, 3), (26, 4, 7))]


def at(wave, window, starts):
    """The pieces that begin at these samples."""
    return np.stack([wave[start : start + window] for start in starts])


@style
def windows_of_numpy(wave, window, hop):
    return np.lib.stride_tricks.sliding_window_view(wave, window)[::hop]


@style
def table_of_places(wave, window, hop):
    count = 1 + (len(wave) - window) // hop
    return wave[hop * np.arange(count)[:, None] + np.arange(window)]


@style
def while_loop(wave, window, hop):
    rows, start = [], 0
    while start + window <= len(wave):
        rows.append(wave[start : start + window])
        start += hop
    return np.array(rows)


@mistake("The last whole piece is missing: `range` stops before its end, so the end is `len(wave) - window + 1`.")
def last_missing(wave, window, hop):
    return at(wave, window, range(0, len(wave) - window, hop))


@mistake("The pieces stand side by side without overlapping: the next one begins `hop` samples later, not `window`.")
def hop_ignored(wave, window, hop):
    return at(wave, window, range(0, len(wave) - window + 1, window))


@mistake("The window and the hop have changed places: a piece is `window` samples long, and they begin every `hop`.")
def exchanged(wave, window, hop):
    return at(wave, hop, range(0, len(wave) - hop + 1, window))


@mistake("A piece begins at every sample. Expected one every `hop` samples.")
def every_sample(wave, window, hop):
    return at(wave, window, range(len(wave) - window + 1))


@mistake("The last row is no whole piece of the wave: it was filled up. Expected whole pieces only.")
def filled_up(wave, window, hop):
    longer = np.concatenate([wave, np.zeros(window)])
    return at(longer, window, range(0, len(wave), hop))


@mistake("The table lies on its side: expected one row a piece, so the shape (pieces, window).")
def on_its_side(wave, window, hop):
    return at(wave, window, range(0, len(wave) - window + 1, hop)).T


@mistake("The pieces were faded in and out already. That is the next step; here they are expected as they are.")
def faded(wave, window, hop):
    return at(wave, window, range(0, len(wave) - window + 1, hop)) * np.hanning(window)
