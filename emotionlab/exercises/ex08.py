"""Exercise 08, what the network sees: a class map, its overlay, occlusion, regions, a sanity check, failures."""

import traceback

import numpy as np

from emotionlab.exercises.bank08 import BANK
from emotionlab.exercises.capture import describe
from emotionlab.exercises.compare import Mistake, call_each, compare
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "What the network sees"


# 8.1 ------------------------------------------------------------------------------------------


def _features_and_weights(seed: int) -> list[tuple]:
    """Two sets of feature maps (height, width, channels) with the last layer's weights (channels, 7) and a label.

    The most probable emotion is another one than `label`, and not the same in both.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for shape, label, likely in (((5, 6, 4), 2, 6), ((3, 8, 9), 5, 1)):
        maps = np.maximum(rng.normal(0.5, 1, shape), 0).astype("float32")
        weights = rng.normal(0, 1, (shape[-1], 7)).astype("float32")
        weights[:, likely] += 3
        cases.append((maps, weights, label))
    return cases


def _class_map(maps, weights, label):
    return maps @ weights[:, label]


_compare_class_maps = compare(
    _features_and_weights,
    _class_map,
    (
        Mistake(
            "all_classes",
            "These are seven maps, one for each emotion. Expected the one of `label`: take one column of the weights.",
            lambda maps, weights, label: maps @ weights,
        ),
        Mistake(
            "not_weighted",
            "The feature maps were added up without their weights, so the map would be the same for every emotion. "
            "Multiply each channel by its weight for `label` first.",
            lambda maps, weights, label: maps.sum(-1),
        ),
        Mistake(
            "averaged_without_weights",
            "This is the mean of the feature maps. The weights play no part, so the map would be the same for "
            "every emotion. Multiply each channel by its weight for `label` first.",
            lambda maps, weights, label: maps.mean(-1),
        ),
        Mistake(
            "mean_over_channels",
            "The weighted maps were averaged over the channels, so every value is too small. Expected their sum: "
            "the dense layer adds up too.",
            lambda maps, weights, label: (maps * weights[:, label]).mean(-1),
        ),
        Mistake(
            "not_added",
            "The channels were weighted but not added up: there is still one map for each channel. Add along the last "
            "axis, `axis=-1`.",
            lambda maps, weights, label: maps * weights[:, label],
        ),
        *(
            Mistake(
                "added_along_another_axis",
                "The sum runs along the height or the width, and the channels are still there. They are the last axis: "
                "`axis=-1`.",
                lambda maps, weights, label, axis=axis: (maps * weights[:, label]).sum(axis),
            )
            for axis in (0, 1)
        ),
        Mistake(
            "two_channels",
            "Only the first two channels were added up. The example has no more, but a network has: take all of the "
            "last axis.",
            lambda maps, weights, label: _class_map(maps[..., :2], weights[:2], label),
        ),
        Mistake(
            "negatives_cut",
            "The negative values were cut off. They are places that speak against the emotion, and this map "
            "still holds them; question 8.2 cuts them for the picture.",
            lambda maps, weights, label: np.maximum(_class_map(maps, weights, label), 0),
        ),
        Mistake(
            "own_choice_of_class",
            "This is the map of the most probable emotion. Expected the one of `label`: one may ask for the "
            "map of any emotion, also of one the network did not choose.",
            lambda maps, weights, label: _class_map(maps, weights, (maps.mean((0, 1)) @ weights).argmax()),
        ),
        Mistake(
            "emotion_of_the_example",
            "The 4 of the example is written into the function. Use `label`: it can be any emotion.",
            lambda maps, weights, label: _class_map(maps, weights, 4),
        ),
    ),
)


def _judge_class_map(observed: dict) -> Wrong | None:
    if all(found["kind"] == "number" for found in observed["returned"]):
        return Wrong(
            "Expected a map, found one number: the positions were averaged or added up too, so the place is lost. "
            "Leave height and width alone; multiply and add along the channels.",
            "pooled_first",
        )
    return _compare_class_maps(observed)


Q1 = Question(
    id="8.1",
    title="A class map",
    points=1,
    answer="class_map",
    source='''
def class_map(maps, weights, label):
    """The class activation map (height, width) of one emotion: each feature map times its weight, added up.

    maps (height, width, channels), weights (channels, 7), label: number of the emotion.
    """
    ### BEGIN SOLUTION
    return maps @ weights[:, label]
    ### END SOLUTION
''',
    inputs=_features_and_weights,
    observe=call_each,
    judge=_judge_class_map,
    hints=(
        "Each channel is a small picture, and the dense layer has one number for each pair of channel and emotion.",
        "`weights[:, label]` are the numbers of one emotion, one for each channel. The channels are the last axis of "
        "`maps`.",
        "`return maps @ weights[:, label]`, or `(maps * weights[:, label]).sum(axis=-1)`.",
    ),
    passed="Right. The mean of this map over all positions is the logit, apart from the bias: the map is the "
    "answer before it was averaged.",
    bank=BANK["8.1"],
)


# 8.2 ------------------------------------------------------------------------------------------


def _maps_to_lay_over(seed: int) -> list[tuple]:
    """(map, factor): one with both signs, one without a positive value, one with positive values alone, one faint."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(0, 2, (3, 5))
    mixed[1, 2], mixed[2, 0] = 4.5, -6.0  # the largest value is positive, the largest distance from 0 negative
    faint = rng.uniform(-0.3, 0.3, (3, 2))
    faint[1, 0], faint[2, 1] = 0.4, -0.5
    return [(mixed, 4), (rng.uniform(-2, -1, (4, 2)), 3), (rng.uniform(1, 3, (2, 3)), 2), (faint, 3)]


