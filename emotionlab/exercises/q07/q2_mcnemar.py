"""Question 7.2: McNemar's exact test of two models on the same pictures.

Title, points, task and model solution: solutions/07_*.ipynb.
"""

from math import comb

import numpy as np

from emotionlab.exercises.compare import call_each
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "7.2",
    hints=(
        "Two arrays of True and False first: where is the first model right, where the second?",
        "Only the first: `np.sum((first == labels) & (second != labels))`. If the models are equally good, this count "
        "is that of heads when a fair coin is thrown as often as there are discordant pictures.",
        "`binomtest(only_first, only_first + only_second).pvalue`; it needs at least one throw, so return 1.0 "
        "when both counts are 0.",
    ),
    passed="Right. The pictures that both get right or both get wrong do not enter: they cannot tell the two apart.",
    explained={
        "This label is of a picture that both models get wrong.": ("blind: argument 1: first element changed",),
    },
)


@QUESTION.inputs
def two_models(seed):
    """(labels, first, second) with known counts of discordant pictures; in the last case there are none."""
    rng = np.random.default_rng(seed)
    counts = ((120, 18, 7, 55), (60, 4, 15, 21), (30, 9, 9, 12), (25, 0, 6, 9), (20, 5, 0, 8))
    cases = []
    for both, only_first, only_second, neither in counts:
        n = both + only_first + only_second + neither
        labels = rng.integers(0, 7, n)
        first, second = ((labels + rng.integers(1, 7, n)) % 7 for _ in range(2))
        first[: both + only_first] = labels[: both + only_first]
        right_second = np.r_[:both, both + only_first : both + only_first + only_second]
        second[right_second] = labels[right_second]
        order = rng.permutation(n)
        cases.append((labels[order], first[order], second[order]))
    labels, first, _ = cases[0]
    return [*cases, (labels, first, first.copy())]


@QUESTION.observe
def observe(answer, cases):
    """Call the function on each case; say what is special about the case that the binomial test does not take."""
    try:
        return call_each(answer, cases)
    except ValueError as error:
        if "n must be" in str(error):  # SciPy's words for n = 0
            error.add_note("Here no picture is right in exactly one model: no coin is thrown, and the p value is 1.0.")
        elif "must not be greater than n" in str(error):
            error.add_note("The second number of `binomtest` is that of all throws: only_first + only_second.")
        raise


@QUESTION.judge
def judge(observed):
    for found in observed["returned"]:
        if found["kind"] == "sequence" and any(item["type"] == "BinomTestResult" for item in found["items"]):
            return Wrong(
                "The third value is the whole result of `binomtest`. Expected its p value, a number.",
                "result_for_p_value",
                "Add it at the end: `binomtest(...).pvalue`.",
            )
    return QUESTION.compare(observed)


# ---- Parts of the answers below ------------------------------------------------------------------


def discordant(labels, first, second):
    """(only first right, only second right)."""
    a, b = first == labels, second == labels
    return int(np.sum(a & ~b)), int(np.sum(b & ~a))


def exact(heads, throws, alternative="two-sided"):
    from scipy.stats import binomtest

    return float(binomtest(heads, throws, alternative=alternative).pvalue) if throws else 1.0


def chi_squared(a, b, correction):
    from scipy.stats import chi2

    distance = max(abs(a - b) - correction, 0)
    return float(chi2.sf(distance**2 / (a + b), 1)) if a + b else 1.0


# ---- Good styles ---------------------------------------------------------------------------------


@style
def expected_half(labels, first, second):
    from scipy.stats import binomtest

    right, other = first == labels, second == labels
    a, b = int(np.sum(right & ~other)), int(np.sum(other & ~right))
    p_value = binomtest(k=min(a, b), n=a + b, p=0.5).pvalue if a + b > 0 else 1.0
    return a, b, p_value


@style
def binomial_tail(labels, first, second):
    from scipy.stats import binom

    a = sum(x == y != z for y, x, z in zip(labels, first, second, strict=True))
    b = sum(z == y != x for y, x, z in zip(labels, first, second, strict=True))
    return int(a), int(b), float(min(1.0, 2 * binom.cdf(min(a, b), a + b, 0.5)))


