"""The networks of the course. Each takes pictures in 0..255 and returns logits over the seven emotions."""

from emotionlab.base.arguments import choice, shown
from emotionlab.base.errors import EmotionLabError
from emotionlab.models.backbones import (
    WeightsError,
    backbone_layers,
    freeze,
    imagenet_or_random,
    mobilenetv2,
    resnet50v2,
    unfreeze,
    vgg16,
)
from emotionlab.models.scratch import scratch_cnn, small_cnn

__all__ = [
    "BACKBONES",
    "MODELS",
    "WeightsError",
    "backbone_layers",
    "build",
    "fast_precision",
    "freeze",
    "imagenet_or_random",
    "mobilenetv2",
    "resnet50v2",
    "scratch_cnn",
    "small_cnn",
    "unfreeze",
    "vgg16",
]

BACKBONES = {"vgg16": vgg16, "resnet50v2": resnet50v2, "mobilenetv2": mobilenetv2}
"""Builders of the networks that can start from weights trained elsewhere."""

MODELS = {"scratch_cnn": scratch_cnn, "small_cnn": small_cnn, **BACKBONES}
"""Builders by the name that the command line and a recipe use."""


def build(name: str, precision: str = "float32", **options):
    """Build the network called `name`.

    precision: the Keras dtype policy to build it with, "float32" or "mixed_bfloat16"
    (weights stay float32 either way).
    options: passed on to the builder.
    Raises EmotionLabError for a name that is not in `MODELS`.
    """
    from emotionlab.base.backend import keras

    if not isinstance(name, str) or name not in MODELS:
        raise EmotionLabError(
            f"Expected one of the models {', '.join(MODELS)}, found {shown(name)}; choose one of them."
        )
    choice("precision", precision, ("float32", "mixed_bfloat16", "mixed_float16", "bfloat16", "float16", "float64"))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        return MODELS[name](**options)
    finally:
        keras.config.set_dtype_policy(before)


def fast_precision() -> str:
    """The dtype policy that trains fastest here: "mixed_bfloat16" on a processor with AMX, else "float32".

    Without those matrix units bfloat16 is no faster on a CPU, and it is less precise.
    """
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return "mixed_bfloat16" if "amx_bf16" in file.read() else "float32"
    except OSError:  # macOS and Windows have no such file
        return "float32"
