"""Exercise 07, choosing a model: leaks, McNemar, paired bootstrap, ensemble, temperature, Pareto, decision."""

import numpy as np

from emotionlab.exercises.bank07 import BANK
from emotionlab.exercises.capture import describe, short
from emotionlab.exercises.compare import Mistake, call_each, compare, first, input_problem, type_problem
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Choosing a model"


# 7.1 ------------------------------------------------------------------------------------------


def _leaked_pictures(seed: int) -> list[tuple]:
    """(labels, predictions, leaked): most leaked pictures are answered rightly, the clean ones less often."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, leaks, right_leaked, right_clean in ((90, 24, 21, 40), (70, 15, 13, 22)):
        order = rng.permutation(n)
        leaked, clean = order[:leaks], order[leaks:]
        labels = rng.integers(0, 7, n)
        predictions = (labels + rng.integers(1, 7, n)) % 7
        right = np.concatenate([leaked[:right_leaked], clean[:right_clean]])
        predictions[right] = labels[right]
        cases.append((labels, predictions, leaked))
    return cases


def _apart(labels, predictions, leaked):
    """The right answers on the leaked pictures and on the others, two bool arrays."""
    is_leaked = np.zeros(len(labels), bool)
    is_leaked[leaked] = True
    right = labels == predictions
    return right[is_leaked], right[~is_leaked]


def _two_accuracies(*case):
    on_leaked, on_clean = _apart(*case)
    return float(on_leaked.mean()), float(on_clean.mean())


_FROM_THE_END = (
    "The second value is not that of the others. `leaked` holds positions, not True and False. A minus or a `~` before "
    "it counts from the end: `~3` is -4, the fourth picture from there. `np.delete(right, leaked)` leaves them out."
)


Q1 = Question(
    id="7.1",
    title="Leaked and clean",
    points=1,
    answer="accuracy_apart",
    source='''
def accuracy_apart(labels, predictions, leaked):
    """(accuracy on the leaked pictures, accuracy on all others).

    labels, predictions: (N,) numbers 0 to 6. leaked: the positions of the leaked pictures, in any order.
    """
    ### BEGIN SOLUTION
    right = predictions == labels
    return right[leaked].mean(), np.delete(right, leaked).mean()
    ### END SOLUTION
''',
    inputs=_leaked_pictures,
    observe=call_each,
    judge=compare(
        _leaked_pictures,
        _two_accuracies,
        (
            Mistake(
                "exchanged",
                "The two are exchanged: expected the accuracy on the leaked pictures first, then that on the others.",
                lambda *case: _two_accuracies(*case)[::-1],
            ),
            Mistake(
                "all_for_clean",
                "The second value is the accuracy on all pictures, the leaked ones among them. That is the figure "
                "which a leak makes too high. Leave the leaked pictures out.",
                lambda *case: (_two_accuracies(*case)[0], float(np.concatenate(_apart(*case)).mean())),
            ),
            Mistake(
                "tilde_of_positions",
                _FROM_THE_END,
                lambda labels, predictions, leaked: (
                    float(np.mean((labels == predictions)[leaked])),
                    float(np.mean((labels == predictions)[~leaked])),
                ),
            ),
            Mistake(
                "minus_of_positions",
                _FROM_THE_END,
                lambda labels, predictions, leaked: (
                    float(np.mean((labels == predictions)[leaked])),
                    float(np.mean((labels == predictions)[-leaked])),
                ),
            ),
            Mistake(
                "counts",
                "These are numbers of right answers. Expected shares: divide each by the size of its group, or take "
                "`.mean()`.",
                lambda *case: tuple(int(part.sum()) for part in _apart(*case)),
            ),
            Mistake(
                "divided_by_all",
                "The right answers were divided by the number of all pictures. Divide each group by its own size.",
                lambda *case: tuple(float(part.sum() / len(case[0])) for part in _apart(*case)),
            ),
            Mistake(
                "first_pictures",
                "You took the first pictures. `leaked` holds positions: they may lie anywhere. `right[leaked]` picks "
                "them out.",
                lambda labels, predictions, leaked: _two_accuracies(labels, predictions, np.arange(len(leaked))),
            ),
            Mistake(
                "error_rates",
                "These are the shares of wrong answers. Accuracy is the share of right ones.",
                lambda *case: tuple(1 - value for value in _two_accuracies(*case)),
            ),
            Mistake(
                "percent",
                "The accuracies are in percent. Expected shares between 0 and 1.",
                lambda *case: tuple(100 * value for value in _two_accuracies(*case)),
            ),
        ),
    ),
    hints=(
        "One array helps: for each picture, is the answer right? Then take its mean over two groups of pictures.",
        "`right[leaked]` picks the leaked pictures. For the others: `np.delete(right, leaked)`, or a mask that is "
        "True everywhere and False at `leaked`.",
        "`right = predictions == labels`, then `return right[leaked].mean(), np.delete(right, leaked).mean()`.",
    ),
    passed="Right. The second value is the honest one: on pictures that the network had not seen in training.",
    bank=BANK["7.1"],
)


# 7.2 ------------------------------------------------------------------------------------------


def _two_models(seed: int) -> list[tuple]:
    """(labels, first, second) with known counts of discordant pictures; in the last case there are none."""
    rng = np.random.default_rng(seed)
    counts = ((120, 18, 7, 55), (60, 4, 15, 21), (30, 9, 9, 12), (25, 0, 6, 9), (20, 5, 0, 8))
    cases = []
    for both, only_first, only_second, neither in counts:
        n = both + only_first + only_second + neither
        labels = rng.integers(0, 7, n)
        first_model, second_model = ((labels + rng.integers(1, 7, n)) % 7 for _ in range(2))
        first_model[: both + only_first] = labels[: both + only_first]
        right_second = np.r_[:both, both + only_first : both + only_first + only_second]
        second_model[right_second] = labels[right_second]
        order = rng.permutation(n)
        cases.append((labels[order], first_model[order], second_model[order]))
    labels, first_model, _ = cases[0]
    return [*cases, (labels, first_model, first_model.copy())]


def _discordant(labels, first_model, second_model) -> tuple[int, int]:
    a, b = first_model == labels, second_model == labels
    return int(np.sum(a & ~b)), int(np.sum(b & ~a))


def _exact(k: int, n: int, alternative: str = "two-sided") -> float:
    from scipy.stats import binomtest

    return float(binomtest(k, n, 0.5, alternative=alternative).pvalue) if n else 1.0


def _mcnemar(*case):
    a, b = _discordant(*case)
    return a, b, _exact(a, a + b)


def _chi_squared(*case, correction: float):
    from scipy.stats import chi2

    a, b = _discordant(*case)
    distance = max(abs(a - b) - correction, 0)
    return a, b, float(chi2.sf(distance**2 / (a + b), 1)) if a + b else 1.0


def _unpaired(labels, first_model, second_model):
    """Two independent samples compared by their standard errors (two-sided z test, pooled or not)."""
    from scipy.stats import norm

    p, q = np.mean(first_model == labels), np.mean(second_model == labels)
    pooled = np.sqrt((p + q) * (2 - p - q) / (2 * len(labels)))
    return *_discordant(labels, first_model, second_model), float(2 * norm.sf(abs(p - q) / pooled))


def _one_sided(*case, alternative: str):
    a, b = _discordant(*case)
    return a, b, _exact(a, a + b, alternative)


def _smaller_tail(*case):
    a, b = _discordant(*case)
    return a, b, _exact(min(a, b), a + b, "less")


def _disagreements(labels, first_model, second_model):
    a, b = _discordant(labels, first_model, second_model)
    return a, b, _exact(a, int(np.sum(first_model != second_model)))


def _all_as_trials(labels, first_model, second_model, always=True):
    a, b = _discordant(labels, first_model, second_model)
    return a, b, _exact(a, len(labels) if always or a + b else 0)


def _certain_without_evidence(*case):
    a, b, p_value = _mcnemar(*case)
    return a, b, p_value if a + b else 0.0


def _observe_mcnemar(answer, cases: list[tuple]) -> dict:
    """Call the function on each case; say what is special about the case that the binomial test does not take."""
    try:
        return call_each(answer, cases)
    except ValueError as error:
        if "n must be" in str(error):  # SciPy's words for n = 0
            error.add_note("Here no picture is right in exactly one model: no coin is thrown, and the p value is 1.0.")
        elif "must not be greater than n" in str(error):
            error.add_note("The second number of `binomtest` is that of all throws: only_first + only_second.")
        raise


def _judge_mcnemar(observed: dict) -> Wrong | None:
    for found in observed["returned"]:
        if found["kind"] == "sequence" and any(item["type"] == "BinomTestResult" for item in found["items"]):
            return Wrong(
                "The third value is the whole result of `binomtest`. Expected its p value, a number.",
                "result_for_p_value",
                "Add it at the end: `binomtest(...).pvalue`.",
            )
    return _compare_mcnemar(observed)


def _the_rest_for_second(labels, first_model, second_model):
    """All disagreements that the first does not win are given to the second, also those in which both are wrong."""
    a, _ = _discordant(labels, first_model, second_model)
    n = int(np.sum(first_model != second_model))
    return a, n - a, _exact(a, n)


def _totals(labels, first_model, second_model):
    a, b = int(np.sum(first_model == labels)), int(np.sum(second_model == labels))
    return a, b, _exact(a, a + b)


_ONE_SIDED = (
    "The counts are right, but the p value is one-sided. You did not say before the test which of the two is better, "
    "so both tails count: `binomtest` does this when it is given no `alternative`."
)

_EVERY_PICTURE = (
    "The counts are right, but every picture was taken for a throw of the coin. Where both models are right, or both "
    "wrong, nothing is thrown: the number of throws is only_first + only_second."
)

_compare_mcnemar = compare(
    _two_models,
    _mcnemar,
    (
        Mistake(
            "exchanged",
            "The two counts are exchanged: expected first the pictures that only the first model gets right.",
            lambda *case: (_mcnemar(*case)[1], _mcnemar(*case)[0], _mcnemar(*case)[2]),
        ),
        Mistake(
            "totals",
            "These are all right answers of each model. Most pictures are right in both and do not tell which is "
            "better. Count the pictures that *only* one of them gets right.",
            _totals,
        ),
        Mistake(
            "both_wrong_counted",
            "The second count also holds pictures on which both models are wrong, with two different answers. "
            "Count only those that the second model gets right.",
            _the_rest_for_second,
        ),
        Mistake("one_sided", _ONE_SIDED, _smaller_tail),
        Mistake("one_sided", _ONE_SIDED, lambda *case: _one_sided(*case, alternative="greater")),
        Mistake("one_sided", _ONE_SIDED, lambda *case: _one_sided(*case, alternative="less")),
        Mistake("all_as_trials", _EVERY_PICTURE, _all_as_trials),
        Mistake("all_as_trials", _EVERY_PICTURE, lambda *case: _all_as_trials(*case, always=False)),
        Mistake(
            "certain_without_evidence",
            "Where no picture tells the two models apart, the p value is 0. That would be a proof of a difference. "
            "Expected 1.0: nothing speaks against equally good models.",
            _certain_without_evidence,
        ),
        Mistake(
            "disagreements_as_trials",
            "The counts are right, but the throws are not: you counted all pictures on which the predictions "
            "differ. Two different wrong answers decide nothing. Expected only_first + only_second.",
            _disagreements,
        ),
        *(
            Mistake(
                "approximated",
                "This is the chi-squared approximation of McNemar's test. It is good for many discordant pictures; "
                "expected the exact value: `binomtest(only_first, only_first + only_second).pvalue`.",
                lambda *case, correction=correction: _chi_squared(*case, correction=correction),
            )
            for correction in (0.0, 1.0)
        ),
        Mistake(
            "unpaired",
            "This compares two accuracies as if each model had had pictures of its own. Both answered the same "
            "pictures: what is hard for both cancels. Use the two counts alone.",
            _unpaired,
        ),
    ),
)

Q2 = Question(
    id="7.2",
    title="McNemar's exact test",
    points=2,
    answer="mcnemar",
    source='''
def mcnemar(labels, first, second):
    """(only first right, only second right, p value) of two models' predictions for the same pictures.

    Of the pictures that exactly one of them gets right, each is a fair coin if the two are equally
    good. p value: the exact two-sided one of that coin (scipy.stats.binomtest); 1.0 when there is no such picture.
    """
    ### BEGIN SOLUTION
    from scipy.stats import binomtest

    only_first = np.sum((first == labels) & (second != labels))
    only_second = np.sum((first != labels) & (second == labels))
    decided = only_first + only_second
    p_value = binomtest(only_first, decided).pvalue if decided else 1.0
    return only_first, only_second, p_value
    ### END SOLUTION
''',
    inputs=_two_models,
    observe=_observe_mcnemar,
    judge=_judge_mcnemar,
    hints=(
        "Two arrays of True and False first: where is the first model right, where the second?",
        "Only the first: `np.sum((first == labels) & (second != labels))`. If the models are equally good, this count "
        "is that of heads when a fair coin is thrown as often as there are discordant pictures.",
        "`binomtest(only_first, only_first + only_second).pvalue`; it needs at least one throw, so return 1.0 "
        "when both counts are 0.",
    ),
    passed="Right. The pictures that both get right or both get wrong do not enter: they cannot tell the two apart.",
    bank=BANK["7.2"],
)


# 7.3 ------------------------------------------------------------------------------------------

_Z = 1.96
_RESAMPLES = 3000
_SHARES_TAKEN_FOR_PERCENT = 2.91
"""Standard deviations below the middle at which the percentiles 0.025 and 0.975 lie, on average (3.48 and 2.34)."""


def _right_answers(seed: int) -> list[tuple]:
    """(first, second, resamples, seed): two cases to judge by, three calls that show what the seed does, and five
    pictures of which only the very first, or the very last, tells the models apart."""
    rng = np.random.default_rng(seed)
    cases = []
    for counts, resamples in (
        ((300, 55, 30, 115), _RESAMPLES),
        ((200, 20, 52, 128), _RESAMPLES),
        ((1500, 400, 320, 781), 60),
    ):
        first_model = np.repeat([True, True, False, False], counts)
        second_model = np.repeat([True, False, True, False], counts)
        order = rng.permutation(len(first_model))
        cases.append((first_model[order], second_model[order], resamples, int(rng.integers(3, 9))))
    *small, large = cases
    one = np.array([True, False, False, False, False])
    alone = [(right, np.zeros(5, bool), 1000, 4) for right in (one, one[::-1].copy())]
    return [*small, large, large, (*large[:3], large[3] + 1), *alone]


def _judge_bootstrap(observed: dict) -> Wrong | None:
    cases = _right_answers(observed["seed"])
    returned = [_as_pair(found) for found in observed["returned"]]
    wrong = first(_pair_problem(found) for found in returned)
    if wrong:
        return wrong
    ends = [tuple(float(item["value"]) for item in found["items"]) for found in returned]
    judged = list(zip(ends[:2], cases[:2], strict=True))
    wrong = _no_width_problem(judged) or first(_interval_problem(*end, *case[:2]) for end, case in judged)
    if wrong:
        return wrong
    if ends[2] != ends[3]:
        return Wrong(
            "The same seed gave two different intervals. Make the random numbers from it: "
            "`np.random.default_rng(seed)`, inside the function.",
            "not_reproducible",
        )
    if ends[3] == ends[4]:
        return Wrong(
            "Two different seeds gave the same interval from only 60 resamples. Expected a resampling at random that "
            "follows from `seed`.",
            "seed_ignored",
        )
    never = first(
        _never_drawn(*end, place)
        for end, place in zip(ends[5:], (("first", "begin at 0"), ("last", "end at n - 1")), strict=True)
    )
    return never or input_problem(observed)


def _no_width_problem(judged: list[tuple]) -> Wrong | None:
    """Wrong when all resamples gave the same difference: the one of all pictures, or that of one draw."""
    if any(abs(high - low) > 1e-9 for (low, high), _ in judged):
        return None
    if all(abs(low - (a.mean() - b.mean())) < 1e-9 for (low, _), (a, b, *_) in judged):
        return Wrong(
            "The interval has no width. Each resample must be drawn *with* replacement: some pictures come twice, "
            "others not at all. Without it every resample is the whole test set again.",
            "no_replacement",
        )
    return Wrong(
        "The interval has no width: every resample is the same one.",
        "same_draw_each_time",
        "Make the generator once, before the loop, and draw anew inside the loop. `np.random.default_rng(seed)` starts "
        "again from the same numbers.",
    )


def _never_drawn(low: float, high: float, place: tuple[str, str]) -> Wrong | None:
    if high - low >= 0.3:
        return None
    return Wrong(
        f"Of five pictures only the very {place[0]} tells two models apart, and your interval has no width: that "
        f"picture is never drawn. Positions {place[1]}.",
        f"{place[0]}_never_drawn",
        "`rng.integers(0, n, n)` draws from 0 to n - 1.",
    )


def _as_pair(found: dict) -> dict:
    """The record of a pair for an array of two numbers, which np.quantile returns; others as they are."""
    if found["kind"] != "array" or found["shape"] != [2] or found["array"].dtype.kind != "f":
        return found
    items = [{"type": "float", "kind": "number", "value": float(v), "dtype": "float"} for v in found["array"]]
    return {"type": "tuple", "kind": "sequence", "length": 2, "items": items}


def _pair_problem(found: dict) -> Wrong | None:
    wrong = type_problem(found, (0.0, 0.0))
    if wrong:
        return wrong
    if found["length"] != 2:
        return Wrong(f"Expected two ends, (low, high), found {describe(found)}.", "wrong_shape")
    wrong = first(type_problem(item, 0.0) for item in found["items"])
    if wrong:
        return wrong
    if not all(np.isfinite(item["value"]) for item in found["items"]):
        return Wrong("Expected ordinary numbers, found NaN (not a number) or infinity.", "not_finite")
    return None


def _interval_problem(low: float, high: float, a: np.ndarray, b: np.ndarray) -> Wrong | None:
    """Compare centre and width with the normal approximation, which a bootstrap of this size meets closely.

    3,000 resamples leave a scatter of 2 % in the width; 9 % is allowed.
    """
    difference = a.mean() - b.mean()
    half = _Z * (a.astype(float) - b).std() / np.sqrt(len(a))
    if low > high:
        return Wrong("The ends are exchanged: expected (low, high), the lower one first.", "ends_exchanged")
    centre, width = (low + high) / 2, (high - low) / (2 * half)
    if abs(centre) > 1 and abs(centre / len(a) - difference) <= 0.25 * half:
        return Wrong(
            "These are differences in numbers of right answers. Expected differences in accuracy: divide by the number "
            "of pictures, or take `.mean()`.",
            "counts",
        )
    if abs(centre) > 1:
        return Wrong("The ends are in points (percent). Expected shares, as in 0.05.", "percent")
    if abs(centre - difference) > 0.25 * half:
        return _centre_problem(centre, difference, half, a, b)
    if abs(width - 1) <= 0.09:
        return None
    return _width_problem(width, low, high, half, a, b)


_RANGE = 3.5
"""Standard deviations from the middle to the most extreme of 3,000 differences, on average."""


def _centre_problem(centre, difference, half, a, b) -> Wrong:
    decided = (a & ~b).sum() + (b & ~a).sum()
    if abs(centre - (difference - _SHARES_TAKEN_FOR_PERCENT / _Z * half)) <= 0.25 * half:
        return Wrong(
            "Both ends lie at the lower end of the differences: `np.percentile` counts in percent, so 0.025 is one in "
            "four thousand there.",
            "percentile_of_shares",
            "`np.quantile` takes the shares 0.025 and 0.975; `np.percentile` would take 2.5 and 97.5.",
        )
    if abs(centre + difference) <= 0.25 * half and difference < 0:  # the case before, with a plus, was right
        return Wrong(
            "Where the second model is better, the difference must be negative. Yours lost its sign: expected the "
            "accuracy of the first minus that of the second, without `abs`.",
            "sign_lost",
        )
    if abs(centre + difference) <= 0.25 * half:
        return Wrong(
            "The difference is turned round: expected the accuracy of the first minus that of the second.",
            "turned_round",
        )
    if min(abs(centre - a.mean()), abs(centre - b.mean())) <= half:
        return Wrong(
            "This is the interval of one model's accuracy. Expected that of the difference between the two.",
            "one_model",
        )
    if abs(centre - difference * len(a) / decided) <= half:
        return Wrong(
            "The resamples hold only the pictures that one of the two gets right, so the difference became too large. "
            "Draw from all pictures: most of them count 0, and they belong to the test set too.",
            "discordant_only",
        )
    return Wrong(
        f"Expected an interval round the difference in accuracy, {difference:.4f}, found one round {centre:.4f}.",
        "wrong_centre",
    )


def _width_problem(width, low, high, half, a, b) -> Wrong:
    separate = [_Z * np.sqrt(x.mean() * (1 - x.mean()) / len(x)) / half for x in (a, b)]
    if abs(width - np.sqrt(len(a) / _RESAMPLES)) <= 0.03:
        return Wrong(
            f"The interval is too narrow: your resamples seem to hold {_RESAMPLES} pictures (`resamples`). Each holds "
            f"as many as there are, here {len(a)}. `resamples` says how many resamples to draw.",
            "resamples_for_pictures",
        )
    if abs(width - sum(separate)) <= 0.15:
        return Wrong(
            "This subtracts the ends of two separate intervals, which is far too wide. The question is not whether two "
            "intervals overlap: resample the pictures once and take the difference within each resample.",
            "two_intervals",
        )
    if abs(width - np.hypot(*separate)) <= 0.1:
        return Wrong(
            "The interval is too wide: the two models were resampled apart from each other, each with pictures of its "
            "own. Draw positions once and use the same ones for both, so that what is hard for both cancels.",
            "unpaired",
        )
    if abs(width - 1.645 / _Z) <= 0.05:
        return Wrong(
            "The interval is a bit too narrow: it leaves out five percent on each side. For 95 % cut off 2.5 % at each "
            "end, the quantiles 0.025 and 0.975.",
            "ninety_percent",
        )
    if abs(width - 1 / _Z) <= 0.08:
        return Wrong(
            "This is one standard deviation to each side, which holds only two cases in three. Expected 95 %: the "
            "quantiles 0.025 and 0.975.",
            "one_sigma",
        )
    if abs(width - _RANGE / _Z) <= 0.25:
        return Wrong(
            "The interval reaches from about the smallest difference to the largest. Expected the middle 95 %: cut off "
            "2.5 % at each end, with the quantiles 0.025 and 0.975.",
            "smallest_to_largest",
        )
    return Wrong(
        f"The interval has the right centre but the wrong width: expected about {2 * half:.4f}, "
        f"found {high - low:.4f}.",
        "wrong_width",
        f"Does each resample hold as many pictures as there are (here {len(a)})? Are the quantiles 0.025 and 0.975?",
    )


Q3 = Question(
    id="7.3",
    title="A paired bootstrap",
    points=3,
    answer="difference_interval",
    source='''
def difference_interval(first, second, resamples, seed):
    """(low, high): 95 % bootstrap interval of the accuracy of `first` minus that of `second`.

    first, second: (N,) True where the model is right, for the same N pictures. Draw N pictures with
    replacement `resamples` times; the random numbers follow from `seed`.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    difference = first.astype(float) - second
    drawn = rng.integers(0, len(difference), (resamples, len(difference)))
    low, high = np.quantile(difference[drawn].mean(axis=1), (0.025, 0.975))
    return low, high
    ### END SOLUTION
