"""Question 5.5: train a softmax regression on features.

Title, points, task and model solution: solutions/05_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import capture, describe
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q02.trained import turns_round

QUESTION = function_question(
    "5.5",
    hints=(
        "The whole model is an input of `features.shape[1]` numbers and one `Dense` layer without an activation.",
        "The labels are whole numbers, so the loss is `SparseCategoricalCrossentropy`. The outputs are logits: say so "
        "with `from_logits=True`.",
        "`head = keras.Sequential([keras.Input((features.shape[1],)), keras.layers.Dense(7)])`; then "
        "`head.compile(...)`, `head.fit(features, labels, epochs=epochs, verbose=0)`, `return head`.",
    ),
    passed="Right: a softmax regression. Trained in seconds, because the hard part sits in the features.",
    explained={
        "Another optimizer or rate, as long as the head learns.": (
            "line 8: optimizer=keras.optimizers.Adam(0.01) -> (left out)",
            "line 8: 0.01 -> …",
        ),
        "A head learns as much from features that are a little coarser, as those behind a ReLU are.": (
            "blind: argument 1: whole numbers",
            "blind: argument 1: float16",
            "blind: argument 1: clipped at 0",
        ),
        "One picture more or less, of hundreds, is not seen in what was learned.": (
            "blind: argument 1: … element changed",
            "blind: argument 2: … element changed",
        ),
        "The second call, with the same pictures and labels, only shows whether a layer is shared.": (
            "blind: argument 1: ignored",
            "blind: argument 2: ignored",
            "blind: argument 3: ignored",
        ),
    },
)

QUARTERS = ((0, 2), (3, 3), (4, 4), (5, 5))
"""Classes of the even and the odd rows of the first half, and of those of the second; 1 and 6 at both ends."""

EPOCHS = 23  # a prime, and not the 20 of the notebook: the steps that were taken tell whether it was heeded


@QUESTION.inputs
def clouds(seed):
    """Features of seven classes that a straight border separates well, to learn from and to measure on."""
    rng = np.random.default_rng(seed)
    centres = 5 * np.linalg.qr(rng.normal(size=(40, 40)))[0][:7]

    def near(labels):
        return (centres[labels] + rng.normal(0, 0.8, (len(labels), 40))).astype("float32")

    labels = in_order(rng, 420)
    fresh_labels = rng.permutation(np.arange(140) % 7)
    features, fresh = near(labels), near(fresh_labels)
    return {"features": features, "labels": labels, "fresh": fresh, "fresh_labels": fresh_labels}


def in_order(rng, number):
    """Labels: each class stands in a part of the rows alone, so that whoever leaves rows out misses a class."""
    rows, labels = np.arange(number), np.zeros(number, int)
    for i, own in enumerate(QUARTERS):
        place = np.flatnonzero(rows % 2 + 2 * (rows >= number // 2) == i)
        labels[place] = rng.permutation(np.resize(own, len(place)))
    labels[: number // 10], labels[-(number // 10) :] = 1, 6
    return labels


@QUESTION.observe
def train_and_look(train_head, given):
    import keras

    keras.utils.set_random_seed(0)
    head = train_head(given["features"].copy(), given["labels"].copy(), EPOCHS)
    observed = {"head": capture(head), "is_model": isinstance(head, keras.Model)}
    if observed["is_model"]:
        observed["output"] = capture(keras.ops.convert_to_numpy(head(given["fresh"], training=False)))
        observed["parameters"] = int(head.count_params())
        optimizer = getattr(head, "optimizer", None)
        observed["steps"] = int(keras.ops.convert_to_numpy(optimizer.iterations)) if optimizer else None
        history = getattr(head, "history", None)
        observed["steps_per_epoch"] = history.params.get("steps") if history else None
        weights = head.trainable_weights
        observed["linear"] = turns_round(head, given["fresh"], observed["output"]["array"], weights)
        observed["losses"] = losses_when_shifted(head, observed["output"]["array"], given["fresh_labels"])
        observed["changed"] = changed_by_another(train_head, head, given)
    return observed


def changed_by_another(train_head, head, given) -> bool:
    """Whether a head answers differently once another was trained: they share a layer."""
    before = head.get_weights()
    train_head(given["features"].copy(), given["labels"].copy(), 1)
    return any(not np.array_equal(old, new) for old, new in zip(before, head.get_weights(), strict=True))


def losses_when_shifted(head, outputs, labels):
    """The head's loss for its outputs and for the same plus 3, which are equal for logits; [] if it has none."""
    import keras

    for targets in (labels, np.eye(7)[labels]):
        try:
            loss = keras.losses.get(head.loss)
            found = [keras.ops.convert_to_numpy(loss(targets, outputs + shift)) for shift in (0, 3)]
        except Exception:  # the loss wants other targets, or the head was trained without `compile`
            continue
        return [float(np.mean(value)) for value in found]
    return []


