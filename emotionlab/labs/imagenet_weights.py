"""Makes the 8-bit ImageNet weights of the course from the public float32 files, and measures what that costs.

    uv run python -m emotionlab.labs imagenet_weights FOLDER

FOLDER holds the files named in `SOURCES`; THIRD_PARTY.md says where they come from.
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np

from emotionlab.base.eight_bits import pack
from emotionlab.base.errors import EmotionLabError
from emotionlab.labs import records
from emotionlab.models import weights

NAME = "imagenet_weights.json"
COMMAND = "uv run python -m emotionlab.labs imagenet_weights FOLDER"

SOURCES = {
    "vgg16": (
        "vgg16_imagenet_notop.weights.h5",
        "a2f51117308129c3de9a523c91d35160eb75a6a9e5db1e2afb4f48e48dfb733a",
    ),
    "resnet18": (
        "resnet18_imagenet.onnx",
        "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f",
    ),
    "mobilenetv2": (
        "mobilenetv2_1.0_notop_from_int8_tflite.weights.h5",
        "7e6fdb2557ac958012d5fa93c53db5989e7bfaf6906676222585ac8a5748af9b",
    ),
}
"""File and SHA-256 of the float32 weights of each network, without its top."""

INPUT_SIZE = 48
PICTURES, HEAD_PICTURES = 500, 6000
"""Faces of PublicTest whose features are compared, and of Training on which a head learns."""


def float_arrays(network: str, folder: Path) -> dict[str, np.ndarray]:
    """The float32 weights of a public file, by the paths of our network's variables.

    Raises EmotionLabError for a file that is missing or is not the one in `SOURCES`.
    """
    name, expected = SOURCES[network]
    path = Path(folder) / name
    if not path.is_file():
        raise EmotionLabError(f"Expected {name} in {folder}, found none; THIRD_PARTY.md says where it comes from.")
    if (found := weights.checksum(path)) != expected:
        raise EmotionLabError(f"Expected {path} with the SHA-256 {expected}, found {found}; get the file anew.")
    return _from_onnx(path) if path.suffix == ".onnx" else _from_keras(network, path)


def _from_keras(network, path) -> dict[str, np.ndarray]:
    from emotionlab import models

    model = models.build(network, weights=path)
    return {v.path: np.asarray(v) for layer in models.backbone_layers(model) for v in layer.weights}


def _from_onnx(path) -> dict[str, np.ndarray]:
    """ResNet-18 from its ONNX graph, which names nothing: layers are matched by their order of application.

    The graph applies a block's shortcut before its main path, our network after it, so that each is looked up by the
    kind of its kernel: 1x1 is a shortcut.
    """
    import onnx
    from onnx import numpy_helper

    from emotionlab.models.resnet18 import IMAGENET

    graph = onnx.load(path).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type in ("Conv", "BatchNormalization")]
    found = {"main": [], "shortcut": []}
    for convolution, norm in zip(nodes[::2], nodes[1::2], strict=True):
        kernel = stored[convolution.input[1]].transpose(2, 3, 1, 0)
        found["shortcut" if kernel.shape[0] == 1 else "main"].append((kernel, [stored[i] for i in norm.input[1:]]))
    blocks = [f"stage{s}_block{b}" for s, depth in enumerate(IMAGENET, 1) for b in range(1, depth + 1)]
    main = ["conv1", *(f"{block}_conv{i}" for block in blocks for i in (1, 2))]
    shortcuts = [f"stage{s}_block1_shortcut" for s in range(2, len(IMAGENET) + 1)]
    arrays = {}
    for names, layers in ((main, found["main"]), (shortcuts, found["shortcut"])):
        for name, (kernel, norm) in zip(names, layers, strict=True):
            arrays[f"{name}/kernel"] = kernel
            for variable, value in zip(("gamma", "beta", "moving_mean", "moving_variance"), norm, strict=True):
                arrays[f"{name}_norm/{variable}"] = value
    return arrays


def make(folder: Path) -> dict[str, str]:
    """Write the 8-bit file of each network into `weights.FOLDER`. Returns their SHA-256, for `weights.CHECKSUMS`."""
    from emotionlab.base.files import PACKAGE
    from emotionlab.base.outputs import keep_outside
    from emotionlab.runs import write_arrays

    keep_outside("FOLDER", folder, PACKAGE)
    checksums = {}
    for network in SOURCES:
        path = weights.FOLDER / f"{network}.npz"
        write_arrays(path, {"network": np.array(network), **pack(float_arrays(network, folder))})
        checksums[network] = weights.checksum(path)
    return checksums


def record(faces, folder: Path) -> dict:
    """What 8 bits cost each network: cosine of its features, and accuracy of a head on them. JSON values."""
    from emotionlab.runs import provenance

    rows = {network: _measure(network, faces, folder) for network in SOURCES}
    return {
        "input_size": INPUT_SIZE,
        "pictures_for_cosine": PICTURES,
        "pictures_for_head": HEAD_PICTURES,
        "networks": rows,
        "original_resnet18": _original_features(Path(folder)),
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }


def _measure(network, faces, folder) -> dict:
    """One network's row: both files, the features' cosine, accuracy of a frozen head on PublicTest with each."""
    from emotionlab import models
    from emotionlab.runs import write_arrays

    source, source_checksum = SOURCES[network]
    path = weights.shipped(network)
    temporary = Path(tempfile.mkdtemp(prefix="emotionlab-weights-"))
    try:
        exact = temporary / f"{network}_float32.npz"
        write_arrays(exact, {"network": np.array(network), **float_arrays(network, folder)}, compress=False)
        networks = {
            bits: models.build(network, weights=file, input_size=INPUT_SIZE)
            for bits, file in (("float32", exact), ("8 bits", path))
        }
        return {
            "source": source,
            "source_sha256": source_checksum,
            "sha256": weights.checksum(path),
            "bytes": path.stat().st_size,
            "cosine": _cosine(networks, faces.validation.images[:PICTURES]),
            "validation_accuracy": {bits: _head_accuracy(model, faces) for bits, model in networks.items()},
        }
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _cosine(networks, images) -> dict[str, float]:
    """Mean and lowest cosine between a picture's features from float32 and from 8-bit weights."""
    from emotionlab.base.arrays import as_batch
    from emotionlab.training.frozen import extractor

    a, b = (extractor(model).predict(as_batch(images), verbose=0) for model in networks.values())
    cosines = (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return {"mean": round(float(cosines.mean()), 6), "lowest": round(float(cosines.min()), 6)}


def _head_accuracy(model, faces) -> float:
    """PublicTest accuracy of the recipe "frozen", learned from a part of the training pictures."""
    from emotionlab.runs.recipes import RECIPES
    from emotionlab.training.frozen import train_head

    recipe = RECIPES["frozen"]
    history = train_head(
        model,
        faces.train.sample(HEAD_PICTURES),
        epochs=recipe.head_epochs,
        learning_rate=recipe.head_learning_rate,
        label_smoothing=recipe.label_smoothing,
        validation=faces.validation,
    )
    return round(history["val_accuracy"][-1], 6)


def _original_features(folder) -> dict:
    """The first numbers that the original ResNet-18 graph makes of `sample_picture()`, and how far ours is from it."""
    original = original_features(folder / SOURCES["resnet18"][0])
    arrays = float_arrays("resnet18", folder)
    ours = resnet18_features(arrays)
    return {
        "features": [round(float(value), 4) for value in original],
        "largest_difference_of_float32": float(np.abs(ours - original).max()),
    }


def sample_picture() -> np.ndarray:
    """A smooth colour picture made of waves: (1, 224, 224, 3) float32, blue, green, red less their means."""
    y, x = np.mgrid[0:224, 0:224] / 224
    waves = [np.sin(2 * np.pi * (f * x + g * y)) for f, g in ((1, 2), (3, 1), (2, 5))]
    return (100 * np.stack(waves, axis=-1)[None]).astype("float32")


def original_features(path: Path) -> np.ndarray:
    """Features (512,) of `sample_picture()` from the original ONNX graph."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {session.get_inputs()[0].name: sample_picture().transpose(0, 3, 1, 2)}
    return session.run(None, inputs)[0].reshape(-1)


def resnet18_features(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Features (512,) of `sample_picture()` from our ResNet-18 with these weights."""
    from emotionlab import models
    from emotionlab.base.backend import keras

    model = models.resnet18(weights=None, input_size=224)
    weights.put(arrays, models.backbone_layers(model), "the arrays")
    body = keras.Model(model.get_layer("normalise").output, model.get_layer("features").output)
    return body.predict(sample_picture(), verbose=0)[0]


def add_command(commands) -> None:
    """Add `imagenet_weights FOLDER` to the commands of `python -m emotionlab.labs`."""
    parser = commands.add_parser("imagenet_weights", help="make the 8-bit ImageNet weights anew (for its makers)")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the public files are")
    parser.add_argument("--record", action="store_true", help="measure them too (needs FER-2013)")
    parser.set_defaults(command=_run)


def _run(chosen) -> None:
    for network, found in make(chosen.folder).items():
        state = "as before" if found == weights.CHECKSUMS[network] else "new: put it into weights.CHECKSUMS"
        print(f"✔ {network}: SHA-256 {found} ({state})")
    if chosen.record:
        from emotionlab.data import load_faces

        faces = load_faces("fer2013")
        print(f"✔ Recorded in {records.keep(NAME, record(faces, chosen.folder), COMMAND + ' --record', faces)}")
