"""Answers that prove the checks of exercise 08 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "the map shows the mouth and so " * 10

_COPIED_TASK = """
A company sells a program that is to find stress in photographs of faces. Its brochure shows one picture with a
glowing mouth, made with Grad-CAM, and says: the heat map proves that our network has understood that stress shows in
the mouth, so it decides for the right reasons. Hard to say, I think.
"""

_COPIED_RUBRIC = """
It does show where in this picture the score of this network for this class comes from. This is no proof of
understanding, of a cause or of a right answer, with a reason. It is scaled to its own maximum, coarse, or one chosen
example. An expression, or a label, is not the feeling itself.
"""


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _class_map(*lines: str) -> str:
    return _returning("class_map(maps, weights, label)", *lines)


def _overlay(*lines: str) -> str:
    return _returning("overlay(heat, factor)", *lines)


_ENLARGED = "return np.kron(positive, np.ones((factor, factor)))"


def _occlusion(**changes) -> str:
    """An occlusion map as source text, with some of its parts exchanged."""
    parts = {
        "rows": "range(0, height - size + 1, stride)",
        "columns": "range(0, width - size + 1, stride)",
        "copy": "covered = image.copy()",
        "cover": "covered[row:row + size, column:column + size] = 127",
        "drop": "before - predict(covered[np.newaxis])[0]",
        "result": "drops",
    } | changes
    return _returning(
        "occlusion_map(predict, image, size, stride)",
        "height, width = image.shape",
        f"rows, columns = {parts['rows']}, {parts['columns']}",
        "before = predict(image[np.newaxis])[0]",
        "drops = np.zeros((len(rows), len(columns)))",
        "covered = image.copy()",
        "for i, row in enumerate(rows):",
        "    for j, column in enumerate(columns):",
        f"        {parts['copy']}",
        f"        {parts['cover']}",
        f"        drops[i, j] = {parts['drop']}",
        f"return {parts['result']}",
    )


def _importance(line: str) -> str:
    return _returning("importance(heat, mask)", f"return {line}")


def _correlation(*lines: str) -> str:
    return _returning("rank_correlation(one, other)", *lines)


def _worst(*lines: str) -> str:
    return _returning(
        "worst_mistakes(labels, probabilities, count)",
        "predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)",
        "mistakes = np.flatnonzero(predicted != labels)",
        *lines,
    )


BANK = {
    "8.1": Bank(
        right={
            "sum": _class_map("return (maps * weights[:, label]).sum(axis=-1)"),
            "einsum": _class_map('return np.einsum("hwc,c->hw", maps, weights[:, label])'),
            "loop": _class_map(
                "total = np.zeros(maps.shape[:2])",
                "for channel in range(maps.shape[-1]):",
                "    total += maps[:, :, channel] * weights[channel, label]",
                "return total",
            ),
            "all_then_one": _class_map("return (maps @ weights)[:, :, label]"),
        },
        wrong={
            "all_classes": (_class_map("return maps @ weights"), "seven maps"),
            "not_weighted": (_class_map("return maps.sum(axis=-1)"), "without their weights"),
            "averaged_without_weights": (_class_map("return maps.mean(axis=-1)"), "weights play no part"),
            "mean_over_channels": (
                _class_map("return (maps * weights[:, label]).mean(axis=-1)"),
                "every value is too small",
            ),
            "pooled_first": (_class_map("return maps.mean(axis=(0, 1)) @ weights[:, label]"), "the place is lost"),
            "negatives_cut": (
                _class_map("return np.maximum(maps @ weights[:, label], 0)"),
                "speak against the emotion",
            ),
            "own_choice_of_class": (
                _class_map("logits = maps.mean(axis=(0, 1)) @ weights", "return maps @ weights[:, np.argmax(logits)]"),
                "most probable emotion",
            ),
            "not_added": (_class_map("return maps * weights[:, label]"), "not added up"),
            "added_along_another_axis": (
                _class_map("return (maps * weights[:, label]).sum(axis=0)"),
                "along the height or the width",
            ),
            "two_channels": (
                _class_map("w = weights[:, label]", "return maps[:, :, 0] * w[0] + maps[:, :, 1] * w[1]"),
                "first two channels",
            ),
            "all_added": (_class_map("return (maps * weights[:, label]).sum()"), "the place is lost"),
            "emotion_of_the_example": (_class_map("return maps @ weights[:, 4]"), "The 4 of the example"),
        },
    ),
    "8.2": Bank(
        right={
            "kron": _overlay(
                "positive = np.clip(heat, 0, None)", "positive = positive / (positive.max() or 1)", _ENLARGED
            ),
            "small_number": _overlay(
                "positive = np.maximum(heat, 0)", "positive = positive / (positive.max() + 1e-9)", _ENLARGED
            ),
            "where": _overlay(
                "if heat.max() <= 0:",
                "    return np.zeros((heat.shape[0] * factor, heat.shape[1] * factor))",
                "positive = np.where(heat > 0, heat / heat.max(), 0)",
                "return np.repeat(np.repeat(positive, factor, axis=0), factor, axis=1)",
            ),
            "opencv": _overlay(
                "import cv2",
                "positive = np.maximum(heat, 0)",
                "positive /= max(positive.max(), 1e-12)",
                "size = heat.shape[1] * factor, heat.shape[0] * factor",
                "return cv2.resize(positive, size, interpolation=cv2.INTER_NEAREST)",
            ),
        },
        wrong={
            "zero_by_zero": (
                _overlay("positive = np.maximum(heat, 0)", "positive = positive / positive.max()", _ENLARGED),
                "zero divided by zero",
            ),
            "stretched": (
                _overlay("positive = (heat - heat.min()) / (heat.max() - heat.min())", _ENLARGED),
                "smallest value became 0",
            ),
            "signs_dropped": (
                _overlay("positive = np.abs(heat)", "positive = positive / positive.max()", _ENLARGED),
                "signs were dropped",
            ),
            "negatives_kept": (_overlay("positive = heat / heat.max()", _ENLARGED), "still there"),
            "not_scaled": (_overlay("positive = np.maximum(heat, 0)", _ENLARGED), "not scaled"),
            "divided_by_the_sum": (
                _overlay("positive = np.maximum(heat, 0)", "positive = positive / (positive.sum() or 1)", _ENLARGED),
                "divided by their sum",
            ),
            "sum_without_care": (
                _overlay("positive = np.maximum(heat, 0)", "positive = positive / positive.sum()", _ENLARGED),
                "divided by their sum",
            ),
            "cut_at_one": (_overlay("positive = np.clip(heat, 0, 1)", _ENLARGED), "cut to 1"),
            "smoothed": (
                _overlay(
                    "import cv2",
                    "positive = np.maximum(heat, 0)",
                    "positive = positive / (positive.max() or 1)",
                    "return cv2.resize(positive, None, fx=factor, fy=factor)",
                ),
                "enlarged smoothly",
            ),
            "smoothed_as_in_the_lesson": (
                _overlay(
                    "import cv2",
                    "size = heat.shape[1] * factor, heat.shape[0] * factor",
                    "large = cv2.resize(np.maximum(heat, 0), size, interpolation=cv2.INTER_LINEAR)",
                    "return large / large.max()",
                ),
                "enlarged smoothly",
            ),
            "one_long_row": (
                _overlay(
                    "positive = np.maximum(heat, 0)",
                    "positive = positive / max(positive.max(), 1e-9)",
                    "return np.repeat(positive, factor)",
                ),
                "one long row",
            ),
            "small_where_empty": (
                _overlay(
                    "positive = np.maximum(heat, 0)",
                    "if positive.max() == 0:",
                    "    return positive",
                    "positive = positive / positive.max()",
                    _ENLARGED,
                ),
                "has kept its size",
            ),
            "tiled": (
                _overlay(
                    "positive = np.maximum(heat, 0)",
                    "positive = positive / max(positive.max(), 1e-9)",
                    "return np.tile(positive, (factor, factor))",
                ),
                "side by side",
            ),
            "one_axis": (
                _overlay(
                    "positive = np.maximum(heat, 0)",
                    "positive = positive / max(positive.max(), 1e-9)",
                    "return positive.repeat(factor, axis=0)",
                ),
                "one axis only",
            ),
            "not_enlarged": (
                _overlay("positive = np.maximum(heat, 0)", "return positive / max(positive.max(), 1e-9)"),
                "kept its size",
            ),
        },
    ),
    "8.3": Bank(
        right={
            "one_batch": _returning(
                "occlusion_map(predict, image, size, stride)",
                "rows = np.arange(0, image.shape[0] - size + 1, stride)",
                "columns = np.arange(0, image.shape[1] - size + 1, stride)",
                "batch = np.repeat(image[None], 1 + len(rows) * len(columns), axis=0)",
                "places = [(r, c) for r in rows for c in columns]",
                "for covered, (r, c) in zip(batch[1:], places):",
                "    covered[r:r + size, c:c + size] = 127",
                "scores = predict(batch)",
                "return (scores[0] - scores[1:]).reshape(len(rows), len(columns))",
            ),
            "nested_lists": _returning(
                "occlusion_map(predict, image, size, stride)",
                "def drop(r, c):",
                "    mask = np.zeros(image.shape, bool)",
                "    mask[r:r + size, c:c + size] = True",
                "    pair = np.stack([image, np.where(mask, 127, image)])",
                "    before, after = predict(pair)",
                "    return before - after",
                "height, width = image.shape",
                "return np.array([[drop(r, c) for c in range(0, width - size + 1, stride)]",
                "                 for r in range(0, height - size + 1, stride)])",
            ),
            "while_loop": _returning(
                "occlusion_map(predict, image, size, stride)",
                "table, top = [], 0",
                "while top + size <= len(image):",
                "    line, left = [], 0",
                "    while left + size <= len(image[0]):",
                "        kept = image[top:top + size, left:left + size].copy()",
                "        score = predict(image[None])[0]",
                "        image[top:top + size, left:left + size] = 127",
                "        line.append(score - predict(image[None])[0])",
                "        image[top:top + size, left:left + size] = kept",
                "        left += stride",
                "    table.append(line)",
                "    top += stride",
                "return np.array(table)",
            ),
        },
        wrong={
            "sign": (_occlusion(drop="predict(covered[np.newaxis])[0] - before"), "signs are turned round"),
            "never_uncovered": (_occlusion(copy="pass"), "pile up"),
            "black_square": (
                _occlusion(cover="covered[row:row + size, column:column + size] = 0"),
                "The square is black",
            ),
            "last_place_missing": (
                _occlusion(rows="range(0, height - size, stride)", columns="range(0, width - size, stride)"),
                "last places are missing",
            ),
            "over_the_edge": (
                _occlusion(rows="range(0, height, stride)", columns="range(0, width, stride)"),
                "over the edge",
            ),
            "transposed": (_occlusion(result="drops.T"), "Rows and columns are exchanged"),
            "score_not_drop": (_occlusion(drop="predict(covered[np.newaxis])[0]"), "scores that are left"),
            "only_the_square": (
                _occlusion(
                    copy="covered = np.full_like(image, 127)",
                    cover="covered[row:row + size, column:column + size] = image[row:row + size, column:column + size]",
                ),
                "Everything but the square",
            ),
            "step_of_size": (
                _occlusion(rows="range(0, height - size + 1, size)", columns="range(0, width - size + 1, size)"),
                "steps of its own size",
            ),
            "mean_grey": (
                _occlusion(cover="covered[row:row + size, column:column + size] = image.mean()"),
                "mean grey of the picture",
            ),
            "mean_grey_of_floats": (
                _occlusion(
                    copy="covered = image.astype(float)",
                    cover="covered[row:row + size, column:column + size] = image.mean()",
                ),
                "mean grey of the picture",
            ),
            "sizes_of_the_lesson": (
                _returning(
                    "occlusion_map(predict, image, size, stride)",
                    "places = [(top, left) for top in range(0, 41, 4) for left in range(0, 41, 4)]",
                    "covered = np.repeat(image[np.newaxis], len(places), axis=0)",
                    "for one, (top, left) in zip(covered, places):",
                    "    one[top:top + 8, left:left + 8] = 127",
                    "before, *after = predict(np.stack([image, *covered]))",
                    "return (before - np.array(after)).reshape(11, 11)",
                ),
                "sizes of the lesson",
            ),
            "slice_to_the_size": (
                _occlusion(cover="covered[row:size, column:size] = 127"),
                "slice ends at `size`",
            ),
            "one_long_row": (_occlusion(result="drops.ravel()"), "one long row"),
            "list_of_scores_kept": (_occlusion(result="drops[:, :, np.newaxis]"), "an array of one number"),
            "as_many_columns_as_rows": (
                _occlusion(columns="range(0, height - size + 1, stride)"),
                "as many columns of places as rows",
            ),
            "for_each_pixel": (
                _returning(
                    "occlusion_map(predict, image, size, stride)",
                    "total, times = np.zeros((2, *image.shape))",
                    "for row in range(0, image.shape[0] - size + 1, stride):",
                    "    for column in range(0, image.shape[1] - size + 1, stride):",
                    "        covered = image.copy()",
                    "        square = np.s_[row:row + size, column:column + size]",
                    "        covered[square] = 127",
                    "        before, after = predict(np.stack([image, covered]))",
                    "        total[square] += before - after",
                    "        times[square] += 1",
                    "return total / np.maximum(times, 1)",
                ),
                "a value for each pixel",
            ),
            "changed_input": (
                _returning(
                    "occlusion_map(predict, image, size, stride)",
                    "height, width = image.shape",
                    "before = predict(image[None])[0]",
                    "original, table = image.copy(), []",
                    "for row in range(0, height - size + 1, stride):",
                    "    table.append([])",
                    "    for column in range(0, width - size + 1, stride):",
                    "        image[:] = original",
                    "        image[row:row + size, column:column + size] = 127",
                    "        table[-1].append(before - predict(image[None])[0])",
                    "return np.array(table)",
                ),
                "changed the array it was given",
            ),
        },
    ),
    "8.4": Bank(
        right={
            "sums_over_counts": _importance("(heat[mask].sum() / mask.sum()) / (heat[~mask].sum() / (~mask).sum())"),
            "average_with_weights": _importance("np.average(heat, weights=mask) / np.average(heat, weights=1 - mask)"),
            "masked_array": _returning(
                "importance(heat, mask)",
                "inside = np.ma.array(heat, mask=~mask).mean()",
                "outside = np.ma.array(heat, mask=mask).mean()",
                "return float(inside / outside)",
            ),
        },
        wrong={
            "area": (_importance("heat[mask].sum() / heat[~mask].sum()"), "Sums were compared"),
            "share_of_all": (_importance("heat[mask].sum() / heat.sum()"), "share of the whole map"),
            "inside_alone": (_importance("heat[mask].mean()"), "beside the rest"),
            "against_the_whole": (_importance("heat[mask].mean() / heat.mean()"), "with the whole picture"),
            "upside_down": (_importance("heat[~mask].mean() / heat[mask].mean()"), "upside down"),
            "difference": (_importance("heat[mask].mean() - heat[~mask].mean()"), "difference of the two means"),
        },
    ),
    "8.5": Bank(
        right={
            "scipy": _correlation(
                "from scipy.stats import spearmanr", "return spearmanr(one.ravel(), other.ravel()).statistic"
            ),
            "pandas": _correlation(
                "import pandas as pd",
                'return pd.Series(one.ravel()).corr(pd.Series(other.ravel()), method="spearman")',
            ),
            "formula": _correlation(
                "a, b = one.ravel().argsort().argsort(), other.ravel().argsort().argsort()",
                "n = a.size",
                "return 1 - 6 * np.sum((a - b) ** 2) / (n * (n**2 - 1))",
            ),
            "sorted_lists": _correlation(
                "def ranks(values):",
                "    ordered = sorted(values.ravel())",
                "    return [ordered.index(v) for v in values.ravel()]",
                "return float(np.corrcoef(ranks(one), ranks(other))[0, 1])",
            ),
        },
        wrong={
            "values_not_ranks": (
                _correlation("return np.corrcoef(one.ravel(), other.ravel())[0, 1]"),
                "correlation of the values",
            ),
            "argsort_once": (
                _correlation("return np.corrcoef(one.ravel().argsort(), other.ravel().argsort())[0, 1]"),
                "`argsort` was used once",
            ),
            "sign_dropped": (
                _correlation(
                    "from scipy.stats import spearmanr", "return abs(spearmanr(one.ravel(), other.ravel())[0])"
                ),
                "sign was dropped",
            ),
            "squared": (
                _correlation(
                    "from scipy.stats import spearmanr", "return spearmanr(one.ravel(), other.ravel())[0] ** 2"
                ),
                "square of the correlation",
            ),
            "row_by_row": (
                _correlation(
                    "a, b = one.argsort().argsort(), other.argsort().argsort()",
                    "return np.corrcoef(a.ravel(), b.ravel())[0, 1]",
                ),
                "within each row",
            ),
            "ranks_of_one": (
                _correlation("return np.corrcoef(one.ravel().argsort().argsort(), other.ravel())[0, 1]"),
                "Only the first map",
            ),
            "whole_result": (
                _correlation("from scipy.stats import spearmanr", "return spearmanr(one.ravel(), other.ravel())"),
                "and a p-value",
            ),
            "whole_table": (
                _correlation("return np.corrcoef(one.ravel().argsort().argsort(), other.ravel().argsort().argsort())"),
                "each of the two with each",
            ),
            "columns_for_maps": (
                _correlation("from scipy.stats import spearmanr", "return spearmanr(one, other).statistic"),
                "taken for a map of its own",
            ),
            "rows_for_maps": (_correlation("return np.corrcoef(one, other)[0, 1]"), "two rows of one map"),
            "ordered_values": (
                _correlation("return np.corrcoef(np.sort(one.ravel()), np.sort(other.ravel()))[0, 1]"),
                "their places are lost",
            ),
        },
    ),
    "8.6": Bank(
        right={
            "mask_the_hits": _returning(
                "worst_mistakes(labels, probabilities, count)",
                "wrong = probabilities.argmax(1) != labels",
                "confidence = np.where(wrong, probabilities.max(1), -1)",
                "order = np.argsort(confidence)[::-1]",
                "return order[:min(count, wrong.sum())]",
            ),
            "sorted": _returning(
                "worst_mistakes(labels, probabilities, count)",
                "found = [i for i in range(len(labels)) if probabilities[i].argmax() != labels[i]]",
                "found.sort(key=lambda i: probabilities[i].max(), reverse=True)",
                "return np.array(found[:count])",
            ),
            "pandas": _returning(
                "worst_mistakes(labels, probabilities, count)",
                "import pandas as pd",
                "table = pd.DataFrame({'sure': probabilities.max(1), 'wrong': probabilities.argmax(1) != labels})",
                "return table[table.wrong].nlargest(count, 'sure').index.to_numpy()",
            ),
        },
        wrong={
            "right_ones_too": (_worst("return np.argsort(-confidence)[:count]"), "Right answers are among them"),
            "hits": (
                _worst(
                    "hits = np.flatnonzero(predicted == labels)",
                    "return hits[np.argsort(-confidence[hits])][:count]",
                ),
                "most confident right answers",
            ),
            "least_sure_first": (
                _worst("return mistakes[np.argsort(confidence[mistakes])][:count]"),
                "least confident ones come first",
            ),
            "truth_least_likely": (
                _worst(
                    "of_truth = probabilities[mistakes, labels[mistakes]]",
                    "return mistakes[np.argsort(of_truth)][:count]",
                ),
                "how improbable the true emotion",
            ),
            "positions_among_the_mistakes": (
                _worst("return np.argsort(-confidence[mistakes])[:count]"),
                "within the mistakes alone",
            ),
            "all_of_them": (_worst("return mistakes[np.argsort(-confidence[mistakes])]"), "all mistakes"),
            "confidence_for_position": (
                _worst("return np.sort(confidence[mistakes])[::-1][:count]"),
                "Expected the positions",
            ),
            "not_sorted": (
                _worst("return mistakes[:count]"),
                "order of the data",
            ),
            "surest_last": (
                _worst("return mistakes[np.argsort(confidence[mistakes])][-count:]"),
                "the surest comes last",
            ),
            "cut_before_the_mistakes": (
                _worst(
                    "surest = np.argsort(-confidence)[:count]", "return surest[predicted[surest] != labels[surest]]"
                ),
                "Find the mistakes first",
            ),
            "filled_up_with_hits": (
                _worst("return np.argsort(-np.where(predicted != labels, confidence, 0))[:count]"),
                "right answers follow them",
            ),
        },
    ),
    "8.7": Bank(
        right={
            "own_words": """
answer_8_7 = '''
One glowing photo says where the score came from in that photo, with that model. Dividing by the largest value
guarantees a bright spot even if nothing matters much. Whether the answer was correct, whether the cause lies in
the mouth, or how the person felt: none of it is in there. I want hundreds of random faces including the failures,
then shuffled weights, then a bright sticker planted in the corner, and last the same face with only its lips changed.
'''
""",
            "list": """
answer_8_7 = (
    "Shows: pixels on which this score depends, for one picture, at the resolution of the last layer. "
    "Does not show: understanding, causes, truth, or stress itself, since a label is someone's opinion of a face. "
    "Checks: is the map different when the network is randomised? Does it find a patch that we put there? "
    "Does the average over all test faces look alike, also where the answer is wrong? Who chose the example?"
)
""",
        },
        wrong={
            "too_short": ('answer_8_7 = "It shows that the mouth matters, which is plausible."', "at least 40 words"),
            "not_a_text": ("answer_8_7 = ['the mouth']", "Expected a text in quotes"),
            "repeated_words": (f"answer_8_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_8_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_8_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
