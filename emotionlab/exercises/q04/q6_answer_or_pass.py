"""Question 4.6: a model that may stay silent, and how it does on the rest.

Title, points, task and model solution: solutions/04_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.compare import first, input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "4.6",
    hints=(
        "Three steps: a threshold from the validation confidences, who is answered on the test, how many of those "
        "are right.",
        "To answer 80 % is to stay silent on the 20 % with the lowest confidence. `np.quantile(confidences, 0.2)` is "
        "the value below which 20 % lie.",
        "`threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)`, then "
        "`answers = test_probabilities.max(axis=1) >= threshold`, then two means.",
    ),
    passed="Right, and the threshold never saw the test. The coverage there differs from the plan, and that is news.",
    explained={
        "Two of a hundred pictures more or fewer are right: the lesson looks for its threshold in steps.": (
            "blind: argument 1: first element changed",
            "blind: argument 1: last element changed",
            "blind: argument 4: float16",
        ),
        "Half precision changes less than the tolerance of the check.": ("blind: argument 1: float16",),
        "This probability is not the largest of its row.": (
            "blind: argument 2: first element changed",
            "blind: argument 2: last element changed",
        ),
    },
)

LEEWAY = 0.02  # share of the validation pictures


@QUESTION.inputs
def two_splits(seed):
    """(validation probabilities, test probabilities, test labels, coverage); the test is less sure.

    Some test pictures have the very probabilities of the least confident validation pictures to be answered.
    Single precision holds all probabilities exactly, so that it gives the same answers as double precision.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, m, coverage, spread in ((400, 150, 0.8, 0.25), (300, 180, 0.35, 0.5), (250, 160, 1.0, 0.2)):
        validation = rng.dirichlet(np.full(7, spread), n).astype("float32").astype(float)
        test = rng.dirichlet(np.full(7, 0.6), m).astype("float32").astype(float)
        least_sure = np.argsort(-validation.max(axis=1))[round(coverage * n) - 3 : round(coverage * n) + 3]
        test[10 : 10 + len(least_sure)] = validation[least_sure]
        favourite, confidence = test.argmax(axis=1), test.max(axis=1)
        labels = np.where(rng.random(m) < confidence, favourite, (favourite + rng.integers(1, 7, m)) % 7)
        cases.append((validation, test, labels, coverage))
    return cases


@QUESTION.judge
def judge(observed):
    cases = two_splits(observed["seed"])
    returned = [read_as(found, (0.0, 0.0, 0.0)) for found in observed["returned"]]
    pairs = list(zip(returned, cases, strict=True))
    wrong = first(type_problem(found, (0.0, 0.0, 0.0)) for found, _ in pairs)
    if wrong:
        return wrong
    found, _ = pairs[0]
    if found["length"] != 3:
        return Wrong(f"Expected (threshold, coverage, accuracy), found {found['length']} values.", "wrong_shape")
    names = ("The threshold", "The coverage on the test", "The accuracy on the test")
    wrong = first(
        type_problem(item, 0.0, f"{name}: expected")
        for found, _ in pairs
        for name, item in zip(names, found["items"], strict=False)
    )
    if wrong:
        return wrong
    numbers = [([float(item["value"]) for item in found["items"]], case) for found, case in pairs]
    return (
        first(threshold_problem(values[0], *case) for values, case in numbers)
        or first(coverage_problem(*values, *case) or accuracy_problem(*values, *case) for values, case in numbers)
        or input_problem(observed)
    )


def threshold_problem(threshold, validation, test, labels, coverage):
    """The threshold must answer the wanted share of the validation pictures.

    Two in a hundred more or fewer will do: the lesson looks for its threshold in steps of 0.005.
    """
    answered = int(np.sum(validation.max(axis=1) >= threshold))
    wanted = round(coverage * len(validation))
    if abs(answered - wanted) <= LEEWAY * len(validation):
        return None
    if abs(np.sum(test.max(axis=1) >= threshold) - coverage * len(test)) <= 1:
        return Wrong(
            "The threshold was chosen on the test pictures. Whatever is chosen must be chosen on validation; the test "
            "then tells honestly how it turned out.",
            "test_data_used",
        )
    if abs(answered - (len(validation) - wanted)) <= LEEWAY * len(validation):
        return Wrong(
            f"The threshold answers {answered} of {len(validation)} validation pictures, expected {wanted}: it is "
            "turned round. To answer 80 % you must stay silent on the 20 % with the lowest confidence.",
            "turned_round",
        )
    return no_quantile_problem(threshold, validation, coverage, answered, wanted)


