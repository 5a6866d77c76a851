"""Question 9.5: the gap between the recalls of two groups, with its interval.

Title, points, task and model solution: solutions/09_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "9.5",
    hints=(
        "Four sets of faces: in the group or not, found or not. Begin with the mask `(labels == emotion) & group`.",
        "`found = predictions == emotion`; the recall of the group is the mean of `found` under that mask, and "
        "`~group` gives the others.",
        "With p1, n1 of the group and p0, n0 of the others: `half = 1.96 * np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) "
        "/ n0)`. Return `gap, gap - half, gap + half`.",
    ),
    passed="Right. If the interval holds 0, you have not shown a gap; you have not shown fairness either.",
)


@QUESTION.inputs
def two_groups(seed):
    """Labels, predictions, the group of each picture and an emotion; the groups differ in size and in recall.

    In the first the group is served worse than the others, in the second better; in the third it is emotion 0.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, share, emotion, worse in ((400, 0.3, 6, True), (250, 0.6, 2, False), (300, 0.4, 0, True)):
        labels, group = rng.integers(0, 7, n), rng.random(n) < share
        weak = group if worse else ~group
        chance = np.where(weak, 0.55, 0.8) - 0.15 * (labels == emotion) * weak
        predictions = np.where(rng.random(n) < chance, labels, rng.integers(0, 7, n))
        labels[-1], predictions[-1] = emotion, emotion  # the last picture counts as well
        cases.append((labels, predictions, group, emotion))
    return cases


# ---- Parts of the answers below ------------------------------------------------------------------


def found_faces(labels, predictions, group, emotion):
    """Whether each face of the emotion was found: among the others, and in the group."""
    found = predictions == emotion
    return found[(labels == emotion) & ~group], found[(labels == emotion) & group]


def around(outside, inside, half):
    gap = inside.mean() - outside.mean()
    return gap, gap - half, gap + half


def interval(outside, inside):
    return around(outside, inside, 1.96 * np.sqrt(outside.var() / len(outside) + inside.var() / len(inside)))


# ---- Good styles ---------------------------------------------------------------------------------


@style
def loop(labels, predictions, group, emotion):
    p, n = [], []
    for members in (~group, group):
        part = (labels == emotion) & members
        p.append(np.mean(predictions[part] == emotion))
        n.append(part.sum())
    gap = p[1] - p[0]
    half = 1.96 * np.sqrt(p[0] * (1 - p[0]) / n[0] + p[1] * (1 - p[1]) / n[1])
    return gap, gap - half, gap + half


@style
def counts(labels, predictions, group, emotion):
    def share(members):
        n = np.count_nonzero((labels == emotion) & members)
        hits = np.count_nonzero((labels == emotion) & members & (predictions == emotion))
        return hits / n, (hits / n) * (1 - hits / n) / n

    (p1, v1), (p0, v0) = share(group), share(~group)
    spread = 1.96 * (v0 + v1) ** 0.5
    return p1 - p0, p1 - p0 - spread, p1 - p0 + spread


@style
def confusion_matrices(labels, predictions, group, emotion):
    from sklearn.metrics import confusion_matrix

    def row(g):
        return confusion_matrix(labels[g], predictions[g], labels=range(7))[emotion]

    (p1, n1), (p0, n0) = ((row(g)[emotion] / row(g).sum(), row(g).sum()) for g in (group, ~group))
    half = 1.96 * np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    return p1 - p0, p1 - p0 - half, p1 - p0 + half


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "The gap is turned round. Expected the group minus the others, so that a negative gap says that the group is "
    "served worse."
)
def turned_round(labels, predictions, group, emotion):
    return interval(*found_faces(labels, predictions, ~group, emotion))


@mistake(
    "The sign of the gap was dropped, so nobody can see which of the two is served worse. Expected the group minus the "
    "others."
)
def sign_dropped(labels, predictions, group, emotion):
    gap, _, high = interval(*found_faces(labels, predictions, group, emotion))
    half = high - gap
    return abs(gap), abs(gap) - half, abs(gap) + half


