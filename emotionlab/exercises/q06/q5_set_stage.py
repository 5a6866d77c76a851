"""Question 6.5: the two stages of fine-tuning, judged by which layers change when the network is trained.

Title, points, task and model solution: solutions/06_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import capture, describe_error
from emotionlab.exercises.compare import first
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "6.5",
    hints=(
        "Walk through `model.layers` from front to back and decide for each layer: `layer.trainable = ...`. Compile "
        "at the end, in both stages.",
        "A variable that becomes True at the layer called `first` (in stage 2) or at `logits`, and stays so, will do. "
        "Batch norm is an exception: `isinstance(layer, layers.BatchNormalization)`.",
        '`learns = False`; in the loop: `if layer.name == "logits" or (stage == 2 and layer.name == first): learns = '
        "True`, then `layer.trainable = learns and not isinstance(layer, layers.BatchNormalization)`. Then "
        "`model.compile(...)` with a rate that depends on the stage.",
    ),
    passed="Right: head first, then gently from the layer you chose, batch norm at rest, compiled each time.",
    explained={
        "Another rate: the task asks only that the second is at most a tenth of the first.": (
            "line 17: 0.001 -> …",
            "line 17: 1e-05 -> …",
        ),
    },
)

BLOCKS = ("conv1", "norm1", "conv2", "norm2", "conv3", "norm3")
FIRST_LAYERS = ("conv2", "conv3")
ORDERS = ((1, 2), (2, 1))
"""The stages that the network of each of FIRST_LAYERS goes through."""


def small_backbone(seed: int = 0):
    """The network of question 6.5: three convolutions, each with batch norm, then the head. Not compiled.

    Returns a `keras.Model`: (N, 12, 12, 1) pictures in 0..255 in, (N, 7) logits out.
    """
    import keras

    keras.utils.set_random_seed(seed)
    pictures = keras.Input((12, 12, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    for i in (1, 2, 3):
        x = keras.layers.Conv2D(4 * i, 3, padding="same", use_bias=False, name=f"conv{i}")(x)
        x = keras.layers.BatchNormalization(name=f"norm{i}")(x)
        x = keras.layers.ReLU(name=f"relu{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(pictures, keras.layers.Dense(7, name="logits")(x), name="small_backbone")


@QUESTION.inputs
def little_pictures(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    return {"pictures": rng.uniform(0, 255, (8, 12, 12, 1)).astype("float32"), "labels": rng.integers(0, 7, 8)}


@QUESTION.observe
def observe(set_stage, inputs: dict) -> dict:
    """Both stages on a fresh network, for two places to begin: which layers change when it is trained?

    The second network begins with stage 2. There is none where the first was not compiled again.
    """
    cases = []
    for name, stages in zip(FIRST_LAYERS, ORDERS, strict=True):
        model, case = small_backbone(seed=1), {}
        for stage in stages:
            before = getattr(model, "optimizer", None)
            returned = capture(set_stage(model, stage, name))
            case[f"stage {stage}"] = train_and_compare(model, inputs) | {"returned": returned}
            case["compiled_again"] = getattr(model, "optimizer", None) is not before
        cases.append(case)
        if not case["compiled_again"]:
            break
    return {"cases": cases}


def train_and_compare(model, inputs: dict) -> dict:
    """Train two steps; {"learned": layers whose trained weights changed, "drifted": ... whose stored averages did}."""
    import keras

    if not model.compiled:
        return {"compiled": False}
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    record = {"compiled": True, "rate": rate, "learned": [], "drifted": []}
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.run_eagerly = True  # two steps are done sooner than compiled
    try:
        record["loss"] = float(np.ravel(model.test_on_batch(inputs["pictures"], inputs["labels"]))[0])
        record["logits"] = np.array(keras.ops.convert_to_numpy(model(inputs["pictures"], training=False)))
        for _ in range(2):
            model.train_on_batch(inputs["pictures"], inputs["labels"])
    except Exception as error:  # Keras raises many kinds of exception here
        return record | {"training_error": describe_error(error)}
    for layer in model.layers:
        changed = [not np.array_equal(a, b) for a, b in zip(before[layer.name], layer.get_weights(), strict=True)]
        stored = 2 if layer.name.startswith("norm") else 0  # the last two weights of batch norm are its averages
        if any(changed[: len(changed) - stored]):
            record["learned"].append(layer.name)
        if any(changed[len(changed) - stored :]):
            record["drifted"].append(layer.name)
    return record


@QUESTION.judge
def judge(observed: dict) -> Wrong | None:
    names = ("stage 2", "stage 2 of a fresh network")
    cases = list(zip(observed["cases"], FIRST_LAYERS, names, strict=False))
    return (
        first(stage_problem(case["stage 1"], {"logits"}, "stage 1") for case, *_ in cases)
        or first(compile_problem(case) for case, *_ in cases)
        or first(stage_problem(case["stage 2"], to_learn(layer), name, layer) for case, layer, name in cases)
        or first(rate_problem(case) for case, *_ in cases)
        or first(loss_problem(case[f"stage {n}"], observed["seed"]) for case, *_ in cases for n in (1, 2))
    )


def to_learn(first_layer: str) -> set[str]:
    after = BLOCKS[BLOCKS.index(first_layer) :]
    return {name for name in after if name.startswith("conv")} | {"logits"}


def compile_problem(case: dict) -> Wrong | None:
    if case["compiled_again"]:
        return None
    return Wrong(
        "In stage 2 the model was not compiled again. Keras notes which weights it trains when it compiles; without "
        "that, `fit` goes on with the head alone (and says nothing), or stops because the optimizer does not know the "
        "new weights.",
        "not_recompiled",
        "Call `model.compile(...)` each time after `trainable` was changed.",
    )


def stage_problem(stage: dict, expected: set[str], name: str, first_layer: str = "") -> Wrong | None:
    if not stage["compiled"]:
        return Wrong(
            f"After {name} was set, the model is not compiled, so it cannot be trained.",
            "not_compiled",
            "End with `model.compile(optimizer=..., loss=...)`, on the model that came in: a copy does not count.",
        )
    if "training_error" in stage:
        words = stage["training_error"]["words"].splitlines() or [stage["training_error"]["name"]]
        return Wrong(
            f"Training in {name} on labels from 0 to 6 failed: {words[0]}",
            "training_failed",
            "The loss is `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
        )
    learned, norms = set(stage["learned"]), {n for n in stage["learned"] + stage["drifted"] if n.startswith("norm")}
    if not learned:
        return Wrong(
            f"Nothing learns in {name}. `model.trainable = False` shuts the whole model: a layer inside cannot be "
            "opened while the model itself is shut. Set `trainable` for each layer.",
            "whole_model_shut",
        )
    if "logits" not in learned:
        return Wrong(f"In {name} the head (`logits`) does not learn. It learns in both stages.", "head_frozen")
    if norms and learned - norms == expected:
        return Wrong(
            f"In {name} batch norm is not frozen: {', '.join(sorted(norms))} changed, through a gradient or because "
            "the stored mean and variance followed the new pictures. With `trainable = False` it runs in inference "
            "mode and stays as it is.",
            "batch_norm_not_frozen",
        )
    return layers_problem(learned - norms, expected, name, first_layer)


def layers_problem(learned: set, expected: set, name: str, first_layer: str) -> Wrong | None:
    missing, extra = sorted(expected - learned), sorted(learned - expected)
    if missing == [first_layer]:
        return Wrong(
            f"In {name} the learning begins after `{first_layer}`. Expected it to begin with that layer.",
            "begins_one_too_late",
        )
    if extra and name == "stage 1":
        return Wrong(
            f"In stage 1 the backbone learns: {', '.join(extra)} changed. The head is still random then, and its large "
            "gradients would spoil what the backbone knows.",
            "backbone_not_frozen",
        )
    if extra:
        return Wrong(
            f"In {name}, with `{first_layer}` as the first layer to learn, others learn too: {', '.join(extra)}. What "
            "comes before it stays frozen.",
            "too_much_learns",
        )
    if missing:
        return Wrong(
            f"In {name}, from `{first_layer}` on, these layers should learn, but do not: {', '.join(missing)}.",
            "too_little_learns",
            "Every layer after it, up to the head, needs `layer.trainable = True` (batch norm aside). "
            "`model.trainable = True` may leave layers shut that were shut one by one.",
        )
    return None


def rate_problem(case: dict) -> Wrong | None:
    one, two = case["stage 1"]["rate"], case["stage 2"]["rate"]
    if two <= one / 9.9:
        return None
    return Wrong(
        f"The learning rate is {one:g} in stage 1 and {two:g} in stage 2. Expected at most a tenth in stage 2: large "
        "steps wipe out what the backbone learned before.",
        "rate_not_lowered",
    )


def loss_problem(stage: dict, seed: int) -> Wrong | None:
    """The loss must be the cross-entropy of the model's outputs as logits."""
    from scipy.special import log_softmax

    labels = little_pictures(seed)["labels"]
    expected = -log_softmax(stage["logits"], axis=1)[np.arange(len(labels)), labels].mean()
    if np.isclose(stage["loss"], expected, rtol=1e-3):
        return None
    return Wrong(
        f"The loss is {stage['loss']:.3f} where the cross-entropy of the model's logits is {expected:.3f}. The head "
        "gives logits; a loss that is not told so takes them for probabilities.",
        "logits_as_probabilities",
        "Use `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
    )