def _enlarge(heat, factor):
    return np.kron(heat, np.ones((factor, factor)))


def _overlay(heat, factor):
    positive = np.maximum(heat, 0)
    return _enlarge(positive / (positive.max() or 1), factor)


def _smooth(heat, factor):
    import cv2

    return cv2.resize(heat, (heat.shape[1] * factor, heat.shape[0] * factor), interpolation=cv2.INTER_LINEAR)


def _scaled_after_smoothing(heat, factor):
    large = _smooth(np.maximum(heat, 0), factor)
    return large / large.max()


def _small_where_empty(heat, factor):
    return _overlay(heat, factor if heat.max() > 0 else 1)


Q2 = Question(
    id="8.2",
    title="From a map to an overlay",
    points=2,
    answer="overlay",
    source='''
def overlay(heat, factor):
    """A map of any numbers as an overlay of 0..1: negatives become 0, the largest value becomes 1,
    and each value becomes a block of factor x factor pixels. Nothing positive: all zeros.
    """
    ### BEGIN SOLUTION
    positive = np.maximum(heat, 0)
    if positive.max() > 0:
        positive = positive / positive.max()
    return positive.repeat(factor, axis=0).repeat(factor, axis=1)
    ### END SOLUTION
''',
    inputs=_maps_to_lay_over,
    observe=call_each,
    judge=compare(
        _maps_to_lay_over,
        _overlay,
        (
            Mistake(
                "zero_by_zero",
                "A map without any positive value became NaN: zero divided by zero. It happens when nothing in the "
                "picture speaks for the emotion. Divide only when the largest value is above 0.",
                lambda heat, factor: _enlarge(np.maximum(heat, 0) / np.maximum(heat, 0).max(), factor),
            ),
            Mistake(
                "stretched",
                "The smallest value became 0 and the largest 1, whatever they were. So a map in which everything "
                "speaks against the emotion gets a bright spot all the same. Cut at 0, then divide by the largest.",
                lambda heat, factor: _enlarge((heat - heat.min()) / (heat.max() - heat.min()), factor),
            ),
            Mistake(
                "signs_dropped",
                "The signs were dropped: places that speak against the emotion now shine like those that speak for "
                "it. Expected the negative values to become 0.",
                lambda heat, factor: _enlarge(np.abs(heat) / np.abs(heat).max(), factor),
            ),
            Mistake(
                "negatives_kept",
                "The negative values are still there (and where all are negative, dividing by the largest turned them "
                "round). Cut at 0 before you divide: `np.maximum(heat, 0)`.",
                lambda heat, factor: _enlarge(heat / heat.max(), factor),
            ),
            Mistake(
                "not_scaled",
                "The values were cut at 0 but not scaled: the largest is not 1.",
                lambda heat, factor: _enlarge(np.maximum(heat, 0), factor),
            ),
            Mistake(
                "cut_at_one",
                "The values above 1 were cut to 1, so places of quite different strength look alike. Divide all by the "
                "largest value.",
                lambda heat, factor: _enlarge(np.clip(heat, 0, 1), factor),
            ),
            *(
                Mistake(
                    "divided_by_the_sum",
                    "The values were divided by their sum, so they add up to 1 and the largest is far below it. "
                    "Divide by the largest.",
                    lambda heat, factor, least=least: _enlarge(
                        np.maximum(heat, 0) / (np.maximum(heat, 0).sum() or least), factor
                    ),
                )
                for least in (1, 0)
            ),
            *(
                Mistake(
                    "smoothed",
                    "The map was enlarged smoothly, as in the lesson, so neighbouring values mix. Expected a block of "
                    "equal pixels for each value: `repeat`, or `interpolation=cv2.INTER_NEAREST`.",
                    compute,
                )
                for compute in (
                    lambda heat, factor: _smooth(_overlay(heat, 1), factor),
                    lambda heat, factor: np.nan_to_num(_scaled_after_smoothing(heat, factor)),
                    _scaled_after_smoothing,
                )
            ),
            Mistake(
                "tiled",
                "The whole map was laid side by side several times. Expected one map in which each value is a block "
                "of pixels: `repeat`, not `tile`.",
                lambda heat, factor: np.tile(_overlay(heat, 1), (factor, factor)),
            ),
            Mistake(
                "one_axis",
                "The map was enlarged along one axis only. Repeat along axis 0 and along axis 1.",
                lambda heat, factor: _overlay(heat, 1).repeat(factor, axis=0),
            ),
            Mistake(
                "one_long_row",
                "`repeat` without an axis lays the map out in one long row. Repeat along axis 0, then along axis 1.",
                lambda heat, factor: _overlay(heat, 1).repeat(factor),
            ),
            Mistake(
                "small_where_empty",
                "Where no value is positive, the map of zeros has kept its size. It must be enlarged like any other.",
                _small_where_empty,
            ),
            Mistake(
                "not_enlarged",
                "The values are right, but the map has kept its size. Each value must become a block of factor x "
                "factor pixels.",
                lambda heat, factor: _overlay(heat, 1),
            ),
        ),
    ),
    hints=(
        "Three steps: cut at 0, divide by the largest value, enlarge. What if the largest value is 0?",
        "`np.maximum(heat, 0)` cuts. `a.repeat(3, axis=0)` makes three rows of each row.",
        "After `positive = np.maximum(heat, 0)` divide only `if positive.max() > 0`, then "
        "`return positive.repeat(factor, axis=0).repeat(factor, axis=1)`.",
    ),
    passed="Right. Remember what the scaling hides: the brightest spot of every map is 1, however weak the evidence. "
    "(`el.grad_cam` enlarges smoothly, which looks finer than it is.)",
    bank=BANK["8.2"],
)