@style
def crosstab(labels, first, second):
    from scipy.stats import binomtest

    table = np.zeros((2, 2), int)
    np.add.at(table, ((first == labels).astype(int), (second == labels).astype(int)), 1)
    a, b = table[1, 0], table[0, 1]
    return a, b, 1.0 if a + b == 0 else binomtest(b, a + b).pvalue


@style
def factorials(labels, first, second):
    a = np.count_nonzero((first == labels) > (second == labels))
    b = np.count_nonzero((second == labels) > (first == labels))
    n = a + b
    tail = sum(comb(n, k) for k in range(min(a, b) + 1)) / 2**n
    return a, b, min(1.0, 2 * tail)


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake("The two counts are exchanged: expected first the pictures that only the first model gets right.")
def exchanged(labels, first, second):
    a, b = discordant(labels, first, second)
    return b, a, exact(a, a + b)


@mistake(
    "These are all right answers of each model. Most pictures are right in both and do not tell which is better. Count "
    "the pictures that *only* one of them gets right."
)
def totals(labels, first, second):
    a, b = int(np.sum(first == labels)), int(np.sum(second == labels))
    return a, b, exact(a, a + b)


@mistake(
    "The second count also holds pictures on which both models are wrong, with two different answers. Count only those "
    "that the second model gets right."
)
def both_wrong_counted(labels, first, second):
    a, _ = discordant(labels, first, second)
    n = int(np.sum(first != second))
    return a, n - a, exact(a, n)


ONE_SIDED = (
    "The counts are right, but the p value is one-sided. You did not say before the test which of the two is better, "
    "so both tails count: `binomtest` does this when it is given no `alternative`."
)


@mistake(ONE_SIDED, id="one_sided")
def one_sided_tail(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(min(a, b), a + b, alternative="less")


@mistake(ONE_SIDED, id="one_sided")
def one_sided_greater(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(a, a + b, alternative="greater")


@mistake(ONE_SIDED, id="one_sided")
def one_sided_less(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(a, a + b, alternative="less")


EVERY_PICTURE = (
    "The counts are right, but every picture was taken for a throw of the coin. Where both models are right, or both "
    "wrong, nothing is thrown: the number of throws is only_first + only_second."
)


@mistake(EVERY_PICTURE)
def all_as_trials(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(a, len(labels))


@mistake(EVERY_PICTURE, id="all_as_trials")
def all_as_trials_where_any(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(a, len(labels)) if a + b else 1.0


@mistake(
    "Where no picture tells the two models apart, the p value is 0. That would be a proof of a difference. Expected "
    "1.0: nothing speaks against equally good models."
)
def certain_without_evidence(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(a, a + b) if a + b else 0.0


@mistake(
    "The counts are right, but the throws are not: you counted all pictures on which the predictions differ. Two "
    "different wrong answers decide nothing. Expected only_first + only_second."
)
def disagreements_as_trials(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, exact(a, int(np.sum(first != second)))


APPROXIMATED = (
    "This is the chi-squared approximation of McNemar's test. It is good for many discordant pictures; expected the "
    "exact value: `binomtest(only_first, only_first + only_second).pvalue`."
)


@mistake(APPROXIMATED)
def approximated(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, chi_squared(a, b, correction=0)


@mistake(APPROXIMATED, id="approximated")
def approximated_and_corrected(labels, first, second):
    a, b = discordant(labels, first, second)
    return a, b, chi_squared(a, b, correction=1)


@mistake(
    "This compares two accuracies as if each model had had pictures of its own. Both answered the same pictures: what "
    "is hard for both cancels. Use the two counts alone."
)
def unpaired(labels, first, second):
    from scipy.stats import norm

    p, q = np.mean(first == labels), np.mean(second == labels)
    pooled = np.sqrt((p + q) * (2 - p - q) / (2 * len(labels)))
    return *discordant(labels, first, second), float(2 * norm.sf(abs(p - q) / pooled))


@mistake(says="whole result of `binomtest`")
def result_for_p_value(labels, first, second):
    from scipy.stats import binomtest

    a, b = discordant(labels, first, second)
    return a, b, binomtest(a, a + b) if a + b else 1.0
