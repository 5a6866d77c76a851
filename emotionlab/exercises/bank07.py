"""Answers that prove the checks of exercise 07 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "take the model with the best number " * 8

_COPIED_TASK = """
Decide which of the recorded models you would use in the webcam demo, and argue it from the comparison and the confusion
matrices. Say for which use, against which other model, how sure you are of the difference, what it costs, where the
model must say I do not know, and what would change your mind. I take the first one.
"""

_COPIED_RUBRIC = """
It names the use and its costly mistakes before it names a model. It compares with a named rival by paired evidence on
the same pictures: p value or interval, size of the gain. It argues from rows or columns of the confusion matrices, and
names an emotion that stays weak. It weighs the cost (time for a picture, size, training).
"""


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _apart(*lines: str) -> str:
    return _returning("accuracy_apart(labels, predictions, leaked)", "right = labels == predictions", *lines)


def _mcnemar(p_value="binomtest(a, a + b).pvalue if a + b else 1.0", counts="a, b", before=()) -> str:
    return "from scipy.stats import binomtest\n\n" + _returning(
        "mcnemar(labels, first, second)",
        "right, other = first == labels, second == labels",
        "a, b = int(np.sum(right & ~other)), int(np.sum(other & ~right))",
        *before,
        f"p_value = {p_value}",
        f"return {counts}, p_value",
    )


def _bootstrap(
    value="first[drawn].mean() - second[drawn].mean()",
    drawn="rng.integers(0, n, n)",
    end="low, high = np.quantile(values, (0.025, 0.975))",
    seed="seed",
    result="low, high",
) -> str:
    """A paired bootstrap as source text, with some of its parts exchanged."""
    return _returning(
        "difference_interval(first, second, resamples, seed)",
        f"rng, n, values = np.random.default_rng({seed}), len(first), []",
        "for _ in range(resamples):",
        f"    drawn = {drawn}",
        f"    values.append({value})",
        end,
        f"return {result}",
    )


def _ensemble(*lines: str) -> str:
    return _returning("ensemble(members)", *lines)


def _calibrate(
    scaled="p ** (1 / t)",
    normalise="q / q.sum(axis=1, keepdims=True)",
    fit="validation_labels, validation_probabilities",
    result="t, loss(test_labels, test_probabilities, 1), loss(test_labels, test_probabilities, t)",
    mean="-np.mean(np.log(q[np.arange(len(y)), y]))",
) -> str:
    """Fitting a temperature as source text, with some of its parts exchanged."""
    return _returning(
        "calibrate(validation_labels, validation_probabilities, test_labels, test_probabilities)",
        "def loss(y, p, t):",
        f"    q = {scaled}",
        f"    q = {normalise}",
        f"    return {mean}",
        "tries = np.geomspace(0.2, 5, 150)",
        f"t = tries[np.argmin([loss({fit}, t) for t in tries])]",
        f"return {result}",
    )


def _pareto(test: str, result: str = "np.array(kept)") -> str:
    """The Pareto front as source text; `test` says whether model j beats model i."""
    return _returning(
        "pareto(accuracy, cost)",
        "kept = []",
        "for i, (a, c) in enumerate(zip(accuracy, cost)):",
        f"    if not any({test} for j, (x, y) in enumerate(zip(accuracy, cost)) if j != i):",
        "        kept.append(i)",
        f"return {result}",
    )


_BEATS = "x >= a and y <= c and (x > a or y < c)"

BANK = {
    "7.1": Bank(
        right={
            "mask": _apart(
                "clean = np.ones(len(labels), dtype=bool)",
                "clean[leaked] = False",
                "return right[~clean].mean(), right[clean].mean()",
            ),
            "isin": _apart(
                "seen = np.isin(np.arange(len(labels)), leaked)", "return np.mean(right[seen]), np.mean(right[~seen])"
            ),
            "loop": _returning(
                "accuracy_apart(labels, predictions, leaked)",
                "hits = {True: [], False: []}",
                "leaked = set(leaked.tolist())",
                "for i in range(len(labels)):",
                "    hits[i in leaked].append(int(labels[i] == predictions[i]))",
                "return sum(hits[True]) / len(hits[True]), sum(hits[False]) / len(hits[False])",
            ),
            "scikit_learn": _returning(
                "accuracy_apart(labels, predictions, leaked)",
                "from sklearn.metrics import accuracy_score",
                "clean = np.setdiff1d(np.arange(len(labels)), leaked)",
                "return tuple(float(accuracy_score(labels[k], predictions[k])) for k in (leaked, clean))",
            ),
        },
        wrong={
            "exchanged": (_apart("return np.delete(right, leaked).mean(), right[leaked].mean()"), "are exchanged"),
            "all_for_clean": (_apart("return right[leaked].mean(), right.mean()"), "accuracy on all pictures"),
            "tilde_of_positions": (_apart("return right[leaked].mean(), right[~leaked].mean()"), "from the end"),
            "minus_of_positions": (_apart("return right[leaked].mean(), right[-leaked].mean()"), "from the end"),
            "counts": (
                _apart("return right[leaked].sum(), np.delete(right, leaked).sum()"),
                "numbers of right answers",
            ),
            "divided_by_all": (
                _apart("n = len(right)", "return right[leaked].sum() / n, np.delete(right, leaked).sum() / n"),
                "by its own size",
            ),
            "first_pictures": (
                _apart("k = len(leaked)", "return right[:k].mean(), right[k:].mean()"),
                "took the first pictures",
            ),
            "error_rates": (
                _apart("return 1 - right[leaked].mean(), 1 - np.delete(right, leaked).mean()"),
                "wrong answers",
            ),
            "percent": (
                _apart("return 100 * right[leaked].mean(), 100 * np.delete(right, leaked).mean()"),
                "in percent",
            ),
        },
    ),
    "7.2": Bank(
        right={
            "expected_half": _mcnemar("binomtest(k=min(a, b), n=a + b, p=0.5).pvalue if a + b > 0 else 1.0"),
            "binomial_tail": "from scipy.stats import binom\n\n"
            + _returning(
                "mcnemar(labels, first, second)",
                "a = sum(x == y != z for y, x, z in zip(labels, first, second))",
                "b = sum(z == y != x for y, x, z in zip(labels, first, second))",
                "return int(a), int(b), float(min(1.0, 2 * binom.cdf(min(a, b), a + b, 0.5)))",
            ),
            "crosstab": "from scipy.stats import binomtest\n\n"
            + _returning(
                "mcnemar(labels, first, second)",
                "table = np.zeros((2, 2), int)",
                "np.add.at(table, ((first == labels).astype(int), (second == labels).astype(int)), 1)",
                "a, b = table[1, 0], table[0, 1]",
                "return a, b, 1.0 if a + b == 0 else binomtest(b, a + b).pvalue",
            ),
            "factorials": "from math import comb\n\n"
            + _returning(
                "mcnemar(labels, first, second)",
                "a = np.count_nonzero((first == labels) > (second == labels))",
                "b = np.count_nonzero((second == labels) > (first == labels))",
                "n = a + b",
                "tail = sum(comb(n, k) for k in range(min(a, b) + 1)) / 2**n",
                "return a, b, min(1.0, 2 * tail)",
            ),
        },
        wrong={
            "exchanged": (_mcnemar(counts="b, a"), "two counts are exchanged"),
            "totals": (
                _mcnemar(before=("a, b = int(right.sum()), int(other.sum())",)),
                "all right answers",
            ),
            "both_wrong_counted": (
                _mcnemar(before=("b = int(np.sum(first != second)) - a",)),
                "both models are wrong",
            ),
            "one_sided_greater": (
                _mcnemar("binomtest(a, a + b, alternative='greater').pvalue if a + b else 1.0"),
                "one-sided",
            ),
            "one_sided_less": (
                _mcnemar("binomtest(a, a + b, alternative='less').pvalue if a + b else 1.0"),
                "one-sided",
            ),
            "one_sided_tail": (
                _mcnemar("binomtest(min(a, b), a + b, alternative='less').pvalue if a + b else 1.0"),
                "one-sided",
            ),
            "all_as_trials": (_mcnemar("binomtest(a, len(labels)).pvalue"), "every picture"),
            "all_as_trials_where_any": (
                _mcnemar("binomtest(a, len(labels)).pvalue if a + b else 1.0"),
                "every picture",
            ),
            "certain_without_evidence": (
                _mcnemar("binomtest(a, a + b).pvalue if a + b else 0.0"),
                "a proof of a difference",
            ),
            "result_for_p_value": (_mcnemar("binomtest(a, a + b) if a + b else 1.0"), "whole result of `binomtest`"),
            "disagreements_as_trials": (
                _mcnemar("binomtest(a, n).pvalue if n else 1.0", before=("n = int(np.sum(first != second))",)),
                "Two different wrong answers",
            ),
            "approximated": (
                _mcnemar(
                    "float(chi2.sf((abs(a - b) - 1) ** 2 / (a + b), 1)) if a != b else 1.0",
                    before=("from scipy.stats import chi2",),
                ),
                "chi-squared approximation",
            ),
            "unpaired": (
                _mcnemar(
                    "float(2 * norm.sf(abs(p - q) / np.sqrt((p + q) * (2 - p - q) / (2 * len(labels)))))",
                    before=("from scipy.stats import norm", "p, q = right.mean(), other.mean()"),
                ),
                "pictures of its own",
            ),
        },
    ),
    "7.3": Bank(
        right={
            "loop": _bootstrap(),
            "percentile": _bootstrap(end="low, high = np.percentile(values, [2.5, 97.5])"),
            "sorted": _bootstrap(
                end="values.sort()", result="values[int(0.025 * resamples)], values[int(0.975 * resamples) - 1]"
            ),
            "array_of_two": _bootstrap(end="ends = np.quantile(values, [0.025, 0.975])", result="ends"),
            "standard_error": _bootstrap(
                end="centre, error = first.mean() - second.mean(), np.std(values)",
                result="centre - 1.96 * error, centre + 1.96 * error",
            ),
            "multinomial": _returning(
                "difference_interval(first, second, resamples, seed)",
                "n = len(first)",
                "counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples)",
                "values = counts @ (first.astype(int) - second.astype(int)) / n",
                "return tuple(np.quantile(values, [0.025, 0.975]))",
            ),
            "scipy": _returning(
                "difference_interval(first, second, resamples, seed)",
                "from scipy.stats import bootstrap",
                "made = bootstrap((first.astype(float) - second,), np.mean, n_resamples=resamples,",
                "                 method='percentile', rng=np.random.default_rng(seed), batch=100)",
                "return made.confidence_interval.low, made.confidence_interval.high",
            ),
        },
        wrong={
            "unpaired": (
                _bootstrap("first[drawn].mean() - second[rng.integers(0, n, n)].mean()"),
                "apart from each other",
            ),
            "two_intervals": (
                _bootstrap(
                    "[first[drawn].mean(), second[drawn].mean()]",
                    end="(a, c), (b, d) = np.quantile(values, (0.025, 0.975), axis=0).T",
                    result="a - d, c - b",
                ),
                "two separate intervals",
            ),
            "turned_round": (_bootstrap("second[drawn].mean() - first[drawn].mean()"), "turned round"),
            "one_model": (_bootstrap("first[drawn].mean()"), "one model's accuracy"),
            "discordant_only": (
                _bootstrap(drawn="rng.choice(np.flatnonzero(first != second), np.sum(first != second))"),
                "Draw from all pictures",
            ),
            "no_replacement": (_bootstrap(drawn="rng.permutation(n)"), "*with* replacement"),
            "same_draw_each_time": (
                _bootstrap(drawn="np.random.default_rng(seed).integers(0, n, n)"),
                "every resample is the same one",
            ),
            "counts": (_bootstrap("first[drawn].sum() - second[drawn].sum()"), "numbers of right answers"),
            "sign_lost": (_bootstrap("abs(first[drawn].mean() - second[drawn].mean())"), "lost its sign"),
            "resamples_for_pictures": (_bootstrap(drawn="rng.integers(0, n, resamples)"), "seem to hold 3000 pictures"),
            "smallest_to_largest": (_bootstrap(end="low, high = min(values), max(values)"), "the middle 95 %"),
            "half_the_pictures": (_bootstrap(drawn="rng.integers(0, n, n // 2)"), "wrong width"),
            "ninety_percent": (_bootstrap(end="low, high = np.quantile(values, (0.05, 0.95))"), "too narrow"),
            "one_sigma": (
                _bootstrap(
                    end="m, s = np.mean(values), np.std(values)",
                    result="m - s, m + s",
                ),
                "one standard deviation",
            ),
            "percent": (_bootstrap("100 * (first[drawn].mean() - second[drawn].mean())"), "in points"),
            "ends_exchanged": (_bootstrap(result="high, low"), "lower one first"),
            "not_reproducible": (_bootstrap(seed=""), "The same seed"),
            "seed_ignored": (_bootstrap(seed="0"), "Two different seeds"),
            "first_never_drawn": (_bootstrap(drawn="rng.integers(1, n, n)"), "very first"),
            "last_never_drawn": (_bootstrap(drawn="rng.integers(0, n - 1, n)"), "very last"),
            "percentile_of_shares": (
                _bootstrap(end="low, high = np.percentile(values, (0.025, 0.975))"),
                "counts in percent",
            ),
        },
        explained={
            "Position -1 is the last picture again: one of hundreds counts double, which chance hides.": (
                "line 9: 0 -> -1",
            ),
            "The interval is a few percent wider or narrower at one end; resamples scatter, so 9 % are allowed.": (
                "line 10: 0.025 -> …",
            ),
        },
    ),
    "7.4": Bank(
        right={
            "loop": _ensemble(
                "total = np.zeros(members.shape[1:])",
                "for probabilities in members:",
                "    total = total + probabilities",
                "return total / total.sum(axis=1)[:, np.newaxis]",
            ),
            "normalised_first": _ensemble(
                "rows = members / members.sum(axis=2, keepdims=True)", "return rows.mean(axis=0)"
            ),
            "einsum": _ensemble(
                "mean = np.einsum('mnc->nc', members) / len(members)", "return (mean.T / mean.sum(axis=1)).T"
            ),
        },
        wrong={
            "votes": (
                _ensemble("return np.eye(7)[members.argmax(axis=2)].mean(axis=0)"),
                "one whole vote",
            ),
            "logits_averaged": (
                _ensemble(
                    "p = np.exp(np.log(members).mean(axis=0))",
                    "return p / p.sum(axis=1, keepdims=True)",
                ),
                "averages logarithms",
            ),
            "labels_averaged": (
                _ensemble("return np.round(members.argmax(axis=2).mean(axis=0)).astype(int)"),
                "Labels cannot be averaged",
            ),
            "wrong_axis": (_ensemble("return members.mean(axis=1)"), "goes over the models"),
            "not_normalised": (_ensemble("return members.mean(axis=0)"), "do not add up to 1"),
            "boldest_wins": (
                _ensemble("p = members.max(axis=0)", "return p / p.sum(axis=1, keepdims=True)"),
                "largest probability of any model",
            ),
            "summed": (_ensemble("return members.sum(axis=0)"), "not divided"),
            "whole_array_normalised": (
                _ensemble("p = members.mean(axis=0)", "return p / p.sum()"),
                "All numbers together",
            ),
            "columns_normalised": (
                _ensemble("p = members.mean(axis=0)", "return p / p.sum(axis=0)"),
                "The columns add up to 1",
            ),
            "softmax_of_probabilities": (
                _ensemble("p = np.exp(members.mean(axis=0))", "return p / p.sum(axis=1, keepdims=True)"),
                "went through a softmax",
            ),
            "median": (
                _ensemble("p = np.median(members, axis=0)", "return p / p.sum(axis=1, keepdims=True)"),
                "the median",
            ),
            "two_members": (
                _ensemble("p = members[0] + members[1]", "return p / p.sum(axis=1, keepdims=True)"),
                "the first two models",
            ),
            "multiplied": (
                _ensemble("p = members.prod(axis=0)", "return p / p.sum(axis=1, keepdims=True)"),
                "were multiplied",
            ),
        },
    ),
    "7.5": Bank(
        right={
            "grid": _calibrate(),
            "logits": _calibrate(scaled="np.log(p) / t", normalise="np.exp(q) / np.exp(q).sum(axis=1, keepdims=True)"),
            "optimiser": _returning(
                "calibrate(validation_labels, validation_probabilities, test_labels, test_probabilities)",
                "from scipy.optimize import minimize_scalar",
                "from sklearn.metrics import log_loss",
                "def loss(y, p, t):",
                "    q = p ** (1 / t)",
                "    return log_loss(y, q / q.sum(axis=1, keepdims=True), labels=range(7))",
                "fit = lambda t: loss(validation_labels, validation_probabilities, t)",
                "t = float(minimize_scalar(fit, bounds=(0.2, 5), method='bounded').x)",
                "return t, loss(test_labels, test_probabilities, 1), loss(test_labels, test_probabilities, t)",
            ),
            "package": _returning(
                "calibrate(validation_labels, validation_probabilities, test_labels, test_probabilities)",
                "from emotionlab.evaluation import temperature, with_temperature",
                "t = temperature(validation_labels, validation_probabilities)",
                "losses = []",
                "for p in (test_probabilities, with_temperature(test_probabilities, t)):",
                "    losses.append(-np.log(p[np.arange(len(p)), test_labels]).mean())",
                "return t, float(losses[0]), float(losses[1])",
            ),
        },
        wrong={
            "test_data_used": (_calibrate(fit="test_labels, test_probabilities"), "fitted on the test pictures"),
            "pooled": (
                _calibrate(
                    fit="np.r_[validation_labels, test_labels], np.r_[validation_probabilities, test_probabilities]"
                ),
                "validation and test pictures together",
            ),
            "upside_down": (_calibrate(scaled="p ** t"), "upside down"),
            "probabilities_divided": (_calibrate(scaled="p / t"), "changes nothing"),
            "divided_and_left": (_calibrate(scaled="p / t", normalise="q"), "changes nothing"),
            "not_normalised": (_calibrate(normalise="q"), "no longer add up to 1"),
            "measured_on_validation": (
                _calibrate(
                    result="t, loss(validation_labels, validation_probabilities, 1), "
                    "loss(validation_labels, validation_probabilities, t)"
                ),
                "measured on the validation pictures",
            ),
            "exchanged": (
                _calibrate(
                    result="t, loss(test_labels, test_probabilities, t), loss(test_labels, test_probabilities, 1)"
                ),
                "exchanged",
            ),
            "summed": (_calibrate(mean="-np.sum(np.log(q[np.arange(len(y)), y]))"), "added up"),
            "sign": (_calibrate(mean="np.mean(np.log(q[np.arange(len(y)), y]))"), "The sign is missing"),
            "worst_temperature": (_calibrate().replace("argmin", "argmax"), "lowest cross-entropy"),
            "base_two": (_calibrate(mean="-np.mean(np.log2(q[np.arange(len(y)), y]))"), "base 2"),
            "softmax_of_probabilities": (_calibrate(scaled="np.exp(p / t)"), "as if they were logits"),
            "all_seven": (_calibrate(mean="-np.mean(np.log(q))"), "all seven emotions"),
            "rows_picked_by_labels": (_calibrate(mean="-np.mean(np.log(q[y]))"), "all seven emotions"),
            "largest_for_true": (_calibrate(mean="-np.mean(np.log(q.max(axis=1)))"), "right or wrong"),
            "columns_normalised": (_calibrate(normalise="q / q.sum(axis=0)"), "the columns were divided"),
            "whole_array_normalised": (_calibrate(normalise="q / q.sum()"), "all numbers were divided"),
        },
        explained={
            "Fewer or more tries: the temperature stays within the 5 % that a coarse grid is allowed.": (
                "line 14: 200 -> …",
            ),
            "Another range of tries, in which the best temperature lies as well.": (
                "line 14: 0.2 -> …",
                "line 14: 5 -> …",
            ),
        },
    ),
    "7.6": Bank(
        right={
            "loop": _pareto(_BEATS),
            "broadcast": _returning(
                "pareto(accuracy, cost)",
                "as_good = (accuracy[:, None] >= accuracy) & (cost[:, None] <= cost)",
                "better = (accuracy[:, None] > accuracy) | (cost[:, None] < cost)",
                "return np.flatnonzero(~(as_good & better).any(axis=0))",
            ),
            "sweep": _returning(
                "pareto(accuracy, cost)",
                "kept, best = [], -np.inf",
                "for c in np.unique(cost):",
                "    members = np.flatnonzero(cost == c)",
                "    top = accuracy[members].max()",
                "    if top > best:",
                "        kept.extend(members[accuracy[members] == top])",
                "        best = top",
                "return np.array(sorted(kept))",
            ),
        },
        wrong={
            "strictly_better_in_both": (_pareto("x > a and y < c"), "Better in *one* is enough"),
            "equals_beat_each_other": (_pareto("x >= a and y <= c"), "alike in both"),
            "beats_itself": (
                _returning(
                    "pareto(accuracy, cost)",
                    "everyone = range(len(cost))",
                    "return np.array([i for i in everyone",
                    "    if not any(accuracy[j] >= accuracy[i] and cost[j] <= cost[i] for j in everyone)])",
                ),
                "Nothing is left",
            ),
            "better_in_one_is_enough": (_pareto("(x > a or y < c)"), "at least as good in both"),
            "worst_kept": (_pareto("x <= a and y >= c and (x < a or y > c)"), "that beat nobody"),
            "twin_dropped": (
                _returning(
                    "pareto(accuracy, cost)",
                    "kept, best = [], -np.inf",
                    "for i in np.lexsort((-accuracy, cost)):",
                    "    if accuracy[i] > best:",
                    "        kept.append(i)",
                    "        best = accuracy[i]",
                    "return np.array(sorted(kept))",
                ),
                "alike in both, only one",
            ),
            "twin_dropped_by_cost": (
                _returning(
                    "pareto(accuracy, cost)",
                    "kept, best = [], -np.inf",
                    "for i in np.lexsort((-accuracy, cost)):",
                    "    if accuracy[i] > best:",
                    "        kept.append(i)",
                    "        best = accuracy[i]",
                    "return np.array(kept)",
                ),
                "alike in both, only one",
            ),
            "counted_from_1": (_pareto(_BEATS, "np.array(kept) + 1"), "counted from 1"),
            "dear_is_good": (_pareto("x >= a and y >= c and (x > a or y > c)"), "High cost was taken for good"),
            "extremes_only": (
                _returning("pareto(accuracy, cost)", "return np.unique([np.argmax(accuracy), np.argmin(cost)])"),
                "cheapest and the most accurate",
            ),
            "extremes_unsorted": (
                _returning("pareto(accuracy, cost)", "return np.array([np.argmax(accuracy), np.argmin(cost)])"),
                "cheapest and the most accurate",
            ),
            "mask_for_positions": (
                _pareto(_BEATS, "np.isin(np.arange(len(cost)), kept)"),
                "True and False",
            ),
            "sorted_by_cost": (_pareto(_BEATS, "np.array(sorted(kept, key=lambda k: cost[k]))"), "wrong order"),
            "accuracies_for_positions": (_pareto(_BEATS, "accuracy[kept]"), "These are accuracies"),
            "best_ratio": (
                _returning("pareto(accuracy, cost)", "return np.array([np.argmax(accuracy / cost)])"),
                "most accuracy for its cost",
            ),
        },
    ),
    "7.7": Bank(
        right={
            "own_words": """
