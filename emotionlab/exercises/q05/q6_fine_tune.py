"""Question 5.6: unfreeze the upper layers of a network, gently.

Title, points, task and model solution: solutions/05_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "5.6",
    hints=(
        "Three steps: mark each layer, compile, fit. The layers of `model.layers` stand in their order.",
        "Remember in a variable whether `start` has been reached. `isinstance(layer, keras.layers.BatchNormalization)` "
        "finds those that stay frozen.",
        "In the loop `reached = reached or layer.name == start` and "
        "`layer.trainable = reached and not isinstance(layer, keras.layers.BatchNormalization)`; then "
        "`model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=...)`, then `model.fit(...)`.",
    ),
    passed="Right: marked, compiled anew, and gently. The lower layers, which see edges, stay as they were.",
    explained={
        "64 pictures in batches of 33 are two steps as well.": ("line 16: 32 -> 33",),
        "Two gentle steps with a little less of the pictures, or with others of the same half, lower the loss too.": (
            "blind: argument 3: whole numbers",
            "blind: argument 3: float16",
            "blind: argument … element changed",
            "blind: argument …: sorted",
        ),
        "Greys are never negative.": ("blind: argument 3: without sign", "blind: argument 3: clipped at 0"),
    },
)

RATE = 1e-4


@QUESTION.inputs
def pictures_to_tune(seed):
    """Pictures whose brightness tells their class; the two halves have no class in common."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([rng.integers(0, 4, 32), rng.integers(4, 7, 32)])
    images = rng.uniform(0, 60, (64, 10, 10, 1)) + 30 * labels[:, None, None, None]
    return {
        "start": "middle" if seed % 2 == 0 else "second_half",
        "images": images.astype("float32"),
        "labels": labels,
    }


LAST = "conv3"
"""Where a second fine-tuning of the network starts."""


def convolutions(start):
    """The names of the three convolutions; the second is the start of the first fine-tuning."""
    return "conv1", start, LAST


def only_the_head_learns(model):
    """Freeze all else, and compile."""
    import keras

    for layer in model.layers:
        layer.trainable = layer.name == "logits"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.3), loss=loss)