# 8.3 ------------------------------------------------------------------------------------------


def _detector(weights: np.ndarray):
    """A stand-in for a network: a score of 0..1 for each picture of a batch, from one weight a pixel."""

    def predict(images):
        images = np.asarray(images, "float64")
        if images.ndim != 3 or images.shape[1:] != weights.shape:
            raise ValueError(
                f"predict takes a batch of pictures (N, {weights.shape[0]}, {weights.shape[1]}), "
                f"found the shape {images.shape}"
            )
        return 1 / (1 + np.exp(-((images / 255 - 0.4) * weights).sum(axis=(1, 2))))

    return predict


def _pictures_to_cover(seed: int) -> list[tuple]:
    """(predict, image, size, stride): oblong pictures; in the second the squares do not reach the last pixels."""
    rng = np.random.default_rng(seed)
    cases = []
    for shape, size, stride in (((10, 14), 4, 2), ((11, 8), 3, 3)):
        image = rng.integers(0, 256, shape).astype("uint8")
        cases.append((_detector(rng.normal(0, 0.4, shape)), image, size, stride))
    return cases


def _covered(image, row, column, size, value=127):
    covered = image.copy()
    covered[row : row + size, column : column + size] = value
    return covered


def _occlusion(predict, image, size, stride, value=127, rows=None, columns=None):
    """The right map; the arguments behind `stride` make it wrong."""
    height, width = image.shape
    rows = range(0, height - size + 1, stride) if rows is None else rows
    columns = range(0, width - size + 1, stride) if columns is None else columns
    after = [predict(_covered(image, r, c, size, value)[None])[0] for r in rows for c in columns]
    return predict(image[None])[0] - np.reshape(after, (len(rows), len(columns)))


def _short_by_one(predict, image, size, stride):
    rows, columns = (range(0, side - size, stride) for side in image.shape)
    return _occlusion(predict, image, size, stride, rows=rows, columns=columns)


def _over_the_edge(predict, image, size, stride):
    rows, columns = (range(0, side, stride) for side in image.shape)
    return _occlusion(predict, image, size, stride, rows=rows, columns=columns)


def _as_many_columns_as_rows(predict, image, size, stride):
    places = range(0, image.shape[0] - size + 1, stride)
    return _occlusion(predict, image, size, stride, rows=places, columns=places)


def _slice_to_the_size(predict, image, size, stride):
    before, drops = predict(image[None])[0], []
    rows, columns = (range(0, side - size + 1, stride) for side in image.shape)
    for row in rows:
        for column in columns:
            covered = image.copy()
            covered[row:size, column:size] = 127
            drops.append(before - predict(covered[None])[0])
    return np.reshape(drops, (len(rows), len(columns)))


