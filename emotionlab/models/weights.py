"""The ImageNet weights that come with the course, as 8-bit whole numbers (lessons 05 and 06).

A file of weights is a `.npz` without pickle: the text `network`, and for each variable its array under its path in
the network (`block1_conv1/kernel`), for an 8-bit one also its scale (`block1_conv1/kernel_scale`): see
`emotionlab.base.eight_bits`.
"""

import hashlib
from pathlib import Path

import numpy as np

from emotionlab.base.archives import load_arrays
from emotionlab.base.eight_bits import unpack
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import command

FOLDER = Path(__file__).parent / "imagenet"
"""Where the ImageNet weights of the course lie, each with its licence beside it."""

CHECKSUMS = {
    "vgg16": "73deb4d65e2d5ccb5e67b1a5e2ed0bab3f843fc56ccddb1293e635a62d46cc00",
    "resnet18": "5325d5f21ee8040e21d5630589c9d0056fe14ff424f1335b74fb3adfe970a5e7",
    "mobilenetv2": "2023ee0c08664debf1e1d2f87edfd963b4ef996be0c7e541e5415894eb16bf0f",
}
"""SHA-256 of each file in `FOLDER`, by network. `python -m emotionlab.labs imagenet_weights` makes them."""

CREDITS = {
    "vgg16": "Simonyan & Zisserman 2015, Visual Geometry Group, Oxford; CC BY 4.0",
    "resnet18": "Microsoft / .NET Foundation, network of He et al. 2016; MIT",
    "mobilenetv2": "TensorFlow authors, network of Sandler et al. 2018; Apache-2.0",
}
"""Who made each file's weights, and their licence; its whole text lies beside the file."""


class WeightsError(EmotionLabError):
    """Weights that are not at hand, or do not fit."""


def shipped(network: str) -> Path:
    """The course's own file of ImageNet weights. Raises WeightsError where there is none, or it is not as it was made.

    network: a name in `CHECKSUMS`.
    """
    path, licence = FOLDER / f"{network}.npz", FOLDER / f"{network}_license.txt"
    if network not in CHECKSUMS:
        raise WeightsError(
            f"Expected a network with ImageNet weights in the course ({', '.join(CHECKSUMS)}), found {network}; "
            f"fetch them with `{command(f'data weights {network}')}` and ask for weights='keras', or use weights=None."
        )
    found = checksum(path) if path.is_file() else "no file"
    if found != CHECKSUMS[network]:
        raise WeightsError(
            f"Expected {path} with the SHA-256 {CHECKSUMS[network][:12]}..., found {found[:12]}; install EmotionLab "
            "anew, or use weights=None for random weights."
        )
    if not licence.is_file():
        raise WeightsError(
            f"Expected the licence {licence.name} beside {path}, found none; weights are not used without it: install "
            "EmotionLab anew, or use weights=None for random weights."
        )
    return path


def read(path: Path, network: str) -> dict[str, np.ndarray]:
    """The float32 arrays of a `.npz` file of weights, by variable. Raises WeightsError when it is not for `network`."""
    try:
        arrays = load_arrays(path)
        made_for = str(arrays.pop("network"))
        unpacked = unpack(arrays)
    except (OSError, ValueError, KeyError) as problem:
        raise WeightsError(
            f"Expected {Path(path).name} to hold the weights of {network} without its top, found: "
            f"{str(problem).splitlines()[0]}; get the file anew, or use weights=None."
        ) from None
    if made_for != network:
        raise WeightsError(
            f"Expected {Path(path).name} to hold the weights of {network} without its top, found those of {made_for}; "
            "choose the file of this network, or use weights=None."
        )
    return unpacked


def put(arrays: dict[str, np.ndarray], layers: list, source: str) -> None:
    """Set the variables of `layers` to the arrays of their names. Raises WeightsError, and sets none, unless all fit.

    source: what the error calls the place that the arrays came from.
    """
    variables = {variable.path: variable for layer in layers for variable in layer.weights}
    wrong = sorted(variables.keys() ^ arrays.keys())
    wrong += [name for name in variables.keys() & arrays.keys() if variables[name].shape != arrays[name].shape]
    if wrong:
        raise WeightsError(
            f"Expected {source} to fit the network's {len(variables)} variables, found {len(wrong)} that do not, such "
            f"as {wrong[0]}; build the network that the weights were made for, or use weights=None."
        )
    for name, variable in variables.items():
        variable.assign(arrays[name])


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