# ---- Parts of the answers below ------------------------------------------------------------------


def is_norm(layer):
    import keras

    return isinstance(layer, keras.layers.BatchNormalization)


def start_of(model, stage, first):
    """Place of the first layer that learns."""
    names = [layer.name for layer in model.layers]
    return names.index(first if stage == 2 else "logits")


def learn_from(model, start):
    for i, layer in enumerate(model.layers):
        layer.trainable = i >= start and not is_norm(layer)


def compile_for(model, stage, rates=(1e-3, 1e-5), loss=None):
    import keras

    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(rates[stage - 1]), loss=loss)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def by_index(model, stage, first):
    import keras
    from keras import layers

    names = [layer.name for layer in model.layers]
    start = names.index(first) if stage == 2 else names.index("logits")
    for i, layer in enumerate(model.layers):
        layer.trainable = i >= start and not isinstance(layer, layers.BatchNormalization)
    rate = {1: 1e-3, 2: 1e-5}[stage]
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )


@style
def package(model, stage, first):
    import keras

    from emotionlab import models

    if stage == 1:
        models.freeze(model)
    else:
        models.unfreeze(model, from_layer=first, batch_norm=False)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01 if stage == 1 else 0.001, momentum=0.9), loss, metrics=["accuracy"])
    return model