def _for_each_pixel(predict, image, size, stride):
    """The lesson's map: the mean drop over all squares that cover a pixel, 0 where none does."""
    total, times = np.zeros((2, *image.shape))
    for (i, j), drop in np.ndenumerate(_occlusion(predict, image, size, stride)):
        inside = np.s_[i * stride : i * stride + size, j * stride : j * stride + size]
        total[inside] += drop
        times[inside] += 1
    return total / np.maximum(times, 1)


def _never_uncovered(predict, image, size, stride):
    before, drops = predict(image[None])[0], []
    rows, columns = (range(0, side - size + 1, stride) for side in image.shape)
    for row in rows:
        for column in columns:
            image = _covered(image, row, column, size)
            drops.append(before - predict(image[None])[0])
    return np.reshape(drops, (len(rows), len(columns)))


def _only_the_square(predict, image, size, stride):
    before, drops = predict(image[None])[0], []
    rows, columns = (range(0, side - size + 1, stride) for side in image.shape)
    for row in rows:
        for column in columns:
            inside = np.s_[row : row + size, column : column + size]
            left = np.full_like(image, 127)
            left[inside] = image[inside]
            drops.append(before - predict(left[None])[0])
    return np.reshape(drops, (len(rows), len(columns)))


def _call_with_network(answer, cases: list[tuple]) -> dict:
    """As `call_each`; whoever calls `smile_score` in place of `predict` hears why that fails."""
    try:
        return call_each(answer, cases)
    except Exception as error:
        if any(frame.name == "smile_score" for frame in traceback.extract_tb(error.__traceback__)):
            error.add_note(
                "Call `predict`, which your function is given: `smile_score` fits this notebook's face alone."
            )
        raise


Q3 = Question(
    id="8.3",
    title="An occlusion map",
    points=3,
    answer="occlusion_map",
    source='''
def occlusion_map(predict, image, size, stride):
    """How much the score drops when a grey square (value 127) covers the picture, for each place of the square.

    predict: takes a batch (N, height, width), returns N scores. image: (height, width).
    The square is size x size pixels; it starts at row 0, column 0, moves in steps of `stride` and stays
    wholly inside the picture. Returns one drop for each row and column of places.
    """
    ### BEGIN SOLUTION
    height, width = image.shape
    rows = range(0, height - size + 1, stride)
    columns = range(0, width - size + 1, stride)
    before = predict(image[np.newaxis])[0]
    drops = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            covered = image.copy()
            covered[row : row + size, column : column + size] = 127
            drops[i, j] = before - predict(covered[np.newaxis])[0]
    return drops
    ### END SOLUTION
''',
    inputs=_pictures_to_cover,
    observe=_call_with_network,
    judge=compare(
        _pictures_to_cover,
        _occlusion,
        (
            Mistake(
                "sign",
                "The signs are turned round. Where covering hurts, the score falls, and the drop is positive: "
                "the score before minus the score with the square.",
                lambda *case: -_occlusion(*case),
            ),
            Mistake(
                "never_uncovered",
                "The squares pile up: each step covers a little more, so the last places seem to matter most. Begin "
                "each step with a fresh copy of the picture.",
                _never_uncovered,
            ),
            Mistake(
                "black_square",
                "The square is black. To a network black is a strong signal (a shadow, an open mouth); expected grey, "
                "127.",
                lambda *case: _occlusion(*case, value=0),
            ),
            *(
                Mistake(
                    "mean_grey",
                    "The square has the mean grey of the picture, as in the lesson. Expected the value 127.",
                    lambda predict, image, *rest, dtype=dtype: _occlusion(
                        predict, image.astype(dtype), *rest, value=image.mean()
                    ),
                )
                for dtype in ("uint8", "float64")
            ),
            *(
                Mistake(
                    "sizes_of_the_lesson",
                    "The sizes of the lesson (squares of 8 pixels, steps of 4, pictures of 48) are written into the "
                    "code. Take them from `size`, `stride` and `image.shape`.",
                    lambda predict, image, *_, grey=grey: _occlusion(
                        predict, image.astype("float32"), 8, 4, grey(image), range(0, 41, 4), range(0, 41, 4)
                    ),
                )
                for grey in (lambda image: 127, np.mean)
            ),
            Mistake(
                "slice_to_the_size",
                "The slice ends at `size`. Behind the colon stands where a slice ends, not how long it is: "
                "`row : row + size`.",
                _slice_to_the_size,
            ),
            Mistake(
                "one_long_row",
                "The drops lie in one long row. Expected a table, one row for each row of places: collect the drops of "
                "a row in a list of their own, or `reshape` at the end.",
                lambda *case: _occlusion(*case).ravel(),
            ),
            Mistake(
                "list_of_scores_kept",
                "Each drop is an array of one number: `predict` returns a score for each picture of the batch. Take "
                "the first, `predict(...)[0]`.",
                lambda *case: _occlusion(*case)[..., None],
            ),
            Mistake(
                "as_many_columns_as_rows",
                "There are as many columns of places as rows. The hidden pictures are not square: the columns follow "
                "from the width.",
                _as_many_columns_as_rows,
            ),
            Mistake(
                "for_each_pixel",
                "This is a value for each pixel, as in the lesson: the mean over the squares that cover it. "
                "Expected the plain drops, one for each place of the square.",
                _for_each_pixel,
            ),
            Mistake(
                "last_place_missing",
                "The last places are missing: a square that starts at height - size still lies wholly inside. The end "
                "of a `range` is left out, so write `height - size + 1`.",
                _short_by_one,
            ),
            Mistake(
                "over_the_edge",
                "Some squares stick out over the edge, so they cover less than the others and cannot be compared. "
                "The last start is height - size.",
                _over_the_edge,
            ),
            Mistake(
                "transposed",
                "Rows and columns are exchanged: the first axis of the map runs down the picture.",
                lambda *case: _occlusion(*case).T,
            ),
            Mistake(
                "score_not_drop",
                "These are the scores that are left. Expected how much is lost: the score before minus the score with "
                "the square.",
                lambda predict, image, *rest: predict(image[None])[0] - _occlusion(predict, image, *rest),
            ),
            Mistake(
                "only_the_square",
                "Everything but the square was covered. That answers another question (is this place enough?). "
                "Expected the square covered and the rest left as it is.",
                _only_the_square,
            ),
            Mistake(
                "step_of_size",
                "The square moved in steps of its own size. Expected steps of `stride`.",
                lambda predict, image, size, stride: (
                    _occlusion(predict, image, size, size)
                    if size != stride
                    else _occlusion(predict, image, size, stride)
                ),
            ),
        ),
    ),
    hints=(
        "Two loops, one over the rows where the square starts and one over the columns. The score of the uncovered "
        "picture is computed once, before them.",
        "`range(0, height - size + 1, stride)` are the rows. Copy the picture, set a slice to 127, and give "
        "`predict` a batch of one: `covered[np.newaxis]`.",
        "Inside the loops: `covered = image.copy()`, `covered[row:row+size, column:column+size] = 127`, "
        "`drops[i, j] = before - predict(covered[np.newaxis])[0]`.",
    ),
    passed="Right. No gradient and no look inside: this works for anything that gives a score, whoever made it.",
    bank=BANK["8.3"],
)


