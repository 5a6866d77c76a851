"""Question text.2: macro F1 where a text may show several emotions.

Title, points, task and model solution: solutions/text.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "text.2",
    hints=(
        "First make a table of what is named, True or False, of the same shape as the labels.",
        "`named = probabilities >= thresholds` compares each column with its own threshold. For each column count "
        "`labels & named`, `labels` and `named`.",
        "`right = (labels & named).sum(axis=0)`, `both = labels.sum(axis=0) + named.sum(axis=0)`, then "
        "`(2 * right / np.maximum(both, 1)).mean()`.",
    ),
    passed="Right. A rare emotion counts as much as a frequent one here: that is why the macro F1 of a model that "
    "never says *fear* is poor, though its accuracy is fine.",
    explained={
        "Probabilities and thresholds have no sign.": (
            "blind: argument 2: without sign",
            "blind: argument 2: clipped at 0",
            "blind: argument 3: without sign",
            "blind: argument 3: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def labels_and_probabilities(seed):
    """(labels, probabilities, thresholds): thresholds that some probabilities meet exactly; one emotion that never
    occurs and is never named."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k in ((30, 7), (23, 5)):
        probabilities = rng.uniform(0.02, 0.98, (n, k))
        labels = rng.random((n, k)) < np.linspace(0.2, 0.7, k)
        labels[0], labels[-1] = True, rng.random(k) < 0.5
        probabilities[labels] = np.sqrt(probabilities[labels])
        thresholds = np.quantile(probabilities, 0.5, axis=0, method="nearest") * 1.0
        silent = k // 2
        labels[:, silent], probabilities[:, silent], thresholds[silent] = False, probabilities[:, silent] / 2, 0.6
        probabilities[1, [0, -1]] = thresholds[[0, -1]]  # met exactly
        probabilities[0, 0], probabilities[-1, -1] = thresholds[0] - 0.01, thresholds[-1] - 0.01  # just missed
        labels[[0, -1], [0, -1]] = True
        cases.append((labels, probabilities, thresholds))
    return cases


def f1_of(labels, named):
    """F1 of each emotion."""
    return 2 * (labels & named).sum(axis=0) / np.maximum(labels.sum(axis=0) + named.sum(axis=0), 1)


@style
def scikit_learn(labels, probabilities, thresholds):
    from sklearn.metrics import f1_score

    return f1_score(labels, probabilities >= thresholds, average="macro", zero_division=0)


@style
def loop(labels, probabilities, thresholds):
    scores = []
    for k in range(labels.shape[1]):
        named = probabilities[:, k] >= thresholds[k]
        hits, missed = np.sum(named & labels[:, k]), np.sum(~named & labels[:, k])
        false = np.sum(named & ~labels[:, k])
        scores.append(2 * hits / (2 * hits + missed + false) if hits else 0.0)
    return sum(scores) / len(scores)


@style
def harmonic_mean(labels, probabilities, thresholds):
    named = probabilities >= thresholds
    right = (labels & named).sum(0)
    precision = right / np.maximum(named.sum(0), 1)
    recall = right / np.maximum(labels.sum(0), 1)
    return float(np.mean([2 * p * r / (p + r) if p + r > 0 else 0 for p, r in zip(precision, recall, strict=True)]))


@mistake("All hits were counted together, so a frequent emotion counts more (micro F1). Expected the mean of the F1s.")
def micro(labels, probabilities, thresholds):
    named = probabilities >= thresholds
    return 2 * (labels & named).sum() / (labels.sum() + named.sum())


@mistake("One half was taken for every threshold. Each emotion has its own, in `thresholds`.")
def half_for_all(labels, probabilities, thresholds):
    return f1_of(labels, probabilities >= 0.5).mean()


@mistake("A probability that is equal to its threshold reaches it: `>=`, not `>`.")
def above_only(labels, probabilities, thresholds):
    return f1_of(labels, probabilities > thresholds).mean()


@mistake("The sums run over the emotions of a text. Expected a sum over the texts, for each emotion: `axis=0`.")
def wrong_axis(labels, probabilities, thresholds):
    named = probabilities >= thresholds
    both = labels.sum(axis=1) + named.sum(axis=1)
    return (2 * (labels & named).sum(axis=1) / np.maximum(both, 1)).mean()


@mistake(id="wrong_type", says="Expected a number")
def all_of_them(labels, probabilities, thresholds):
    return f1_of(labels, probabilities >= thresholds)


@mistake("An emotion that was neither given nor named was left out of the mean. It counts as 0.")
def silent_left_out(labels, probabilities, thresholds):
    named = probabilities >= thresholds
    there = (labels | named).any(axis=0)
    return f1_of(labels, named)[there].mean()


@mistake("This is the share of right yes-or-no answers, which is high for a model that never says anything.")
def share_of_right_answers(labels, probabilities, thresholds):
    return ((probabilities >= thresholds) == labels).mean()


@mistake("The factor 2 is missing: F1 is 2 * right / (given + named).")
def no_factor(labels, probabilities, thresholds):
    return f1_of(labels, probabilities >= thresholds).mean() / 2


@mistake(id="not_finite", says="NaN")
def divided_by_zero(labels, probabilities, thresholds):
    named = probabilities >= thresholds
    with np.errstate(invalid="ignore"):
        return (2 * (labels & named).sum(axis=0) / (labels.sum(axis=0) + named.sum(axis=0))).mean()


@mistake("Only the most probable emotion of each text was named. Here a text may have several, or none.")
def largest_alone(labels, probabilities, thresholds):
    return f1_of(labels, probabilities == probabilities.max(axis=1, keepdims=True)).mean()
