"""Question 8.5: Spearman's rank correlation of two maps.

Title, points, task and model solution: solutions/08_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import describe
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "8.5",
    hints=(
        "A rank is a place in the order: the smallest value has rank 0. Replace both maps by their ranks, then "
        "correlate these.",
        "`a.ravel().argsort().argsort()` gives the ranks, `np.corrcoef(a, b)[0, 1]` the correlation. SciPy has both in "
        "one: `scipy.stats.spearmanr(a, b).statistic`, with both maps in one row.",
        "`return np.corrcoef(one.ravel().argsort().argsort(), other.ravel().argsort().argsort())[0, 1]`",
    ),
    passed="Right. A map that keeps its order when the weights of the network are replaced by random ones does not "
    "show the network: compare the two before you believe it.",
    explained={
        "Ranks stay what they are in half precision.": (
            "blind: argument 1: float16",
            "blind: argument 2: float16",
        ),
    },
)


@QUESTION.inputs
def pairs_of_maps(seed):
    """Two maps each: nearly the same order with quite other values, no relation, the reverse order. No ties."""
    rng = np.random.default_rng(seed)
    one, other, third = rng.normal(0, 1, (6, 5)), rng.normal(0, 1, (4, 7)), rng.normal(0, 1, (3, 6))
    similar = np.exp(2 * (one + rng.normal(0, 0.3, one.shape)))
    return [(one, similar), (other, rng.normal(0, 1, other.shape)), (third, -np.exp(2 * third))]


@QUESTION.judge
def judge(observed):
    found = observed["returned"][0]
    start = f"Expected a number, found {describe(found)}"
    if found["type"] == "SignificanceResult":
        return Wrong(
            f"{start}: `spearmanr` gives the correlation and a p-value.",
            "whole_result",
            "Lay both maps in one row first, `.ravel()`, and take `.statistic` of the result.",
        )
    if found["kind"] == "array" and found["shape"] == [2, 2]:
        return Wrong(
            f"{start}: `np.corrcoef` gives a table, each of the two with each.",
            "whole_table",
            "Take that of the first with the second: `[0, 1]`.",
        )
    if found["kind"] == "array" and len(found["shape"]) == 2:
        return Wrong(
            f"{start}: each row or column was taken for a map of its own.",
            "rows_for_maps",
            "Lay each map in one row first: `.ravel()`.",
        )
    return QUESTION.compare(observed)


def ranks(values):
    return values.ravel().argsort().argsort()


def correlation(one, other):
    return np.corrcoef(one, other)[0, 1]


@style
def scipy(one, other):
    from scipy.stats import spearmanr

    return spearmanr(one.ravel(), other.ravel()).statistic


@style
def pandas(one, other):
    import pandas as pd

    return pd.Series(one.ravel()).corr(pd.Series(other.ravel()), method="spearman")


@style
def formula(one, other):
    a, b = one.ravel().argsort().argsort(), other.ravel().argsort().argsort()
    n = a.size
    return 1 - 6 * np.sum((a - b) ** 2) / (n * (n**2 - 1))


@style
def sorted_lists(one, other):
    def places(values):
        ordered = sorted(values.ravel())
        return [ordered.index(v) for v in values.ravel()]

    return float(np.corrcoef(places(one), places(other))[0, 1])


@mistake(
    "This is the correlation of the values (Pearson's), in which one very bright spot can decide alone. Expected the "
    "correlation of the ranks: first replace each value by its place in the order."
)
def values_not_ranks(one, other):
    return correlation(one.ravel(), other.ravel())


@mistake(
    "`argsort` was used once. It tells which position comes first, not which rank a position has; apply it twice "
    "(`a.argsort().argsort()`) to get ranks."
)
def argsort_once(one, other):
    return correlation(one.ravel().argsort(), other.ravel().argsort())


@mistake("The sign was dropped: two maps in reverse order would count as perfect agreement.")
def sign_dropped(one, other):
    return abs(correlation(ranks(one), ranks(other)))


@mistake(
    "This is the square of the correlation, so the sign is lost and weak relations look weaker. Expected the "
    "correlation itself."
)
def squared(one, other):
    return correlation(ranks(one), ranks(other)) ** 2


@mistake(
    "The ranks were taken within each row or column, so a whole bright row counts for nothing. Lay the map in one row "
    "first: `one.ravel()`."
)
def row_by_row(one, other):
    a, b = one.argsort().argsort(), other.argsort().argsort()
    return correlation(a.ravel(), b.ravel())


@mistake("Only the first map was replaced by its ranks. Both must be.")
def ranks_of_one(one, other):
    return correlation(ranks(one), other.ravel())


@mistake(
    "The values were sorted, and with that their places are lost: any two maps look much alike then. Give each place "
    "its rank, `a.argsort().argsort()`."
)
def ordered_values(one, other):
    return correlation(np.sort(one.ravel()), np.sort(other.ravel()))


@mistake(
    "Each row was taken for a map of its own, so this is the correlation of two rows of one map. Lay each map in one "
    "row first: `.ravel()`."
)
def rows_for_maps(one, other):
    return correlation(one, other)


@mistake(says="and a p-value")
def whole_result(one, other):
    from scipy.stats import spearmanr

    return spearmanr(one.ravel(), other.ravel())


@mistake(says="each of the two with each")
def whole_table(one, other):
    return np.corrcoef(ranks(one), ranks(other))


@mistake(id="rows_for_maps", says="taken for a map of its own")
def columns_for_maps(one, other):
    from scipy.stats import spearmanr

    return spearmanr(one, other).statistic
