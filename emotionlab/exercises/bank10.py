"""Answers that prove the checks of exercise 10 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "they said that it is a very nice demo " * 8

_COPIED_TASK = """
Let two people try your demo, one after the other, and report: what you asked of them beforehand and how they agreed,
the task you gave them, what you saw them do, what they said in their own words, what went wrong and which link of the
chain was to blame, and what you change because of it. I did that.
"""

_COPIED_INSTRUCTIONS = """
Tell them what it does, that it is often wrong, what it keeps (nothing), and that they may stop at any time. They need
not show their face: a drawn picture will do. Give a task and keep quiet, for instance: start it, make it say two
different words, and tell me what you think it does. That is how we did it.
"""

_COPIED_RUBRIC = """
Both were told beforehand what the demo does, what it keeps and that they may stop, and both agreed. There was a task
with a goal, given without help, and the same for both. Says what was seen and quotes what was said, for each of the
two, apart from what the author makes of it. Traces at least one fault to its link.
"""


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _overlap(result: str, *before: str) -> str:
    return _returning(
        "overlap(a, b)",
        *before,
        "across = min(a[2], b[2]) - max(a[0], b[0])",
        "down = min(a[3], b[3]) - max(a[1], b[1])",
        "one, two = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]",
        "both = max(0, across) * max(0, down)",
        f"return {result}",
    )


def _crop(*last: str, side="round(max(w, h) * (1 + 2 * margin))", corner="x + (w - side) // 2, y + (h - side) // 2"):
    """The square crop as source text: the square first, then the given lines."""
    return _returning(
        "square_crop(picture, box, margin)",
        "x, y, w, h = box",
        f"side = {side}",
        f"left, top = {corner}",
        *last,
    )


def _padded(mode: str, **square: str) -> str:
    return _crop(
        f"big = np.pad(picture, 100, mode={mode!r})",
        "return big[top + 100:top + 100 + side, left + 100:left + 100 + side]",
        **square,
    )


def _rate(result: str) -> str:
    return _returning("frame_rate(camera, way, work, in_flight)", f"return {result}")


def _mean(
    weight="1 - np.exp(-passed / tau)",
    anew="passed > keep",
    skip="    continue",
    start="None",
    since="seen",
) -> str:
    """The mean with gaps as source text, with some of its parts exchanged."""
    return _returning(
        "mean_over_time(times, values, found, tau, keep)",
        f"result, mean, seen = np.full_like(values, np.nan), {start}, times[0]",
        "for i in range(len(times)):",
        "    if not found[i]:",
        f"    {skip}",
        f"    passed = times[i] - ({since})",
        f"    if mean is None or (i and {anew}):",
        "        mean = values[i].copy()",
        "    else:",
        f"        weight = {weight}",
        "        mean = (1 - weight) * mean + weight * values[i]",
        "    result[i], seen = mean, times[i]",
        "return result",
    )


def _steady(
    ahead="p[best] - p[shown] >= lead", enough="p[best] >= threshold", weak="p[shown] < threshold - lead"
) -> str:
    return _returning(
        "steady_labels(probabilities, threshold, lead)",
        "shown, labels, before = -1, [], probabilities[0]",
        "for p in probabilities:",
        "    best = int(np.argmax(p))",
        f"    if shown < 0 or {ahead}:",
        f"        shown = best if {enough} else -1",
        f"    elif {weak}:",
        "        shown = -1",
        "    labels.append(shown)",
        "    before = p",
        "return np.array(labels)",
    )


def _match(*lines: str) -> str:
    """Matching as source text: a table of overlaps, then the given lines."""
    return "\n".join(
        [
            "def iou(a, b):",
            "    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])",
            "    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])",
            "    both = max(w, 0) * max(h, 0)",
            "    return both / (a[2] * a[3] + b[2] * b[3] - both)",
            "",
            "def match_faces(old, new, least):",
            "    from scipy.optimize import linear_sum_assignment",
            "    table = np.array([[iou(a, b) for b in new] for a in old])",
            "    result = np.full(len(new), -1)",
            *(f"    {line}" for line in lines),
            "    return result",
        ]
    )


_PAIRS = "for i, j in zip(*linear_sum_assignment(-table)):"

BANK = {
    "10.1": Bank(
        right={
            "early_return": _overlap(
                "both / (one + two - both)",
                "if a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]:",
                "    return 0",
            ),
            "numpy": _returning(
                "overlap(a, b)",
                "a, b = np.array(a, float), np.array(b, float)",
                "sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)",
                "both = sides.prod()",
                "return both / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - both)",
            ),
            "pixels": _returning(
                "overlap(a, b)",
                "masks = np.zeros((2, 300, 300), bool)",
                "for mask, (l, t, r, u) in zip(masks, (a, b)):",
                "    mask[t:u, l:r] = True",
                "return (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()",
            ),
            "package": _returning(
                "overlap(a, b)",
                "one, two = (el.faces.Box(l, t, r - l, u - t) for l, t, r, u in (a, b))",
                "return one.overlap(two)",
            ),
        },
        wrong={
            "apart_in_both": (
                _overlap("across * down / (one + two - across * down)"),
                "apart in both directions",
            ),
            "apart_on_one_side": (
                _overlap(
                    "across * down / (one + two - across * down)", "if a[2] < b[0] or a[3] < b[1]:", "    return 0"
                ),
                "to the left, below or above",
            ),
            "apart_across_only": (
                _overlap(
                    "across * down / (one + two - across * down)", "if b[0] >= a[2] or b[2] <= a[0]:", "    return 0"
                ),
                "to the left, below or above",
            ),
            "sign_dropped": (
                _overlap("abs(across) * abs(down) / (one + two - abs(across) * abs(down))"),
                "`abs` makes a width of a gap",
            ),
            "edges_as_pixels": (
                _overlap("both / (one + two - both)", "a, b = [(x, y, r + 1, u + 1) for x, y, r, u in (a, b)]"),
                "10 pixels wide",
            ),
            "enclosing_box": (
                _overlap("both / ((max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1])))"),
                "smallest box that holds both",
            ),
            "shared_counted_twice": (_overlap("both / (one + two)"), "counted twice"),
            "dice": (_overlap("2 * both / (one + two)"), "Dice's coefficient"),
            "share_of_the_smaller": (_overlap("both / min(one, two)"), "divided by the smaller box"),
            "share_of_the_first": (_overlap("both / one"), "divided by the first box"),
            "width_and_height": (
                _overlap("both / (one + two - both)", "a, b = [(x, y, x + w, y + h) for x, y, w, h in (a, b)]"),
                "taken for width and height",
            ),
            "shared_pixels": (_overlap("both"), "shared area in pixels"),
        },
    ),
    "10.2": Bank(
        right={
            "pad": _padded("edge"),
            "opencv": _crop(
                "import cv2",
                "big = cv2.copyMakeBorder(picture, side, side, side, side, cv2.BORDER_REPLICATE)",
                "return big[top + side:top + 2 * side, left + side:left + 2 * side]",
            ),
            "ix": _crop(
                "rows = [min(max(r, 0), picture.shape[0] - 1) for r in range(top, top + side)]",
                "columns = [min(max(c, 0), picture.shape[1] - 1) for c in range(left, left + side)]",
                "return picture[np.ix_(rows, columns)]",
                corner="int(x + w / 2 - side / 2), int(y + h / 2 - side / 2)",
            ).replace("int(", "round("),
            "loop": _crop(
                "out = np.zeros((side, side), 'uint8')",
                "for i in range(side):",
                "    for j in range(side):",
                "        r = min(max(top + i, 0), len(picture) - 1)",
                "        out[i, j] = picture[r, min(max(left + j, 0), picture.shape[1] - 1)]",
                "return out",
            ),
        },
        wrong={
            "clipped": (
                _crop("return picture[max(top, 0):top + side, max(left, 0):left + side]"),
                "no longer square",
            ),
            "negative_slice": (
                _crop("return picture[top:top + side, left:left + side]"),
                "begins at a negative number",
            ),
            "pushed_inside": (
                _crop(
                    "top = min(max(top, 0), picture.shape[0] - side)",
                    "left = min(max(left, 0), picture.shape[1] - side)",
                    "return picture[top:top + side, left:left + side]",
                ),
                "pushed back into the picture",
            ),
            "pushed_from_the_left": (
                _crop("top, left = max(top, 0), max(left, 0)", "return picture[top:top + side, left:left + side]"),
                "pushed back into the picture",
            ),
            "black_edge": (_padded("constant"), "black pixels"),
            "mirrored_edge": (_padded("symmetric"), "is mirrored"),
            "reflected_edge": (_padded("reflect"), "is mirrored"),
            "wrapped_edge": (_padded("wrap"), "begins again at its other end"),
            "not_square": (
                _crop(
                    "a, b = round(w * margin), round(h * margin)",
                    "big = np.pad(picture, 100, mode='edge')",
                    "return big[y - b + 100:y + h + b + 100, x - a + 100:x + w + a + 100]",
                ),
                "the shape of the box",
            ),
            "shorter_side": (_padded("edge", side="round(min(w, h) * (1 + 2 * margin))"), "shorter side"),
            "margin_once": (_padded("edge", side="round(max(w, h) * (1 + margin))"), "added once"),
            "margin_once_from_the_middle": (
                _padded(
                    "edge",
                    side="round(max(w, h) * (1 + margin))",
                    corner="round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)",
                ),
                "added once",
            ),
            "from_the_corner": (
                _padded("edge", corner="round(x - margin * max(w, h)), round(y - margin * max(w, h))"),
                "begins at the corner",
            ),
            "axes_exchanged": (
                _crop(
                    "big = np.pad(picture, 100, mode='edge')",
                    "return big[left + 100:left + 100 + side, top + 100:top + 100 + side]",
                ),
                "Rows and columns are exchanged",
            ),
        },
    ),
    "10.3": Bank(
        right={
            "seconds": _returning(
                "frame_rate(camera, way, work, in_flight)",
                "work, way = work / 1000, way / 1000",
                "latency = 2 * way + work",
                "return min([camera, 1 / work, in_flight / latency])",
            ),
            "slowest_step": _returning(
                "frame_rate(camera, way, work, in_flight)",
                "between = max(1000 / camera, work, (way + work + way) / in_flight)",
                "return 1000 / between",
            ),
            "numpy": _rate("np.min([camera, 1000 / work, 1000 * in_flight / (work + 2 * way)])"),
        },
        wrong={
            "one_at_a_time": (_rate("min(camera, 1000 / (way + work + way))"), "a single frame under way"),
            "flight_forgotten": (_rate("min(camera, 1000 / work)"), "in flight was forgotten"),
            "kernel_forgotten": (
                _rate("min(camera, in_flight * 1000 / (way + work + way))"),
                "kernel was forgotten",
            ),
            "camera_forgotten": (
                _rate("min(1000 / work, in_flight * 1000 / (way + work + way))"),
                "that of the camera",
            ),
            "way_counted_once": (
                _rate("min(camera, 1000 / work, in_flight * 1000 / (way + work))"),
                "there and back again",
            ),
            "milliseconds_for_seconds": (
                _rate("min(camera, 1 / work, in_flight / (way + work + way))"),
                "in milliseconds",
            ),
            "latency_for_rate": (_rate("way + work + way"), "the time of a frame"),
            "two_are_enough": (
                _rate("min(camera, 1000 / (2 * way + work if in_flight == 1 else work))"),
                "do not always keep the kernel busy",
            ),
            "largest_limit": (
                _rate("max(camera, 1000 / work, in_flight * 1000 / (way + work + way))"),
                "largest of the three",
            ),
            "kernel_and_camera_forgotten": (_rate("in_flight * 1000 / (way + work + way)"), "Expected 15"),
        },
    ),
    "10.4": Bank(
        right={
            "loop": _mean(),
            "expm1": _mean(weight="-np.expm1(-passed / tau)"),
            "compressed": _returning(
                "mean_over_time(times, values, found, tau, keep)",
                "t, v = times[found], values[found]",
                "means = [v[0]]",
                "for k in range(1, len(t)):",
                "    step = t[k] - t[k - 1]",
                "    old = np.exp(-step / tau) if step <= keep else 0.0",
                "    means.append(old * means[-1] + (1 - old) * v[k])",
                "result = np.full(values.shape, np.nan)",
                "result[found] = means",
                "return result",
            ),
        },
        wrong={
            "empty_rows_too": (
                _returning(
                    "mean_over_time(times, values, found, tau, keep)",
                    "means = [values[0]]",
                    "for step, value in zip(np.diff(times), values[1:]):",
                    "    means.append(means[-1] + (1 - np.exp(-step / tau)) * (value - means[-1]))",
                    "return np.array(means)",
                ),
                "empty rows",
            ),
            "same_weight": (_mean(weight="1 - np.exp(-np.diff(times).mean() / tau)"), "the same weight"),
            "weights_exchanged": (_mean(weight="np.exp(-passed / tau)"), "are exchanged"),
            "straight_line": (_mean(weight="min(1, passed / tau)"), "passed / tau"),
            "half_life": (_mean(weight="1 - 2 ** (-passed / tau)"), "half-life"),
            "since_the_last_frame": (
                _mean(anew="times[i] - seen > keep", since="times[i - 1] if i else seen"),
                "since the last *frame*",
            ),
            "never_anew": (_mean(anew="False"), "After the long gap the old mean goes on"),
            "times_tau": (_mean(weight="1 - np.exp(-passed * tau)"), "passed * tau"),
            "always_anew": (_mean(anew="not found[i - 1]"), "After each gap the mean starts anew"),
            "gap_filled": (
                _mean(skip="    result[i] = mean; continue"),
                "repeat the last mean",
            ),
            "starts_at_zero": (_mean(start="np.zeros(7)"), "starts at zero"),
            "since_the_last_frame_and_never_anew": (
                _mean(anew="False", since="times[i - 1] if i else seen"),
                "since the last *frame*",
            ),
            "until_the_last_missed": (
                _returning(
                    "mean_over_time(times, values, found, tau, keep)",
                    "result, mean, missed = np.full_like(values, np.nan), values[0], 0",
                    "for i in range(len(times)):",
                    "    step = times[i] - times[i - 1] if i else 0",
                    "    if not found[i]:",
                    "        missed += step",
                    "        continue",
                    "    weight = 1 if missed > keep else 1 - np.exp(-(missed + step) / tau)",
                    "    mean = mean + weight * (values[i] - mean)",
                    "    result[i], missed = mean, 0",
                    "return result",
                ),
                "until the face is seen again",
            ),
            "from_the_first_missed": (
                _mean(anew="times[i] - times[np.flatnonzero(found[:i])[-1] + 1] > keep"),
                "when the face was last seen",
            ),
            "zeros_for_nobody": (
                _mean().replace("np.full_like(values, np.nan)", "np.zeros_like(values)"),
                "hold zeros",
            ),
            "gaps_left_out": (_mean().replace("return result", "return result[found]"), "were left out"),
            "nan_goes_on": (
                _mean().replace("mean = (1 - weight) * mean", "mean = (1 - weight) * result[i - 1]"),
                "that are NaN",
            ),
        },
    ),
    "10.5": Bank(
        right={
            "loop": _steady(),
            "too_weak_is_also_too_low": _steady(ahead="p[best] - p[shown] >= lead and p[best] >= threshold"),
            "early_continue": _returning(
                "steady_labels(probabilities, threshold, lead)",
                "labels = np.full(len(probabilities), -1)",
                "now = -1",
                "for i, row in enumerate(probabilities):",
                "    top = row.argmax()",
                "    if now >= 0 and row[top] - row[now] < lead:",
                "        if row[now] < threshold - lead:",
                "            now = -1",
                "        labels[i] = now",
                "        continue",
                "    now = top if row[top] >= threshold else -1",
                "    labels[i] = now",
                "return labels",
            ),
            "function_of_one_step": "\n".join(
                [
                    "def after(shown, p, threshold, lead):",
                    "    best = max(range(7), key=lambda k: p[k])",
                    "    change = shown == -1 or p[best] - p[shown] >= lead",
                    "    if change:",
                    "        return best if p[best] >= threshold else -1",
                    "    return shown if p[shown] >= threshold - lead else -1",
                    "",
                    "def steady_labels(probabilities, threshold, lead):",
                    "    labels = [-1]",
                    "    for p in probabilities:",
                    "        labels.append(after(labels[-1], p, threshold, lead))",
                    "    return np.array(labels[1:])",
                ]
            ),
        },
        wrong={
            "without_memory": (
                _returning(
                    "steady_labels(probabilities, threshold, lead)",
                    "best = probabilities.argmax(axis=1)",
                    "return np.where(probabilities.max(axis=1) >= threshold, best, -1)",
                ),
                "labelled by itself",
            ),
            "no_threshold": (_steady(enough="True", weak="False"), "threshold is missing"),
            "no_lead": (_steady(ahead="p[best] > p[shown]"), "as soon as it is ahead at all"),
            "shown_as_index": (_steady().replace("shown < 0 or ", ""), "is `p[-1]`"),
            "weak_challenger_shown": (
                _steady(enough="p[best] >= threshold or shown >= 0"),
                "does not reach the threshold. Where",
            ),
            "weak_after_not_sure": (
                _steady(enough="p[best] >= threshold or shown == -1"),
                "the best label is shown although",
            ),
            "weak_after_not_sure_and_both_asked": (
                _steady(ahead="p[best] - p[shown] >= lead and p[best] >= threshold", enough="True"),
                "the best label is shown although",
            ),
            "weak_challenger_ignored": (
                _steady().replace(
                    "shown = best if p[best] >= threshold else -1", "shown = best if p[best] >= threshold else shown"
                ),
                "The old label stays",
            ),
            "ahead_of_the_runner_up": (
                _steady(ahead="np.sort(p)[-1] - np.sort(p)[-2] >= lead"),
                "with the second best",
            ),
            "compared_with_the_frame_before": (_steady(ahead="p[best] - before[shown] >= lead"), "in the frame before"),
            "leaves_at_the_threshold": (_steady(weak="p[shown] < threshold"), "as soon as it falls below"),
            "never_unsure_again": (_steady(weak="False"), "ends only when another takes over"),
        },
    ),
    "10.6": Bank(
        right={
            "negative_cost": _match(_PAIRS, "    if table[i, j] >= least:", "        result[j] = i"),
            "threshold_before": _match(
                "kept = np.where(table >= least, table, 0)",
                "for i, j in zip(*linear_sum_assignment(1 - kept)):",
                "    result[j] = i if kept[i, j] > 0 else -1",
            ),
            "all_pairings": _match(
                "from itertools import permutations",
                "n = max(table.shape)",
                "full = np.zeros((n, n))",
                "full[:len(old), :len(new)] = table",
                "best = max(permutations(range(n)), key=lambda p: sum(full[i, p[i]] for i in range(n)))",
                "for i in range(len(old)):",
                "    if full[i, best[i]] >= least:",
                "        result[best[i]] = i",
            ),
        },
        wrong={
            "used_twice": (
                _match("result = np.where(table.max(axis=0) >= least, table.argmax(axis=0), -1)"),
                "given to two new ones",
            ),
            "first_come": (
                _match(
                    "for j in range(len(new)):",
                    "    i = table[:, j].argmax()",
                    "    if table[i, j] >= least:",
                    "        result[j] = i",
                    "        table[i] = 0",
                ),
                "Whoever comes first",
            ),
            "best_pair_first": (
                _match(
                    "while table.max() >= least:",
                    "    i, j = divmod(table.argmax(), len(new))",
                    "    result[j] = i",
                    "    table[i, :] = table[:, j] = 0",
                ),
                "That is greedy",
            ),
            "no_least_overlap": (_match(_PAIRS, "    result[j] = i"), "overlap too little were kept"),
            "for_the_old_boxes": (
                _match(
                    "result = np.full(len(old), -1)",
                    _PAIRS,
                    "    if table[i, j] >= least:",
                    "        result[i] = j",
                ),
                "for each *old* box",
            ),
            "nearest_middle": (
                _match(
                    "centres = [boxes[:, :2] + boxes[:, 2:] / 2 for boxes in (old, new)]",
                    "result = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2).argmin(axis=0)",
                ),
                "nearest old box",
            ),
            "nearest_pairs": (
                _match(
                    "centres = [boxes[:, :2] + boxes[:, 2:] / 2 for boxes in (old, new)]",
                    "table = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2)",
                    "for i, j in zip(*linear_sum_assignment(table)):",
                    "    result[j] = i",
                ),
                "distance of their middles",
            ),
            "sizes_as_edges": (
                _match(
                    "def edges(a, b):",
                    "    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])",
                    "    one, two = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]",
                    "    return max(w, 0) * max(h, 0) / (one + two - max(w, 0) * max(h, 0))",
                    "table = np.array([[edges(a, b) for b in new] for a in old])",
                    _PAIRS,
                    "    if table[i, j] >= least:",
                    "        result[j] = i",
                ),
                "x + width",
            ),
            "by_position_where_close": (
                _match("result = np.array([i if iou(*p) >= least else -1 for i, p in enumerate(zip(old, new))])"),
                "no fixed order",
            ),
            "least_sum": (
                _match(
                    "for i, j in zip(*linear_sum_assignment(table)):",
                    "    if table[i, j] >= least:",
                    "        result[j] = i",
                ),
                "smallest",
            ),
            "by_position": (
                _match("result[:len(old)] = np.arange(len(old))[:len(new)]"),
                "no fixed order",
            ),
        },
    ),
    "10.7": Bank(
        right={
            "own_words": """
