"""Question small_from_large.1: the softmax of a teacher's logits at a temperature.

Title, points, task and model solution: solutions/small_from_large.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "small_from_large.1",
    hints=(
        "Divide first, then take the softmax. Each row is a picture, so each row sums to 1.",
        "`scaled = logits / temperature`. Take `scaled.max(axis=1, keepdims=True)` away before `np.exp`: the largest "
        "power is then 1.",
        "`scaled = logits / temperature`, `powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))`, then "
        "`return powers / powers.sum(axis=1, keepdims=True)`.",
    ),
    passed="Right. A high temperature keeps the order of the emotions and shows how near the others come.",
    explained={
        "A temperature is above 0.": ("blind: argument 2: without sign", "blind: argument 2: clipped at 0"),
    },
)


@QUESTION.inputs
def logits_and_temperatures(seed):
    """(logits, temperature): warm, cold, one with logits whose powers are infinite, and one of whole numbers."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, 4, (5, 7)), 2.5013),
        (rng.normal(0, 1.5, (6, 4)), 0.7003),
        (rng.normal(0, 3, (4, 5)) + rng.choice([-900.0, 1200.0], (4, 1)), 1.3037),
        (rng.integers(1, 9, (3, 5)), 2.0),
    ]


def softmax(logits):
    """Along each row, with the largest taken away first."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@style
def with_scipy(logits, temperature):
    from scipy.special import softmax as theirs

    return theirs(logits / temperature, axis=1)


@style
def row_by_row(logits, temperature):
    rows = []
    for row in logits:
        powers = [np.exp((z - max(row)) / temperature) for z in row]
        rows.append([power / sum(powers) for power in powers])
    return np.array(rows)


@style
def by_logarithms(logits, temperature):
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return np.exp(scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True)))


@style
def power_of_probabilities(logits, temperature):
    logs = np.log(np.maximum(softmax(logits), 1e-300)) / temperature
    return softmax(logs)


@mistake("The logits were multiplied by the temperature, which makes the teacher surer. Expected them divided by it.")
def multiplied(logits, temperature):
    return softmax(logits * temperature)


@mistake("This is the softmax at the temperature 1. Divide the logits by `temperature` first.")
def without_temperature(logits, temperature):
    return softmax(logits)


@mistake("The columns sum to 1. Expected each row, a picture, to sum to 1: `axis=1`.")
def down_the_columns(logits, temperature):
    scaled = (logits - logits.max()) / temperature
    powers = np.exp(scaled)
    return powers / powers.sum(axis=0)


@mistake("All values together sum to 1. Expected each row, a picture, to sum to 1: `axis=1, keepdims=True`.")
def all_together(logits, temperature):
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()


@mistake("The probabilities were divided by the temperature. Expected the *logits* divided, before the softmax.")
def probabilities_divided(logits, temperature):
    return softmax(logits) / temperature


@mistake("The rows do not sum to 1: divide the powers of each row by their sum.")
def not_normalised(logits, temperature):
    scaled = logits / temperature
    return np.exp(scaled - scaled.max(axis=1, keepdims=True))


@mistake("These are logarithms of probabilities. Expected the probabilities.")
def logarithms(logits, temperature):
    return np.log(softmax(logits / temperature))


@mistake("Each value was divided by the sum of its row. The softmax takes `np.exp` first.")
def no_exponential(logits, temperature):
    return logits / logits.sum(axis=1, keepdims=True)


@mistake(
    "Hidden logits are whole numbers, as in the example, and `np.zeros_like` of them holds whole numbers too: it cuts "
    "every probability to 0. Make an array that holds decimals: `np.zeros(logits.shape)`."
)
def zeros_like(logits, temperature):
    targets = np.zeros_like(logits)
    targets[:] = softmax(logits / temperature)
    return targets


@mistake(says="NaN", id="not_finite")
def too_large(logits, temperature):
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(logits / temperature)
        return powers / powers.sum(axis=1, keepdims=True)
