"""Answers that prove the checks of exercise 03 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "flip and turn and hide " * 12

_COPIED_TASK = """
A friend wants to add four kinds of augmentation to the training of our grey 48 by 48 faces: turning pictures upside
down, hiding a random rectangle, changing the hue, and a rotation of up to 60 degrees. Which would you accept, which
would you refuse, and how would you find out? Hard to say.
"""

_COPIED_RUBRIC = """
It judges each of the four by whether the label stays true and whether such pictures occur in use. It refuses
upside-down pictures, and a rotation far beyond the tilt of a head, with a reason. It sees that a hue change does
nothing to pictures with one grey channel. It leaves the test data out of the decision.
"""


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _mirror(*lines: str) -> str:
    return _returning("mirror(images)", *lines)


def _weights(*lines: str) -> str:
    return _returning("balanced_weights(labels)", "counts = np.bincount(labels, minlength=7)", *lines)


def _smooth(*lines: str) -> str:
    return _returning("smooth(labels, amount)", "one_hot = np.eye(7)[labels]", *lines)


def _augmentation(*layers: str) -> str:
    made = [f"    keras.layers.{layer}," for layer in layers]
    return "import keras\n\n" + _returning("build_augmentation()", "return keras.Sequential([", *made, "])")


def _schedule(fall: str, done: str = "(step - warmup) / (steps - warmup)", rise: str = "peak * step / warmup") -> str:
    return _returning(
        "learning_rate(step, steps, warmup, peak)",
        "if step < warmup:",
        f"    return {rise}",
        f"done = {done}",
        f"return {fall}",
    )


def _oversample(**changes) -> str:
    """Oversampling class by class as source text, with some of its parts exchanged."""
    parts = {
        "seed": "seed",
        "size": "np.bincount(labels).max()",
        "chosen": "np.concatenate([members, rng.choice(members, size - len(members))])",
        "result": "rng.permutation(np.concatenate(parts))",
    } | changes
    return _returning(
        "oversample(labels, seed)",
        f"rng = np.random.default_rng({parts['seed']})",
        f"size = {parts['size']}",
        "parts = []",
        "for label in np.unique(labels):",
        "    members = np.flatnonzero(labels == label)",
        f"    parts.append({parts['chosen']})",
        f"return {parts['result']}",
    )


_FUNCTIONAL = """
import keras

def build_augmentation():
    pictures = keras.Input((48, 48, 1))
    x = keras.layers.RandomFlip("horizontal")(pictures)
    x = keras.layers.RandomTranslation(0.05, 0.05, fill_mode="nearest")(x)
    x = keras.layers.RandomZoom(0.1)(x)
    return keras.Model(pictures, x)
"""

_SUBCLASS = """
import keras

