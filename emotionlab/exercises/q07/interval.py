"""What question 7.3 says of an interval: its ends are compared with the normal approximation."""

import numpy as np

from emotionlab.exercises.engine import Wrong

Z = 1.96
RESAMPLES = 3000
SHARES_TAKEN_FOR_PERCENT = 2.91
"""Standard deviations below the middle at which the percentiles 0.025 and 0.975 lie, on average (3.48 and 2.34)."""
RANGE = 3.5
"""Standard deviations from the middle to the most extreme of 3,000 differences, on average."""


def interval_problem(low: float, high: float, a: np.ndarray, b: np.ndarray) -> Wrong | None:
    """Compare centre and width with the normal approximation, which a bootstrap of this size meets closely.

    3,000 resamples leave a scatter of 2 % in the width; 9 % is allowed.
    """
    difference = a.mean() - b.mean()
    half = Z * (a.astype(float) - b).std() / np.sqrt(len(a))
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
        return centre_problem(centre, difference, half, a, b)
    if abs(width - 1) <= 0.09:
        return None
    return resampling_problem(width, half, a, b) or quantile_problem(width) or wrong_width(high - low, half, len(a))


def wrong_width(found, half, n) -> Wrong:
    way = "narrow" if found < 2 * half else "wide"
    return Wrong(
        f"The interval has the right centre but the wrong width: {found:.4f} is too {way}.",
        "wrong_width",
        f"Does each resample hold as many pictures as there are (here {n})? Are the quantiles 0.025 and 0.975?",
    )


def centre_problem(centre, difference, half, a, b) -> Wrong:
    decided = (a & ~b).sum() + (b & ~a).sum()
    if abs(centre - (difference - SHARES_TAKEN_FOR_PERCENT / Z * half)) <= 0.25 * half:
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
        f"Expected an interval round the difference in accuracy, found one round {centre:.4f}.",
        "wrong_centre",
    )


def resampling_problem(width, half, a, b) -> Wrong | None:
    """Wrong when the width is that of another way to draw; width 1 is the right one."""
    separate = [Z * np.sqrt(x.mean() * (1 - x.mean()) / len(x)) / half for x in (a, b)]
    if abs(width - np.sqrt(len(a) / RESAMPLES)) <= 0.03:
        return Wrong(
            f"The interval is too narrow: your resamples seem to hold {RESAMPLES} pictures (`resamples`). Each holds "
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
    return None


def quantile_problem(width) -> Wrong | None:
    """Wrong when the width is that of other quantiles."""
    if abs(width - 1.645 / Z) <= 0.05:
        return Wrong(
            "The interval is a bit too narrow: it leaves out five percent on each side. For 95 % cut off 2.5 % at each "
            "end, the quantiles 0.025 and 0.975.",
            "ninety_percent",
        )
    if abs(width - 1 / Z) <= 0.08:
        return Wrong(
            "This is one standard deviation to each side, which holds only two cases in three. Expected 95 %: the "
            "quantiles 0.025 and 0.975.",
            "one_sigma",
        )
    if abs(width - RANGE / Z) <= 0.25:
        return Wrong(
            "The interval reaches from about the smallest difference to the largest. Expected the middle 95 %: cut off "
            "2.5 % at each end, with the quantiles 0.025 and 0.975.",
            "smallest_to_largest",
        )
    return None