answer_7_7 = '''
Use: a mirror on my desk, for myself alone. Embarrassing is a confident wrong word, a blank is fine.
I choose the largest of our own networks over the one with oversampling. On PublicTest they disagree on many faces
and the larger one wins those about two to one; the bootstrap range does not touch zero, macro F1 agrees. Its rows
for happy, surprise and neutral are clean, while fear leaks into sad, so fear gets a dash unless it is very sure.
It needs more milliseconds, still far below a frame. Unknown: another seed, and my dim lamp. If a smaller one came
within a point over three seeds, I would switch, because size matters on a phone.
'''
""",
            "list": """
answer_7_7 = (
    "1. A photo game for children at home: a missed disgust face spoils the joke, so recall of rare emotions counts. "
    "2. Oversampled instead of augmented: accuracy is undecided between the two (exact test far from 0.05), macro F1 "
    "is clearly higher, the disgust row goes from nearly empty to mostly found. "
    "3. Same size, same speed, so cost does not decide. "
    "4. Below the threshold it shows a question mark. "
    "5. One seed only, seven models compared, web photos: I would repeat with three seeds before I believe it."
)
""",
        },
        wrong={
            "too_short": ('answer_7_7 = "The one with the highest accuracy, of course."', "at least 40 words"),
            "not_a_text": ("answer_7_7 = {'model': 'scratch_cnn'}", "Expected a text in quotes"),
            "repeated_words": (f"answer_7_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_7_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_7_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