def warmed_up(given):
    """A network of three convolutions whose head has had its first epochs, the rest frozen."""
    import keras

    pictures = keras.Input((10, 10, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    for i, name in enumerate(convolutions(given["start"]), start=1):
        x = keras.layers.Conv2D(6, 3, name=name)(x)
        x = keras.layers.BatchNormalization(name=f"norm{i}")(x)
        x = keras.layers.LeakyReLU(name=f"relu{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    model = keras.Model(pictures, keras.layers.Dense(7, name="logits")(x))
    only_the_head_learns(model)
    # several epochs: TensorFlow warns when few steps lie between two compilations
    model.fit(given["images"], given["labels"], batch_size=32, epochs=6, verbose=0)
    return model


def layers_when_tuned(fine_tune, model, start, given):
    """How far each layer's weights moved, and which layers are marked as trainable afterwards."""
    layers = [layer for layer in model.layers if layer.weights]
    before = {layer.name: layer.get_weights() for layer in layers}
    fine_tune(model, start, given["images"].copy(), given["labels"].copy())
    moved = {
        layer.name: max(
            float(np.abs(a - b).max()) for a, b in zip(layer.get_weights(), before[layer.name], strict=True)
        )
        for layer in layers
    }
    return {"moved": moved, "marked": {layer.name: bool(layer.trainable) for layer in layers}}


@QUESTION.observe
def tune_and_look(fine_tune, given):
    """What fine-tuning did to a network; then which layers it moves when it starts at a later one."""
    import keras

    keras.utils.set_random_seed(0)
    model = warmed_up(given)
    logits_before = np.array(keras.ops.convert_to_numpy(model(given["images"], training=False)))
    observed = layers_when_tuned(fine_tune, model, given["start"], given)
    model.run_eagerly = True  # one batch is done sooner than compiled
    observed |= {
        "is_adam": isinstance(model.optimizer, keras.optimizers.Adam),
        "rate": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        "steps": int(keras.ops.convert_to_numpy(model.optimizer.iterations)),
        "loss": float(np.ravel(model.test_on_batch(given["images"], given["labels"]))[0]),
        "logits_before": logits_before,
        "logits": np.array(keras.ops.convert_to_numpy(model(given["images"], training=False))),
    }
    only_the_head_learns(model)
    return observed | {"later": layers_when_tuned(fine_tune, model, LAST, given)}


@QUESTION.judge
def judge(observed):
    names = convolutions(pictures_to_tune(observed["seed"])["start"])
    wrong = layers_problem(observed, names[:1], names[1:]) or layers_problem(observed["later"], names[:2], names[2:])
    if wrong:
        return wrong
    rate, moved = observed["rate"], observed["moved"]
    wrong = steps_problem(observed["steps"]) if np.isclose(rate, RATE, rtol=0.01) else None
    wrong = wrong or rate_problem(max(moved.values()), rate) or steps_problem(observed["steps"])
    if wrong is None and not observed["is_adam"]:
        return Wrong("Expected the optimizer Adam, found another.", "other_optimizer", "`keras.optimizers.Adam(1e-4)`")
    return wrong or loss_problem(observed)


def layers_problem(observed, before, after):
    """Wrong when other layers have learned than those that should: the head and the convolutions in `after`."""
    start = after[0]
    learned = {name for name, distance in observed["moved"].items() if not distance < 1e-9}
    norms = sorted(name for name in learned if name.startswith("norm"))
    early = sorted(learned & set(before))
    expected = {*after, "logits"}
    if not learned:
        return Wrong(
            "No weight has moved. Is the `fit` missing?",
            "nothing_learned",
            "If it is there, every layer is frozen: does the loop look for the name in `start`?",
        )
    if learned <= {"logits"}:
        return only_the_head_problem(observed["marked"], start)
    if early:
        return Wrong(
            f'"{early[0]}" comes before "{start}" and has changed all the same. Expected only "{start}" and what comes '
            "after it to learn.",
            "before_the_start",
        )
    if norms:
        return Wrong(
            f"The batch normalisation has changed: {', '.join(norms)}. With few pictures it must stay as it is; frozen "
            "(`trainable = False`), it also keeps its moving mean and variance.",
            "batch_norm_learned",
        )
    if learned != expected:
        return Wrong(
            f'Expected "{start}" and all layers after it to learn, found that {", ".join(sorted(expected - learned))} '
            "stood still.",
            "too_few_layers",
        )
    return None


def only_the_head_problem(marked, start):
    if marked[start]:
        return Wrong(
            'Only "logits" has learned, although the other layers are marked as trainable: Keras reads the marks at '
            "the first `fit` after a `compile`. Change the marks, then call `model.compile` again, then `fit`.",
            "not_recompiled",
        )
    return Wrong(
        f'Only "logits" has learned: "{start}" is still frozen. Set `layer.trainable = True` on it and on each layer '
        "after it. (`model.trainable = True` is not enough: with TensorFlow it does nothing where the model's own mark "
        "is True already.)",
        "not_unfrozen",
    )


def rate_problem(largest, rate):
    if not np.isfinite(largest):
        return Wrong("Some weights are NaN: the training diverged. Use a learning rate of 0.0001.", "not_finite")
    if largest <= 1e-3:  # two steps of Adam at 0.0001 move a weight by 0.0002
        if np.isclose(rate, RATE, rtol=0.01):
            return None
        return Wrong(f"Expected a learning rate of 0.0001, found {rate:g}.", "other_rate")
    expected = "" if np.isclose(rate, RATE, rtol=0.01) else f"Expected a learning rate of 0.0001, found {rate:g}. "
    return Wrong(
        f"{expected}A weight has moved by {largest:.2g}. Adam at a rate of 0.0001 moves it by 0.0002 or so in two "
        "batches: such large steps overwrite what was learned before.",
        "rate_too_high",
        '`keras.optimizers.Adam(1e-4)`; the name "adam" alone stands for a rate of 0.001.',
    )


def steps_problem(steps):
    if steps == 2:
        return None
    return Wrong(
        f"Expected one epoch over 64 pictures in batches of 32, which is 2 steps, found {steps}.",
        "other_steps",
        "`model.fit(images, labels, batch_size=32, epochs=1)`",
    )


def loss_problem(observed):
    """The loss must be the cross-entropy of the model's outputs as logits."""
    from scipy.special import log_softmax

    labels = pictures_to_tune(observed["seed"])["labels"]
    logits = (observed["logits_before"], observed["logits"])
    before, after = (-log_softmax(x, axis=1)[np.arange(len(labels)), labels] for x in logits)
    expected = after.mean()
    if np.isclose(observed["loss"], expected, rtol=1e-3):
        if before[:32].mean() > after[:32].mean() and before[32:].mean() > after[32:].mean():
            return None
        return Wrong(
            "The layers have learned, and yet the loss is no lower than before for half of the pictures. Did `fit` get "
            "all of them as they came, from 0 to 255, each with its own label?",
            "learned_something_else",
        )
    return Wrong(
        f"The loss is {observed['loss']:.3f} where the cross-entropy of the model's logits is {expected:.3f}. The "
        "model gives logits; a loss that is not told so takes them for probabilities.",
        "logits_as_probabilities",
        "`keras.losses.SparseCategoricalCrossentropy(from_logits=True)`",
    )


def is_norm(layer):
    import keras

    return isinstance(layer, keras.layers.BatchNormalization)


def unfreeze(model, start):
    """Mark the layers as the task asks."""
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == start
        layer.trainable = reached and not is_norm(layer)


def compile_with(model, optimizer):
    import keras

    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def train(model, images, labels, **options):
    """Compile as the task asks, then fit for one epoch in batches of 32 unless `options` say otherwise."""
    import keras

    compile_with(model, keras.optimizers.Adam(1e-4))
    model.fit(images, labels, **{"batch_size": 32, "epochs": 1, "verbose": 0} | options)


@style
def by_position(model, start, images, labels):
    import keras

    names = [layer.name for layer in model.layers]
    for position, layer in enumerate(model.layers):
        layer.trainable = position >= names.index(start)
        if "norm" in layer.name:
            layer.trainable = False
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.optimizer.learning_rate.assign(0.0001)
    model.fit(images, labels, verbose=0)
    return model


@style
def two_loops(model, start, images, labels):
    import keras

    names = [layer.name for layer in model.layers]
    for name in names[: names.index(start)]:
        model.get_layer(name).trainable = False
    for name in names[names.index(start) :]:
        model.get_layer(name).trainable = True
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    optimizer = keras.optimizers.Adam(learning_rate=1e-4)
    model.compile(optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for first in range(0, len(labels), 32):
        model.train_on_batch(images[first : first + 32], labels[first : first + 32])


@style
def package(model, start, images, labels):
    import keras

    from emotionlab import models

    models.unfreeze(model, start)
    model.compile(keras.optimizers.Adam(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, batch_size=32)


@mistake(says="the first `fit` after a `compile`")
def not_recompiled(model, start, images, labels):
    unfreeze(model, start)
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)


@mistake(says="is still frozen")
def not_unfrozen(model, start, images, labels):
    for layer in model.layers:
        layer.trainable = layer.name == "logits"
    train(model, images, labels)


@mistake(id="not_unfrozen", says="on it and on each layer after it")
def last_two_layers(model, start, images, labels):
    for layer in model.layers:
        layer.trainable = layer in model.layers[-2:]
    train(model, images, labels)


@mistake(id="not_unfrozen", says="the model's own mark")
def mark_of_the_model(model, start, images, labels):
    model.trainable = True
    for layer in model.layers:
        if layer.name == start:
            break
        layer.trainable = False
    train(model, images, labels)


@mistake(says="and has changed all the same")
def before_the_start(model, start, images, labels):
    for layer in model.layers:
        layer.trainable = not is_norm(layer)
    train(model, images, labels)


@mistake(id="before_the_start", says='comes before "conv3"')
def place_fixed(model, start, images, labels):
    for i, layer in enumerate(model.layers):
        layer.trainable = i >= 4 and not is_norm(layer)
    train(model, images, labels)


@mistake(says="The batch normalisation has changed")
def batch_norm_learned(model, start, images, labels):
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == start
        layer.trainable = reached
    train(model, images, labels)


@mistake(id="too_few_layers", says="stood still")
def only_one_layer(model, start, images, labels):
    for layer in model.layers:
        layer.trainable = layer.name in (start, "logits")
    train(model, images, labels)


@mistake(says="such large steps")
def rate_too_high(model, start, images, labels):
    import keras

    unfreeze(model, start)
    compile_with(model, keras.optimizers.Adam(0.01))
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)


@mistake(id="rate_too_high", says="such large steps")
def default_rate(model, start, images, labels):
    unfreeze(model, start)
    compile_with(model, "adam")
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)


@mistake(says="Expected a learning rate of 0.0001")
def other_rate(model, start, images, labels):
    import keras

    unfreeze(model, start)
    compile_with(model, keras.optimizers.Adam(1e-5))
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)


@mistake(says="Is the `fit` missing")
def nothing_learned(model, start, images, labels):
    import keras

    unfreeze(model, start)
    compile_with(model, keras.optimizers.Adam(1e-4))


@mistake(id="other_steps", says="which is 2 steps, found 16")
def more_epochs(model, start, images, labels):
    unfreeze(model, start)
    train(model, images, labels, epochs=8)


@mistake(says="which is 2 steps")
def other_steps(model, start, images, labels):
    unfreeze(model, start)
    train(model, images, labels, epochs=2)


@mistake(says="the optimizer Adam")
def other_optimizer(model, start, images, labels):
    import keras

    unfreeze(model, start)
    compile_with(model, keras.optimizers.SGD(1e-4))
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)


@mistake(says="takes them for probabilities")
def logits_as_probabilities(model, start, images, labels):
    import keras

    unfreeze(model, start)
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)


@mistake(id="nothing_learned", says="No weight has moved")
def start_name_fixed(model, start, images, labels):
    unfreeze(model, "conv2")
    train(model, images, labels)


@mistake(says="as they came")
def learned_something_else(model, start, images, labels):
    unfreeze(model, start)
    train(model, images, np.zeros_like(labels))