def no_quantile_problem(threshold, validation, coverage, answered, wanted):
    if abs(threshold - coverage) < 1e-9:
        return Wrong(
            f"The wanted coverage itself was taken for the threshold. A confidence of {coverage:g} says nothing about "
            f"how many pictures exceed it: here {answered} of {len(validation)} do.",
            "coverage_as_threshold",
        )
    if abs(threshold - (1 - coverage)) < 1e-9:
        return Wrong(
            f"1 minus the coverage was taken for the threshold. A confidence of {threshold:.2g} says nothing about how "
            f"many pictures exceed it: here {answered} of {len(validation)} do, expected {wanted}.",
            "coverage_as_threshold",
        )
    if np.isclose(threshold, np.quantile(validation, 1 - coverage)):
        return Wrong(
            "The threshold was taken from all seven probabilities of each picture. The confidence of a picture is the "
            "largest of its seven: `validation_probabilities.max(axis=1)`.",
            "all_probabilities",
        )
    is_near = abs(answered - wanted) <= 0.1 * len(validation)
    return Wrong(
        f"Expected a threshold that answers {wanted} of {len(validation)} validation pictures "
        f"(coverage {coverage:g}), found {threshold:.4g}, which answers {answered}.",
        "wrong_threshold",
        "Did you try thresholds that lie too far apart? `np.quantile` finds one in between." if is_near else "",
    )


def coverage_problem(threshold, coverage_found, accuracy_found, validation, test, labels, coverage):
    """The coverage must be that of the test pictures at this very threshold."""
    answers = test.max(axis=1) >= threshold
    if np.isclose(coverage_found, answers.mean(), atol=1e-6):
        return None
    if np.isclose(coverage_found, np.mean(validation.max(axis=1) >= threshold), atol=LEEWAY + 1e-3):
        return Wrong(
            "The second value is the coverage on validation, which you chose yourself. Expected what it becomes on "
            "the test pictures.",
            "coverage_on_validation",
        )
    if np.isclose(coverage_found, np.mean(test.max(axis=1) > threshold), atol=1e-6):
        return Wrong(
            "A test picture whose confidence is exactly the threshold was left out. It is answered where its "
            "confidence is *at least* the threshold: `>=`.",
            "threshold_itself_left_out",
        )
    return Wrong(
        f"{coverage_found:.4g} is not the coverage on the test pictures. Expected the share of them whose confidence "
        "is at least the threshold that you return.",
        "wrong_coverage",
    )


def accuracy_problem(threshold, coverage_found, accuracy_found, validation, test, labels, coverage):
    """The accuracy must be that of the test pictures which are answered at this very threshold."""
    answers = test.max(axis=1) >= threshold
    right = test.argmax(axis=1) == labels
    if np.isclose(accuracy_found, right[answers].mean(), atol=1e-6):
        return None
    if np.isclose(accuracy_found, right.mean(), atol=1e-6):
        return Wrong(
            "The accuracy is that of all test pictures. Expected that of the answered ones only.",
            "accuracy_of_all",
        )
    if np.isclose(accuracy_found, np.mean(right & answers), atol=1e-6):
        return Wrong(
            "The right answers were divided by all test pictures, so that silence counts as a mistake. "
            "Divide by the number of answered pictures.",
            "silence_as_mistake",
        )
    return Wrong(
        f"{accuracy_found:.4g} is not the accuracy on the answered test pictures. Expected how many of those are "
        "right, divided by how many are answered.",
        "wrong_accuracy",
    )


def who_is_answered(threshold, test_probabilities, test_labels):
    """(which test pictures are answered, which are right)"""
    return test_probabilities.max(axis=1) >= threshold, test_probabilities.argmax(axis=1) == test_labels


def measured(threshold, test_probabilities, test_labels):
    answers, right = who_is_answered(threshold, test_probabilities, test_labels)
    return threshold, answers.mean(), right[answers].mean()