@QUESTION.judge
def judge(observed):
    if not observed["is_model"]:
        if observed["head"]["kind"] == "nothing":
            return Wrong("Expected a Keras model, found None.", "no_return", "Is the `return` missing?")
        return Wrong(
            f"Expected a Keras model, found {describe(observed['head'])}. (`fit` returns a history, not the model.)",
            "wrong_type",
        )
    given = clouds(observed["seed"])
    output = observed["output"]["array"]
    if tuple(output.shape) != (len(given["fresh"]), 7):
        return Wrong(
            f"Expected seven logits for each picture, shape ({len(given['fresh'])}, 7), found {tuple(output.shape)}.",
            "wrong_shape",
        )
    return (
        logits_problem(output)
        or size_problem(observed["parameters"], given)
        or bounds_problem(observed["linear"])
        or loss_problem(observed["losses"])
        or epochs_problem(observed["steps"], observed["steps_per_epoch"])
        or sharing_problem(observed["changed"])
        or learning_problem(output, given)
    )


def logits_problem(output):
    if not np.isfinite(output).all():
        return Wrong(
            "The outputs are NaN or infinite: the training diverged. Is the learning rate far too high?", "not_finite"
        )
    if (output >= 0).all() and np.allclose(output.sum(axis=1), 1, atol=1e-3):
        return Wrong(
            "The outputs add up to 1: a softmax is in the model. Here the head returns logits, and the loss is told "
            "so with `from_logits=True`.",
            "softmax_inside",
        )
    if (output >= 0).all() and output.any():
        return Wrong(
            "No output is ever below 0: is there an activation, such as ReLU, in the last layer? Logits are free to be "
            "negative. Leave the activation out.",
            "activation_in_the_head",
        )
    return None


def size_problem(found, given):
    inputs = given["features"].shape[1]
    expected = inputs * 7 + 7
    if found == expected:
        return None
    return Wrong(
        f"Expected {expected} parameters, {inputs} weights and one bias for each of seven classes, found {found}. "
        "One dense layer is enough: the features have done the rest.",
        "hidden_layer" if found > expected else "too_few_parameters",
    )


def bounds_problem(linear):
    if linear:
        return None
    return Wrong(
        "There is an activation in the last layer: when the weights grow, the outputs stay within bounds. Logits are "
        "free. Leave the activation out.",
        "activation_in_the_head",
    )


def loss_problem(losses):
    if not losses or np.isclose(*losses, rtol=1e-3, atol=1e-3):
        return None
    return Wrong(
        "The loss takes the outputs for probabilities: it changes when the same number is added to all seven, which "
        "changes nothing about logits. The head learns all the same, but worse and more slowly.",
        "logits_as_probabilities",
        "`keras.losses.SparseCategoricalCrossentropy(from_logits=True)`",
    )


def epochs_problem(steps, per_epoch):
    """The steps of the optimizer are those of all epochs; None: the head has no optimizer.

    per_epoch: the steps of one epoch; None, where `fit` was not used: any multiple of the epochs is right.
    """
    if steps is None or (steps and (steps == EPOCHS * per_epoch if per_epoch else steps % EPOCHS == 0)):
        return None
    if not steps:
        return Wrong("The head was not trained: its optimizer has taken no step. Is the `fit` missing?", "not_fitted")
    return Wrong(
        f"Expected {EPOCHS} epochs, the argument `epochs` of this call; the {steps} steps that were taken are another "
        "number of epochs. Without `epochs=epochs`, `fit` trains for a single one.",
        "other_epochs",
        "`head.fit(features, labels, epochs=epochs)`",
    )


def sharing_problem(changed):
    if not changed:
        return None
    return Wrong(
        "When the function is called again, the head of the call before changes too: both hold the same layer, made "
        "once above the function. A head for each call needs a layer of its own: make it inside the function.",
        "shared_layer",
    )