@style
def backwards(model, stage, first):
    import keras

    model.trainable = True
    seen = False
    for layer in reversed(model.layers):
        norm = layer.__class__.__name__ == "BatchNormalization"
        layer.trainable = layer.name == "logits" or (stage == 2 and not seen and not norm)
        seen = seen or layer.name == first
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.optimizer.learning_rate = 0.001 * 0.01 ** (stage - 1)


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(says="not compiled again")
def not_recompiled(model, stage, first):
    learn_from(model, start_of(model, stage, first))
    if stage == 1:
        compile_for(model, stage)
    else:
        model.optimizer.learning_rate = 1e-5


@mistake(says="is not compiled")
def not_compiled(model, stage, first):
    learn_from(model, start_of(model, stage, first))


@mistake(says="shuts the whole model")
def whole_model_shut(model, stage, first):
    model.trainable = False
    model.get_layer("logits").trainable = True
    if stage == 2:
        learn_from(model, start_of(model, stage, first))
    compile_for(model, stage)


@mistake(says="In stage 2 batch norm is not frozen")
def batch_norm_not_frozen(model, stage, first):
    start = start_of(model, stage, first)
    for i, layer in enumerate(model.layers):
        layer.trainable = i >= start
    compile_for(model, stage)


@mistake(id="batch_norm_not_frozen", says="In stage 1 batch norm is not frozen")
def batch_norm_left_in_training(model, stage, first):
    start = start_of(model, stage, first)
    for i, layer in enumerate(model.layers):
        layer.trainable = i >= start or is_norm(layer)
    compile_for(model, stage)


@mistake(says="begins after `conv2`")
def begins_one_too_late(model, stage, first):
    learn_from(model, start_of(model, stage, first) + (stage == 2))
    compile_for(model, stage)


@mistake(says="In stage 1 the backbone learns")
def backbone_not_frozen(model, stage, first):
    learn_from(model, start_of(model, stage, first) if stage == 2 else 0)
    compile_for(model, stage)


@mistake(says="others learn too: conv1")
def too_much_learns(model, stage, first):
    learn_from(model, start_of(model, stage, first) if stage == 1 else 0)
    compile_for(model, stage)


@mistake(id="too_much_learns", says="In stage 2 of a fresh network")
def frozen_in_stage_one_alone(model, stage, first):
    if stage == 1:
        learn_from(model, start_of(model, stage, first))
    for layer in model.layers[start_of(model, stage, first) :]:
        layer.trainable = not is_norm(layer)
    compile_for(model, stage)


@mistake(id="too_little_learns", says="should learn, but do not: conv3")
def only_the_named_layer(model, stage, first):
    for layer in model.layers:
        layer.trainable = layer.name == "logits" or (stage == 2 and layer.name == first)
    compile_for(model, stage)


@mistake(says="the head (`logits`) does not learn")
def head_frozen(model, stage, first):
    learn_from(model, start_of(model, stage, first))
    model.get_layer("logits").trainable = stage == 1
    compile_for(model, stage)


@mistake(says="wipe out")
def rate_not_lowered(model, stage, first):
    learn_from(model, start_of(model, stage, first))
    compile_for(model, stage, rates=(1e-3, 1e-3))


@mistake(id="training_failed", says="Training in stage 1")
def loss_for_one_hot(model, stage, first):
    learn_from(model, start_of(model, stage, first))
    compile_for(model, stage, loss="categorical_crossentropy")


@mistake(says="takes them for probabilities")
def logits_as_probabilities(model, stage, first):
    learn_from(model, start_of(model, stage, first))
    compile_for(model, stage, loss="sparse_categorical_crossentropy")