''',
    inputs=_right_answers,
    observe=call_each,
    judge=_judge_bootstrap,
    hints=(
        "A resample is another test set that you might have had: as many pictures, drawn from yours, some of them "
        "twice. Compute the difference on each resample and see how it scatters.",
        "`rng.integers(0, n, n)` draws n positions with replacement. Use the *same* positions for both models. "
        "At the end `np.quantile(values, (0.025, 0.975))`.",
        "In a loop over range(resamples): `drawn = rng.integers(0, n, n)`, then "
        "`values.append(first[drawn].mean() - second[drawn].mean())`.",
    ),
    passed="Right, and paired. Where zero lies outside the interval, chance among the pictures does not explain the "
    "difference.",
    bank=BANK["7.3"],
)


# 7.4 ------------------------------------------------------------------------------------------


def _members(seed: int) -> list[tuple]:
    """(members,): (models, pictures, 7), rounded to two decimals, so that rows add up to 1 only nearly.

    The models are unequally bold: one is very sure of itself, one hardly at all.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, boldness in ((40, (0.5, 1.5, 5.0)), (25, (4.0, 0.7))):
        logits = rng.normal(size=(len(boldness), n, 7)) * np.array(boldness)[:, None, None]
        p = np.exp(logits - logits.max(axis=-1, keepdims=True))
        p = p / p.sum(axis=-1, keepdims=True)
        cases.append((np.clip(p.round(2), 0.01, None),))
    return cases


def _normalised(p):
    return p / p.sum(axis=-1, keepdims=True)


def _mean_logits(members):
    p = np.exp(np.log(members).mean(axis=0))
    return _normalised(p)


def _votes(members):
    return np.eye(7)[members.argmax(axis=-1)].mean(axis=0)


def _judge_ensemble(observed: dict) -> Wrong | None:
    cases = _members(observed["seed"])
    expected = [_normalised(members.mean(axis=0)) for (members,) in cases]
    pairs = list(zip(observed["returned"], expected, strict=True))
    wrong = first(type_problem(found, value) for found, value in pairs)
    if wrong:
        return wrong
    arrays = [found["array"] for found, _ in pairs]
    wrong = first(_probabilities_problem(found, value) for found, value in pairs)
    if wrong:
        return wrong
    if all(np.allclose(a, members.mean(axis=0), atol=1e-5) for a, (members,) in zip(arrays, cases, strict=True)):
        return Wrong(
            "The mean is right, but the rows do not add up to 1: the inputs were rounded. Divide each row by its sum.",
            "not_normalised",
        )
    for ident, message, compute in _ENSEMBLE_MISTAKES:
        if all(np.allclose(a, compute(members), atol=2e-3) for a, (members,) in zip(arrays, cases, strict=True)):
            return Wrong(message, ident)
    # Dividing by the sums before or after the mean differs by the rounding of the inputs: both are right.
    before = [_normalised(members).mean(axis=0) for (members,) in cases]
    alike = [
        np.allclose(a, one, atol=1e-3) or np.allclose(a, other, atol=1e-3)
        for a, one, other in zip(arrays, expected, before, strict=True)
    ]
    if not all(alike):
        place = alike.index(False)
        a, value = arrays[place], expected[place]
        k = tuple(int(i) for i in np.unravel_index(np.abs(a - value).argmax(), a.shape))
        return Wrong(
            f"Expected {short(value[k])} at position {list(k)}, the mean over the models, found {short(a[k])}.",
            "wrong_values",
        )
    return input_problem(observed)


def _probabilities_problem(found: dict, value: np.ndarray) -> Wrong | None:
    shape = tuple(found["shape"])
    if found["array"] is None or found["array"].dtype.kind not in "biuf":
        return Wrong(f"Expected an array of numbers, found {describe(found)}.", "wrong_dtype")
    if shape == value.shape[:1]:
        return Wrong(
            f"Expected probabilities, one row of seven for each picture, {value.shape}, found one value for each "
            "picture. Labels cannot be averaged (the mean of angry and happy is not fear), and a vote throws away how "
            "sure each model was.",
            "labels_averaged",
        )
    if shape != value.shape:
        return Wrong(
            f"Expected the shape {value.shape}, one row for each picture, found {shape}: the mean goes over the "
            "models, axis 0.",
            "wrong_axis",
        )
    if not np.isfinite(found["array"]).all():
        return Wrong("Expected ordinary numbers, found NaN (not a number) or infinity.", "not_finite")
    return None


_ENSEMBLE_MISTAKES = (
    (
        "votes",
        "Each model's answer was taken before the mean: every model now casts one whole vote, and one that is hardly "
        "sure counts as much as one that is certain. Average the probabilities; take the argmax afterwards.",
        _votes,
    ),
    (
        "logits_averaged",
        "This averages logarithms (logits), so the model with the largest logits decides nearly alone, only because it "
        "is the boldest. Expected the mean of the probabilities.",
        _mean_logits,
    ),
    (
        "boldest_wins",
        "This takes the largest probability of any model. Expected the mean over the models.",
        lambda members: _normalised(members.max(axis=0)),
    ),
    (
        "boldest_wins",
        "This takes the largest probability of any model. Expected the mean over the models.",
        lambda members: members.max(axis=0),
    ),
    (
        "summed",
        "The rows add up to the number of models: the probabilities were added but not divided.",
        lambda members: members.sum(axis=0),
    ),
    (
        "whole_array_normalised",
        "All numbers together add up to 1. Each row must: `mean.sum(axis=1, keepdims=True)`.",
        lambda members: members.mean(axis=0) / members.mean(axis=0).sum(),
    ),
    (
        "columns_normalised",
        "The columns add up to 1. The rows must, one for each picture: `mean.sum(axis=1, keepdims=True)`.",
        lambda members: members.mean(axis=0) / members.mean(axis=0).sum(axis=0),
    ),
    (
        "softmax_of_probabilities",
        "The mean went through a softmax. That is for logits; these are probabilities: divide each row by its sum.",
        lambda members: _normalised(np.exp(members.mean(axis=0))),
    ),
    (
        "median",
        "This is the median over the models. Expected the mean.",
        lambda members: _normalised(np.median(members, axis=0)),
    ),
    (
        "two_members",
        "This is the mean of the first two models. Expected the mean over all of them, however many there are.",
        lambda members: _normalised(members[:2].mean(axis=0)),
    ),
    (
        "one_member",
        "This is the first model alone. Expected the mean over all of them.",
        lambda members: _normalised(members[0]),
    ),
    (
        "multiplied",
        "The probabilities were multiplied, so one model that says nearly 0 forbids an answer. Expected their mean.",
        lambda members: _normalised(members.prod(axis=0)),
    ),
)

Q4 = Question(
    id="7.4",
    title="An ensemble",
    points=2,
    answer="ensemble",
    source='''
