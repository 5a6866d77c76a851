"""The backbones by name, and what they start from where weights are missing (lessons 05 and 06)."""

from emotionlab.models.backbones import mobilenetv2, resnet50v2, vgg16
from emotionlab.models.resnet18 import resnet18
from emotionlab.models.weights import CHECKSUMS, WeightsError

BACKBONES = {"vgg16": vgg16, "resnet18": resnet18, "resnet50v2": resnet50v2, "mobilenetv2": mobilenetv2}
"""Builders of the networks that can start from weights trained elsewhere."""


def imagenet_or_random(name, recorded="", **options):
    """The backbone with its ImageNet weights: those of the course, else Keras' own; else random ones, said loudly.

    recorded: lines to say beside the warning, such as `el.reference.summary("resnet50v2")`.
    options: the arguments of `build_backbone` but `weights`.
    """
    source = "imagenet" if name in CHECKSUMS else "keras"
    try:
        return BACKBONES[name](weights=source, **options)
    except WeightsError as problem:
        _announce_random(name, str(problem), recorded)
        return BACKBONES[name](weights=None, **options)


def _announce_random(name, reason: str, recorded: str) -> None:
    """Say in the notebook or the terminal that what follows is not transfer learning, and what was recorded."""
    from emotionlab.base.notices import warn

    lines = [
        f"{name} starts from RANDOM weights here. What it learns below is not transfer learning.",
        f"Why: {reason}",
    ]
    warn("\n".join([*lines, recorded] if recorded else lines))
