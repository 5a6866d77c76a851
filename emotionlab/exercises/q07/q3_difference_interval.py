"""Question 7.3: a paired bootstrap interval of the difference between two accuracies.

Title, points, task and model solution: solutions/07_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import describe
from emotionlab.exercises.compare import first as first_of
from emotionlab.exercises.compare import input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q07.interval import RESAMPLES, interval_problem

QUESTION = function_question(
    "7.3",
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
    explained={
        "The calls with so many pictures only ask what the seed does.": (
            "blind: argument 1: printed",
            "blind: argument 2: printed",
        ),
        "How often one draws again decides how exact the interval is, and it is judged with that leeway.": (
            "blind: argument 3: uint8",
            "blind: argument 3: ignored",
            "blind: result 1: float16",
            "blind: result 2: float16",
        ),
        "Position -1 is the last picture again: one of hundreds counts double, which chance hides.": (
            "line 9: 0 -> -1",
        ),
        "The interval is a few percent wider or narrower at one end; resamples scatter, so 9 % are allowed.": (
            "line 10: 0.025 -> …",
        ),
    },
)


@QUESTION.inputs
def right_answers(seed):
    """(first, second, resamples, seed): two cases to judge by, three calls that show what the seed does, and five
    pictures of which only the very first, or the very last, tells the models apart."""
    rng = np.random.default_rng(seed)
    cases = []
    for counts, resamples in (
        ((300, 55, 30, 115), RESAMPLES),
        ((200, 20, 52, 128), RESAMPLES),
        ((1500, 400, 320, 781), 60),
    ):
        first = np.repeat([True, True, False, False], counts)
        second = np.repeat([True, False, True, False], counts)
        order = rng.permutation(len(first))
        cases.append((first[order], second[order], resamples, int(rng.integers(3, 9))))
    *small, large = cases
    one = np.array([True, False, False, False, False])
    alone = [(right, np.zeros(5, bool), 1000, 4) for right in (one, one[::-1].copy())]
    return [*small, large, large, (*large[:3], large[3] + 2), *alone]


@QUESTION.judge
def judge(observed):
    cases = right_answers(observed["seed"])
    returned = [read_as(found, (0.0, 0.0)) for found in observed["returned"]]
    wrong = first_of(pair_problem(found) for found in returned)
    if wrong:
        return wrong
    ends = [tuple(float(item["value"]) for item in found["items"]) for found in returned]
    judged = list(zip(ends[:2], cases[:2], strict=True))
    return (
        no_width_problem(judged)
        or first_of(interval_problem(*end, *case[:2]) for end, case in judged)
        or seed_problem(*ends[2:5])
        or never_drawn_problem(*ends[5], "first", "begin at 0")
        or never_drawn_problem(*ends[6], "last", "end at n - 1")
        or input_problem(observed)
    )


def pair_problem(found):
    wrong = type_problem(found, (0.0, 0.0))
    if wrong:
        return wrong
    if found["length"] != 2:
        return Wrong(f"Expected two ends, (low, high), found {describe(found)}.", "wrong_shape")
    wrong = first_of(type_problem(item, 0.0) for item in found["items"])
    if wrong:
        return wrong
    if not all(np.isfinite(item["value"]) for item in found["items"]):
        return Wrong("Expected ordinary numbers, found NaN (not a number) or infinity.", "not_finite")
    return None


def no_width_problem(judged):
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


def seed_problem(once, again, other_seed):
    if once != again:
        return Wrong(
            "The same seed gave two different intervals. Make the random numbers from it: "
            "`np.random.default_rng(seed)`, inside the function.",
            "not_reproducible",
        )
    if again == other_seed:
        return Wrong(
            "Two different seeds gave the same interval from only 60 resamples. Expected a resampling at random that "
            "follows from `seed`.",
            "seed_ignored",
        )
    return None


def never_drawn_problem(low, high, place, positions):
    if high - low >= 0.3:
        return None
    return Wrong(
        f"Of five pictures only the very {place} tells two models apart, and your interval has no width: that "
        f"picture is never drawn. Positions {positions}.",
        f"{place}_never_drawn",
        "`rng.integers(0, n, n)` draws from 0 to n - 1.",
    )


# ---- Parts of the answers below ------------------------------------------------------------------


def with_replacement(rng, n):
    return rng.integers(0, n, n)


def differences(first, second, resamples, seed, draw=with_replacement):
    """The difference in accuracy on each resample; `draw` makes the positions of one."""
    rng, difference = np.random.default_rng(seed), first.astype(float) - second
    return np.array([difference[draw(rng, len(first))].mean() for _ in range(resamples)])


def middle(values):
    return tuple(np.quantile(values, (0.025, 0.975)))


# ---- Good styles ---------------------------------------------------------------------------------


@style
def loop(first, second, resamples, seed):
    rng, n, values = np.random.default_rng(seed), len(first), []
    for _ in range(resamples):
        drawn = rng.integers(0, n, n)
        values.append(first[drawn].mean() - second[drawn].mean())
    low, high = np.quantile(values, (0.025, 0.975))
    return low, high


@style
def percentile(first, second, resamples, seed):
    low, high = np.percentile(differences(first, second, resamples, seed), [2.5, 97.5])
    return low, high


@style
def by_rank(first, second, resamples, seed):
    values = sorted(differences(first, second, resamples, seed))
    return values[int(0.025 * resamples)], values[int(0.975 * resamples) - 1]


@style
def array_of_two(first, second, resamples, seed):
    return np.quantile(differences(first, second, resamples, seed), [0.025, 0.975])


@style
def standard_error(first, second, resamples, seed):
    centre, error = first.mean() - second.mean(), np.std(differences(first, second, resamples, seed))
    return centre - 1.96 * error, centre + 1.96 * error


@style
def multinomial(first, second, resamples, seed):
    n = len(first)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples)
    values = counts @ (first.astype(int) - second.astype(int)) / n
    return tuple(np.quantile(values, [0.025, 0.975]))


@style
def scipy(first, second, resamples, seed):
    from scipy.stats import bootstrap

    difference, rng = first.astype(float) - second, np.random.default_rng(seed)
    made = bootstrap((difference,), np.mean, n_resamples=resamples, method="percentile", rng=rng, batch=100)
    return made.confidence_interval.low, made.confidence_interval.high


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(says="apart from each other")
def unpaired(first, second, resamples, seed):
    rng, n = np.random.default_rng(seed), len(first)
    return middle(
        [first[rng.integers(0, n, n)].mean() - second[rng.integers(0, n, n)].mean() for _ in range(resamples)]
    )


@mistake(says="two separate intervals")
def two_intervals(first, second, resamples, seed):
    low_first, high_first = middle(differences(first, np.zeros(len(first)), resamples, seed))
    low_second, high_second = middle(differences(second, np.zeros(len(first)), resamples, seed))
    return low_first - high_second, high_first - low_second


@mistake(says="turned round")
def turned_round(first, second, resamples, seed):
    return middle(differences(second, first, resamples, seed))


@mistake(says="one model's accuracy")
def one_model(first, second, resamples, seed):
    return middle(differences(first, np.zeros(len(first)), resamples, seed))


@mistake(says="Draw from all pictures")
def discordant_only(first, second, resamples, seed):
    decided = first != second
    return middle(differences(first[decided], second[decided], resamples, seed))


@mistake(says="*with* replacement")
def no_replacement(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed, lambda rng, n: rng.permutation(n)))


@mistake(says="every resample is the same one")
def same_draw_each_time(first, second, resamples, seed):
    return middle(
        differences(first, second, resamples, seed, lambda _, n: np.random.default_rng(seed).integers(n, size=n))
    )


@mistake(says="numbers of right answers")
def counts(first, second, resamples, seed):
    return middle(len(first) * differences(first, second, resamples, seed))


@mistake(says="lost its sign")
def sign_lost(first, second, resamples, seed):
    return middle(abs(differences(first, second, resamples, seed)))


@mistake(says="seem to hold 3000 pictures")
def resamples_for_pictures(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed, lambda rng, n: rng.integers(0, n, resamples)))


@mistake(says="the middle 95 %")
def smallest_to_largest(first, second, resamples, seed):
    values = differences(first, second, resamples, seed)
    return min(values), max(values)


@mistake(id="wrong_width", says="wrong width")
def half_the_pictures(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed, lambda rng, n: rng.integers(0, n, n // 2)))


@mistake(says="too narrow")
def ninety_percent(first, second, resamples, seed):
    low, high = np.quantile(differences(first, second, resamples, seed), (0.05, 0.95))
    return low, high


@mistake(says="one standard deviation")
def one_sigma(first, second, resamples, seed):
    values = differences(first, second, resamples, seed)
    return values.mean() - values.std(), values.mean() + values.std()


@mistake(says="in points")
def percent(first, second, resamples, seed):
    return middle(100 * differences(first, second, resamples, seed))


@mistake(says="lower one first")
def ends_exchanged(first, second, resamples, seed):
    low, high = middle(differences(first, second, resamples, seed))
    return high, low


@mistake(says="The same seed")
def not_reproducible(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed=None))


@mistake(says="Two different seeds")
def seed_ignored(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed=0))


@mistake(says="very first")
def first_never_drawn(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed, lambda rng, n: rng.integers(1, n, n)))


@mistake(says="very last")
def last_never_drawn(first, second, resamples, seed):
    return middle(differences(first, second, resamples, seed, lambda rng, n: rng.integers(0, n - 1, n)))


@mistake(says="counts in percent")
def percentile_of_shares(first, second, resamples, seed):
    low, high = np.percentile(differences(first, second, resamples, seed), (0.025, 0.975))
    return low, high