answer_10_7 = '''
Two friends, asked on the phone first: "You will see yourself with a word beside your face, nothing is saved, the word
may be nonsense, leave whenever you like." Yes and yes.
Goal for each: find out what makes it change its mind. Friend one leaned back, the frame vanished, "it forgot me": the
detector needs a bigger face. Friend two laughed and got fear: "how rude". I looked at the crop, a lamp behind him made
it nearly black, so the camera was the weak link. Next version: a hint "more light, please" when the crop is dark, and a
third person tests that. From two I learn about buttons and hints, never how well it works for people in general.
'''
""",
            "list": """
answer_10_7 = (
    "Consent: explained that frames vanish at once, that labels are guesses, that stopping is fine; P and Q nodded, "
    "Q with the drawn picture only. Assignment: get three different words within two minutes, no help from me. "
    "P: searched for the start button for half a minute, muttered 'where is it hiding'. "
    "Q: read every sentence, asked 'who sees this?'. "
    "Cause: words on the page, since the network did fine; one flicker between sad and neutral came from smoothing. "
    "Repair: bigger button, privacy line on top, longer time constant; repeat next week with R. "
    "Names are changed, and two volunteers prove nothing about accuracy."
)
""",
        },
        wrong={
            "too_short": ('answer_10_7 = "Both liked it a lot, and nothing went wrong."', "at least 40 words"),
            "not_a_text": ("answer_10_7 = ['A liked it', 'B did not']", "Expected a text in quotes"),
            "repeated_words": (f"answer_10_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_10_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_instructions": (f"answer_10_7 = {_COPIED_INSTRUCTIONS!r}", "repeats the task"),
            "copied_rubric": (f"answer_10_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
