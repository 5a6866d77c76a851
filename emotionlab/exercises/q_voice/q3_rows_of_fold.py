"""Question voice.3: folds of whole speakers.

Title, points, task and model solution: solutions/voice.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "voice.3",
    hints=(
        "First give each different speaker a place in the sorted order: 0, 1, 2 and so on.",
        "`np.unique(speakers)` sorts them; `np.searchsorted` says at which place each recording's speaker stands. The "
        "fold is `place % folds`.",
        "`place = np.searchsorted(np.unique(speakers), speakers)`, then "
        "`return np.flatnonzero(place % folds == fold)`.",
    ),
    passed="Right. All recordings of a speaker are on one side, so the model cannot know the voice that it is tested "
    "on.",
    explained={"The rows stand in rising order anyway.": ("blind: result: sorted",)},
)


@QUESTION.inputs
def speakers_and_folds(seed):
    """(speakers, fold, folds): numbers with gaps, in no order, some above 255, and some recordings of each."""
    rng = np.random.default_rng(seed)
    cases = []
    for count, fold, folds in ((7, 1, 3), (10, 0, 5), (6, 3, 4)):
        numbers = rng.choice(np.arange(1, 40), count, replace=False) * 9 + 1
        speakers = rng.permutation(np.repeat(numbers, rng.integers(2, 5, count)))
        speakers[0], speakers[-1] = np.sort(numbers)[fold], np.sort(numbers)[fold]
        cases.append((speakers, fold, folds))
    return cases


def place_of(speakers):
    """The place of each recording's speaker among the sorted speakers."""
    return np.searchsorted(np.unique(speakers), speakers)


@style
def chosen_speakers(speakers, fold, folds):
    mine = np.unique(speakers)[fold::folds]
    return np.flatnonzero(np.isin(speakers, mine))


@style
def plain_python(speakers, fold, folds):
    order = sorted(set(speakers.tolist()))
    return np.array([row for row, one in enumerate(speakers.tolist()) if order.index(one) % folds == fold])


@style
def inverse(speakers, fold, folds):
    _, place = np.unique(speakers, return_inverse=True)
    return np.where(place % folds == fold)[0]


@mistake(
    "The *recordings* were dealt out to the folds, so that every speaker is in several of them. That is the leak: deal "
    "out the speakers."
)
def recordings_dealt_out(speakers, fold, folds):
    return np.flatnonzero(np.arange(len(speakers)) % folds == fold)


@mistake(
    "The fold was taken from the speaker's number. Numbers have gaps: take the speaker's place in the sorted order."
)
def number_for_place(speakers, fold, folds):
    return np.flatnonzero(speakers % folds == fold)


@mistake("The speakers were taken in the order in which they first occur. Expected the order of their numbers.")
def order_of_occurrence(speakers, fold, folds):
    order = list(dict.fromkeys(speakers.tolist()))
    return np.array([row for row, one in enumerate(speakers.tolist()) if order.index(one) % folds == fold])


@mistake("These are the rows of all other folds, the training rows. Expected those of this fold.")
def other_folds(speakers, fold, folds):
    return np.flatnonzero(place_of(speakers) % folds != fold)


@mistake("These are the speakers of the fold. Expected the rows of their recordings.")
def speakers_for_rows(speakers, fold, folds):
    return np.unique(speakers)[fold::folds]


@mistake(
    "Neighbouring speakers were put into one fold (the first ones into fold 0). Expected them dealt out in turn, like "
    "cards: `place % folds`."
)
def in_blocks(speakers, fold, folds):
    place = place_of(speakers)
    return np.flatnonzero(place * folds // (place.max() + 1) == fold)


@mistake("The folds are counted from 1 here. Expected the first speaker in fold 0.")
def counted_from_one(speakers, fold, folds):
    return np.flatnonzero((place_of(speakers) + 1) % folds == fold)


@mistake("This is a mask, True or False for each recording. Expected the rows: `np.flatnonzero(mask)`.")
def a_mask(speakers, fold, folds):
    return place_of(speakers) % folds == fold
