"""Question 4.5: the expected calibration error.

Title, points, task and model solution: solutions/04_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "4.5",
    hints=(
        "Two arrays first: `confidence`, the largest probability of each picture, and `right`, True or False.",
        "For the bin from low to high, `inside = (confidence > low) & (confidence <= high)`. Skip a bin that is empty.",
        "In each bin: `inside.mean() * abs(right[inside].mean() - confidence[inside].mean())`. Add them up.",
    ),
    passed='Right. Now a sentence such as "90 % sure" can be tested, and often enough it is not true.',
    explained={
        "Among hundreds of pictures one is too few to move the result, or it is not the largest of its row.": (
            "blind: argument 1: last element changed",
            "blind: argument 2: first element changed",
        ),
    },
)


@QUESTION.inputs
def confidences(seed):
    """(probabilities, labels, bins): too modest below 0.6 and too sure above; of a few pictures quite certain.

    On the whole the first model is too sure and the second too modest. The two halves of a bin err in opposite ways,
    so that another number of bins gives another error.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, sharpness, bins in ((600, 0.2, 8), (600, 0.9, 5)):
        probabilities = rng.dirichlet(np.full(7, sharpness), n)
        probabilities[: n // 12] = np.eye(7)[rng.integers(0, 7, n // 12)]
        favourite, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
        is_upper_half = (confidence * bins) % 1 >= 0.5
        modest, sure = np.where(is_upper_half, 0.5, -0.2), np.where(is_upper_half, 0.2, -0.8)
        right = rng.random(n) < confidence + np.where(confidence < 0.6, modest, sure)
        labels = np.where(right, favourite, (favourite + rng.integers(1, 7, n)) % 7)
        cases.append((probabilities, labels, bins))
    return cases


def members_of_bins(confidence, bins):
    """(number of the bin, which pictures are in it) of each bin that is not empty."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return [(b, place == b) for b in range(bins) if (place == b).any()]


def gaps_of(probabilities, labels, bins):
    """Share of the pictures and accuracy minus confidence, for each bin that is not empty."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    members = members_of_bins(confidence, bins)
    gaps = [right[inside].mean() - confidence[inside].mean() for _, inside in members]
    return np.array([inside.mean() for _, inside in members]), np.array(gaps)


@style
def bins_by_number(probabilities, labels, bins):
    shares, gaps = gaps_of(probabilities, labels, bins)
    return (shares * abs(gaps)).sum()


@style
def edges(probabilities, labels, bins):
    from itertools import pairwise

    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    error = 0
    for low, high in pairwise(np.linspace(0, 1, bins + 1)):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


@style
def digitize(probabilities, labels, bins):
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == labels).astype(float)
    place = np.digitize(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    sums = np.bincount(place, right - confidence, minlength=bins)
    return np.abs(sums).sum() / len(labels)


@style
def pandas(probabilities, labels, bins):
    import pandas as pd

    confidence = probabilities.max(axis=1)
    table = pd.DataFrame({"c": confidence, "r": probabilities.argmax(axis=1) == labels})
    groups = table.groupby(np.minimum((confidence * bins).astype(int), bins - 1))
    gap = (groups.r.mean() - groups.c.mean()).abs()
    return float((gap * groups.size()).sum() / len(table))


GAPS_CANCEL = (
    "Bins that are too sure and bins that are too modest cancel here: the distances have signs, or all pictures were "
    "put into one bin. Take the absolute value in each bin."
)


@mistake(GAPS_CANCEL)
def gaps_cancel(probabilities, labels, bins):
    shares, gaps = gaps_of(probabilities, labels, bins)
    return (shares * gaps).sum()


@mistake(GAPS_CANCEL, id="gaps_cancel")
def gaps_cancel_reversed(probabilities, labels, bins):
    shares, gaps = gaps_of(probabilities, labels, bins)
    return (shares * -gaps).sum()


@mistake(
    "This compares the mean confidence with the accuracy over all pictures, which is one single bin: too sure here and "
    "too modest there cancel. Take the distance in each bin."
)
def one_bin(probabilities, labels, bins):
    accuracy = np.mean(probabilities.argmax(axis=1) == labels)
    return abs(probabilities.max(axis=1).mean() - accuracy)


def always(number):
    """What is said when the number of bins is the same at each call."""
    return f"There are {number} bins here, whatever `bins` says. Write `bins` wherever your code says {number}."


@mistake(always(5), id="bins_ignored")
def always_five_bins(probabilities, labels, bins):
    return bins_by_number(probabilities, labels, 5)


@mistake(always(10), id="bins_ignored")
def always_ten_bins(probabilities, labels, bins):
    return bins_by_number(probabilities, labels, 10)


@mistake(always(15))
def bins_ignored(probabilities, labels, bins):
    return bins_by_number(probabilities, labels, 15)


@mistake(always(20), id="bins_ignored")
def always_twenty_bins(probabilities, labels, bins):
    return bins_by_number(probabilities, labels, 20)


@mistake(
    "The last bin, with the highest confidences, is missing. `range` stops before its end: bins that are counted from "
    "1 need `range(1, bins + 1)`."
)
def last_bin_left_out(probabilities, labels, bins):
    shares, gaps = gaps_of(probabilities, labels, bins)
    return (shares * abs(gaps))[:-1].sum()


@mistake(
    "Pictures with a confidence of exactly 1 are missing. They belong to the last bin: let its upper edge count, with "
    "`<=`."
)
def certain_pictures(probabilities, labels, bins):
    below = probabilities.max(axis=1) < 1
    return below.mean() * bins_by_number(probabilities[below], labels[below], bins)


@mistake(
    "A bin without pictures gave NaN (not a number): the mean of nothing. Skip empty bins, with `if inside.any():`."
)
def empty_bin(probabilities, labels, bins):
    shares, gaps = gaps_of(probabilities, labels, bins)
    return (shares * abs(gaps)).sum() if len(shares) == bins else float("nan")


@mistake(
    "The distances were weighted with the number of pictures in the bin. Expected its share: divide by the number of "
    "all pictures."
)
def number_for_share(probabilities, labels, bins):
    return len(labels) * bins_by_number(probabilities, labels, bins)


@mistake(
    "Each bin has equally many pictures here. Expected bins of equal width: with ten bins, the first runs from 0 to "
    "0.1, the next from 0.1 to 0.2."
)
def bins_of_equal_size(probabilities, labels, bins):
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return sum(len(part) * abs(right[part].mean() - confidence[part].mean()) for part in parts) / len(labels)


@mistake("The middle of the bin was taken for its confidence. Take the mean confidence of the pictures in it.")
def middle_for_confidence(probabilities, labels, bins):
    right = probabilities.argmax(axis=1) == labels
    members = members_of_bins(probabilities.max(axis=1), bins)
    return sum(inside.mean() * abs(right[inside].mean() - (b + 0.5) / bins) for b, inside in members)


UNWEIGHTED = "All bins count the same here, even one with two pictures. Weight each bin with its share of the pictures."


@mistake(UNWEIGHTED)
def unweighted(probabilities, labels, bins):
    _, gaps = gaps_of(probabilities, labels, bins)
    return abs(gaps).mean()


@mistake(UNWEIGHTED, id="unweighted")
def unweighted_sum(probabilities, labels, bins):
    _, gaps = gaps_of(probabilities, labels, bins)
    return abs(gaps).sum()


@mistake(
    "The distances were added up and divided by the number of bins. Weight each bin with its share of the pictures."
)
def unweighted_with_empty_bins(probabilities, labels, bins):
    return unweighted_sum(probabilities, labels, bins) / bins


@mistake("This is the largest distance, known as the maximum calibration error. Expected the weighted mean.")
def largest_gap(probabilities, labels, bins):
    _, gaps = gaps_of(probabilities, labels, bins)
    return abs(gaps).max()


@mistake(
    "The probability of the true label was taken for the confidence. When the model is used nobody knows the truth: "
    "the confidence is the largest probability."
)
def confidence_in_the_truth(probabilities, labels, bins):
    of_truth, right = probabilities[np.arange(len(labels)), labels], probabilities.argmax(axis=1) == labels
    members = members_of_bins(of_truth, bins)
    return sum(inside.mean() * abs(right[inside].mean() - of_truth[inside].mean()) for _, inside in members)


@mistake(
    "This is the share of wrong answers. Calibration asks something else: does the confidence agree with the accuracy?"
)
def error_rate(probabilities, labels, bins):
    return np.mean(probabilities.argmax(axis=1) != labels)