# 8.4 ------------------------------------------------------------------------------------------


def _heat_and_region(seed: int) -> list[tuple]:
    """(map of drops, mask): once a small region, once one larger than what is left."""
    rng = np.random.default_rng(seed)
    small, large = np.zeros((9, 12), bool), np.ones((10, 7), bool)
    small[5:7, 3:8] = True
    large[2:5, 1:6] = False
    return [(rng.gamma(2.0, 0.1, (9, 12)), small), (rng.gamma(2.0, 0.1, (10, 7)), large)]


def _importance(heat, mask):
    return float(heat[mask].mean() / heat[~mask].mean())


Q4 = Question(
    id="8.4",
    title="How important is a region?",
    points=2,
    answer="importance",
    source='''
def importance(heat, mask):
    """How many times as much a pixel inside the mask matters, on average, as a pixel outside it.

    heat (height, width): the drops; mask (height, width) bool: True inside the region.
    """
    ### BEGIN SOLUTION
    return heat[mask].mean() / heat[~mask].mean()
    ### END SOLUTION
''',
    inputs=_heat_and_region,
    observe=call_each,
    judge=compare(
        _heat_and_region,
        _importance,
        (
            Mistake(
                "area",
                "Sums were compared, so a region matters more simply because it is larger. (Multiplying by the mask "
                "and taking the mean of the whole picture does the same.) Expected the mean over the pixels of "
                "each part: `heat[mask].mean()`.",
                lambda heat, mask: float(heat[mask].sum() / heat[~mask].sum()),
            ),
            Mistake(
                "share_of_all",
                "This is the share of the whole map that lies in the region, and it grows with its area: the largest "
                "region would always win. Expected the mean inside divided by the mean outside.",
                lambda heat, mask: float(heat[mask].sum() / heat.sum()),
            ),
            Mistake(
                "inside_alone",
                "This is the mean inside the region. Whether that is much one can only say beside the rest: divide by "
                "the mean outside.",
                lambda heat, mask: float(heat[mask].mean()),
            ),
            Mistake(
                "against_the_whole",
                "The region was compared with the whole picture, of which it is a part itself. Expected the pixels "
                "outside it: `heat[~mask]`.",
                lambda heat, mask: float(heat[mask].mean() / heat.mean()),
            ),
            Mistake(
                "upside_down",
                "The fraction is upside down: this says how much the rest matters beside the region.",
                lambda heat, mask: 1 / _importance(heat, mask),
            ),
            Mistake(
                "difference",
                "This is the difference of the two means. Expected how many times as much: divide.",
                lambda heat, mask: float(heat[mask].mean() - heat[~mask].mean()),
            ),
        ),
    ),
    hints=(
        "Two means, one for each side of the mask, and a division.",
        "`heat[mask]` are the values inside, as one long row; `heat[~mask]` those outside.",
        "`return heat[mask].mean() / heat[~mask].mean()`",
    ),
    passed="Right. A mean does not care how large a region is; a sum does, and then the background wins.",
    bank=BANK["8.4"],
)


