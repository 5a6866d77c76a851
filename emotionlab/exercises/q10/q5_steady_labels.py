"""Question 10.5: labels that do not flicker.

Title, points, task and model solution: solutions/10_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "10.5",
    hints=(
        "Walk through the frames with one variable, `shown`. Which two things can happen to it?",
        "First ask: is -1 shown, or is best ahead of `shown` by at least lead? If so, show best, or -1 where it is too "
        "weak. If not, ask whether what is shown has become too weak.",
        "`if shown == -1 or row[best] - row[shown] >= lead: shown = best if row[best] >= threshold else -1`, "
        "`elif row[shown] < threshold - lead: shown = -1`.",
    ),
    passed="Right. This is hysteresis, the rule by which a thermostat does not click all day.",
    explained={
        "Labels in a list say the same as labels in an array.": ("line 18: np.array(labels) -> labels",),
        "Half precision holds the bounds that are met exactly; no other frame lies near one.": (
            "blind: argument 1: float16",
            "blind: argument 1: … element changed",
            "blind: argument 2: float16",
            "blind: argument 3: float16",
        ),
        "A probability is never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def shaky_faces(seed):
    """(probabilities, threshold, lead): two emotions close together, rises and falls round the threshold.

    In the last two cases each bound is met to the last bit; in the very last the first frame has a label to show.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for threshold, lead in ((0.5, 0.1), (0.4, 0.06)):
        t = threshold
        # (probability of the one, of the other), the rest spread: each step tells some mistake from the right way
        steps = [(t - 0.06, 0.1), (t + 0.03, 0.15), (t - lead / 2, t - lead), (t - 0.02, t - 0.04 + lead)]
        steps += [(t - lead / 2, t - lead / 2 + 0.01), (t - 0.03, t + lead), (t - lead / 3, t - 0.01)]
        steps += [(t - lead, t - lead - 0.05), (t - lead - 0.03, t - 2 * lead), (t - 0.01, 0.1), (t + 0.05, 0.2)]
        steps += [(t - 0.9 * lead, 0.1), (t - 1.2 * lead, 0.1), (0.2, t - 0.02), (0.15, t + 0.02)]
        if threshold < 0.5:  # both above it
            steps += [(t + 0.05, 0.2), (t + 0.02, t + 0.02 + lead / 2), (0.2, t + 0.05)]
        one, *rest = rng.permutation(6)
        other = 6  # the last label: where -1 is taken for a place, it is compared with itself
        rows = []
        for _ in range(3):
            shares = np.array(steps) + rng.uniform(-0.004, 0.004, (len(steps), 2))
            block = np.empty((len(steps), 7))
            block[:, one], block[:, other] = shares.T
            left = 1 - shares.sum(axis=1)
            block[:, rest] = left[:, None] * rng.dirichlet(np.full(5, 8.0), len(steps))
            rows.append(block)
            one, other = other, one
        walk = rng.dirichlet(np.ones(7), 60)
        for i in range(1, 60):
            walk[i] = 0.75 * walk[i - 1] + 0.25 * walk[i]
        walk = walk**3 / (walk**3).sum(axis=1, keepdims=True)
        cases.append((np.concatenate([*rows, walk]), threshold, lead))
    bounds = on_the_bounds(*rng.permutation(7))
    return [*cases, (bounds, 0.5, 0.125), (bounds[1:], 0.5, 0.125)]


def on_the_bounds(one, other, *rest):
    """Multiples of 1/64, which a float holds exactly: the threshold 1/2, the lead 1/8, and 3/8 where a label ends."""
    steps = [(2, 1), (4, 1), (3, 2), (3.5, 4.5), (2, 3), (4, 3), (3, 4), (2.5, 3.5), (1, 4), (2, 3), (2, 2)]
    block = np.zeros((len(steps), 7))
    block[:, one], block[:, other] = np.array(steps).T / 8
    left = 1 - block.sum(axis=1)
    for label, share in zip(rest, (0.25, 0.25, 0.25, 0.125, 0.125), strict=True):
        block[:, label] = left * share
    return block


# ---- Parts of the answers below ------------------------------------------------------------------


def in_turn(probabilities, after):
    """after(shown, p): what is shown in a frame with the probabilities p, `shown` in the one before."""
    labels = [-1]
    for p in probabilities:
        labels.append(after(labels[-1], p))
    return np.array(labels[1:])


def if_it_has(least, label, p):
    """The label, or -1 where its probability is below `least`."""
    return label if p[label] >= least else -1


# ---- Good styles ---------------------------------------------------------------------------------


@style
def loop(probabilities, threshold, lead):
    shown, labels = -1, []
    for p in probabilities:
        best = int(np.argmax(p))
        if shown < 0 or p[best] - p[shown] >= lead:
            shown = best if p[best] >= threshold else -1
        elif p[shown] < threshold - lead:
            shown = -1
        labels.append(shown)
    return np.array(labels)


@style
def too_weak_is_also_too_low(probabilities, threshold, lead):
    def after(shown, p):
        best = p.argmax()
        if shown == -1 or (p[best] - p[shown] >= lead and p[best] >= threshold):
            return if_it_has(threshold, best, p)
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@style
def early_continue(probabilities, threshold, lead):
    labels = np.full(len(probabilities), -1)
    now = -1
    for i, row in enumerate(probabilities):
        top = row.argmax()
        if now >= 0 and row[top] - row[now] < lead:
            if row[now] < threshold - lead:
                now = -1
            labels[i] = now
            continue
        now = top if row[top] >= threshold else -1
        labels[i] = now
    return labels


