"""Answers that prove the checks of exercise 04 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "ship the run with weights " * 12

_COPIED_TASK = """
Two runs were recorded on the real FER-2013: one with augmentation, and one with augmentation and class weights. Look
at their reports on the validation pictures. Choose a use and argue which of the two you would ship for it, what the
numbers leave open, and what you would measure before you decide. I would ship the second.
"""

_COPIED_RUBRIC = """
It names a use, and says which mistakes are costly in it. It rests the choice on figures of both kinds: accuracy, and
recall or F1 of single classes or macro F1. It says what class weights are meant to trade, recall of a rare class for
precision, and whether these runs do. It uses the intervals: they are wide where a class has few pictures.
"""


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _confusion(*lines: str) -> str:
    return _returning("confusion(labels, predictions)", *lines)


def _scores(precision="hits / columns", recall="hits / rows", f1="2 * precision * recall / both", guard=True) -> str:
    at_least = "np.maximum({}, 1)" if guard else "{}"
    both = "np.where(precision + recall > 0, precision + recall, 1)" if guard else "precision + recall"
    return _returning(
        "class_scores(matrix)",
        "hits = np.diag(matrix)",
        f"rows = {at_least.format('matrix.sum(axis=1)')}",
        f"columns = {at_least.format('matrix.sum(axis=0)')}",
        f"precision = {precision}",
        f"recall = {recall}",
        f"both = {both}",
        f"return precision, recall, {f1}",
    )


def _averages(*lines: str, macro="f1.mean()", weighted="np.average(f1, weights=rows)", micro="hits.sum() / n") -> str:
    return _returning(
        "f1_averages(matrix)",
        "hits, rows, columns, n = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0), matrix.sum()",
        "f1 = 2 * hits / np.maximum(rows + columns, 1)",
        *lines,
        f"return {macro}, {weighted}, {micro}",
    )


def _interval(*lines: str, z: float = 1.96) -> str:
    return _returning(
        "wilson_interval(successes, n)",
        f"z, p = {z}, successes / n",
        "centre = p + z**2 / (2 * n)",
        "half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))",
        "divisor = 1 + z**2 / n",
        *lines,
    )


def _calibration(term="inside.mean() * abs(gap)", confidence="probabilities.max(axis=1)", end="sum(terms)") -> str:
    return _returning(
        "calibration_error(probabilities, labels, bins)",
        f"confidence = {confidence}",
        "right = probabilities.argmax(axis=1) == labels",
        "place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)",
        "terms = []",
        "for b in range(bins):",
        "    inside = place == b",
        "    if inside.any():",
        "        gap = right[inside].mean() - confidence[inside].mean()",
        f"        terms.append({term})",
        f"return {end}",
    )


def _calibration_by_edges(*lines: str, to: str = "confidence <= high") -> str:
    """The error with the edges of the bins written out; `lines` come before the loop over them."""
    return _returning(
        "calibration_error(probabilities, labels, bins)",
        "confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels",
        "edges = np.linspace(0, 1, bins + 1)",
        *lines,
        "error = 0",
        "for low, high in zip(edges[:-1], edges[1:]):",
        f"    inside = (confidence > low) & ({to})",
        "    if inside.any():",
        "        error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())",
        "return error",
    )


def _silent(
    threshold="np.quantile(sure, 1 - coverage)",
    coverage="answers.mean()",
    accuracy="right[answers].mean()",
) -> str:
    return _returning(
        "answer_or_pass(validation_probabilities, test_probabilities, test_labels, coverage)",
        "sure = validation_probabilities.max(axis=1)",
        f"threshold = {threshold}",
        "answers = test_probabilities.max(axis=1) >= threshold",
        "right = test_probabilities.argmax(axis=1) == test_labels",
        f"return threshold, {coverage}, {accuracy}",
    )


BANK = {
    "4.1": Bank(
        right={
            "add_at": _confusion(
                "matrix = np.zeros((7, 7), int)", "np.add.at(matrix, (labels, predictions), 1)", "return matrix"
            ),
            "scikit_learn": _confusion(
                "from sklearn.metrics import confusion_matrix",
                "return confusion_matrix(labels, predictions, labels=range(7))",
            ),
            "bincount": _confusion("return np.bincount(7 * labels + predictions, minlength=49).reshape(7, 7)"),
            "one_hot_product": _confusion("e = np.eye(7, dtype=int)", "return e[labels].T @ e[predictions]"),
        },
        wrong={
            "transposed": (
                _confusion(
                    "matrix = np.zeros((7, 7), int)",
                    "for true, predicted in zip(labels, predictions):",
                    "    matrix[predicted, true] += 1",
                    "return matrix",
                ),
                "Rows and columns are exchanged",
            ),
            "counted_once": (
                _confusion("matrix = np.zeros((7, 7), int)", "matrix[labels, predictions] += 1", "return matrix"),
                "No cell holds more than 1",
            ),
            "missing_classes_dropped": (
                _confusion(
                    "from sklearn.metrics import confusion_matrix", "return confusion_matrix(labels, predictions)"
                ),
                "seven rows always",
            ),
            "diagonal_only": (
                _confusion(
                    "matrix = np.zeros((7, 7), int)",
                    "for true, predicted in zip(labels, predictions):",
                    "    if true == predicted:",
                    "        matrix[true, true] += 1",
                    "return matrix",
                ),
                "Only the right answers",
            ),
            "mistakes_only": (
                _confusion(
                    "matrix = np.zeros((7, 7), int)",
                    "for true, predicted in zip(labels, predictions):",
                    "    if true != predicted:",
                    "        matrix[true, predicted] += 1",
                    "return matrix",
                ),
                "The diagonal is empty",
            ),
            "first_picture_only": (
                _confusion(
                    "matrix = np.zeros((7, 7), int)",
                    "for true, predicted in zip(labels, predictions):",
                    "    matrix[true, predicted] += 1",
                    "    return matrix",
                ),
                "inside the loop",
            ),
            "set_to_one": (
                _confusion(
                    "matrix = np.zeros((7, 7), int)",
                    "for true, predicted in zip(labels, predictions):",
                    "    matrix[true, predicted] = 1",
                    "return matrix",
                ),
                "`= 1` does not",
            ),
            "counts_overflow": (
                _confusion(
                    "matrix = np.zeros((7, 7), 'uint8')",
                    "np.add.at(matrix, (labels, predictions), 1)",
                    "return matrix",
                ),
                "nothing above 255",
            ),
            "shares_of_rows_without_guard": (
                _confusion(
                    "matrix = np.zeros((7, 7))",
                    "np.add.at(matrix, (labels, predictions), 1)",
                    "return matrix / matrix.sum(axis=1, keepdims=True)",
                ),
                "shares of each row",
            ),
            "shares_of_rows": (
                _confusion(
                    "matrix = np.zeros((7, 7))",
                    "np.add.at(matrix, (labels, predictions), 1)",
                    "return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)",
                ),
                "shares of each row",
            ),
            "wrong_dtype": (
                _confusion("matrix = np.zeros((7, 7))", "np.add.at(matrix, (labels, predictions), 1)", "return matrix"),
                "whole numbers",
            ),
        },
    ),
    "4.2": Bank(
        right={
            "harmonic_mean": _scores(),
            "loop": _returning(
                "class_scores(matrix)",
                "precision, recall, f1 = np.zeros(7), np.zeros(7), np.zeros(7)",
                "for c in range(7):",
                "    hit = matrix[c, c]",
                "    if hit:",
                "        precision[c] = hit / sum(matrix[:, c])",
                "        recall[c] = hit / sum(matrix[c])",
                "        f1[c] = 2 / (1 / precision[c] + 1 / recall[c])",
                "return precision, recall, f1",
            ),
            "scikit_learn": _returning(
                "class_scores(matrix)",
                "from sklearn.metrics import precision_recall_fscore_support",
                "true, predicted = np.indices((7, 7)).reshape(2, 49).repeat(matrix.ravel(), axis=1)",
                "scores = precision_recall_fscore_support(true, predicted, labels=range(7), zero_division=0)",
                "return scores[:3]",
            ),
            "nan_to_num": _returning(
                "class_scores(matrix)",
                "hits = matrix.diagonal()",
                "p, r = hits / matrix.sum(0), hits / matrix.sum(1)",
                "return np.nan_to_num(p), np.nan_to_num(r), np.nan_to_num(2 * p * r / (p + r))",
            ),
        },
        wrong={
            "precision_and_recall_exchanged": (
                _scores(precision="hits / rows", recall="hits / columns"),
                "Precision and recall are exchanged",
            ),
            "zero_by_zero": (_scores(guard=False), "0 divided by 0"),
            "maximum_with_shares": (
                _scores(f1="2 * precision * recall / np.maximum(precision + recall, 1)"),
                "is for counts",
            ),
            "above_one": (
                _scores(precision="hits / np.maximum(columns - hits, 1)", recall="hits / np.maximum(rows - hits, 1)"),
                "can be above 1",
            ),
            "above_one_without_guard": (
                _scores(precision="hits / (columns - hits)", recall="hits / (rows - hits)", guard=False),
                "can be above 1",
            ),
            "f1_as_plain_mean": (_scores(f1="(precision + recall) / 2"), "harmonic"),
            "two_forgotten": (_scores(f1="precision * recall / both"), "factor 2"),
            "divided_by_all_pictures": (
                _scores(precision="hits / matrix.sum()", recall="hits / matrix.sum()"),
                "divided by all pictures",
            ),
            "divided_by_all_without_guard": (
                _scores(precision="hits / matrix.sum()", recall="hits / matrix.sum()", guard=False),
                "divided by all pictures",
            ),
            "accuracy_for_precision": (
                _returning(
                    "class_scores(matrix)",
                    "hits, rows, columns = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)",
                    "others = matrix.sum() - rows - columns + hits",
                    "accuracy = (hits + others) / matrix.sum()",
                    "f1 = 2 * hits / np.maximum(rows + columns, 1)",
                    "return accuracy, hits / np.maximum(rows, 1), f1",
                ),
                "rightly called something else",
            ),
        },
    ),
    "4.3": Bank(
        right={
            "sums": _averages(macro="sum(f1) / 7", weighted="(f1 * rows).sum() / n", micro="np.trace(matrix) / n"),
            "micro_by_its_formula": _averages(
                "wrong = n - hits.sum()", micro="2 * hits.sum() / (2 * hits.sum() + wrong + wrong)"
            ),
            "scikit_learn": _returning(
                "f1_averages(matrix)",
                "from sklearn.metrics import f1_score",
                "true, predicted = np.indices((7, 7)).reshape(2, 49).repeat(matrix.ravel(), axis=1)",
                "options = dict(labels=range(7), zero_division=0)",
                "kinds = ('macro', 'weighted', 'micro')",
                "return tuple(f1_score(true, predicted, average=kind, **options) for kind in kinds)",
            ),
        },
        wrong={
            "macro_and_weighted_exchanged": (
                _averages(macro="np.average(f1, weights=rows)", weighted="f1.mean()"),
                "Macro and weighted are exchanged",
            ),
            "another_order": (_averages(macro="hits.sum() / n", micro="f1.mean()"), "their order is not"),
            "classes_without_pictures_left_out": (
                _averages(macro="f1[rows > 0].mean()"),
                "classes that do not occur",
            ),
            "classes_without_predictions_left_out": (
                _averages(macro="f1[columns > 0].mean()"),
                "classes that do not occur",
            ),
            "scikit_learn_without_labels": (
                _returning(
                    "f1_averages(matrix)",
                    "from sklearn.metrics import f1_score",
                    "true, predicted = np.indices((7, 7)).reshape(2, 49).repeat(matrix.ravel(), axis=1)",
                    "return [f1_score(true, predicted, average=kind) for kind in ('macro', 'weighted', 'micro')]",
                ),
                "classes that do not occur",
            ),
            "weighted_by_predictions": (
                _averages(weighted="np.average(f1, weights=columns)"),
                "numbers of predicted pictures",
            ),
            "zeros_left_out": (_averages(macro="f1[f1 > 0].mean()"), "leaves out classes"),
            "zero_by_zero": (
                _averages("f1 = 2 * hits / (matrix.sum(axis=1) + matrix.sum(axis=0))"),
                "0 was divided by 0",
            ),
            "zero_by_zero_in_the_scores": (
                _averages("p, r = hits / columns, hits / rows", "f1 = 2 * p * r / (p + r)"),
                "0 was divided by 0",
            ),
            "mean_of_scores_first": (
                _averages(
                    "p = (hits / np.maximum(columns, 1)).mean()",
                    "r = (hits / np.maximum(rows, 1)).mean()",
                    macro="2 * p * r / (p + r)",
                ),
                "order of the steps",
            ),
            "micro_as_a_mean": (_averages(micro="f1.mean()"), "adds up the right and wrong answers"),
            "weighted_for_micro": (
                _averages(micro="np.average(f1, weights=rows)"),
                "weighted mean again",
            ),
            "micro_errors_once": (
                _averages("wrong = n - hits.sum()", micro="2 * hits.sum() / (2 * hits.sum() + wrong)"),
                "counts each mistake once",
            ),
            "micro_doubled_errors": (
                _averages("wrong = n - hits.sum()", micro="hits.sum() / (hits.sum() + wrong + wrong)"),
                "all errors twice",
            ),
        },
    ),
    "4.4": Bank(
        right={
            "one_expression": _interval("return tuple((centre + sign * half) / divisor for sign in (-1, 1))"),
            "scipy": _returning(
                "wilson_interval(successes, n)",
                "from scipy.stats import binomtest",
                "interval = binomtest(successes, n).proportion_ci(0.95, method='wilson')",
                "return interval.low, interval.high",
            ),
            "roots_of_a_quadratic": _returning(
                "wilson_interval(successes, n)",
                "p, k = successes / n, 1.96**2 / n",
                "return tuple(sorted(np.roots([1 + k, -(2 * p + k), p**2]).real))",
            ),
            "package": _returning(
                "wilson_interval(successes, n)", "return el.evaluation.confidence_interval(successes, n)"
            ),
        },
        wrong={
            "plain_standard_error": (
                _interval("error = z * np.sqrt(p * (1 - p) / n)", "return p - error, p + error"),
                "terms with z²",
            ),
            "around_the_share": (
                _interval("return p - half / divisor, p + half / divisor"),
                "the centre is not",
            ),
            "not_divided": (_interval("return centre - half, centre + half"), "divide both ends"),
            "ends_exchanged": (
                _interval("return (centre + half) / divisor, (centre - half) / divisor"),
                "lower one first",
            ),
            "percent": (
                _interval("return 100 * (centre - half) / divisor, 100 * (centre + half) / divisor"),
                "between 0 and 1",
            ),
            "one_sigma": (
                _interval("return (centre - half) / divisor, (centre + half) / divisor", z=1),
                "too narrow",
            ),
            "half_width": (_interval("return p, half / divisor"), "two ends"),
            "only_the_root_divided": (
                _interval("return centre - half / divisor, centre + half / divisor"),
                "Only the root was divided",
            ),
            "brackets_missing": (
                _interval("centre = p + z**2 / 2 * n", "return (centre - half) / divisor, (centre + half) / divisor"),
                "Brackets are missing",
            ),
            "brackets_missing_under_the_root": (
                _interval(
                    "half = z * np.sqrt(p * (1 - p) / n + z**2 / 4 * n**2)",
                    "return (centre - half) / divisor, (centre + half) / divisor",
                ),
                "Brackets are missing",
            ),
            "brackets_missing_twice": (
                _interval(
                    "centre = p + z**2 / 2 * n",
                    "half = z * np.sqrt(p * (1 - p) / n + z**2 / 4 * n**2)",
                    "return (centre - half) / divisor, (centre + half) / divisor",
                ),
                "Brackets are missing",
            ),
            "root_forgotten": (
                _interval(
                    "half = z * (p * (1 - p) / n + z**2 / (4 * n**2))",
                    "return (centre - half) / divisor, (centre + half) / divisor",
                ),
                "The square root is missing",
            ),
            "z_before_the_root_forgotten": (
                _interval("return (centre - half / z) / divisor, (centre + half / z) / divisor"),
                "The z before the square root",
            ),
            "z_of_two": (_interval("return (centre - half) / divisor, (centre + half) / divisor", z=2), "takes z = 2"),
            "rounded": (
                _interval("return round((centre - half) / divisor, 3), round((centre + half) / divisor, 3)"),
                "were rounded",
            ),
        },
    ),
    "4.5": Bank(
        right={
            "bins_by_number": _calibration(),
            "edges": _calibration_by_edges(),
            "digitize": _returning(
                "calibration_error(probabilities, labels, bins)",
                "confidence = probabilities.max(axis=1)",
                "right = (probabilities.argmax(axis=1) == labels).astype(float)",
                "place = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1])",
                "sums = np.bincount(place, right - confidence, minlength=bins)",
                "return np.abs(sums).sum() / len(labels)",
            ),
            "pandas": _returning(
                "calibration_error(probabilities, labels, bins)",
                "import pandas as pd",
                "confidence = probabilities.max(axis=1)",
                "table = pd.DataFrame({'c': confidence, 'r': probabilities.argmax(axis=1) == labels})",
                "groups = table.groupby(np.minimum((confidence * bins).astype(int), bins - 1))",
                "gap = (groups.r.mean() - groups.c.mean()).abs()",
                "return float((gap * groups.size()).sum() / len(table))",
            ),
        },
        wrong={
            "gaps_cancel": (_calibration("inside.mean() * gap"), "have signs"),
            "gaps_cancel_reversed": (_calibration("-inside.mean() * gap"), "have signs"),
            "one_bin": (
                _returning(
                    "calibration_error(probabilities, labels, bins)",
                    "accuracy = np.mean(probabilities.argmax(axis=1) == labels)",
                    "return abs(probabilities.max(axis=1).mean() - accuracy)",
                ),
                "one single bin",
            ),
            "bins_ignored": (_calibration_by_edges("edges = np.linspace(0, 1, 16)"), "There are 15 bins"),
            "last_bin_left_out": (_calibration(end="sum(terms[:-1])"), "The last bin"),
            "certain_pictures": (_calibration_by_edges(to="confidence < high"), "exactly 1 are missing"),
            "empty_bin": (
                _calibration().replace("if inside.any():", "if True:"),
                "A bin without pictures",
            ),
            "number_for_share": (_calibration("inside.sum() * abs(gap)"), "number of all pictures"),
            "bins_of_equal_size": (
                _calibration_by_edges("edges = np.quantile(confidence, np.linspace(0, 1, bins + 1))", "edges[0] = 0"),
                "equal width",
            ),
            "middle_for_confidence": (
                _calibration("inside.mean() * abs(right[inside].mean() - (b + 0.5) / bins)"),
                "middle of the bin",
            ),
            "unweighted": (_calibration("abs(gap)", end="np.mean(terms)"), "count the same"),
            "unweighted_sum": (_calibration("abs(gap)"), "count the same"),
            "unweighted_with_empty_bins": (_calibration("abs(gap)", end="sum(terms) / bins"), "number of bins"),
            "largest_gap": (_calibration("abs(gap)", end="max(terms)"), "maximum calibration error"),
            "confidence_in_the_truth": (
                _calibration(confidence="probabilities[np.arange(len(labels)), labels]"),
                "nobody knows",
            ),
            "error_rate": (
                _returning(
                    "calibration_error(probabilities, labels, bins)",
                    "return np.mean(probabilities.argmax(axis=1) != labels)",
                ),
                "wrong answers",
            ),
        },
    ),
    "4.6": Bank(
        right={
            "sorted": _silent(threshold="np.sort(sure)[::-1][round(coverage * len(sure)) - 1]"),
            "ascending_index": _silent(threshold="sorted(sure)[int((1 - coverage) * len(sure) + 0.5)]"),
            "percentile": _silent(threshold="np.percentile(sure, 100 * (1 - coverage))"),
            "in_small_steps": _silent(
                threshold="next(t for t in np.arange(0, 1, 0.005) if (sure >= t).mean() <= coverage)"
            ),
            "counts": _silent(
                coverage="np.count_nonzero(answers) / len(answers)",
                accuracy="(right & answers).sum() / answers.sum()",
            ),
        },
        wrong={
            "test_data_used": (
                _silent(threshold="np.quantile(test_probabilities.max(axis=1), 1 - coverage)"),
                "chosen on the test pictures",
            ),
            "turned_round": (_silent(threshold="np.quantile(sure, coverage)"), "turned round"),
            "coverage_as_threshold": (_silent(threshold="coverage"), "itself was taken"),
            "coverage_on_validation": (_silent(coverage="(sure >= threshold).mean()"), "coverage on validation"),
            "accuracy_of_all": (_silent(accuracy="right.mean()"), "all test pictures"),
            "silence_as_mistake": (_silent(accuracy="(right & answers).mean()"), "silence counts"),
            "one_minus_coverage": (_silent(threshold="1 - coverage"), "1 minus the coverage"),
            "all_probabilities": (
                _silent(threshold="np.quantile(validation_probabilities, 1 - coverage)"),
                "all seven probabilities",
            ),
            "accuracy_not_averaged": (
                _silent(accuracy="right[answers]"),
                "The accuracy on the test: expected a number",
            ),
            "wrong_threshold": (_silent(threshold="np.median(sure)"), "Expected a threshold"),
        },
    ),
    "4.7": Bank(
        right={
            "own_words": """
answer_4_7 = '''
I imagine a mirror in a museum that names the face a visitor pulls. Everybody pulls disgust there, so missing
it every second time would be embarrassing, and a wrong guess only makes people laugh. Class weights should
find more of it and pay with precision, and I would check that they do. With so few validation examples the
ranges overlap a lot, so I cannot be sure that it is better at all. First I would repeat both with other
seeds, then look at the reliability diagram, and PrivateTest comes last.
'''
""",
            "list": """
answer_4_7 = (
    "Use: counting smiles in my own holiday videos. Costly mistake: calling a grin something else. "
    "For that the plain augmented run is better, its accuracy is higher and happy is the class I need. "
    "Disgust hardly occurs, so gains there are worth nothing to me, and they may be noise: few samples, broad bars. "
    "Still missing: several seeds, calibration on my videos. Decision on validation, test once."
)
""",
        },
        wrong={
            "too_short": ('answer_4_7 = "The one with the higher accuracy, of course."', "at least 40 words"),
            "not_a_text": ("answer_4_7 = {'ship': 'class_weights'}", "Expected a text in quotes"),
            "repeated_words": (f"answer_4_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_4_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_4_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
