"""Question 4.4: Wilson's interval for a share, such as a recall from twenty pictures.

Title, points, task and model solution: solutions/04_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "4.4",
    hints=(
        "Write the formula in pieces: p, then the middle, then what is added and taken away.",
        "z²/2n is `z**2 / (2 * n)`; mind the brackets. The square root is `np.sqrt`.",
        "`centre = p + z**2 / (2 * n)`, `half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))`, then both ends "
        "divided by `1 + z**2 / n`.",
    ),
    passed="Right. Seven of twenty could be fewer than one in five or more than one in two. "
    "Remember it when a rare class improves.",
    rtol=2e-4,
)


@QUESTION.inputs
def successes_and_numbers(seed):
    rng = np.random.default_rng(seed)
    return [(7, 20), (0, 25), (31, 31), (int(rng.integers(900, 1400)), 2000), (1, 9)]


def pieces(successes, n, z=1.96):
    """The pieces of the formula: its centre, what is added and taken away, what both are divided by."""
    p = successes / n
    return p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)), 1 + z**2 / n


@style
def one_expression(successes, n):
    centre, half, divisor = pieces(successes, n)
    return tuple((centre + sign * half) / divisor for sign in (-1, 1))


@style
def scipy(successes, n):
    from scipy.stats import binomtest

    interval = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    return interval.low, interval.high


@style
def roots_of_a_quadratic(successes, n):
    p, k = successes / n, 1.96**2 / n
    return tuple(sorted(np.roots([1 + k, -(2 * p + k), p**2]).real))


@style
def package(successes, n):
    from emotionlab.metrics.scoring import confidence_interval

    return confidence_interval(successes, n)


@mistake(
    "This is p ± 1.96 standard errors. For 0 of 25 it has no width at all, as if nothing could ever go right. Wilson's "
    "interval adds the terms with z²."
)
def plain_standard_error(successes, n):
    p = successes / n
    error = 1.96 * np.sqrt(p * (1 - p) / n)
    return p - error, p + error


@mistake(
    "The width is right, the centre is not: Wilson's interval does not lie around p but around a point that is drawn "
    "towards one half. Otherwise it leaves 0..1."
)
def around_the_share(successes, n):
    _, half, divisor = pieces(successes, n)
    return successes / n - half / divisor, successes / n + half / divisor


@mistake("The last step is missing: divide both ends by 1 + z²/n.")
def not_divided(successes, n):
    centre, half, _ = pieces(successes, n)
    return centre - half, centre + half


@mistake(
    "Only the root was divided by 1 + z²/n. `/` comes before `+` and `-`: put brackets round all that stands above the "
    "line, `(... - half) / (1 + z**2 / n)`."
)
def only_the_root_divided(successes, n):
    centre, half, divisor = pieces(successes, n)
    return centre - half / divisor, centre + half / divisor


BRACKETS_MISSING = (
    "Brackets are missing: `z**2 / 2 * n` divides by 2 and then multiplies by n. What stands below the line needs "
    "brackets: `z**2 / (2 * n)` and `z**2 / (4 * n**2)`."
)


@mistake(BRACKETS_MISSING)
def brackets_missing(successes, n):
    _, half, divisor = pieces(successes, n)
    centre = successes / n + 1.96**2 / 2 * n
    return (centre - half) / divisor, (centre + half) / divisor


@mistake(BRACKETS_MISSING, id="brackets_missing")
def brackets_missing_under_the_root(successes, n):
    p, (centre, _, divisor) = successes / n, pieces(successes, n)
    half = 1.96 * np.sqrt(p * (1 - p) / n + 1.96**2 / 4 * n**2)
    return (centre - half) / divisor, (centre + half) / divisor


@mistake(BRACKETS_MISSING, id="brackets_missing")
def brackets_missing_twice(successes, n):
    z, p = 1.96, successes / n
    centre = p + z**2 / 2 * n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / 4 * n**2)
    return (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)


@mistake("The square root is missing: `z * np.sqrt(...)`.")
def root_forgotten(successes, n):
    p, (centre, _, divisor) = successes / n, pieces(successes, n)
    half = 1.96 * (p * (1 - p) / n + 1.96**2 / (4 * n**2))
    return (centre - half) / divisor, (centre + half) / divisor


@mistake("The z before the square root is missing: `z * np.sqrt(...)`.")
def z_before_the_root_forgotten(successes, n):
    centre, half, divisor = pieces(successes, n)
    return (centre - half / 1.96) / divisor, (centre + half / 1.96) / divisor


@mistake("This takes z = 2. For 95 % z is 1.96.")
def z_of_two(successes, n):
    centre, half, divisor = pieces(successes, n, z=2)
    return (centre - half) / divisor, (centre + half) / divisor


ROUNDED = "The ends were rounded. Return them as they are, and round where you print."


@mistake(ROUNDED, id="rounded")
def rounded_to_percent(successes, n):
    low, high = one_expression(successes, n)
    return round(low, 2), round(high, 2)


@mistake(ROUNDED)
def rounded(successes, n):
    low, high = one_expression(successes, n)
    return round(low, 3), round(high, 3)


@mistake("The ends are exchanged. Expected the lower one first.")
def ends_exchanged(successes, n):
    low, high = one_expression(successes, n)
    return high, low


@mistake("These are percent. Expected shares between 0 and 1.")
def percent(successes, n):
    low, high = one_expression(successes, n)
    return 100 * low, 100 * high


@mistake("The interval is too narrow: it takes z = 1. For 95 % z is 1.96.")
def one_sigma(successes, n):
    centre, half, divisor = pieces(successes, n, z=1)
    return (centre - half) / divisor, (centre + half) / divisor


@mistake("These are the share and half the width. Expected the two ends (low, high).")
def half_width(successes, n):
    _, half, divisor = pieces(successes, n)
    return successes / n, half / divisor