def ensemble(members):
    """(N, 7) probabilities of an ensemble: the mean over the models; every row adds up to 1.

    members: (models, N, 7) probabilities, rounded to two decimals, so that their rows add up to 1 only nearly.
    """
    ### BEGIN SOLUTION
    mean = members.mean(axis=0)
    return mean / mean.sum(axis=1, keepdims=True)
    ### END SOLUTION
''',
    inputs=_members,
    observe=call_each,
    judge=_judge_ensemble,
    hints=(
        "Which of the three axes runs over the models? That one must vanish.",
        "First the mean of the probabilities. Then divide each row by its sum, with `keepdims=True`.",
        "`mean = members.mean(axis=0)`, then `return mean / mean.sum(axis=1, keepdims=True)`.",
    ),
    passed="Right. A model that is sure counts more than one that is not, and none counts only because it is loud.",
    bank=BANK["7.4"],
)


# 7.5 ------------------------------------------------------------------------------------------


def _sample(rng, n: int, boldness: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels that follow softmax(logits), and the probabilities of a model that claims softmax(boldness * logits)."""
    logits = rng.normal(size=(n, 7)) * 1.3
    honest, claimed = (_normalised(np.exp(scale * logits)) for scale in (1.0, boldness))
    labels = (honest.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, 6)
    return labels, claimed


def _validation_and_test(seed: int) -> list[tuple]:
    """Two models, one too bold and one too modest; the test asks for another temperature than validation."""
    rng = np.random.default_rng(seed)
    return [
        (*_sample(rng, 800, validation), *_sample(rng, 700, test)) for validation, test in ((2.0, 3.2), (0.65, 0.4))
    ]


def _scaled(probabilities, temperature):
    return _normalised(probabilities ** (1 / temperature))


def _cross_entropy(labels, probabilities) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def _best_temperature(labels, probabilities) -> float:
    from scipy.optimize import minimize_scalar

    def loss(log_t):
        return _cross_entropy(labels, _scaled(probabilities, np.exp(log_t)))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.1), np.log(10)), method="bounded").x))


def _judge_temperature(observed: dict) -> Wrong | None:
    cases = _validation_and_test(observed["seed"])
    pairs = list(zip(observed["returned"], cases, strict=True))
    wrong = first(type_problem(found, (0.0, 0.0, 0.0)) for found, _ in pairs)
    if wrong:
        return wrong
    if pairs[0][0]["length"] != 3:
        return Wrong(f"Expected (temperature, before, after), found {describe(pairs[0][0])}.", "wrong_shape")
    wrong = first(type_problem(item, 0.0) for found, _ in pairs for item in found["items"])
    if wrong:
        return wrong
    values = [([float(item["value"]) for item in found["items"]], case) for found, case in pairs]
    if not all(np.isfinite(v).all() and v[0] > 0 for v, _ in values):
        return Wrong("Expected a positive temperature and two ordinary numbers, found others.", "not_finite")
    return (
        first(_before_problem(v[1], *case[2:]) for v, case in values)
        or first(_scaling_problem(*v, *case) for v, case in values)
        or first(_temperature_problem(v[0], *case) for v, case in values)
        or first(_loss_problem(*v, *case) for v, case in values)
        or input_problem(observed)
    )


def _near(a: float, b: float, rtol: float = 0.05) -> bool:
    return abs(a - b) <= rtol * abs(b)


def _before_problem(before, labels, probabilities) -> Wrong | None:
    """A cross-entropy that is computed wrongly spoils the temperature too; with T = 1 it can be named."""
    rows, log = np.arange(len(labels)), np.log(probabilities)
    right = -log[rows, labels].mean()
    columns = -np.log(probabilities / probabilities.sum(axis=0))[rows, labels].mean()
    whole = -np.log(probabilities / probabilities.sum())[rows, labels].mean()
    softmax = _cross_entropy(labels, _normalised(np.exp(probabilities)))
    all_seven = [-log.mean(), -log[labels].mean()]
    if _near(before, right, 1e-3):
        return None
    for wrong, ident, message in (
        (-right, "sign", "The sign is missing: cross-entropy is *minus* the mean logarithm."),
        (right / np.log(2), "base_two", "This is the logarithm to the base 2. Expected the natural one, `np.log`."),
        (softmax, "softmax_of_probabilities", _NOT_LOGITS),
        *((value, "all_seven", _ONE_OF_SEVEN) for value in all_seven),
        (-log.max(axis=1).mean(), "largest_for_true", _LARGEST),
        (columns, "columns_normalised", _EACH_ROW.format("the columns were divided by their sums")),
        (whole, "whole_array_normalised", _EACH_ROW.format("all numbers were divided by one sum")),
    ):
        if _near(before, wrong, 1e-3):
            return Wrong(message, ident)
    return None


_NOT_LOGITS = (
    "The probabilities went through a softmax (`np.exp`) as if they were logits. Raise them to the power 1/T instead, "
    "then divide each row by its sum."
)
_ONE_OF_SEVEN = (
    "The mean goes over all seven emotions. Cross-entropy looks at one number for each picture, the probability of its "
    "true label: `p[np.arange(len(labels)), labels]`."
)
_LARGEST = (
    "This takes the largest probability of each picture, right or wrong. Cross-entropy takes that of the true label: "
    "`p[np.arange(len(labels)), labels]`."
)
_EACH_ROW = "After the power 1/T {}. Divide each row by its own sum: `p.sum(axis=1, keepdims=True)`."


def _scaling_problem(t, before, after, _labels, _probabilities, test_labels, test_probabilities) -> Wrong | None:
    """A scaling that cannot work sends the temperature to an end of the search; name the scaling first."""
    loss = _cross_entropy(test_labels, test_probabilities)
    if _near(t, 1, 0.02) or not _near(before, loss, 1e-3):
        return None
    if _near(after, loss / t, 1e-3):
        return Wrong(
            "After the power 1/T the rows no longer add up to 1, and any T looks better the larger it is. Divide each "
            "row by its sum.",
            "not_normalised",
        )
    if _near(after, loss + np.log(t), 1e-3) or abs(after - loss) < 1e-6:
        return Wrong(
            "The probabilities themselves were divided by T. That changes nothing once the rows add up to 1 again. "
            "The *logits* are divided: for probabilities that is the power 1/T, then divide each row by its sum.",
            "probabilities_divided",
        )
    return None


def _temperature_problem(t, labels, probabilities, test_labels, test_probabilities) -> Wrong | None:
    """The temperature must be that of the validation pictures, within 5 %."""
    right = _best_temperature(labels, probabilities)
    on_test = _best_temperature(test_labels, test_probabilities)
    if _near(t, right):
        return None
    if _near(t, on_test):
        return Wrong(
            "The temperature was fitted on the test pictures. Then the figure measured there is no longer honest: "
            "fit on validation, measure on test.",
            "test_data_used",
        )
    pooled = _best_temperature(
        np.concatenate([labels, test_labels]), np.concatenate([probabilities, test_probabilities])
    )
    if _near(t, pooled):
        return Wrong(
            "The temperature was fitted on validation and test pictures together. Keep the test out of it.",
            "test_data_used",
        )
    if _near(t, 1 / right):
        return Wrong(
            f"The temperature is upside down: found {t:.3f}, expected {right:.3f}. Logits are divided by T, so the "
            "exponent of the probabilities is 1/T, and a model that is too bold has T above 1.",
            "upside_down",
        )
    return Wrong(
        f"Expected the temperature with the lowest cross-entropy on validation, {right:.3f}, found {t:.3f}: there it "
        f"is {_cross_entropy(labels, _scaled(probabilities, t)):.4f} instead of "
        f"{_cross_entropy(labels, _scaled(probabilities, right)):.4f}.",
        "wrong_temperature",
        "Try at least 100 values from 0.2 to 5, and keep the one with the lowest cross-entropy.",
    )


def _loss_problem(t, before, after, labels, probabilities, test_labels, test_probabilities) -> Wrong | None:
    """Before and after must be the mean cross-entropy on test, at the temperature that was returned."""
    wanted = [_cross_entropy(test_labels, p) for p in (test_probabilities, _scaled(test_probabilities, t))]
    if _near(before, wanted[0], 1e-3) and _near(after, wanted[1], 1e-3):
        return None
    validation = [_cross_entropy(labels, p) for p in (probabilities, _scaled(probabilities, t))]
    if _near(before, validation[0], 1e-3) or _near(after, validation[1], 1e-3):
        return Wrong(
            "The temperature is right, but a cross-entropy was measured on the validation pictures, where T was chosen "
            "to make it small. Measure both on the test pictures.",
            "measured_on_validation",
        )
    if _near(before, wanted[1], 1e-3) and _near(after, wanted[0], 1e-3):
        return Wrong("Before and after are exchanged.", "exchanged")
    if _near(before, wanted[0] * len(test_labels), 1e-3):
        return Wrong("The cross-entropy was added up. Expected the mean over the pictures.", "summed")
    return Wrong(
        f"Expected the cross-entropies {wanted[0]:.4f} before and {wanted[1]:.4f} after, found {before:.4f} and "
        f"{after:.4f}.",
        "wrong_values",
    )


Q5 = Question(
    id="7.5",
    title="Fit a temperature, honestly",
    points=3,
    answer="calibrate",
    source='''