# 8.5 ------------------------------------------------------------------------------------------


def _pairs_of_maps(seed: int) -> list[tuple]:
    """Two maps each: nearly the same order with quite other values, no relation, the reverse order. No ties."""
    rng = np.random.default_rng(seed)
    one, other, third = rng.normal(0, 1, (6, 5)), rng.normal(0, 1, (4, 7)), rng.normal(0, 1, (3, 6))
    similar = np.exp(2 * (one + rng.normal(0, 0.3, one.shape)))
    return [(one, similar), (other, rng.normal(0, 1, other.shape)), (third, -np.exp(2 * third))]


def _ranks(values):
    return np.ravel(values).argsort().argsort()


def _rank_correlation(one, other):
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _of_ordered_values(one, other):
    return float(np.corrcoef(np.sort(one, axis=None), np.sort(other, axis=None))[0, 1])


_compare_correlations = compare(
    _pairs_of_maps,
    _rank_correlation,
    (
        Mistake(
            "values_not_ranks",
            "This is the correlation of the values (Pearson's), in which one very bright spot can decide alone. "
            "Expected the correlation of the ranks: first replace each value by its place in the order.",
            lambda one, other: float(np.corrcoef(np.ravel(one), np.ravel(other))[0, 1]),
        ),
        Mistake(
            "argsort_once",
            "`argsort` was used once. It tells which position comes first, not which rank a position has; apply "
            "it twice (`a.argsort().argsort()`) to get ranks.",
            lambda one, other: float(np.corrcoef(np.ravel(one).argsort(), np.ravel(other).argsort())[0, 1]),
        ),
        Mistake(
            "sign_dropped",
            "The sign was dropped: two maps in reverse order would count as perfect agreement.",
            lambda one, other: abs(_rank_correlation(one, other)),
        ),
        Mistake(
            "squared",
            "This is the square of the correlation, so the sign is lost and weak relations look weaker. Expected "
            "the correlation itself.",
            lambda one, other: _rank_correlation(one, other) ** 2,
        ),
        Mistake(
            "row_by_row",
            "The ranks were taken within each row or column, so a whole bright row counts for nothing. Lay the "
            "map in one row first: `one.ravel()`.",
            lambda one, other: float(np.corrcoef(*(a.argsort(-1).argsort(-1).ravel() for a in (one, other)))[0, 1]),
        ),
        Mistake(
            "ranks_of_one",
            "Only the first map was replaced by its ranks. Both must be.",
            lambda one, other: float(np.corrcoef(_ranks(one), np.ravel(other))[0, 1]),
        ),
        Mistake(
            "ordered_values",
            "The values were sorted, and with that their places are lost: any two maps look much alike then. Give "
            "each place its rank, `a.argsort().argsort()`.",
            _of_ordered_values,
        ),
        Mistake(
            "rows_for_maps",
            "Each row was taken for a map of its own, so this is the correlation of two rows of one map. Lay each "
            "map in one row first: `.ravel()`.",
            lambda one, other: float(np.corrcoef(one, other)[0, 1]),
        ),
    ),
)


def _judge_correlation(observed: dict) -> Wrong | None:
    found = observed["returned"][0]
    start = f"Expected a number, found {describe(found)}"
    if found["type"] == "SignificanceResult":
        return Wrong(
            f"{start}: `spearmanr` gives the correlation and a p-value.",
            "whole_result",
            "Lay both maps in one row first, `.ravel()`, and take `.statistic` of the result.",
        )
    if found["kind"] == "array" and found["shape"] == [2, 2]:
        return Wrong(
            f"{start}: `np.corrcoef` gives a table, each of the two with each.",
            "whole_table",
            "Take that of the first with the second: `[0, 1]`.",
        )
    if found["kind"] == "array" and len(found["shape"]) == 2:
        return Wrong(
            f"{start}: each row or column was taken for a map of its own.",
            "rows_for_maps",
            "Lay each map in one row first: `.ravel()`.",
        )
    return _compare_correlations(observed)


