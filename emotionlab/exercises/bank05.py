"""Answers that prove the checks of exercise 05 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "check the weights again " * 12

_COPIED_TASK = """
A classmate took VGG16 with ImageNet weights, divided the grey faces by 255, repeated them to three channels, froze
everything but the last layer, and reached 31 per cent on the test pictures after two epochs. She concludes that
transfer learning does not work for faces. I would check everything, in the order given.
"""

_COPIED_RUBRIC = """
It finds the wrong preprocessing first: VGG16 wants 0..255, blue first, minus a mean pixel, not 0..1. It sees that two
epochs of a head prove little, and that cached features make more epochs cheap. It changes one thing at a time and
compares with a baseline, such as the same network from random weights.
"""

_MEAN = "MEAN_BGR = np.array([103.939, 116.779, 123.68])\n\n"


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _channels(*lines: str) -> str:
    return _returning("to_three_channels(images)", *lines)


def _vgg(*lines: str) -> str:
    return _MEAN + _returning("for_vgg(images)", *lines)


def _freeze(*lines: str, mark: str = "layer.trainable = layer.name == 'logits'") -> str:
    return _returning("freeze_and_count(model)", "for layer in model.layers:", f"    {mark}", *lines)


_COUNT = "return sum(int(np.prod(w.shape)) for w in model.trainable_weights)"


def _cache(name: str, *lines: str) -> str:
    """A cache as source text: how the file is called, and what is done with it."""
    body = lines or ("if not path.exists():", "    np.save(path, extract(images))", "return np.load(path)")
    return "import hashlib\nfrom pathlib import Path\n\n" + _returning(
        "cached_features(extract, images, weights, folder)", f"path = Path(folder) / ({name})", *body
    )


_EVERYTHING = "hashlib.sha256(b''.join(a.tobytes() for a in [images, *weights])).hexdigest() + '.npy'"


def _head(**changes) -> str:
    """A head as source text, with some of its parts exchanged."""
    parts = {
        "layers": "keras.layers.Dense(7)",
        "from_logits": "True",
        "rate": "0.01",
        "fit": "head.fit(features, labels, epochs=epochs, verbose=0)",
        "result": "head",
    } | changes
    return "import keras\n\n" + _returning(
        "train_head(features, labels, epochs)",
        f"head = keras.Sequential([keras.Input((features.shape[1],)), {parts['layers']}])",
        f"loss = keras.losses.SparseCategoricalCrossentropy(from_logits={parts['from_logits']})",
        f"head.compile(optimizer=keras.optimizers.Adam({parts['rate']}), loss=loss)",
        parts["fit"],
        f"return {parts['result']}",
    )


def _tune(**changes) -> str:
    """Gentle training of the upper layers as source text, with some of its parts exchanged."""
    parts = {
        "mark": "reached and not isinstance(layer, keras.layers.BatchNormalization)",
        "compile": "model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=loss)",
        "fit": "model.fit(images, labels, batch_size=32, epochs=1, verbose=0)",
    } | changes
    return "import keras\n\n" + _returning(
        "fine_tune(model, start, images, labels)",
        "reached = False",
        "for layer in model.layers:",
        "    reached = reached or layer.name == start",
        f"    layer.trainable = {parts['mark']}",
        "loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        parts["compile"],
        parts["fit"],
    )


_FUNCTIONAL_HEAD = """
import keras

def train_head(features, labels, epochs):
    given = keras.Input((features.shape[1],))
    head = keras.Model(given, keras.layers.Dense(7, name="logits")(given))
    head.compile(
        optimizer=keras.optimizers.SGD(0.2, momentum=0.9),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    head.fit(features, np.eye(7)[labels], epochs=epochs, batch_size=64, verbose=0)
    return head
"""

_HEAD_BY_BATCHES = """
import keras

def train_head(features, labels, epochs):
    head = keras.Sequential([keras.layers.Dense(7)])
    head.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    head.optimizer.learning_rate = 0.01
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(labels))
        for start in range(0, len(order), 32):
            chosen = order[start:start + 32]
            head.train_on_batch(features[chosen], labels[chosen])
    return head
"""

_TUNE_BY_POSITION = """
import keras

def fine_tune(model, start, images, labels):
    names = [layer.name for layer in model.layers]
    for position, layer in enumerate(model.layers):
        layer.trainable = position >= names.index(start)
        if "norm" in layer.name:
            layer.trainable = False
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.optimizer.learning_rate.assign(0.0001)
    model.fit(images, labels, verbose=0)
    return model
"""

_TUNE_IN_TWO_LOOPS = """
import keras