def calibrate(validation_labels, validation_probabilities, test_labels, test_probabilities):
    """Fit a temperature T on the validation pictures and measure on the test pictures.

    T has the lowest cross-entropy (mean of -log of the true label's probability) on validation, where
    the probabilities are raised to the power 1/T and divided by their sum. Try at least 100 values
    from 0.2 to 5, evenly on a logarithmic scale, or use an optimiser.
    Returns (T, cross-entropy on test before, cross-entropy on test after).
    """
    ### BEGIN SOLUTION
    def loss(labels, probabilities, t):
        scaled = probabilities ** (1 / t)
        scaled = scaled / scaled.sum(axis=1, keepdims=True)
        return -np.log(scaled[np.arange(len(labels)), labels]).mean()

    tries = np.geomspace(0.2, 5, 200)
    t = min(tries, key=lambda t: loss(validation_labels, validation_probabilities, t))
    return t, loss(test_labels, test_probabilities, 1), loss(test_labels, test_probabilities, t)
    ### END SOLUTION
''',
    inputs=_validation_and_test,
    observe=call_each,
    judge=_judge_temperature,
    hints=(
        "Write one small function first: the cross-entropy of some labels and probabilities at a temperature.",
        "`scaled = p ** (1 / t)`, then divide by `scaled.sum(axis=1, keepdims=True)`. The true labels' probabilities "
        "are `scaled[np.arange(len(labels)), labels]`.",
        "`t = min(np.geomspace(0.2, 5, 200), key=lambda t: loss(validation_labels, validation_probabilities, t))`. "
        "Before is the loss on test with t = 1, after the one with your t.",
    ),
    passed="Right. T never saw the test, so what it does there is news, good or bad.",
    bank=BANK["7.5"],
)


# 7.6 ------------------------------------------------------------------------------------------


def _models_with_cost(seed: int) -> list[tuple]:
    """(accuracy, cost) with ties: equal cost, equal accuracy, and two models that are alike in both."""
    rng = np.random.default_rng(seed)
    fronts = (
        ((0.55, 2.0), (0.62, 3.0), (0.62, 3.0), (0.70, 9.0)),
        ((0.50, 1.0), (0.66, 4.0), (0.71, 12.0), (0.74, 40.0)),
    )
    beaten = (
        ((0.55, 2.5), (0.60, 3.0), (0.66, 9.5), (0.70, 11.0), (0.40, 8.0)),
        ((0.49, 2.0), (0.66, 5.0), (0.58, 12.0), (0.73, 45.0), (0.64, 4.0)),
    )
    cases = []
    for good, bad in zip(fronts, beaten, strict=True):
        table = rng.permutation(np.array(good + bad))
        front = [row for row in table.tolist() if tuple(row) in good]
        if front == sorted(front):  # by chance in the order of cost, which must be told from that of positions
            table = table[::-1]
        cases.append((table[:, 0].copy(), table[:, 1].copy()))
    return cases


def _front(accuracy, cost, beats):
    """Positions of the models that no other beats; beats takes arrays (the others) and two numbers (the one)."""
    others = range(len(accuracy))
    return np.array(
        [i for i in others if not any(i != j and beats(accuracy[j], cost[j], accuracy[i], cost[i]) for j in others)],
        dtype="int64",
    )


def _dominates(a, c, other_a, other_c):
    return a >= other_a and c <= other_c and (a > other_a or c < other_c)


def _pareto(accuracy, cost):
    return _front(accuracy, cost, _dominates)


def _one_of_each(accuracy, cost, in_order=True):
    """The front by going through the models from cheap to dear, where the second of two equal models is not better."""
    front = _pareto(accuracy, cost)
    order = np.lexsort((front, cost[front]))
    _, places = np.unique(cost[front][order], return_index=True)
    kept = front[order][places]
    return np.sort(kept) if in_order else kept


_EXTREMES = (
    "These are the cheapest and the most accurate model alone. Between them lie others that nobody beats: they are the "
    "compromises one is looking for."
)
_TWINS = (
    "Of two models that are alike in both, only one is on your list. Neither is better than the other, so neither is "
    "beaten: both belong to the front."
)

Q6 = Question(
    id="7.6",
    title="Which models are worth a look at all?",
    points=2,
    answer="pareto",
    source='''
