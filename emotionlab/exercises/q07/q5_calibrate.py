"""Question 7.5: fit a temperature on validation, measure on test.

Title, points, task and model solution: solutions/07_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import describe
from emotionlab.exercises.compare import first, input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q07.shared import normalised

QUESTION = function_question(
    "7.5",
    hints=(
        "Write one small function first: the cross-entropy of some labels and probabilities at a temperature.",
        "`scaled = p ** (1 / t)`, then divide by `scaled.sum(axis=1, keepdims=True)`. The true labels' probabilities "
        "are `scaled[np.arange(len(labels)), labels]`.",
        "`t = min(np.geomspace(0.2, 5, 200), key=lambda t: loss(validation_labels, validation_probabilities, t))`. "
        "Before is the loss on test with t = 1, after the one with your t.",
    ),
    passed="Right. T never saw the test, so what it does there is news, good or bad.",
    explained={
        "The temperature is judged within a twentieth, as the tries are steps: one picture of 800 is too few.": (
            "blind: argument 1: … element changed",
            "blind: argument 2: … element changed",
            "blind: argument 4: … element changed",
        ),
        "Half precision changes less than the tolerance of the check.": (
            "blind: argument 2: float16",
            "blind: argument 4: float16",
            "blind: result …: float16",
        ),
        "A temperature and a cross-entropy are never negative.": (
            "blind: result …: without sign",
            "blind: result …: clipped at 0",
        ),
        "Fewer or more tries: the temperature stays within the 5 % that a coarse grid is allowed.": (
            "line 14: 200 -> …",
        ),
        "Another range of tries, in which the best temperature lies as well.": (
            "line 14: 0.2 -> …",
            "line 14: 5 -> …",
        ),
    },
)


@QUESTION.inputs
def validation_and_test(seed):
    """Two models, one too bold and one too modest; the test asks for another temperature than validation.

    A third has some labels that are wrong: cross-entropy and squared error want different temperatures there."""
    rng = np.random.default_rng(seed)
    cases = [(*sample(rng, 800, validation), *sample(rng, 700, test)) for validation, test in ((2.0, 3.2), (0.65, 0.4))]
    labels, claimed = sample(rng, 800, 1.6)
    labels[:48] = claimed[:48].argmin(axis=1)  # wrong labels, which the cross-entropy takes hard and a square does not
    return [*cases, (labels, claimed, *sample(rng, 700, 0.8))]


def sample(rng, n, boldness):
    """Labels that follow softmax(logits), and the probabilities of a model that claims softmax(boldness * logits)."""
    logits = rng.normal(size=(n, 7)) * 1.3
    honest, claimed = (normalised(np.exp(scale * logits)) for scale in (1.0, boldness))
    labels = (honest.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, 6)
    return labels, claimed


@QUESTION.judge
def judge(observed):
    cases = validation_and_test(observed["seed"])
    returned = [read_as(found, (0.0, 0.0, 0.0)) for found in observed["returned"]]
    wrong = first(type_problem(found, (0.0, 0.0, 0.0)) for found in returned)
    if wrong:
        return wrong
    if returned[0]["length"] != 3:
        return Wrong(f"Expected (temperature, before, after), found {describe(returned[0])}.", "wrong_shape")
    wrong = first(type_problem(item, 0.0) for found in returned for item in found["items"])
    if wrong:
        return wrong
    values = [[float(item["value"]) for item in found["items"]] for found in returned]
    if not all(np.isfinite(v).all() and v[0] > 0 for v in values):
        return Wrong("Expected a positive temperature and two ordinary numbers, found others.", "not_finite")
    pairs = list(zip(values, cases, strict=True))
    return (
        first(before_problem(v[1], *case[2:]) for v, case in pairs)
        or first(scaling_problem(*v, *case[2:]) for v, case in pairs)
        or first(temperature_problem(v[0], *case) for v, case in pairs)
        or first(loss_problem(*v, *case) for v, case in pairs)
        or input_problem(observed)
    )


def scaled(probabilities, temperature):
    return normalised(probabilities ** (1 / temperature))


def cross_entropy(labels, probabilities):
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def best_temperature(labels, probabilities):
    from scipy.optimize import minimize_scalar

    def loss(log_t):
        return cross_entropy(labels, scaled(probabilities, np.exp(log_t)))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.1), np.log(10)), method="bounded").x))


def near(a, b, rtol=1e-3):
    return abs(a - b) <= rtol * abs(b)


def scaling_problem(t, before, after, test_labels, test_probabilities):
    """A scaling that cannot work sends the temperature to an end of the search; name the scaling first."""
    loss = cross_entropy(test_labels, test_probabilities)
    if near(t, 1, 0.02) or not near(before, loss):
        return None
    if near(after, loss / t):
        return Wrong(
            "After the power 1/T the rows no longer add up to 1, and any T looks better the larger it is. Divide each "
            "row by its sum.",
            "not_normalised",
        )
    if near(after, loss + np.log(t)) or abs(after - loss) < 1e-6:
        return Wrong(
            "The probabilities themselves were divided by T. That changes nothing once the rows add up to 1 again. "
            "The *logits* are divided: for probabilities that is the power 1/T, then divide each row by its sum.",
            "probabilities_divided",
        )
    return None


def temperature_problem(t, labels, p, test_labels, test_p):
    """The temperature must be that of the validation pictures, within 5 %."""
    right = best_temperature(labels, p)
    if near(t, right, 0.05):
        return None
    if near(t, best_temperature(test_labels, test_p), 0.05):
        return Wrong(
            "The temperature was fitted on the test pictures. Then the figure measured there is no longer honest: "
            "fit on validation, measure on test.",
            "test_data_used",
        )
    if near(t, best_temperature(np.concatenate([labels, test_labels]), np.concatenate([p, test_p])), 0.05):
        return Wrong(
            "The temperature was fitted on validation and test pictures together. Keep the test out of it.",
            "test_data_used",
        )
    if near(t, 1 / right, 0.05):
        return Wrong(
            f"The temperature is upside down: found {t:.3f}, expected 1 / {t:.3f}. Logits are divided by T, so the "
            "exponent of the probabilities is 1/T, and a model that is too bold has T above 1.",
            "upside_down",
        )
    return Wrong(
        f"Expected the temperature with the lowest cross-entropy on validation, found {t:.3f}: with another one it is "
        "lower.",
        "wrong_temperature",
        "Try at least 100 values from 0.2 to 5, and keep the one with the lowest cross-entropy.",
    )


def loss_problem(t, before, after, labels, probabilities, test_labels, test_probabilities):
    """Before and after must be the mean cross-entropy on test, at the temperature that was returned."""
    wanted = [cross_entropy(test_labels, p) for p in (test_probabilities, scaled(test_probabilities, t))]
    if near(before, wanted[0]) and near(after, wanted[1]):
        return None
    validation = [cross_entropy(labels, p) for p in (probabilities, scaled(probabilities, t))]
    if near(before, validation[0]) or near(after, validation[1]):
        return Wrong(
            "The temperature is right, but a cross-entropy was measured on the validation pictures, where T was chosen "
            "to make it small. Measure both on the test pictures.",
            "measured_on_validation",
        )
    if near(before, wanted[1]) and near(after, wanted[0]):
        return Wrong("Before and after are exchanged.", "exchanged")
    if near(before, wanted[0] * len(test_labels)):
        return Wrong("The cross-entropy was added up. Expected the mean over the pictures.", "summed")
    return Wrong(
        f"The cross-entropy {'after' if near(before, wanted[0]) else 'before'} is not right: found {before:.4f} before "
        f"and {after:.4f} after. Expected both on the test pictures, with T = 1 and with the T that you return.",
        "wrong_values",
    )


# ---- Cross-entropies that are computed wrongly: named by what they give at T = 1 ------------------


def log_likelihood(labels, p):
    return np.log(p[np.arange(len(labels)), labels]).mean()


def in_bits(labels, p):
    return -np.log2(p[np.arange(len(labels)), labels]).mean()


def of_all_seven(labels, p):
    return -np.log(p).mean()


def of_rows_picked_by_labels(labels, p):
    return -np.log(p[labels]).mean()


def of_the_largest(labels, p):
    return -np.log(p.max(axis=1)).mean()


def softmax_again(p, t):
    return normalised(np.exp(p / t))


def columns_divided(p, t):
    q = p ** (1 / t)
    return q / q.sum(axis=0)


def all_divided(p, t):
    q = p ** (1 / t)
    return q / q.sum()


NOT_LOGITS = (
    "The probabilities went through a softmax (`np.exp`) as if they were logits. Raise them to the power 1/T instead, "
    "then divide each row by its sum."
)
ONE_OF_SEVEN = (
    "The mean goes over all seven emotions. Cross-entropy looks at one number for each picture, the probability of its "
    "true label: `p[np.arange(len(labels)), labels]`."
)
LARGEST = (
    "This takes the largest probability of each picture, right or wrong. Cross-entropy takes that of the true label: "
    "`p[np.arange(len(labels)), labels]`."
)
EACH_ROW = "After the power 1/T {}. Divide each row by its own sum: `p.sum(axis=1, keepdims=True)`."

WRONG_LOSSES = (
    (log_likelihood, scaled, "sign", "The sign is missing: cross-entropy is *minus* the mean logarithm."),
    (in_bits, scaled, "base_two", "This is the logarithm to the base 2. Expected the natural one, `np.log`."),
    (cross_entropy, softmax_again, "softmax_of_probabilities", NOT_LOGITS),
    (of_all_seven, scaled, "all_seven", ONE_OF_SEVEN),
    (of_rows_picked_by_labels, scaled, "all_seven", ONE_OF_SEVEN),
    (of_the_largest, scaled, "largest_for_true", LARGEST),
    (cross_entropy, columns_divided, "columns_normalised", EACH_ROW.format("the columns were divided by their sums")),
    (cross_entropy, all_divided, "whole_array_normalised", EACH_ROW.format("all numbers were divided by one sum")),
)


def before_problem(before, labels, p):
    """A cross-entropy that is computed wrongly spoils the temperature too; with T = 1 it can be named."""
    if near(before, cross_entropy(labels, p)):
        return None
    for loss, scale, id, message in WRONG_LOSSES:
        if near(before, loss(labels, scale(p, 1))):
            return Wrong(message, id)
    return None


# ---- Good styles, and parts of the answers below -------------------------------------------------


def fit_and_measure(labels, p, test_labels, test_p, loss=cross_entropy, scale=scaled):
    t = min(np.geomspace(0.2, 5, 150), key=lambda t: loss(labels, scale(p, t)))
    return t, loss(test_labels, scale(test_p, 1)), loss(test_labels, scale(test_p, t))


@style
def grid(labels, p, test_labels, test_p):
    def loss(y, p, t):
        q = p ** (1 / t)
        q = q / q.sum(axis=1, keepdims=True)
        return -np.mean(np.log(q[np.arange(len(y)), y]))

    tries = np.geomspace(0.2, 5, 150)
    t = tries[np.argmin([loss(labels, p, t) for t in tries])]
    return t, loss(test_labels, test_p, 1), loss(test_labels, test_p, t)


def softmax_of_logits(p, t):
    q = np.log(p) / t
    return np.exp(q) / np.exp(q).sum(axis=1, keepdims=True)


@style
def logits(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=softmax_of_logits)


@style
def optimiser(labels, p, test_labels, test_p):
    from scipy.optimize import minimize_scalar
    from sklearn.metrics import log_loss

    def loss(y, p, t):
        q = p ** (1 / t)
        return log_loss(y, q / q.sum(axis=1, keepdims=True), labels=range(7))

    t = float(minimize_scalar(lambda t: loss(labels, p, t), bounds=(0.2, 5), method="bounded").x)
    return t, loss(test_labels, test_p, 1), loss(test_labels, test_p, t)


@style
def package(labels, p, test_labels, test_p):
    from emotionlab.evaluation.calibration import temperature, with_temperature

    t = temperature(labels, p)
    losses = []
    for p in (test_p, with_temperature(test_p, t)):
        losses.append(-np.log(p[np.arange(len(p)), test_labels]).mean())
    return t, float(losses[0]), float(losses[1])


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(says="fitted on the test pictures")
def test_data_used(labels, p, test_labels, test_p):
    return fit_and_measure(test_labels, test_p, test_labels, test_p)


@mistake(id="test_data_used", says="validation and test pictures together")
def pooled(labels, p, test_labels, test_p):
    both_labels, both_p = np.r_[labels, test_labels], np.r_[p, test_p]
    return fit_and_measure(both_labels, both_p, test_labels, test_p)


@mistake(says="upside down")
def upside_down(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=lambda p, t: scaled(p, 1 / t))


@mistake(says="changes nothing")
def probabilities_divided(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=lambda p, t: normalised(p / t))


@mistake(id="probabilities_divided", says="changes nothing")
def divided_and_left(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=lambda p, t: p / t)


@mistake(says="no longer add up to 1")
def not_normalised(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=lambda p, t: p ** (1 / t))


@mistake(says="measured on the validation pictures")
def measured_on_validation(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, labels, p)


@mistake(says="exchanged")
def exchanged(labels, p, test_labels, test_p):
    t, before, after = fit_and_measure(labels, p, test_labels, test_p)
    return t, after, before


@mistake(says="added up")
def summed(labels, p, test_labels, test_p):
    t, before, after = fit_and_measure(labels, p, test_labels, test_p)
    return t, before * len(test_labels), after * len(test_labels)


@mistake(id="wrong_temperature", says="lowest cross-entropy")
def worst_temperature(labels, p, test_labels, test_p):
    t = max(np.geomspace(0.2, 5, 150), key=lambda t: cross_entropy(labels, scaled(p, t)))
    return t, cross_entropy(test_labels, test_p), cross_entropy(test_labels, scaled(test_p, t))


@mistake(says="The sign is missing")
def sign(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, loss=log_likelihood)


@mistake(says="base 2")
def base_two(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, loss=in_bits)


@mistake(says="as if they were logits")
def softmax_of_probabilities(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=softmax_again)


@mistake(says="all seven emotions")
def all_seven(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, loss=of_all_seven)


@mistake(id="all_seven", says="all seven emotions")
def rows_picked_by_labels(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, loss=of_rows_picked_by_labels)


@mistake(says="right or wrong")
def largest_for_true(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, loss=of_the_largest)


@mistake(says="the columns were divided")
def columns_normalised(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=columns_divided)


@mistake(says="all numbers were divided")
def whole_array_normalised(labels, p, test_labels, test_p):
    return fit_and_measure(labels, p, test_labels, test_p, scale=all_divided)