Q5 = Question(
    id="8.5",
    title="Do two maps agree?",
    points=2,
    answer="rank_correlation",
    source='''
def rank_correlation(one, other):
    """Spearman's rank correlation of two maps of equal shape (no two values of a map are equal).

    1: the same places in the same order, 0: no relation, -1: the reverse order.
    """
    ### BEGIN SOLUTION
    ranks = [values.ravel().argsort().argsort() for values in (one, other)]
    return np.corrcoef(*ranks)[0, 1]
    ### END SOLUTION
''',
    inputs=_pairs_of_maps,
    observe=call_each,
    judge=_judge_correlation,
    hints=(
        "A rank is a place in the order: the smallest value has rank 0. Replace both maps by their ranks, then "
        "correlate these.",
        "`a.ravel().argsort().argsort()` gives the ranks, `np.corrcoef(a, b)[0, 1]` the correlation. SciPy has both in "
        "one: `scipy.stats.spearmanr(a, b).statistic`, with both maps in one row.",
        "`return np.corrcoef(one.ravel().argsort().argsort(), other.ravel().argsort().argsort())[0, 1]`",
    ),
    passed="Right. A map that keeps its order when the weights of the network are replaced by random ones does not "
    "show the network: compare the two before you believe it.",
    bank=BANK["8.5"],
)


# 8.6 ------------------------------------------------------------------------------------------