def pareto(accuracy, cost):
    """Positions of the models that no other model beats, as an array in increasing order.

    accuracy, cost: (M,) numbers; high accuracy and low cost are good. A model is beaten when another one is
    at least as good in both and better in one of them.
    """
    ### BEGIN SOLUTION
    front = []
    for i in range(len(accuracy)):
        as_good = (accuracy >= accuracy[i]) & (cost <= cost[i])
        better = (accuracy > accuracy[i]) | (cost < cost[i])
        if not np.any(as_good & better):
            front.append(i)
    return np.array(front)
    ### END SOLUTION
''',
    inputs=_models_with_cost,
    observe=call_each,
    judge=compare(
        _models_with_cost,
        _pareto,
        (
            Mistake(
                "strictly_better_in_both",
                "Some models on your list are beaten: another one is as cheap and more accurate, or as accurate and "
                "cheaper. Better in *one* is enough, if it is at least as good in the other.",
                lambda a, c: _front(a, c, lambda x, y, p, q: x > p and y < q),
            ),
            Mistake(
                "beats_itself",
                "Nothing is left: by your rule every model is beaten. Either each was compared with itself (it is as "
                "good as itself in both), or being better in one was enough (`or`). To beat, another model must be at "
                "least as good in both and better in one.",
                lambda a, c: np.array([]),
            ),
            Mistake(
                "equals_beat_each_other",
                "Two models that are alike in both were both thrown out: each beat the other. To beat, a model must be "
                "better in at least one of the two.",
                lambda a, c: _front(a, c, lambda x, y, p, q: x >= p and y <= q),
            ),
            Mistake(
                "dear_is_good",
                "High cost was taken for good. Expected models with high accuracy and *low* cost.",
                lambda a, c: _pareto(a, -c),
            ),
            Mistake(
                "worst_kept",
                "These are the models that beat nobody. Expected those that nobody beats: turn the comparison round.",
                lambda a, c: _pareto(-a, -c),
            ),
            Mistake("twin_dropped", _TWINS, lambda a, c: _one_of_each(a, c)),
            Mistake("twin_dropped", _TWINS, lambda a, c: _one_of_each(a, c, in_order=False)),
            Mistake(
                "counted_from_1",
                "The right models, counted from 1. Positions in Python begin at 0.",
                lambda a, c: _pareto(a, c) + 1,
            ),
            Mistake(
                "extremes_only",
                _EXTREMES,
                lambda a, c: np.unique([a.argmax(), c.argmin()]),
            ),
            Mistake("extremes_only", _EXTREMES, lambda a, c: np.array([a.argmax(), c.argmin()])),
            Mistake("extremes_only", _EXTREMES, lambda a, c: np.array([c.argmin(), a.argmax()])),
            Mistake(
                "mask_for_positions",
                "These are True and False. Expected the positions: `np.flatnonzero(mask)`.",
                lambda a, c: np.isin(np.arange(len(a)), _pareto(a, c)),
            ),
            Mistake(
                "sorted_by_cost",
                "The right models, in the wrong order. Expected the positions in increasing order: `np.sort`.",
                lambda a, c: _pareto(a, c)[np.argsort(c[_pareto(a, c)], kind="stable")],
            ),
            Mistake(
                "accuracies_for_positions",
                "These are accuracies. Expected the positions of the models.",
                lambda a, c: a[_pareto(a, c)],
            ),
            Mistake(
                "best_ratio",
                "This is the model with the most accuracy for its cost. A ratio hides a choice of its own: what one "
                "point is worth. Expected every model that no other beats.",
                lambda a, c: np.array([np.argmax(a / c)]),
            ),
        ),
    ),
    hints=(
        "Take one model and ask of each other one: is it at least as good in both, and better in one? If any is, "
        "the model is beaten.",
        "With arrays the question needs no inner loop: `(accuracy >= accuracy[i]) & (cost <= cost[i])` is True for "
        "every model at least as good as model i (itself included).",
        "`better = (accuracy > accuracy[i]) | (cost < cost[i])`; keep i unless `np.any(as_good & better)`.",
    ),
    passed="Right: the Pareto front. The others can be dropped, whatever a point of accuracy is worth to you.",
    bank=BANK["7.6"],
)


# 7.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
Decide which of the recorded models you would use in the webcam demo, and argue it from the comparison and the confusion
matrices. Say for which use, against which other model, how sure you are of the difference, what it costs, where the
model must say I do not know, and what would change your mind.
"""

Q7 = written_question(
    id="7.7",
    title="Your decision",
    points=3,
    answer="answer_7_7",
    source="""
### BEGIN SOLUTION
answer_7_7 = \"\"\"
The demo shows one word beside the face of the person who sits before the camera. A wrong word is funny, a word that
jumps or is loudly wrong is annoying, so accuracy on frequent faces and honest confidence matter most. I take
scratch_cnn and not oversampled: on the same validation pictures it is right far more often where the two
disagree, and the paired interval of the difference keeps well clear of zero. In the matrices it wins in most rows;
fear still goes to sad and surprise, so I would not build anything on fear. It has several times the parameters but
still answers within a frame on this laptop. Temperature and threshold were chosen on validation; below the threshold
the demo says that it is not sure. What I do not know is how a second seed would turn out, and these are web pictures
and not my webcam. Three seeds of each recipe, or a hundred frames of my own, could change my mind. The test split I
look at once, afterwards.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Begin with the use: who sees the output, and which mistake is costly? Then name your model and its rival.",
        "Which rows of the two matrices speak for your model, and which against it? Does the paired interval leave "
        "out zero, in accuracy and in macro F1?",
        "One sentence each: use and costly mistake, model and rival, the paired evidence, the rows of the matrix, the "
        "cost, the threshold, what one seed cannot say, what would change your mind.",
    ),
    rubric=(
        "Names the use and its costly mistakes before it names a model.",
        "Compares with a named rival by paired evidence on the same pictures: p value or interval, size of the gain.",
        "Argues from rows or columns of the confusion matrices, and names an emotion that stays weak.",
        "Weighs the cost (time for a picture, size, training) and says when the model stays silent.",
        "Says what is not known: one seed each, many comparisons, leaks, or other pictures than those of the test.",
        "Chooses on validation, and states an observation that would change the decision.",
    ),
    bank=BANK["7.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