class Augmentation(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.flip = keras.layers.RandomFlip("horizontal")
        self.turn = keras.layers.RandomRotation(0.04)

    def call(self, pictures, training=False):
        return self.turn(self.flip(pictures, training=training), training=training)

def build_augmentation():
    return Augmentation()
"""

_ALWAYS_ON = """
import keras

class Augmentation(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.flip = keras.layers.RandomFlip("horizontal")
        self.turn = keras.layers.RandomRotation(0.04)

    def call(self, pictures):
        return self.turn(self.flip(pictures, training=True), training=True)

def build_augmentation():
    return Augmentation()
"""

_OWN_NOISE = """
import keras

class Noise(keras.layers.Layer):
    def call(self, pictures, training=False):
        return pictures + keras.random.normal(keras.ops.shape(pictures), stddev=40) if training else pictures

def build_augmentation():
    return keras.Sequential([keras.layers.RandomFlip("horizontal"), Noise()])
"""

BANK = {
    "3.1": Bank(
        right={
            "flip_with_axis": _mirror("return np.flip(images, axis=2)"),
            "loop": _mirror("return np.stack([np.fliplr(image) for image in images])"),
            "negative_axis": _mirror("return np.flip(images, -2)"),
            "columns_by_number": _mirror(
                "columns = np.arange(images.shape[2])[::-1]", "return np.take(images, columns, axis=2)"
            ),
        },
        wrong={
            "unchanged": (_mirror("return images[..., ::-1]"), "the one channel"),
            "upside_down": (_mirror("return np.fliplr(images)"), "stand on their heads"),
            "batch_reversed": (_mirror("return images[::-1]"), "order of the pictures"),
            "turned_half": (_mirror("return np.rot90(images, 2, axes=(1, 2))"), "half a circle"),
            "transposed": (_mirror("return np.swapaxes(images, 1, 2)"), "rows became columns"),
            "all_axes": (_mirror("return np.flip(images)"), "Name the axis"),
            "originals_kept": (
                _mirror("return np.concatenate([images, images[:, :, ::-1]])"),
                "originals are still there",
            ),
            "channel_lost": (_mirror("return images[:, :, ::-1, 0]"), "channel axis is gone"),
            "counted_from_minus_zero": (
                _mirror(
                    "result = np.zeros_like(images)",
                    "for i in range(images.shape[2]):",
                    "    result[:, :, i] = images[:, :, -i]",
                    "return result",
                ),
                "`-0` is 0",
            ),
            "mirrored_by_chance": (
                _mirror("import keras", 'return keras.layers.RandomFlip("horizontal")(images, training=True)'),
                "a random layer",
            ),
            "changed_input": (
                _mirror("images[:] = images[:, :, ::-1].copy()", "return images"),
                "changed the array it was given",
            ),
        },
    ),
    "3.2": Bank(
        right={
            "loop": _returning(
                "balanced_weights(labels)",
                "n = len(labels)",
                "return np.array([n / (7 * sum(1 for x in labels if x == label)) for label in range(7)])",
            ),
            "mean_count": _weights("return counts.mean() / counts"),
            "scikit_learn": _returning(
                "balanced_weights(labels)",
                "from sklearn.utils.class_weight import compute_class_weight",
                'return compute_class_weight("balanced", classes=np.arange(7), y=labels)',
            ),
            "package": _returning(
                "balanced_weights(labels)", "return np.array(list(el.class_weights(labels).values()))"
            ),
        },
        wrong={
            "upside_down_weights": (_weights("return 7 * counts / len(labels)"), "upside down"),
            "shares_for_weights": (_weights("return counts / counts.sum()"), "shares of the classes"),
            "seven_forgotten": (_weights("return len(labels) / counts"), "seven times too large"),
            "multiplied_by_the_count": (_weights("return len(labels) / 7 * counts"), "Put brackets"),
            "count_alone": (_weights("return 1 / counts"), "weights tiny"),
            "against_the_largest": (_weights("return counts.max() / counts"), "most frequent one"),
            "sum_of_one": (_weights("w = 1 / counts", "return w / w.sum()"), "add up to 1"),
            "weight_of_each_picture": (
                _weights("return (len(labels) / (7 * counts))[labels]"),
                "one weight for each picture",
            ),
            "whole_division": (_weights("return len(labels) // (7 * counts)"), "cuts the decimals off"),
            "rounded": (_weights("return (len(labels) / (7 * counts)).round(2)"), "are rounded"),
            "sum_of_labels": (_weights("return sum(labels) / (7 * counts)"), "`len(labels)`"),
            "one_minus_share": (_weights("return 1 - counts / len(labels)"), "nearly alike"),
            "counted_from_one": (
                _returning(
                    "balanced_weights(labels)",
                    "return np.array([len(labels) / (7 * np.sum(labels == k)) for k in range(1, 8)])",
                ),
                "classes 1 to 7",
            ),
        },
    ),
    "3.3": Bank(
        right={
            "blend": _smooth(
                "even = np.full((len(labels), 7), 1 / 7)", "return (1 - amount) * one_hot + amount * even"
            ),
            "fill": _returning(
                "smooth(labels, amount)",
                "targets = np.full((len(labels), 7), amount / 7)",
                "targets[np.arange(len(labels)), labels] += 1 - amount",
                "return targets",
            ),
            "where": _smooth("return np.where(one_hot == 1, 1 - amount * 6 / 7, amount / 7)"),
            "float32": _returning(
                "smooth(labels, amount)",
                "rows = []",
                "for label in labels:",
                "    row = np.full(7, amount / 7, dtype='float32')",
                "    row[label] += 1 - amount",
                "    rows.append(row)",
                "return np.array(rows)",
            ),
        },
        wrong={
            "not_smoothed": (_smooth("return one_hot"), "changed nothing"),
            "spread_over_six": (_smooth("return np.where(one_hot == 1, 1 - amount, amount / 6)"), "six other classes"),
            "true_class_without_share": (
                _smooth("return np.where(one_hot == 1, 1 - amount, amount / 7)"),
                "got no share back",
            ),
            "every_row_alike": (
                _returning(
                    "smooth(labels, amount)",
                    "targets = np.full((len(labels), 7), amount / 7)",
                    "targets[:, labels] += 1 - amount",
                    "return targets",
                ),
                "takes these columns in every row",
            ),
            "classes_that_occur": (
                _returning(
                    "smooth(labels, amount)",
                    "classes = labels.max() + 1",
                    "return np.eye(classes)[labels] * (1 - amount) + amount / classes",
                ),
                "fewer than seven columns",
            ),
            "classes_by_keras": (
                _returning(
                    "smooth(labels, amount)",
                    "import keras",
                    "return keras.utils.to_categorical(labels) * (1 - amount) + amount / 7",
                ),
                "`keras.utils.to_categorical(labels, 7)`",
            ),
            "whole_numbers": (
                _returning(
                    "smooth(labels, amount)",
                    "targets = np.zeros((len(labels), 7), int)",
                    "targets[np.arange(len(labels)), labels] = 1 - amount",
                    "return targets + amount / 7",
                ),
                "not above the others",
            ),
            "taken_from_all": (_smooth("return one_hot - amount + amount / 7"), "taken from every class"),
            "labels_for_one_hot": (_smooth("return labels * (1 - amount) + amount / 7"), "numbers of the labels"),
            "nothing_taken_away": (_smooth("return one_hot + amount / 7"), "more than 1"),
            "nothing_handed_out": (_smooth("return one_hot * (1 - amount)"), "less than 1"),
            "amount_for_each": (_smooth("return one_hot * (1 - amount) + amount"), "whole amount"),
            "amount_on_the_true_class": (_smooth("return one_hot * amount + (1 - amount) / 7"), "exchanged"),
            "axes_exchanged": (_smooth("return (one_hot * (1 - amount) + amount / 7).T"), "one row for each label"),
        },
    ),
    "3.4": Bank(
        right={
            "functional": _FUNCTIONAL,
            "subclass": _SUBCLASS,
            "zoom": _augmentation("RandomZoom(0.1)", 'RandomFlip("horizontal")'),
            "with_light_and_erasing": _augmentation(
                'RandomFlip("horizontal")',
                "RandomTranslation(0.1, 0.1)",
                "RandomBrightness(0.15)",
                "RandomContrast(0.2)",
                "RandomErasing(0.25, scale=(0.02, 0.2), value_range=(0, 255))",
            ),
            "package": _returning(
                "build_augmentation()",
                "import keras",
                "return keras.Sequential(el.augmentation(el.Recipe().augmented()))",
            ),
        },
        wrong={
            "vertical_flip": (_augmentation("RandomFlip()", "RandomRotation(9 / 360)"), "stand on their heads"),
            "rotation_unit": (
                _augmentation('RandomFlip("horizontal")', "RandomRotation(np.deg2rad(15))"),
                "full circles",
            ),
            "turned_too_far": (
                _augmentation('RandomFlip("horizontal")', "RandomRotation(0.1)"),
                "more than 15 degrees",
            ),
            "moved_far": (
                _augmentation('RandomFlip("horizontal")', "RandomTranslation(0.5, 0.5)"),
                "out of sight",
            ),
            "factor_too_large": (_augmentation('RandomFlip("horizontal")', "RandomRotation(15)"), "full circles"),
            "no_list": (
                "import keras\n\ndef build_augmentation():\n"
                '    return keras.Sequential(keras.layers.RandomFlip("horizontal"), keras.layers.RandomZoom(0.1))\n',
                "the layers in one list",
            ),
            "normalised_twice": (
                _augmentation('RandomFlip("horizontal")', "RandomRotation(9 / 360)", "Rescaling(1 / 255)"),
                "normalises by itself",
            ),
            "shape_changed": (
                _augmentation('RandomFlip("horizontal")', "RandomCrop(40, 40)"),
                "Expected it unchanged",
            ),
            "acts_in_prediction": (_ALWAYS_ON, "depend on chance"),
            "no_mirror": (_augmentation("RandomRotation(9 / 360)", "RandomTranslation(0.1, 0.1)"), "hardly any"),
            "mirror_alone": (_augmentation('RandomFlip("horizontal")'), "never moved or turned"),
            "squeezed": (
                _augmentation(
                    'RandomFlip("horizontal")', "RandomRotation(9 / 360)", "RandomBrightness(0.2, value_range=(0, 1))"
                ),
                "from 0 to 1",
            ),
            "outside_the_range": (_OWN_NOISE, "Expected 0 to 255"),
            "no_augmentation": (_augmentation("Identity()"), "nothing is augmented"),
            "wrong_type": (
                "import keras\n\ndef build_augmentation():\n"
                '    return [keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.02)]\n',
                "found a list",
            ),
        },
        explained={
            "A little more or less of it: how far pictures move or turn is the learner's choice.": (
                "line 11: 9 -> …",
                "line 11: 360 -> …",
                "line 12: 0.08 -> …",
            ),
            "Moved or turned: one of the two is enough, and the same one twice is still a little.": (
                "line 13: turn -> (left out)",
                "line 13: move -> (left out)",
                "line 13: turn -> move",
                "line 13: move -> turn",
            ),
            "Two mirrorings at random in a row mirror half of the faces, as one does.": (
                "line 13: turn -> flip",
                "line 13: move -> flip",
            ),
        },
    ),
    "3.5": Bank(
        right={
            "math_module": "import math\n\n"
            + _schedule("0.5 * peak * (math.cos(math.pi * done) + 1)", rise="step / warmup * peak"),
            "one_expression": _returning(
                "learning_rate(step, steps, warmup, peak)",
                "up = step / warmup",
                "down = np.cos(np.pi / 2 * max(0, step - warmup) / (steps - warmup)) ** 2",
                "return peak * min(up, 1) * down",
            ),
            "keras_schedule": _returning(
                "learning_rate(step, steps, warmup, peak)",
                "import keras",
                "schedule = keras.optimizers.schedules.CosineDecay(",
                "    0.0, steps - warmup, warmup_target=peak, warmup_steps=warmup)",
                "return float(schedule(step))",
            ),
        },
        wrong={
            "no_warmup": (
                _returning(
                    "learning_rate(step, steps, warmup, peak)",
                    "return peak * (1 + np.cos(np.pi * step / steps)) / 2",
                ),
                "warm-up is missing",
            ),
            "warmup_then_jump": (_schedule("peak * (1 + np.cos(np.pi * done)) / 2", "step / steps"), "jumps"),
            "ends_too_early": (
                _schedule("peak * (1 + np.cos(np.pi * done)) / 2", "(step - warmup) / steps"),
                "too long",
            ),
            "linear_decay": (_schedule("peak * (1 - done)"), "straight line"),
            "quarter_cosine": (_schedule("peak * np.cos(np.pi / 2 * done)"), "quarter of a cosine"),
            "negative_rate": (_schedule("peak * np.cos(np.pi * done)"), "negative"),
            "twice_the_peak": (_schedule("peak * (1 + np.cos(np.pi * done))"), "twice its peak"),
            "whole_cosine": (_schedule("peak * (1 + np.cos(2 * np.pi * done)) / 2"), "rises again"),
            "pi_forgotten": (_schedule("peak * (1 + np.cos(done)) / 2"), "`np.pi * done`"),
            "cosine_upside_down": (_schedule("peak * (1 - np.cos(np.pi * done)) / 2"), "1 - cos runs upwards"),
            "brackets_forgotten": (_schedule("peak * 1 + np.cos(np.pi * done) / 2"), "Put brackets"),
            "warmup_forgotten_above": (
                _schedule("peak * (1 + np.cos(np.pi * done)) / 2", "step / (steps - warmup)"),
                "`done` is not 0 there",
            ),
            "never_falls": (
                _returning("learning_rate(step, steps, warmup, peak)", "return peak * step / warmup"),
                "goes on rising",
            ),
            "starts_at_a_hundredth": (
                _schedule("peak * (1 + np.cos(np.pi * done)) / 2", rise="peak * (0.01 + 0.99 * step / warmup)"),
                "schedule of the lesson",
            ),
            "peak_in_the_warmup": (_schedule("peak * (1 + np.cos(np.pi * done)) / 2", rise="peak"), "whole warm-up"),
            "rises_to_one": (
                _schedule("peak * (1 + np.cos(np.pi * done)) / 2", rise="step / warmup"),
                "multiply by `peak`",
            ),
            "cases_exchanged": (
                _schedule("peak * (1 + np.cos(np.pi * done)) / 2").replace("step < warmup", "step > warmup"),
                "cases are exchanged",
            ),
            "whole_division": (
                _schedule("peak * (1 + np.cos(np.pi * done)) / 2", rise="peak * step // warmup"),
                "cuts the decimals off",
            ),
            "degrees": (_schedule("peak * (1 + np.cos(180 * done)) / 2"), "radians"),
        },
    ),
    "3.6": Bank(
        right={
            "whole_rounds": _returning(
                "oversample(labels, seed)",
                "rng = np.random.default_rng(seed)",
                "largest = max(np.bincount(labels))",
                "order = []",
                "for label in set(labels.tolist()):",
                "    members = np.flatnonzero(labels == label)",
                "    rounds = -(-largest // len(members))",
                "    shuffled = [rng.permutation(members) for _ in range(rounds)]",
                "    order.extend(np.concatenate(shuffled)[:largest])",
                "order = np.array(order)",
                "rng.shuffle(order)",
                "return order",
            ),
            "fill_the_whole_set": _returning(
                "oversample(labels, seed)",
                "rng = np.random.RandomState(seed)",
                "counts = np.bincount(labels)",
                "extra = [np.arange(len(labels))]",
                "for label, count in enumerate(counts):",
                "    if count:",
                "        extra.append(rng.choice(np.where(labels == label)[0], counts.max() - count))",
                "return rng.permutation(np.concatenate(extra))",
            ),
            "scikit_learn": _returning(
                "oversample(labels, seed)",
                "from sklearn.utils import resample, shuffle",
                "largest = np.bincount(labels).max()",
                "chosen = [np.arange(len(labels))]",
                "for label in np.unique(labels):",
                "    members = np.flatnonzero(labels == label)",
                "    missing = largest - len(members)",
                "    if missing:",
                "        chosen.append(resample(members, n_samples=missing, random_state=seed))",
                "return shuffle(np.concatenate(chosen), random_state=seed)",
            ),
        },
        wrong={
            "undersampled": (
                _oversample(size="min(c for c in np.bincount(labels) if c)", chosen="rng.permutation(members)[:size]"),
                "are lost",
            ),
            "unequal": (
                _returning(
                    "oversample(labels, seed)",
                    "rng = np.random.default_rng(seed)",
                    "counts = np.bincount(labels)",
                    "p = 1 / counts[labels]",
                    "size = (counts > 0).sum() * counts.max()",
                    "return rng.choice(len(labels), size, p=p / p.sum())",
                ),
                "only on average",
            ),
            "one_too_few": (_oversample(chosen="rng.permutation(np.resize(members, size - 1))"), "found 39."),
            "same_repeats": (_oversample(chosen="np.resize(members, size)"), "repeat the same pictures"),
            "one_repeated": (
                _oversample(chosen="np.concatenate([members, np.full(size - len(members), members[0])])"),
                "repeat the same pictures",
            ),
            "all_seven_classes": (
                _oversample(chosen="rng.choice(members, size)").replace("np.unique(labels)", "range(7)"),
                "lack a class altogether",
            ),
            "which_for_how_often": (_oversample(size="np.bincount(labels).argmax()"), "`.argmax()` is its number"),
            "without_replacement": (
                _oversample(
                    chosen="np.concatenate([members, rng.choice(members, size - len(members), replace=False)])"
                ),
                "draw with replacement",
            ),
            "lost": (_oversample(chosen="rng.choice(members, size)"), "never occur"),
            "not_shuffled": (_oversample(result="np.concatenate(parts)"), "stand in blocks"),
            "seed_ignored": (_oversample(seed="0"), "Two different seeds"),
            "not_reproducible": (_oversample(seed=""), "The same seed"),
            "labels_for_positions": (
                _oversample(result="labels[rng.permutation(np.concatenate(parts))]"),
                "look like labels",
            ),
            "not_balanced": (_oversample(chosen="members"), "nothing was balanced"),
        },
    ),
    "3.7": Bank(
        right={
            "own_words": """
answer_3_7 = '''
Two questions decide. Would a person still give the new picture the same name, and will the camera ever
deliver something like it? Upside down fails the second question, so no. Covering a patch passes both, as
long as it is small: people wear glasses and hold a cup. The colour change is a no-op here, our arrays have
one channel. Heads tilt ten degrees, rarely more, so I would shrink the last one. Then one run with and one
without, everything else fixed, compared on PublicTest, three seeds each.
'''
""",
            "list": """
answer_3_7 = (
    "Head over heels: refuse, no webcam does that. "
    "Random rectangle: accept, it imitates hands and hair, and it stops the model from leaning on the mouth alone. "
    "Hue: pointless, since grey pixels have none. "
    "Sixty degrees: refuse or cut to fifteen, otherwise a smile may look like a slanted line. "
    "Proof: an ablation, one switch at a time, same number of epochs, judged by validation macro F1."
)
""",
        },
        wrong={
            "too_short": ('answer_3_7 = "I would take all of them, more data is always better."', "at least 40 words"),
            "not_a_text": ("answer_3_7 = ['erasing']", "Expected a text in quotes"),
            "repeated_words": (f"answer_3_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_3_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_3_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
