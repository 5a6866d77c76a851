"""Question small_from_large.4: of several teachers, the one that has not seen the picture.

Title, points, task and model solution: solutions/small_from_large.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "small_from_large.4",
    hints=(
        "Which teacher has not seen picture `n`? Its number stands in `folds`.",
        "Two lists of the same length pick one row each: `said[teachers, pictures]` gives teacher and picture pair by "
        "pair.",
        "`return said[folds, np.arange(len(folds))]`",
    ),
    passed="Right. Now nobody is asked about a picture whose answer they know by heart.",
)


@QUESTION.inputs
def teachers_and_folds(seed):
    """(said, folds): three and four teachers; the folds are uneven."""
    rng = np.random.default_rng(seed)
    cases = []
    for f, n, k in ((3, 8, 4), (4, 11, 6)):
        folds = rng.permutation([*range(f), *rng.integers(0, f, n - f)])
        folds[[0, -1]] = 0, f - 1
        cases.append((rng.dirichlet(np.full(k, 0.8), (f, n)), folds))
    return cases


def weights(said, folds):
    """(F, N, 1): 1 for the teacher that has not seen the picture."""
    return (folds == np.arange(len(said))[:, None])[..., None].astype(float)


@style
def picture_by_picture(said, folds):
    return np.array([said[fold][n] for n, fold in enumerate(folds)])


@style
def teacher_by_teacher(said, folds):
    rows = np.empty(said.shape[1:])
    for f, opinion in enumerate(said):
        rows[folds == f] = opinion[folds == f]
    return rows


@style
def along_an_axis(said, folds):
    return np.take_along_axis(said, folds[None, :, None], axis=0)[0]


@style
def weighted(said, folds):
    chosen = np.arange(len(said))[:, None] == folds
    return (said * chosen[..., None]).sum(axis=0)


@mistake("This is the mean of all teachers: most of them learned from the picture. Take the one of its fold.")
def mean_of_all(said, folds):
    return said.mean(axis=0)


@mistake(
    "This is the mean of those that *have* seen the picture. Teacher f learned from all but fold f: the picture's own "
    "fold names the one that has not."
)
def those_that_have_seen_it(said, folds):
    seen = 1 - weights(said, folds)
    return (said * seen).sum(axis=0) / (len(said) - 1)


@mistake("This is the next teacher, which has seen the picture. The picture's fold *is* the number of its teacher.")
def the_next_teacher(said, folds):
    return said[(folds + 1) % len(said), np.arange(len(folds))]


@mistake("Every picture got the first teacher's row. Each has its own teacher: the one of its fold.")
def the_first_teacher(said, folds):
    return said[0]


@mistake(says="the shape", id="wrong_shape")
def all_pictures_of_each(said, folds):
    return said[folds]


@mistake("The rows have another order than the pictures: they were laid together fold by fold.")
def fold_by_fold(said, folds):
    return np.concatenate([opinion[folds == f] for f, opinion in enumerate(said)])


@mistake("The row was taken by the fold's number, so it is that of another picture. Expected row n for picture n.")
def row_of_the_fold(said, folds):
    return said[folds, folds]


@mistake("The opinions were added up over the teachers, with zeros for none. Keep the one of the picture's fold alone.")
def summed(said, folds):
    return said.sum(axis=0)


@mistake(
    "The most certain teacher was taken, which is likely one that learned from the picture. Take that of its fold."
)
def the_surest(said, folds):
    surest = said.max(axis=2).argmax(axis=0)
    return said[surest, np.arange(len(folds))]
