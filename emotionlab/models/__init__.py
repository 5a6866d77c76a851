"""The networks of the course. Each takes pictures in 0..255 and returns logits over the seven emotions."""

from emotionlab.base.arguments import choice, shown
from emotionlab.base.errors import EmotionLabError
from emotionlab.models.backbones import (
    backbone_layers,
    freeze,
    mobilenetv2,
    resnet50v2,
    unfreeze,
    vgg16,
)
from emotionlab.models.resnet18 import resnet18
from emotionlab.models.scratch import scratch_cnn, small_cnn
from emotionlab.models.starts import BACKBONES, imagenet_or_random
from emotionlab.models.weights import WeightsError

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
    "resnet18",
    "resnet50v2",
    "scratch_cnn",
    "small_cnn",
    "unfreeze",
    "vgg16",
]

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


def fast_precision(name: str = "scratch_cnn") -> str:
    """The dtype policy that trains the network called `name` fastest here: "mixed_bfloat16" or "float32".

    A processor with matrix units (AMX) gains everywhere. One that multiplies bfloat16 vectors (AVX512-BF16) gains with
    plain convolutions alone; MobileNetV2's, one channel at a time, became slower. Others gain nothing and lose
    precision.
    """
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            features = file.read()
    except OSError:  # macOS and Windows have no such file
        return "float32"
    has_plain_convolutions = name in ("scratch_cnn", "small_cnn", "vgg16", "resnet18")
    is_faster = "amx_bf16" in features or ("avx512_bf16" in features and has_plain_convolutions)
    return "mixed_bfloat16" if is_faster else "float32"