def fine_tune(model, start, images, labels):
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
        model.train_on_batch(images[first:first + 32], labels[first:first + 32])
"""

_TUNE_WITH_THE_PACKAGE = """
import keras

def fine_tune(model, start, images, labels):
    el.models.unfreeze(model, start)
    model.compile(keras.optimizers.Adam(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, batch_size=32)
"""

_MARK_OF_THE_MODEL = """
import keras

def fine_tune(model, start, images, labels):
    model.trainable = True
    for layer in model.layers:
        if layer.name == start:
            break
        layer.trainable = False
    model.compile(keras.optimizers.Adam(1e-4), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, verbose=0)
"""

BANK = {
    "5.1": Bank(
        right={
            "stack_last": _channels("return np.stack([images, images, images], axis=-1)"),
            "concatenate": _channels("grey = images[:, :, :, None]", "return np.concatenate([grey] * 3, axis=3)"),
            "broadcast": _channels("return np.broadcast_to(images[..., None], (*images.shape, 3)).copy()"),
            "as_for_opencv": _channels(
                "import cv2", "return np.array([cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) for image in images])"
            ),
            "dstack_each": _channels("return np.array([np.dstack([image] * 3) for image in images])"),
        },
        wrong={
            "stacked_first": (_channels("return np.stack([images, images, images])"), "along the first axis"),
            "channels_first": (_channels("return np.stack([images] * 3, axis=1)"), "right after the pictures"),
            "more_pictures": (
                _channels("return np.repeat(images[..., np.newaxis], 3, axis=0)"),
                "three times as many pictures",
            ),
            "wider_pictures": (
                _channels("return np.repeat(images[..., np.newaxis], 3, axis=-2)"),
                "three times as wide",
            ),
            "no_channel_axis": (_channels("return np.repeat(images, 3, axis=-1)"), "no axis for the channels"),
            "no_channel_axis_tiled": (_channels("return np.tile(images, 3)"), "no axis for the channels"),
            "no_channel_axis_joined": (_channels("return np.concatenate([images] * 3)"), "no axis for the channels"),
            "two_empty_channels": (
                _channels("new = np.zeros((*images.shape, 3), images.dtype)", "new[..., 0] = images", "return new"),
                "Only the first channel",
            ),
            "scrambled": (
                _channels("return np.concatenate([images] * 3).reshape(*images.shape, 3)"),
                "scrambled",
            ),
            "scrambled_tiles": (_channels("return np.tile(images, 3).reshape(*images.shape, 3)"), "scrambled"),
            "divided_by_255": (_channels("return np.stack([images / 255] * 3, axis=-1)"), "were divided by 255"),
            "one_channel": (_channels("return images[..., None]"), "has one channel"),
        },
    ),
    "5.2": Bank(
        right={
            "copy_for_keras": _returning(
                "for_vgg(images)",
                "import keras",
                "return keras.applications.vgg16.preprocess_input(np.array(images, dtype='float32'))",
            ),
            "channel_by_channel": _vgg(
                "red, green, blue = (images[..., k].astype(float) for k in range(3))",
                "return np.stack([blue - MEAN_BGR[0], green - MEAN_BGR[1], red - MEAN_BGR[2]], axis=-1)",
            ),
            "flip": _vgg("return np.flip(images, axis=-1).astype('float32') - MEAN_BGR.astype('float32')"),
            "fancy_index": _vgg("return images[:, :, :, [2, 1, 0]] - MEAN_BGR"),
        },
        wrong={
            "red_first": (_vgg("return images - MEAN_BGR"), "red still comes first. VGG16 learned"),
            "mean_of_another_channel": (
                _vgg("return (images - MEAN_BGR)[..., ::-1]"),
                "Blue's mean was taken from red",
            ),
            "mean_turned_round": (
                _vgg("return images[..., ::-1] - MEAN_BGR[::-1]"),
                "Blue's mean was taken from red",
            ),
            "mean_forgotten": (_vgg("return images[..., ::-1].astype('float32')"), "was not subtracted"),
            "scaled_then_subtracted": (_vgg("return images[..., ::-1] / 255 - MEAN_BGR"), "leave out the division"),
            "scaled_after": (_vgg("return (images[..., ::-1] - MEAN_BGR) / 255"), "The result was divided"),
            "zero_to_one": (_vgg("return images / 255.0"), "the habit of other networks"),
            "minus_one_to_one": (_vgg("return images / 127.5 - 1"), "MobileNetV2 and ResNet50V2"),
            "twice": (
                _vgg("once = images[..., ::-1] - MEAN_BGR", "return once[..., ::-1] - MEAN_BGR"),
                "applied twice",
            ),
            "own_mean": (
                _vgg("bgr = images[..., ::-1]", "return bgr - bgr.mean(axis=(0, 1, 2))"),
                "*these* pictures",
            ),
            "own_mean_red_first": (
                _vgg("return images[..., ::-1] - images.mean(axis=(0, 1, 2))"),
                "*these* pictures",
            ),
            "one_mean_for_all": (_vgg("return images[..., ::-1] - MEAN_BGR.mean()"), "has a mean of its own"),
            "in_the_old_dtype": (
                _vgg(
                    "new = images.copy()",
                    "for k in range(3):",
                    "    new[..., k] = images[..., 2 - k] - MEAN_BGR[k]",
                    "return new",
                ),
                "nothing below 0",
            ),
            "other_pictures_first": (_vgg("return images[::-1] - MEAN_BGR"), "The first axis was turned round"),
            "mirrored": (_vgg("return images[:, :, ::-1] - MEAN_BGR"), "are mirrored"),
            "upside_down": (_vgg("return images[:, ::-1] - MEAN_BGR"), "stand on their heads"),
            "wrong_dtype": (_vgg("return images[..., ::-1] - MEAN_BGR.astype('uint8')"), "numbers with decimals"),
            "changed_input": (
                _returning(
                    "for_vgg(images)",
                    "import keras",
                    "return keras.applications.vgg16.preprocess_input(images)",
                ),
                "changed the array it was given",
            ),
        },
    ),
    "5.3": Bank(
        right={
            "sizes_of_arrays": _freeze(
                "return sum(w.size for layer in model.layers if layer.trainable for w in layer.get_weights())"
            ),
            "freeze_then_thaw": _freeze(
                "head = model.get_layer('logits')",
                "head.trainable = True",
                "return head.count_params()",
                mark="layer.trainable = False",
            ),
            "package": _returning("freeze_and_count(model)", "el.models.freeze(model)", _COUNT),
            "all_but_the_last": _returning(
                "freeze_and_count(model)",
                "for layer in model.layers[:-1]:",
                "    layer.trainable = False",
                "count = 0",
                "for variable in model.trainable_variables:",
                "    count += np.prod(variable.shape)",
                "return count",
            ),
        },
        wrong={
            "model_frozen": (
                _returning(
                    "freeze_and_count(model)",
                    "model.trainable = False",
                    "model.get_layer('logits').trainable = True",
                    _COUNT,
                ),
                "The whole model is frozen",
            ),
            "head_frozen": (_freeze(_COUNT, mark="layer.trainable = False"), "nothing left to learn"),
            "turned_round": (
                _freeze(_COUNT, mark="layer.trainable = layer.name != 'logits'"),
                "the wrong way round",
            ),
            "nothing_frozen": (_freeze(_COUNT, mark="layer.trainabel = False"), "nothing was frozen"),
            "batch_norm_learns": (
                _freeze(_COUNT, mark="layer.trainable = layer.name == 'logits' or 'norm' in layer.name"),
                "batch normalisation still learns",
            ),
            "partly_frozen": (
                _freeze(_COUNT, mark="layer.trainable = 'conv1' != layer.name and 'norm' not in layer.name"),
                "learn too",
            ),
            "all_counted": (_freeze("return model.count_params()"), "frozen ones included"),
            "frozen_counted": (
                _freeze("return sum(int(np.prod(w.shape)) for w in model.non_trainable_weights)"),
                "These are the frozen parameters",
            ),
            "counted_before": (
                _returning(
                    "freeze_and_count(model)",
                    "count = sum(int(np.prod(w.shape)) for w in model.trainable_weights)",
                    "for layer in model.layers:",
                    "    layer.trainable = layer.name == 'logits'",
                    "return count",
                ),
                "Freeze first",
            ),
            "arrays_counted": (_freeze("return len(model.trainable_weights)"), "number of arrays"),
            "layers_counted": (
                _freeze("return sum(layer.trainable for layer in model.layers)"),
                "number of layers",
            ),
            "lengths_added": (
                _freeze("return sum(w.shape[0] for w in model.trainable_weights)"),
                "first side of each array",
            ),
            "bias_forgotten": (_freeze("return model.get_layer('logits').kernel.shape[0] * 7"), "biases are missing"),
        },
    ),
    "5.4": Bank(
        right={
            "one_line_name": _cache(_EVERYTHING),
            "md5_and_npz": _cache(
                "'-'.join(hashlib.md5(np.ascontiguousarray(a)).hexdigest()[:12] for a in [images, *weights]) + '.npz'",
                "if path.is_file():",
                "    with np.load(path) as stored:",
                "        return stored['features']",
                "features = extract(images)",
                "np.savez(path, features=features)",
                "return features",
            ),
            "try_to_load": _cache(
                _EVERYTHING,
                "try:",
                "    return np.load(path)",
                "except FileNotFoundError:",
                "    features = extract(images)",
                "    np.save(path, features)",
                "    return features",
            ),
        },
        wrong={
            "no_cache": (_cache("'features.npy'", "return extract(images)"), "computed everything again"),
            "one_name": (_cache("'features.npy'"), "Other pictures and other weights"),
            "name_from_shape": (_cache("f'{images.shape}-{images.sum()}.npy'"), "shape and sum stayed the same"),
            "pictures_ignored": (
                _cache("hashlib.sha256(b''.join(w.tobytes() for w in weights)).hexdigest() + '.npy'"),
                "Other pictures got",
            ),
            "printed_pictures": (
                _cache("hashlib.sha256((str(images) + str(weights)).encode()).hexdigest() + '.npy'"),
                "Other pictures got",
            ),
            "weights_ignored": (
                _cache("hashlib.sha256(images.tobytes()).hexdigest() + '.npy'"),
                "other weights got the old features",
            ),
            "first_weights_only": (
                _cache("hashlib.sha256(images.tobytes() + weights[0].tobytes()).hexdigest() + '.npy'"),
                "every array in the list",
            ),
            "own_hash_of_python": (
                _cache("f'{hash(b\"\".join(a.tobytes() for a in [images, *weights]))}.npy'"),
                "Python's own `hash`",
            ),
            "computed_before_looking": (
                _cache(
                    _EVERYTHING,
                    "features = extract(images)",
                    "if not path.exists():",
                    "    np.save(path, features)",
                    "return features",
                ),
                "before you call `extract`",
            ),
            "name_without_its_ending": (
                _cache(
                    _EVERYTHING.removesuffix(" + '.npy'"),
                    "if path.exists():",
                    "    return np.load(path)",
                    "features = extract(images)",
                    "np.save(path, features)",
                    "return features",
                ),
                "Does the name end in .npy",
            ),
            "named_by_object": (_cache("f'{id(images)}-{np.random.random()}.npy'"), "made of their content"),
            "memory_only": (
                "kept = {}\n\n"
                + _returning(
                    "cached_features(extract, images, weights, folder)",
                    "key = b''.join(a.tobytes() for a in [images, *weights])",
                    "if key not in kept:",
                    "    kept[key] = extract(images)",
                    "return kept[key]",
                ),
                "no file in `folder`",
            ),
            "overwritten": (
                _cache(
                    "'features.npz'",
                    "name = hashlib.sha256(b''.join(a.tobytes() for a in [images, *weights])).hexdigest()",
                    "if path.exists():",
                    "    stored = np.load(path)",
                    "    if str(stored['name']) == name:",
                    "        return stored['features']",
                    "features = extract(images)",
                    "np.savez(path, name=name, features=features)",
                    "return features",
                ),
                "overwritten",
            ),
            "no_return": (
                _cache(_EVERYTHING, "if not path.exists():", "    np.save(path, extract(images))"),
                "found None",
            ),
        },
    ),
    "5.5": Bank(
        right={
            "functional": _FUNCTIONAL_HEAD,
            "batch_by_batch": _HEAD_BY_BATCHES,
            "default_rate_and_larger_batches": _head(
                rate="", fit="head.fit(features, labels, batch_size=64, epochs=epochs, verbose=0)"
            ),
            "with_dropout": _head(layers="keras.layers.Dropout(0.1), keras.layers.Dense(7)"),
        },
        wrong={
            "softmax_inside": (
                _head(layers="keras.layers.Dense(7, activation='softmax')", from_logits="False", fit="pass"),
                "a softmax is in the model",
            ),
            "logits_as_probabilities": (_head(from_logits="False"), "takes the outputs for probabilities"),
            "hidden_layer": (
                _head(layers="keras.layers.Dense(32, activation='relu'), keras.layers.Dense(7)", fit="pass"),
                "One dense layer is enough",
            ),
            "bias_forgotten": (_head(layers="keras.layers.Dense(7, use_bias=False)", fit="pass"), "one bias for each"),
            "activation_in_the_head": (
                _head(layers="keras.layers.Dense(7, activation='relu')"),
                "No output is ever below 0",
            ),
            "not_fitted": (_head(fit="pass"), "The head was not trained"),
            "one_epoch": (_head(fit="head.fit(features, labels, verbose=0)"), "another number of epochs"),
            "epochs_ignored": (_head(fit="head.fit(features, labels, epochs=20, verbose=0)"), "the argument `epochs`"),
            "labels_shuffled": (
                _head(
                    fit="np.random.shuffle(labels); head.fit(features, labels, epochs=epochs, verbose=0)",
                ),
                "in their order",
            ),
            "rate_too_low": (_head(rate="1e-6"), "learning rate at least"),
            "wrong_shape": (_head(layers="keras.layers.Dense(8)", fit="pass"), "Expected seven logits"),
            "wrong_type": (
                _head(fit="history = head.fit(features, labels, epochs=epochs, verbose=0)", result="history.history"),
                "Expected a Keras model",
            ),
        },
        explained={
            "Another optimizer or rate, as long as the head learns.": (
                "line 8: optimizer=keras.optimizers.Adam(0.01) -> (left out)",
                "line 8: 0.01 -> …",
            ),
        },
    ),
    "5.6": Bank(
        right={
            "by_position": _TUNE_BY_POSITION,
            "two_loops": _TUNE_IN_TWO_LOOPS,
            "package": _TUNE_WITH_THE_PACKAGE,
        },
        wrong={
            "not_recompiled": (_tune(compile="pass"), "the first `fit` after a `compile`"),
            "not_unfrozen": (_tune(mark="layer.name == 'logits'"), "is still frozen"),
            "before_the_start": (
                _tune(mark="not isinstance(layer, keras.layers.BatchNormalization)"),
                "and has changed all the same",
            ),
            "batch_norm_learned": (_tune(mark="reached"), "The batch normalisation has changed"),
            "only_one_layer": (_tune(mark="layer.name in (start, 'logits')"), "stood still"),
            "rate_too_high": (
                _tune(compile="model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)"),
                "such large steps",
            ),
            "default_rate": (_tune(compile="model.compile(optimizer='adam', loss=loss)"), "such large steps"),
            "mark_of_the_model": (_MARK_OF_THE_MODEL, "the model's own mark"),
            "nothing_learned": (_tune(fit="pass"), "Is the `fit` missing"),
            "other_rate": (
                _tune(compile="model.compile(optimizer=keras.optimizers.Adam(1e-5), loss=loss)"),
                "Expected a learning rate of 0.0001",
            ),
            "more_epochs": (_tune(fit="model.fit(images, labels, epochs=8, verbose=0)"), "which is 2 steps, found 16"),
            "last_two_layers": (
                _tune(mark="layer in model.layers[-2:]"),
                "on it and on each layer after it",
            ),
            "other_optimizer": (
                _tune(compile="model.compile(optimizer=keras.optimizers.SGD(1e-4), loss=loss)"),
                "the optimizer Adam",
            ),
            "other_steps": (_tune(fit="model.fit(images, labels, epochs=2, verbose=0)"), "which is 2 steps"),
            "logits_as_probabilities": (
                _tune(compile="model.compile(keras.optimizers.Adam(1e-4), 'sparse_categorical_crossentropy')"),
                "takes them for probabilities",
            ),
        },
        explained={
            "64 pictures in batches of 33 are two steps as well.": ("line 16: 32 -> 33",),
        },
    ),
    "5.7": Bank(
        right={
            "own_words": """
answer_5_7 = '''
Before blaming the method I would look at what goes in. These weights expect grey levels up to 255 with a mean colour
removed; dividing by 255 turns every face into almost the same input, so the frozen layers have nothing to say.
Repair that first, alone, and measure again. Then let the classifier learn until it stops improving, which is cheap
once the features lie on disk. If that is still poor, photographs of dogs and cars may simply be far from tiny grey
portraits: release the last block with a small step size. I would report validation accuracy with its interval beside
an identical network that starts from nothing, and look at the held-out split a single time.
'''
""",
            "list": """
answer_5_7 = (
    "1. Input: wrong scale for VGG16. Put preprocess_input inside the model, nothing else, run again. "
    "2. Head: two epochs is hardly a start; cache the features and train thirty. "
    "3. Size: forty-eight pixels leave the last block almost no grid, so try ninety-six. "
    "4. Then unfreeze from the top with a rate of one in ten thousand. "
    "After each step compare with the step before on PublicTest, with confidence bars, and keep a run from random "
    "initial weights as the yardstick."
)
""",
        },
        wrong={
            "too_short": (
                'answer_5_7 = "She should train longer, with a bigger network."',
                "at least 40 words",
            ),
            "not_a_text": ("answer_5_7 = {'preprocessing': 'wrong'}", "Expected a text in quotes"),
            "repeated_words": (f"answer_5_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_5_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_5_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