@style
def by_sorting(validation_probabilities, test_probabilities, test_labels, coverage):
    sure = validation_probabilities.max(axis=1)
    return measured(np.sort(sure)[::-1][round(coverage * len(sure)) - 1], test_probabilities, test_labels)


@style
def ascending_index(validation_probabilities, test_probabilities, test_labels, coverage):
    sure = validation_probabilities.max(axis=1)
    return measured(sorted(sure)[int((1 - coverage) * len(sure) + 0.5)], test_probabilities, test_labels)


@style
def percentile(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.percentile(validation_probabilities.max(axis=1), 100 * (1 - coverage))
    return measured(threshold, test_probabilities, test_labels)


@style
def in_small_steps(validation_probabilities, test_probabilities, test_labels, coverage):
    sure = validation_probabilities.max(axis=1)
    threshold = next(t for t in np.arange(0, 1, 0.005) if (sure >= t).mean() <= coverage)
    return measured(threshold, test_probabilities, test_labels)


@style
def counts(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)
    answers = test_probabilities.max(axis=1) >= threshold
    right = test_probabilities.argmax(axis=1) == test_labels
    return threshold, np.count_nonzero(answers) / len(answers), (right & answers).sum() / answers.sum()


@style
def single_precision(validation_probabilities, test_probabilities, test_labels, coverage):
    sure = np.sort(validation_probabilities.astype("float32").max(axis=1))[::-1]
    threshold = sure[round(coverage * len(sure)) - 1]
    return measured(threshold, test_probabilities.astype("float32"), test_labels)


@mistake(says="chosen on the test pictures")
def test_data_used(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.quantile(test_probabilities.max(axis=1), 1 - coverage)
    return measured(threshold, test_probabilities, test_labels)


@mistake(says="turned round")
def turned_round(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.quantile(validation_probabilities.max(axis=1), coverage)
    return measured(threshold, test_probabilities, test_labels)


@mistake(says="itself was taken")
def coverage_as_threshold(validation_probabilities, test_probabilities, test_labels, coverage):
    return measured(coverage, test_probabilities, test_labels)


@mistake(says="coverage on validation")
def coverage_on_validation(validation_probabilities, test_probabilities, test_labels, coverage):
    sure = validation_probabilities.max(axis=1)
    threshold, _, accuracy = measured(np.quantile(sure, 1 - coverage), test_probabilities, test_labels)
    return threshold, (sure >= threshold).mean(), accuracy


@mistake(says="all test pictures")
def accuracy_of_all(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)
    answers, right = who_is_answered(threshold, test_probabilities, test_labels)
    return threshold, answers.mean(), right.mean()


@mistake(says="silence counts")
def silence_as_mistake(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)
    answers, right = who_is_answered(threshold, test_probabilities, test_labels)
    return threshold, answers.mean(), (right & answers).mean()


@mistake(id="coverage_as_threshold", says="1 minus the coverage")
def one_minus_coverage(validation_probabilities, test_probabilities, test_labels, coverage):
    return measured(1 - coverage, test_probabilities, test_labels)


@mistake(says="all seven probabilities")
def all_probabilities(validation_probabilities, test_probabilities, test_labels, coverage):
    return measured(np.quantile(validation_probabilities, 1 - coverage), test_probabilities, test_labels)


@mistake(id="wrong_type", says="The accuracy on the test: expected a number")
def accuracy_not_averaged(validation_probabilities, test_probabilities, test_labels, coverage):
    threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)
    answers, right = who_is_answered(threshold, test_probabilities, test_labels)
    return threshold, answers.mean(), right[answers]


@mistake(says="Expected a threshold")
def wrong_threshold(validation_probabilities, test_probabilities, test_labels, coverage):
    return measured(np.median(validation_probabilities.max(axis=1)), test_probabilities, test_labels)


@mistake(says="exactly the threshold was left out")
def threshold_itself_left_out(validation_probabilities, test_probabilities, test_labels, coverage):
    sure = validation_probabilities.max(axis=1)
    threshold = np.sort(sure)[::-1][round(coverage * len(sure)) - 1]
    answers = test_probabilities.max(axis=1) > threshold
    right = test_probabilities.argmax(axis=1) == test_labels
    return threshold, answers.mean(), right[answers].mean()
