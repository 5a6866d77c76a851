"""Question 8.4: how important a region of the map is.

Title, points, task and model solution: solutions/08_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "8.4",
    hints=(
        "Two means, one for each side of the mask, and a division.",
        "`heat[mask]` are the values inside, as one long row; `heat[~mask]` those outside.",
        "`return heat[mask].mean() / heat[~mask].mean()`",
    ),
    passed="Right. A mean does not care how large a region is; a sum does, and then the background wins.",
    explained={
        "Half precision changes less than the tolerance of the check.": ("blind: argument 1: float16",),
    },
)


@QUESTION.inputs
def heat_and_region(seed):
    """(map of drops, mask): a small region, one larger than what is left, and one on a map with negative drops."""
    rng = np.random.default_rng(seed)
    small, large = np.zeros((9, 12), bool), np.ones((10, 7), bool)
    small[5:7, 3:8] = True
    large[2:5, 1:6] = False
    signed = rng.normal(-0.3, 0.2, (10, 7))  # where covering a place helps, the drop is negative
    signed[~large] += 0.7
    return [(rng.gamma(2.0, 0.1, (9, 12)), small), (rng.gamma(2.0, 0.1, (10, 7)), large), (signed, ~large)]


@style
def sums_over_counts(heat, mask):
    return (heat[mask].sum() / mask.sum()) / (heat[~mask].sum() / (~mask).sum())


@style
def average_with_weights(heat, mask):
    return np.average(heat, weights=mask) / np.average(heat, weights=1 - mask)


@style
def masked_array(heat, mask):
    inside = np.ma.array(heat, mask=~mask).mean()
    outside = np.ma.array(heat, mask=mask).mean()
    return float(inside / outside)


@mistake(
    "Sums were compared, so a region matters more simply because it is larger. (Multiplying by the mask and taking the "
    "mean of the whole picture does the same.) Expected the mean over the pixels of each part: `heat[mask].mean()`."
)
def area(heat, mask):
    return heat[mask].sum() / heat[~mask].sum()


@mistake(
    "This is the share of the whole map that lies in the region, and it grows with its area: the largest region would "
    "always win. Expected the mean inside divided by the mean outside."
)
def share_of_all(heat, mask):
    return heat[mask].sum() / heat.sum()


@mistake(
    "This is the mean inside the region. Whether that is much one can only say beside the rest: divide by the mean "
    "outside."
)
def inside_alone(heat, mask):
    return heat[mask].mean()


@mistake(
    "The region was compared with the whole picture, of which it is a part itself. Expected the pixels outside it: "
    "`heat[~mask]`."
)
def against_the_whole(heat, mask):
    return heat[mask].mean() / heat.mean()


@mistake("The fraction is upside down: this says how much the rest matters beside the region.")
def upside_down(heat, mask):
    return heat[~mask].mean() / heat[mask].mean()


@mistake("This is the difference of the two means. Expected how many times as much: divide.")
def difference(heat, mask):
    return heat[mask].mean() - heat[~mask].mean()
