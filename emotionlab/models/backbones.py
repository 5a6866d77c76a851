"""Networks that were made for ImageNet, behind a head for seven emotions (lessons 05 and 06).

Each takes the same pictures as `scratch_cnn`, and does itself what its backbone wants: scaling up,
three channels, the backbone's own preprocessing. Nobody can forget it, and the demo cannot do otherwise.
"""

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

from emotionlab.base.arguments import expected, file_path, number, text, whole_number, yes_or_no
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import IMAGE_SIZE, command, keras_home
from emotionlab.models.checking import checked_seed, checked_shape
from emotionlab.models.weights import WeightsError, checksum, put, read, shipped

FIRST, LAST = "normalise", "features"
"""The backbone is what stands between the layers of these names."""


@dataclass(frozen=True)
class WeightFile:
    """An ImageNet weight file (without the top) as Keras publishes it: name, bytes, MD5 ("" = none published)."""

    name: str
    size: int
    md5: str


WEIGHT_FILES = {
    "vgg16": WeightFile(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", 58_889_256, "6d6bbae143d832006294945121d1f1fc"
    ),
    "resnet50v2": WeightFile(
        "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5", 94_668_760, "fac2f116257151a9d068a22e544a4917"
    ),
    "mobilenetv2": WeightFile("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", 9_406_464, ""),
}
"""MD5 sums as in the source of Keras Applications."""

ADDRESSES = {
    "vgg16": "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/",
    "resnet50v2": "https://storage.googleapis.com/tensorflow/keras-applications/resnet/",
    "mobilenetv2": "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/",
}


def vgg16(weights="imagenet", input_size=96, **options):
    """VGG16 (Simonyan & Zisserman 2015): thirteen convolutions in a row, 14.7 million parameters.

    Preprocessing: blue, green and red in this order, less the mean ImageNet colour, in 0..255.
    Arguments, return value and errors: see `build_backbone`.
    """
    return build_backbone("vgg16", weights, input_size, **options)


def resnet50v2(weights="imagenet", input_size=96, **options):
    """ResNet50V2 (He et al. 2016, "Identity mappings"): 50 layers with skip connections, 23.6 million parameters.

    Preprocessing: -1..1. Arguments, return value and errors: see `build_backbone`.
    """
    return build_backbone("resnet50v2", weights, input_size, **options)


def mobilenetv2(weights="imagenet", input_size=96, **options):
    """MobileNetV2 (Sandler et al. 2018): made for telephones, 2.3 million parameters.

    Preprocessing: -1..1. Arguments, return value and errors: see `build_backbone`.
    """
    return build_backbone("mobilenetv2", weights, input_size, **options)


def build_backbone(
    name, weights="imagenet", input_size=96, input_shape=(IMAGE_SIZE, IMAGE_SIZE, 1), dropout=0.3, seed=0, layers=None
):
    """A backbone between our preprocessing and our head.

    name: "vgg16", "resnet18", "resnet50v2" or "mobilenetv2".
    weights: "imagenet" (the 8-bit weights that come with the course, the same everywhere; ResNet50V2 has none),
        "keras" (Keras' own file, where it is in Keras' cache), None (random weights), or the path of a weight file
        for the backbone without its top (.npz as `eight_bits.pack` makes it; .h5 for Keras Applications).
    input_size: height and width in pixels to which pictures are scaled, at least 32.
    input_shape: of the pictures; (None, None, 1) where a recipe crops.
    dropout: share of the final features hidden at each training step.
    seed: fixes the random weights; None leaves them random.
    layers: function that applies the backbone's layers to a tensor (default: those of Keras Applications).

    Returns a `keras.Model` in one flat graph: (N, 48, 48, 1) pictures in 0..255 in, (N, 7) logits out. Its
    attribute `initialisation` is "imagenet", "keras", "random" or the name of the weight file; `start` is the SHA-256
    of that file, or "random"; `input_size` as given.
    Raises WeightsError when the weights are not at hand or do not fit. Nothing is downloaded.
    """
    from emotionlab.base.backend import keras, release_memory

    input_size = whole_number("the input size in pixels", input_size, at_least=32, at_most=2048)
    input_shape, seed = checked_shape(input_shape), checked_seed(seed)
    dropout = number("dropout", dropout, at_least=0, below=1)
    file = _weight_file(name, weights)
    release_memory()  # the network before this one may have been let go
    if seed is not None:
        keras.utils.set_random_seed(seed)
    pictures = keras.Input(input_shape, name="pictures")
    # Resizing's own default is training=True, and it would hand that on to dropout and batch norm in a plain model(x)
    x = keras.layers.Resizing(input_size, input_size, name="scale_up")(pictures, training=False)
    x = keras.layers.Concatenate(name="three_channels")([x, x, x])
    x = _preprocessing(name)(x)
    x = layers(x) if layers else _applications_layers(name, file, x)
    x = keras.layers.GlobalAveragePooling2D(name=LAST)(x)
    x = keras.layers.Dropout(dropout)(x)
    # learned features are large: a random head on them would start with a large loss and disturb them
    first = "zeros" if file else "glorot_uniform"
    logits = keras.layers.Dense(len(EMOTIONS), kernel_initializer=first, dtype="float32", name="logits")(x)
    model = keras.Model(pictures, logits, name=name)
    if file and (layers or file.suffix == ".npz"):
        put(read(file, name), backbone_layers(model), file.name)
    model.start = checksum(file) if file else "random"
    model.initialisation = "random" if weights is None else Path(weights).name
    model.input_size = input_size
    if weights is None:
        _forget_sooner(model)
    return model