def _labels_and_probabilities(seed: int) -> list[tuple]:
    """(labels, probabilities, count): once more mistakes than asked for, once fewer."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, wrong, count in ((24, 11, 4), (10, 3, 5)):
        p = rng.dirichlet(np.full(7, 0.5), n)
        labels = p.argmax(axis=1)
        missed = rng.permutation(n)[:wrong]
        labels[missed] = (labels[missed] + rng.integers(1, 7, wrong)) % 7
        cases.append((labels, p, count))
    return cases


def _sorted_mistakes(labels, p):
    mistakes = np.flatnonzero(p.argmax(axis=1) != labels)
    return mistakes[np.argsort(-p[mistakes].max(axis=1), kind="stable")]


def _truth_least_likely(labels, p):
    mistakes = np.flatnonzero(p.argmax(axis=1) != labels)
    return mistakes[np.argsort(p[mistakes, labels[mistakes]], kind="stable")]


def _order_within_mistakes(labels, p, count):
    confidence = p.max(axis=1)[p.argmax(axis=1) != labels]
    return np.argsort(-confidence, kind="stable")[:count]


def _surest_hits(labels, p):
    hits = np.flatnonzero(p.argmax(axis=1) == labels)
    return hits[np.argsort(-p[hits].max(axis=1), kind="stable")]


_compare_worst = compare(
    _labels_and_probabilities,
    lambda labels, p, count: _sorted_mistakes(labels, p)[:count],
    (
        Mistake(
            "right_ones_too",
            "Right answers are among them: these are the most confident answers of all. Keep only the pictures "
            "whose predicted emotion differs from the label.",
            lambda labels, p, count: np.argsort(-p.max(axis=1), kind="stable")[:count],
        ),
        Mistake(
            "hits",
            "These are the most confident right answers. A failure gallery holds the wrong ones: `!=`, not `==`.",
            lambda labels, p, count: _surest_hits(labels, p)[:count],
        ),
        Mistake(
            "least_sure_first",
            "These are mistakes, but the least confident ones come first. `np.argsort` sorts upwards: sort the "
            "negative confidence, or turn the order round.",
            lambda labels, p, count: _sorted_mistakes(labels, p)[::-1][:count],
        ),
        Mistake(
            "truth_least_likely",
            "They are sorted by how improbable the true emotion was. Expected how sure the network was of its own "
            "answer: the largest of the seven probabilities.",
            lambda labels, p, count: _truth_least_likely(labels, p)[:count],
        ),
        Mistake(
            "positions_among_the_mistakes",
            "These positions count within the mistakes alone, so they point at other pictures. Use them to index "
            "the positions of the mistakes: `mistakes[order]`.",
            _order_within_mistakes,
        ),
        Mistake(
            "all_of_them",
            "These are all mistakes. Expected at most `count`.",
            lambda labels, p, count: _sorted_mistakes(labels, p),
        ),
        Mistake(
            "confidence_for_position",
            "These are the confidences. Expected the positions of the pictures, so that one can look at them.",
            lambda labels, p, count: p.max(axis=1)[_sorted_mistakes(labels, p)[:count]],
        ),
        Mistake(
            "not_sorted",
            "These are mistakes in the order of the data. Sort them by confidence before you take the first `count`.",
            lambda labels, p, count: np.flatnonzero(p.argmax(axis=1) != labels)[:count],
        ),
        Mistake(
            "cut_before_the_mistakes",
            "You took the `count` surest answers first, and then the mistakes among them: too few are left, or none. "
            "Find the mistakes first.",
            lambda labels, p, count: np.array(
                [i for i in np.argsort(-p.max(axis=1), kind="stable")[:count] if p[i].argmax() != labels[i]], int
            ),
        ),
        Mistake(
            "surest_last",
            "These are the right pictures, but the surest comes last. Turn the order round: `[::-1]`.",
            lambda labels, p, count: _sorted_mistakes(labels, p)[:count][::-1],
        ),
    ),
)


def _judge_worst(observed: dict) -> Wrong | None:
    wrong = _compare_worst(observed)
    arrays = [found.get("array") for found in observed["returned"]]
    if wrong is None or wrong.misconception != "wrong_shape" or any(array is None for array in arrays):
        return wrong
    all_cases = zip(arrays, _labels_and_probabilities(observed["seed"]), strict=True)
    pairs = [(array, _sorted_mistakes(labels, p)[:count]) for array, (labels, p, count) in all_cases]
    if all(np.array_equal(array[: len(right)], right) for array, right in pairs):
        return Wrong(
            "Where there are fewer mistakes than `count`, right answers follow them. Return the mistakes alone.",
            "filled_up_with_hits",
        )
    return wrong


Q6 = Question(
    id="8.6",
    title="The most confident mistakes",
    points=3,
    answer="worst_mistakes",
    source='''
def worst_mistakes(labels, probabilities, count):
    """Positions of the mistakes of which the network was surest, the surest first; at most `count`.

    labels (N,), probabilities (N, 7). Fewer mistakes than `count`: all of them.
    """
    ### BEGIN SOLUTION
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    mistakes = np.flatnonzero(predicted != labels)
    surest_first = np.argsort(-confidence[mistakes])
    return mistakes[surest_first][:count]
    ### END SOLUTION
''',
    inputs=_labels_and_probabilities,
    observe=call_each,
    judge=_judge_worst,
    hints=(
        "First find the mistakes, then sort them, then take the first `count`.",
        "`np.flatnonzero(predicted != labels)` are the positions of the mistakes. `np.argsort(-confidence[mistakes])` "
        "says in which order to take them.",
        "`mistakes = np.flatnonzero(probabilities.argmax(axis=1) != labels)`, then "
        "`return mistakes[np.argsort(-probabilities[mistakes].max(axis=1))][:count]`.",
    ),
    passed="Right. Now look at them: some are the network's mistakes, some are the label's.",
    bank=BANK["8.6"],
)


# 8.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
A company sells a program that is to find stress in photographs of faces. Its brochure shows one picture with a
glowing mouth, made with Grad-CAM, and says: the heat map proves that our network has understood that stress shows in
the mouth, so it decides for the right reasons. What does such a map show, what does it not show, and which checks
would you ask for?
"""

Q7 = written_question(
    id="8.7",
    title="What a heat map does not show",
    points=3,
    answer="answer_8_7",
    source="""
### BEGIN SOLUTION
answer_8_7 = \"\"\"
The picture tells me which part of this photo the score for "stress" of this one model leans on, no more. It is
scaled, so there is a red spot even when the evidence is weak, and it is a coarse grid made smooth. It says nothing
about whether the answer is correct, nor about why people open their mouths, nor about what anyone feels, and one
example may have been picked because it looks good. I would ask for the average over many random pictures, the wrong
ones included, for the same map from a model with random weights, for a test with a planted mark, and for pairs of
pictures in which nothing but the mouth was changed: does the score follow?
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Split it in three: what is in the picture, what the brochure adds, and what would change your mind.",
        "Which of these does a heat map know: the right answer, the cause, the feeling, or the place that moved the "
        "score?",
        "The lesson had checks that can fail: random weights, a planted patch, many pictures and not one, and an "
        "experiment that changes only one thing in the face.",
    ),
    rubric=(
        "Says what the map does show: where in this picture the score of this network for this class comes from.",
        "Says that this is no proof of understanding, of a cause or of a right answer, with a reason.",
        "Names a limit of the picture itself: it is scaled to its own maximum, coarse, or one chosen example.",
        "Asks for at least two checks that could fail, such as random weights, a planted patch, an average over many "
        "pictures with mistakes among them, or pictures in which only the mouth differs.",
        "Sees that an expression, or a label, is not the feeling itself.",
    ),
    bank=BANK["8.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