def learning_problem(output, given):
    right = output.argmax(axis=1) == given["fresh_labels"]
    accuracy = float(right.mean())
    if accuracy >= 0.75:
        missed = [k for k in range(7) if right[given["fresh_labels"] == k].mean() < 0.2]
        if not missed:
            return None
        return Wrong(
            f"The head hardly ever finds class {missed[0]}, which stands in a part of the rows alone. Was it fitted "
            "with all rows of `features`? (A `validation_split` keeps the last ones back.)",
            "rows_left_out",
            "`head.fit(features, labels, epochs=epochs)`",
        )
    return Wrong(
        f"On fresh features the head is right in {accuracy:.0%}; after {EPOCHS} epochs at least 75% were expected "
        "(these classes lie well apart). Was it fitted with these labels, in their order? Was the loss told "
        "`from_logits=True`? Is the learning rate at least 0.001?",
        "learned_little",
    )


def compiled(features, *layers, from_logits=True, rate=0.01):
    """A head of these layers, compiled."""
    import keras

    head = keras.Sequential([keras.Input((features.shape[1],)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    head.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    return head


@style
def functional(features, labels, epochs):
    import keras

    given = keras.Input((features.shape[1],))
    head = keras.Model(given, keras.layers.Dense(7, name="logits")(given))
    head.compile(
        optimizer=keras.optimizers.SGD(0.2, momentum=0.9),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    head.fit(features, np.eye(7)[labels], epochs=epochs, batch_size=64, verbose=0)
    return head


@style
def batch_by_batch(features, labels, epochs):
    import keras

    head = keras.Sequential([keras.layers.Dense(7)])
    head.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    head.optimizer.learning_rate = 0.01
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(labels))
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            head.train_on_batch(features[chosen], labels[chosen])
    return head


@style
def default_rate_and_larger_batches(features, labels, epochs):
    import keras

    head = keras.Sequential([keras.Input((features.shape[1],)), keras.layers.Dense(7)])
    head.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    head.fit(features, labels, batch_size=64, epochs=epochs, verbose=0)
    return head


@style
def with_dropout(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dropout(0.1), keras.layers.Dense(7))
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@style
def one_epoch_at_a_time(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    for _ in range(epochs):
        head.fit(features, labels, verbose=0)
    return head


@mistake(says="a softmax is in the model")
def softmax_inside(features, labels, epochs):
    import keras

    return compiled(features, keras.layers.Dense(7, activation="softmax"), from_logits=False)


@mistake(says="takes the outputs for probabilities")
def logits_as_probabilities(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7), from_logits=False)
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@mistake(says="One dense layer is enough")
def hidden_layer(features, labels, epochs):
    import keras

    return compiled(features, keras.layers.Dense(32, activation="relu"), keras.layers.Dense(7))


@mistake(id="too_few_parameters", says="one bias for each")
def bias_forgotten(features, labels, epochs):
    import keras

    return compiled(features, keras.layers.Dense(7, use_bias=False))


@mistake(says="No output is ever below 0")
def activation_in_the_head(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7, activation="relu"))
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@mistake(says="The head was not trained")
def not_fitted(features, labels, epochs):
    import keras

    return compiled(features, keras.layers.Dense(7))


@mistake(id="other_epochs", says="another number of epochs")
def one_epoch(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    head.fit(features, labels, verbose=0)
    return head


@mistake(id="other_epochs", says="the argument `epochs`")
def epochs_ignored(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    head.fit(features, labels, epochs=20, verbose=0)
    return head


@mistake(id="other_epochs", says="another number of epochs")
def fitted_twice(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    head.fit(features, labels, epochs=epochs, verbose=0)
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@mistake(id="learned_little", says="in their order")
def labels_shuffled(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    np.random.shuffle(labels)  # noqa: NPY002
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@mistake(id="learned_little", says="learning rate at least")
def rate_too_low(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7), rate=1e-6)
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@mistake(says="Expected seven logits")
def wrong_shape(features, labels, epochs):
    import keras

    return compiled(features, keras.layers.Dense(8))


@mistake(says="Expected a Keras model")
def wrong_type(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    return head.fit(features, labels, epochs=epochs, verbose=0).history


@mistake(id="learned_little", says="were expected")
def every_second_row(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    head.fit(features[::2], labels[::2], epochs=epochs, verbose=0)
    return head


@mistake(says="A `validation_split` keeps")
def rows_left_out(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7))
    head.fit(features, labels, epochs=epochs, validation_split=0.1, verbose=0)
    return head


@mistake(says="both hold the same layer")
def shared_layer(features, labels, epochs, made=[]):  # noqa: B006
    import keras

    made.append(made[0] if made else keras.layers.Dense(7))
    head = compiled(features, made[0])
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head


@mistake(id="activation_in_the_head", says="stay within bounds")
def bounded_head(features, labels, epochs):
    import keras

    head = compiled(features, keras.layers.Dense(7, activation="tanh"))
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head
