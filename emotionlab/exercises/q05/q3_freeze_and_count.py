"""Question 5.3: freeze all layers but the head, and count what still learns.

Title, points, task and model solution: solutions/05_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import capture, describe
from emotionlab.exercises.compare import difference, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "5.3",
    hints=(
        "Two steps: walk through `model.layers` and set `trainable`, then add up sizes.",
        '`layer.name == "logits"` tells the head from the rest. `model.trainable_weights` lists the arrays that learn; '
        "`np.prod(w.shape)` is the number of values in one.",
        'In the loop `layer.trainable = layer.name == "logits"`; afterwards '
        "`return sum(int(np.prod(w.shape)) for w in model.trainable_weights)`.",
    ),
    passed="Right. That is a small share of the network, and it is all that an optimizer will touch now.",
)


@QUESTION.inputs
def widths(seed):
    """Channels of the two convolutions of a small network."""
    rng = np.random.default_rng(seed)
    return int(rng.integers(5, 9)), int(rng.integers(10, 15))


def network(first_width, second_width):
    """A small network: "normalise", two convolutions, batch norm, "before_logits", "features", "logits"."""
    import keras

    pictures = keras.Input((10, 10, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    for i, width in enumerate((first_width, second_width), start=1):
        x = keras.layers.Conv2D(width, 3, name=f"conv{i}")(x)
        x = keras.layers.BatchNormalization(name=f"norm{i}")(x)
        x = keras.layers.Activation("relu", name=f"relu{i}")(x)
    x = keras.layers.Dense(second_width, activation="relu", name="before_logits")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(pictures, keras.layers.Dense(7, name="logits")(x))


@QUESTION.observe
def marks_and_count(freeze, widths):
    model = network(*widths)
    before = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    returned = capture(freeze(model))
    learning = {layer.name: bool(layer.trainable) for layer in model.layers if layer.weights}
    return {
        "returned": returned,
        "learning": learning,
        "model_learns": bool(model.trainable),
        "before": before,
        "all": int(model.count_params()),
        "head": int(model.get_layer("logits").count_params()),
    }


@QUESTION.judge
def judge(observed):
    return freezing_problem(observed["learning"], observed["model_learns"]) or counting_problem(observed)


def freezing_problem(learning, model_learns):
    """What is wrong with the `trainable` marks of the network, or None."""
    if not model_learns:
        return Wrong(
            "The whole model is frozen (`model.trainable` is False), and then no layer in it learns, whatever the "
            "layer's own mark says. Freeze the layers one by one.",
            "model_frozen",
        )
    if not learning["logits"] and all(learns for name, learns in learning.items() if name != "logits"):
        return Wrong(
            'It is the wrong way round: "logits" is frozen, and all other layers learn. Freeze the layers that have '
            "another name.",
            "turned_round",
        )
    if not learning["logits"]:
        return Wrong(
            'The layer "logits" is frozen too, so there is nothing left to learn. It is new: it must learn.',
            "head_frozen",
        )
    return still_learning_problem([name for name, learns in learning.items() if learns and name != "logits"], learning)


def still_learning_problem(still, learning):
    if len(still) == len(learning) - 1:
        return Wrong(
            "Every layer still learns: nothing was frozen. Set `layer.trainable = False`, with exactly this name "
            "(Python makes a new attribute of a misspelt one without a word).",
            "nothing_frozen",
        )
    if still and all(name.startswith("norm") for name in still):
        return Wrong(
            f"The batch normalisation still learns: {', '.join(still)}. Frozen, it also stops to follow the statistics "
            "of the new pictures, and that is wanted here.",
            "batch_norm_learns",
        )
    if still:
        return Wrong(f'Expected only "logits" to learn, found that {", ".join(still)} learn too.', "partly_frozen")
    return None


def counting_problem(observed):
    """What is wrong with the number that was returned, or None."""
    found, head = observed["returned"], observed["head"]
    wrong = type_problem(found, head)
    if wrong or found["value"] == head:
        return wrong or difference(found, head)
    known = (
        (observed["all"], "all_counted", "These are all parameters of the network, frozen ones included."),
        (observed["all"] - head, "frozen_counted", "These are the frozen parameters."),
        (observed["before"], "counted_before", "This was the number before the freezing. Freeze first, then count."),
        (2, "arrays_counted", "This is the number of arrays (a kernel and a bias). Count the numbers in them."),
        (1, "layers_counted", "This is the number of layers that learn. Count the numbers in their arrays."),
        (head // 7 + 6, "lengths_added", "This adds up the first side of each array; `np.prod(w.shape)` is its size."),
        (head - 7, "bias_forgotten", "The seven biases are missing; they learn too."),
    )
    for number, name, words in known:
        if found["value"] == number:
            return Wrong(f"{words} Found {number}, for a network of the check.", name)
    return Wrong(
        f"Expected the number of parameters that still learn, found {describe(found)} for a network of the check.",
        "wrong_values",
    )


def freeze_all_but_logits(model):
    for layer in model.layers:
        layer.trainable = layer.name == "logits"


def count(weights):
    return sum(int(np.prod(w.shape)) for w in weights)


@style
def sizes_of_arrays(model):
    for layer in model.layers:
        layer.trainable = layer.name == "logits"
    return sum(w.size for layer in model.layers if layer.trainable for w in layer.get_weights())


@style
def freeze_then_thaw(model):
    for layer in model.layers:
        layer.trainable = False
    head = model.get_layer("logits")
    head.trainable = True
    return head.count_params()


@style
def package(model):
    from emotionlab import models

    models.freeze(model)
    return count(model.trainable_weights)


@style
def all_but_the_last(model):
    for layer in model.layers[:-1]:
        layer.trainable = False
    total = 0
    for variable in model.trainable_variables:
        total += np.prod(variable.shape)
    return total


@mistake(says="The whole model is frozen")
def model_frozen(model):
    model.trainable = False
    model.get_layer("logits").trainable = True
    return count(model.trainable_weights)


@mistake(says="nothing left to learn")
def head_frozen(model):
    for layer in model.layers:
        layer.trainable = False
    return count(model.trainable_weights)


@mistake(says="the wrong way round")
def turned_round(model):
    for layer in model.layers:
        layer.trainable = layer.name != "logits"
    return count(model.trainable_weights)


@mistake(says="nothing was frozen")
def nothing_frozen(model):
    for layer in model.layers:
        layer.trainabel = False
    return count(model.trainable_weights)


@mistake(says="batch normalisation still learns")
def batch_norm_learns(model):
    for layer in model.layers:
        layer.trainable = layer.name == "logits" or "norm" in layer.name
    return count(model.trainable_weights)


@mistake(says="learn too")
def partly_frozen(model):
    for layer in model.layers:
        layer.trainable = layer.name != "conv1" and "norm" not in layer.name
    return count(model.trainable_weights)


@mistake(says="frozen ones included")
def all_counted(model):
    freeze_all_but_logits(model)
    return model.count_params()


@mistake(says="These are the frozen parameters")
def frozen_counted(model):
    freeze_all_but_logits(model)
    return count(model.non_trainable_weights)


@mistake(says="Freeze first")
def counted_before(model):
    total = count(model.trainable_weights)
    freeze_all_but_logits(model)
    return total


@mistake(says="number of arrays")
def arrays_counted(model):
    freeze_all_but_logits(model)
    return len(model.trainable_weights)


@mistake(says="number of layers")
def layers_counted(model):
    freeze_all_but_logits(model)
    return sum(layer.trainable for layer in model.layers)


@mistake(says="first side of each array")
def lengths_added(model):
    freeze_all_but_logits(model)
    return sum(w.shape[0] for w in model.trainable_weights)


@mistake(says="biases are missing")
def bias_forgotten(model):
    freeze_all_but_logits(model)
    return model.get_layer("logits").kernel.shape[0] * 7


@mistake(id="partly_frozen", says='only "logits" to learn')
def all_but_dense(model):
    import keras

    for layer in model.layers:
        layer.trainable = isinstance(layer, keras.layers.Dense)
    return count(model.trainable_weights)


@mistake(id="wrong_dtype", says="Expected whole numbers")
def count_with_decimals(model):
    freeze_all_but_logits(model)
    return float(count(model.trainable_weights))


@mistake(id="partly_frozen", says="before_logits")
def part_of_the_name(model):
    for layer in model.layers:
        layer.trainable = "logits" in layer.name
    return count(model.get_layer("logits").trainable_weights)