@style
def function_of_one_step(probabilities, threshold, lead):
    def after(shown, p):
        best = max(range(7), key=lambda k: p[k])
        change = shown == -1 or p[best] - p[shown] >= lead
        if change:
            return best if p[best] >= threshold else -1
        return shown if p[shown] >= threshold - lead else -1

    return in_turn(probabilities, after)


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "Each frame is labelled by itself, so the label flickers. What is shown must stay until something else is clearly "
    "ahead: remember it from frame to frame."
)
def without_memory(probabilities, threshold, lead):
    return in_turn(probabilities, lambda shown, p: if_it_has(threshold, p.argmax(), p))


@mistake(
    "The first frame always gets -1. That is what is shown *before* it: the rule holds for the first frame as for any "
    "other."
)
def first_frame_left_out(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or p.max() - p[shown] >= lead:
            return if_it_has(threshold, p.argmax(), p)
        return if_it_has(threshold - lead, shown, p)

    return np.array([-1, *in_turn(probabilities[1:], after)])


@mistake("The threshold is missing: some faces get a word although no emotion reaches it. Expected -1 there.")
def no_threshold(probabilities, threshold, lead):
    def after(shown, p):
        return p.argmax() if shown == -1 or p.max() - p[shown] >= lead else shown

    return in_turn(probabilities, after)


@mistake(
    "While -1 is shown, `p[shown]` is `p[-1]`, the last of the seven probabilities. Ask first whether -1 is shown: "
    "then `best` need not be ahead of anything."
)
def shown_as_index(probabilities, threshold, lead):
    def after(shown, p):
        if p.max() - p[shown] >= lead:
            return if_it_has(threshold, p.argmax(), p)
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake(
    "A label takes over that does not reach the threshold. Where `best` is clearly ahead but too weak, expected -1.",
)
def weak_challenger_shown(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1:
            return if_it_has(threshold, p.argmax(), p)
        if p.max() - p[shown] >= lead:
            return p.argmax()
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake('After "not sure" the best label is shown although it does not reach the threshold. Expected -1 there.')
def weak_after_not_sure(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1:
            return p.argmax()
        if p.max() - p[shown] >= lead:
            return if_it_has(threshold, p.argmax(), p)
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake(id="weak_after_not_sure", says="the best label is shown although")
def weak_after_not_sure_and_both_asked(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or (p.max() - p[shown] >= lead and p.max() >= threshold):
            return p.argmax()
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake(
    "The old label stays where another is clearly ahead of it but does not reach the threshold. Expected -1 there.",
)
def weak_challenger_ignored(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or p.max() - p[shown] >= lead:
            return p.argmax() if p.max() >= threshold else shown
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake("Another label takes over as soon as it is ahead at all. It must be ahead by at least `lead`.")
def no_lead(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or p.max() > p[shown]:
            return if_it_has(threshold, p.argmax(), p)
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake(
    "You compare the best label with the second best. Compare it with the label that is *shown*, which may be any.",
)
def ahead_of_the_runner_up(probabilities, threshold, lead):
    def after(shown, p):
        second, first = np.sort(p)[-2:]
        if shown == -1 or first - second >= lead:
            return if_it_has(threshold, p.argmax(), p)
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake(
    "You compare with what the label shown had in the frame before. Take both probabilities from this frame.",
)
def compared_with_the_frame_before(probabilities, threshold, lead):
    shown, labels, before = -1, [], probabilities[0]
    for p in probabilities:
        if shown == -1 or p.max() - before[shown] >= lead:
            shown = if_it_has(threshold, p.argmax(), p)
        else:
            shown = if_it_has(threshold - lead, shown, p)
        labels.append(shown)
        before = p
    return np.array(labels)


@mistake(
    'The label shown ends as soon as it falls below the threshold, so it flickers between the word and "not sure". It '
    "may fall to `threshold - lead`."
)
def leaves_at_the_threshold(probabilities, threshold, lead):
    def after(shown, p):
        change = shown == -1 or p.max() - p[shown] >= lead
        return if_it_has(threshold, p.argmax() if change else shown, p)

    return in_turn(probabilities, after)


@mistake(
    "A label, once shown, ends only when another takes over. Where it falls below `threshold - lead`, show -1.",
)
def never_unsure_again(probabilities, threshold, lead):
    def after(shown, p):
        change = shown == -1 or p.max() - p[shown] >= lead
        return if_it_has(threshold, p.argmax(), p) if change else shown

    return in_turn(probabilities, after)


@mistake("Where `best` is ahead by exactly `lead` the old label stays. *At least* `lead` is enough: `>=`, not `>`.")
def more_than_lead(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or p.max() - p[shown] > lead:
            return if_it_has(threshold, p.argmax(), p)
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake("A probability of exactly `threshold` is taken for too weak. It reaches the threshold: `>=`, not `>`.")
def more_than_threshold(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or p.max() - p[shown] >= lead:
            return p.argmax() if p.max() > threshold else -1
        return if_it_has(threshold - lead, shown, p)

    return in_turn(probabilities, after)


@mistake(
    "A label that has exactly `threshold - lead` ends. It has not fallen *below* that yet: `<`, not `<=`.",
)
def ends_on_the_bound(probabilities, threshold, lead):
    def after(shown, p):
        if shown == -1 or p.max() - p[shown] >= lead:
            return if_it_has(threshold, p.argmax(), p)
        return shown if p[shown] > threshold - lead else -1

    return in_turn(probabilities, after)