@mistake("The group was compared with everybody, itself included. Expected the others alone: `~group`.")
def against_all(labels, predictions, group, emotion):
    theirs, found = labels == emotion, predictions == emotion
    return interval(found[theirs], found[theirs & group])


@mistake(
    "No face was counted, and the mean of nothing is NaN. Does your code say `group & labels == emotion`? Then "
    "brackets are missing, since `&` comes before `==`: `group & (labels == emotion)`."
)
def no_face_counted(labels, predictions, group, emotion):
    found = predictions == emotion
    return interval(found[~group & labels == emotion], found[group & labels == emotion])


@mistake(
    "Brackets are missing: `&` comes before `==`, so `labels == emotion & group` compares the labels with something "
    "else. Write `(labels == emotion) & group`."
)
def no_brackets(labels, predictions, group, emotion):
    found = predictions == emotion
    return interval(found[labels == emotion & ~group], found[labels == emotion & group])


@mistake("These are the gap and half the width of its interval. Expected the two ends: gap, gap - half, gap + half.")
def half_width(labels, predictions, group, emotion):
    gap, _, high = interval(*found_faces(labels, predictions, group, emotion))
    return gap, high - gap


@mistake("The two ends of the interval are exchanged. Expected the lower one first.")
def ends_exchanged(labels, predictions, group, emotion):
    gap, low, high = interval(*found_faces(labels, predictions, group, emotion))
    return gap, high, low


NO_ROOT = "The root is missing: `1.96 * np.sqrt(...)`, with the sum of both parts under it."


@mistake(NO_ROOT)
def no_root(labels, predictions, group, emotion):
    outside, inside = found_faces(labels, predictions, group, emotion)
    return around(outside, inside, 1.96 * (outside.var() / len(outside) + inside.var() / len(inside)))


@mistake(NO_ROOT, id="no_root")
def no_root_and_no_brackets(labels, predictions, group, emotion):
    outside, inside = found_faces(labels, predictions, group, emotion)
    return around(outside, inside, 1.96 * inside.var() / len(inside) + outside.var() / len(outside))


@mistake(
    "These are the accuracies of the two groups, over all emotions. Expected the recall of the one emotion: look only "
    "at faces with that label."
)
def accuracy_for_recall(labels, predictions, group, emotion):
    right = predictions == labels
    return interval(right[~group], right[group])


@mistake(
    "The hits were divided by all faces of each group. Recall divides by the faces of the group that carry this label."
)
def divided_by_the_group(labels, predictions, group, emotion):
    hits = (predictions == emotion) & (labels == emotion)
    return interval(hits[~group], hits[group])


@mistake(
    "You looked at the faces that are *called* the emotion, which gives the precision. Recall starts from the faces "
    "that *are* labelled so."
)
def precision_for_recall(labels, predictions, group, emotion):
    right, called = labels == emotion, predictions == emotion
    return interval(right[called & ~group], right[called & group])


@mistake("The two half widths were added. Independent errors partly cancel: add the squares, take the root.")
def halves_added(labels, predictions, group, emotion):
    outside, inside = found_faces(labels, predictions, group, emotion)
    halves = [1.96 * np.sqrt(part.var() / len(part)) for part in (outside, inside)]
    return around(outside, inside, sum(halves))


@mistake(
    "The interval has no factor 1.96, so it is one standard error wide on each side and misses the true gap about once "
    "in three times."
)
def one_standard_error(labels, predictions, group, emotion):
    outside, inside = found_faces(labels, predictions, group, emotion)
    return around(outside, inside, np.sqrt(outside.var() / len(outside) + inside.var() / len(inside)))


@mistake(
    "The interval divides by all pictures of each group. Only those with this label were looked at, so n1 and n0 count "
    "them alone."
)
def whole_group_counted(labels, predictions, group, emotion):
    outside, inside = found_faces(labels, predictions, group, emotion)
    return around(outside, inside, 1.96 * np.sqrt(outside.var() / sum(~group) + inside.var() / sum(group)))
