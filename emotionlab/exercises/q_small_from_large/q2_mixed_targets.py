"""Question small_from_large.2: labels and a teacher in one target, where only some pictures have a label.

Title, points, task and model solution: solutions/small_from_large.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "small_from_large.2",
    hints=(
        "Begin with the teacher's opinion of all pictures, then change the rows that have a label.",
        "`known = labels >= 0` is the mask of the labelled ones. `np.eye(K)[labels[known]]` turns their labels into "
        "rows with a single 1.",
        "`targets = said.copy()`, then `targets[known] = (1 - share) * np.eye(said.shape[1])[labels[known]] + share * "
        "said[known]`.",
    ),
    passed="Right. A picture that nobody labelled is worth something after all: the teacher has an opinion of it.",
)


@QUESTION.inputs
def labels_and_opinions(seed):
    """(labels, said, share): some pictures without a label, the last emotion among the labels."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k, share in ((8, 4, 0.3015), (11, 6, 0.7211)):
        labels = rng.integers(0, k, n)
        labels[rng.permutation(n)[: n // 3]] = -1
        labels[0], labels[1], labels[-1] = k - 1, -1, 0
        cases.append((labels, rng.dirichlet(np.full(k, 0.9), n), share))
    return cases


def mixed(labels, said, share):
    """As the labels say, -1 counting as the last emotion."""
    return (1 - share) * np.eye(said.shape[1])[labels] + share * said


def only_known(labels, said, share):
    """Where there is a label; zeros elsewhere."""
    return np.where(labels[:, None] >= 0, mixed(labels, said, share), 0)


@style
def by_where(labels, said, share):
    return np.where(labels[:, None] >= 0, (1 - share) * np.eye(said.shape[1])[labels] + share * said, said)


@style
def picture_by_picture(labels, said, share):
    rows = []
    for label, opinion in zip(labels, said, strict=True):
        row = opinion.copy()
        if label >= 0:
            row *= share
            row[label] += 1 - share
        rows.append(row)
    return np.array(rows)


@style
def share_of_each(labels, said, share):
    theirs = np.where(labels < 0, 1.0, share)[:, np.newaxis]
    ours = (labels[:, np.newaxis] == np.arange(said.shape[1])).astype(float)
    return theirs * said + (1 - theirs) * ours


@mistake("The shares have changed places: `share` belongs to the teacher, `1 - share` to the label.")
def exchanged(labels, said, share):
    return np.where(labels[:, None] >= 0, mixed(labels, said, 1 - share), said)


@mistake("A picture without a label was treated as one of the last emotion: in NumPy the row `-1` is the last row.")
def minus_one_is_last(labels, said, share):
    return mixed(labels, said, share)


@mistake("The pictures without a label got zeros. They are what this is for: their target is the teacher's opinion.")
def unlabelled_are_zero(labels, said, share):
    return only_known(labels, said, share)


@mistake("A picture without a label got `share` of the teacher's opinion, so its row does not sum to 1: take it whole.")
def unlabelled_get_a_share(labels, said, share):
    return only_known(labels, said, share) + np.where(labels[:, None] < 0, share * said, 0)


@mistake(says="the shape", id="wrong_shape")
def unlabelled_left_out(labels, said, share):
    known = labels >= 0
    return mixed(labels[known], said[known], share)


@mistake("Every target is the teacher's opinion. Where there is a label it counts too, `1 - share` of the target.")
def teacher_alone(labels, said, share):
    return said.copy()


@mistake("The teacher's opinion became a single 1. Its soft target is the point: mix it as it is.")
def hard_teacher(labels, said, share):
    hard = np.eye(said.shape[1])[said.argmax(axis=1)]
    return np.where(labels[:, None] >= 0, mixed(labels, hard, share), hard)


@mistake("The label was added whole, so the rows sum to more than 1. Expected `1 - share` of it.")
def added(labels, said, share):
    return np.where(labels[:, None] >= 0, np.eye(said.shape[1])[labels] + share * said, said)


@mistake("A picture with a label got the label alone. Expected `share` of the teacher's opinion with it.")
def label_alone(labels, said, share):
    return np.where(labels[:, None] >= 0, mixed(labels, said, 0), said)


@mistake("A picture without a label got the even distribution. The teacher has an opinion of it: take that.")
def even(labels, said, share):
    return only_known(labels, said, share) + (labels[:, None] < 0) / said.shape[1]


@mistake(says="changed the array", id="changed_input")
def written_into_the_given(labels, said, share):
    for row, label in enumerate(labels):
        if label >= 0:
            said[row] *= share
            said[row, label] += 1 - share
    return said