def _forget_sooner(model) -> None:
    """Let batch norm's moving averages remember 100 steps at most.

    MobileNetV2's remember 1000: after a short training they still hold much of the random start, and the network
    that learned well answers badly.
    """
    from emotionlab.base.backend import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = min(layer.momentum, 0.99)


def backbone_layers(model) -> list:
    """The layers between the preprocessing and the pooled features, from input to output.

    Raises EmotionLabError for a model without the layers "normalise" and "features".
    """
    if not isinstance(getattr(model, "layers", None), list):
        raise EmotionLabError(expected("model", "a keras.Model", model, "build it with el.models"))
    names = [layer.name for layer in model.layers]
    if FIRST not in names or LAST not in names:
        raise EmotionLabError(
            f"Expected a network with layers called {FIRST!r} and {LAST!r}, found {names[0]!r} to {names[-1]!r}; build "
            "it with el.models."
        )
    return model.layers[names.index(FIRST) + 1 : names.index(LAST)]


def freeze(model):
    """Let the head alone learn: every backbone layer keeps its weights. Compile afterwards. Returns `model`.

    Keras runs a frozen batch norm layer in inference mode: with its stored mean and variance, which stay as they are.
    """
    for layer in backbone_layers(model):
        layer.trainable = False
    return model


def unfreeze(model, from_layer=None, batch_norm=False):
    """Let the backbone learn, from the layer of this name to its end (None: all of it). Returns `model`.

    batch_norm: whether batch norm layers learn too, and use the mean and variance of each batch. By default they
    stay frozen, in inference mode. Compile afterwards.
    Raises EmotionLabError for a layer that the backbone does not have.
    """
    from emotionlab.base.backend import keras

    layers = backbone_layers(model)
    from_layer = None if from_layer is None else text("from_layer", from_layer)
    batch_norm = yes_or_no("batch_norm", batch_norm)
    names = [layer.name for layer in layers]
    if from_layer is not None and from_layer not in names:
        raise EmotionLabError(
            f"Expected from_layer (in a recipe: unfreeze_from) to be a layer of the backbone, found {from_layer!r}; "
            f"they go from {names[0]!r} to {names[-1]!r}: see el.models.backbone_layers(model)."
        )
    first = 0 if from_layer is None else names.index(from_layer)
    for i, layer in enumerate(layers):
        is_batch_norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = i >= first and (batch_norm or not is_batch_norm)
    return model


def _preprocessing(name):
    """What each backbone was trained with, as a layer.

    Grey pictures have the same value in all three channels, so their order needs no change; the means are ImageNet's
    blue, green and red.
    """
    from emotionlab.base.backend import keras

    means = {"vgg16": (103.939, 116.779, 123.68), "resnet18": (103.06, 115.90, 123.15)}
    if name in means:
        return keras.layers.Rescaling(1.0, offset=[-mean for mean in means[name]], name=FIRST)
    return keras.layers.Rescaling(1 / 127.5, offset=-1, name=FIRST)


def _applications_layers(name, file, x):
    """Apply the backbone of Keras Applications to the tensor `x`, with the weights of an HDF5 file if there is one."""
    from emotionlab.base.backend import keras

    builders = {
        "vgg16": keras.applications.VGG16,
        "resnet50v2": keras.applications.ResNet50V2,
        "mobilenetv2": keras.applications.MobileNetV2,
    }
    source = str(file) if file and file.suffix != ".npz" else None
    try:
        with warnings.catch_warnings(action="ignore"):  # Keras 3.15 warns of empty groups in files of Keras 3.8
            return builders[name](include_top=False, weights=source, input_tensor=x).output
    except (ValueError, OSError, KeyError) as problem:
        raise WeightsError(
            f"Expected {file.name} to hold the weights of {name} without its top, found: "
            f"{str(problem).splitlines()[0]}; get the file anew, or use weights=None."
        ) from None


def _weight_file(name, weights) -> Path | None:
    """The file that `weights` means, checked as far as it can be without the network; None for random weights."""
    if weights is None:
        return None
    path = file_path("weights", weights, WeightsError)
    if str(weights) == "imagenet":
        return shipped(name)
    if str(weights) == "keras":
        return _keras_file(name)
    if not path.is_file():
        raise WeightsError(
            f"Expected weights to be 'imagenet', 'keras', None or a weight file, found no file {str(weights)!r}; check "
            "the path."
        )
    return path


def _keras_file(name) -> Path:
    """Keras' own ImageNet weight file, from its cache. Raises WeightsError where it is not there, or damaged."""
    if name not in WEIGHT_FILES:
        raise WeightsError(
            f"Expected a network of Keras Applications for weights='keras', found {name}; use weights='imagenet'."
        )
    file, path = WEIGHT_FILES[name], cache_file(name)
    if not path.is_file():
        raise WeightsError(
            f"Expected Keras' ImageNet weights of {name} in Keras' cache, found none; fetch them with "
            f"`{command(f'data weights {name}')}`, or put the file {file.name} ({file.size:,} bytes) into "
            f"{path.parent}, or use weights=None for random weights."
        )
    with open(path, "rb") as content:
        found = hashlib.file_digest(content, "md5").hexdigest()
    if file.md5 and found != file.md5:
        raise WeightsError(
            f"Expected {path} with the MD5 {file.md5}, found {found}; delete it and fetch it anew with "
            f"`{command(f'data weights {name}')}`, or use weights=None for random weights."
        )
    return path


def cache_file(name) -> Path:
    """Where Keras keeps its own weight file of a network."""
    return keras_home() / "models" / WEIGHT_FILES[name].name
