"""A trained network as ONNX and LiteRT files, checked, with what a network is no good without.

    python exporting.py scratch_cnn --out shipped

writes shipped/scratch_cnn.onnx, .tflite and .json. The packages: uv sync --group electives.
"""

import argparse
import importlib.util
import json
import sys
import warnings
from pathlib import Path

import numpy as np

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.data import draw_faces

TOLERANCE = 1e-4
"""Largest difference between logits, old and new, that still counts as the same network."""

PACKAGES = {"onnx": ("tf2onnx", "onnx", "onnxruntime"), "tflite": ("ai_edge_litert",)}
"""What each kind of file needs to be written and checked, as Python imports it."""


def missing(kind: str) -> list[str]:
    """Names of the packages that "onnx" or "tflite" needs and this Python does not have."""
    return [name for name in PACKAGES[kind] if importlib.util.find_spec(name) is None]


def export(run: el.Run, folder: str | Path) -> dict[str, Path]:
    """Write the network of `run` into `folder` and return the files: "onnx", "tflite" and "json".

    A kind whose packages are missing is left out, with a line that says so. Raises RunError for a run without
    weights, EmotionLabError where a file gives other logits than Keras, or Keras runs on another backend.
    """
    model, folder, files = run.model(), Path(folder), {}
    folder.mkdir(parents=True, exist_ok=True)
    faces = draw_faces(70).train.images
    expected = np.asarray(model.predict_on_batch(as_input(faces)))
    for kind, (write, compute) in {"onnx": (to_onnx, run_onnx), "tflite": (to_litert, run_litert)}.items():
        if missing(kind):
            print(f"No .{kind}: {', '.join(missing(kind))} missing; `uv sync --group electives` installs it.")
            continue
        files[kind] = write(model, folder / f"{run.name}.{kind}")
        _check(files[kind], np.abs(compute(files[kind], faces) - expected).max())
    files["json"] = folder / f"{run.name}.json"
    files["json"].write_text(json.dumps(passport(run), indent=1) + "\n", encoding="utf-8")
    return files


def to_onnx(model, path: Path) -> Path:
    """Write a keras.Model as ONNX, the open format that many programs read."""
    return _export(model, path, "onnx")


def to_litert(model, path: Path) -> Path:
    """Write a keras.Model as LiteRT (formerly TensorFlow Lite), made for phones and small boards."""
    return _export(model, path, "litert")


def _export(model, path: Path, form: str) -> Path:
    from emotionlab.base.backend import _silent_stderr, keras

    if keras.backend.backend() != "tensorflow":
        raise EmotionLabError(
            f"Expected Keras on TensorFlow, found {keras.backend.backend()}; set KERAS_BACKEND=tensorflow to export."
        )
    pictures = keras.InputSpec(shape=(None, 48, 48, 1), dtype="float32", name="pictures")  # as many as you like
    with warnings.catch_warnings(), _silent_stderr():  # the converters talk about themselves
        warnings.simplefilter("ignore")
        model.export(str(path), format=form, verbose=False, input_signature=[pictures])
    return path


def run_onnx(path: Path, faces: np.ndarray) -> np.ndarray:
    """Logits (N, 7) of faces (N, 48, 48) by ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: as_input(faces)})[0]


def run_litert(path: Path, faces: np.ndarray) -> np.ndarray:
    """Logits (N, 7) of faces (N, 48, 48) by LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    from emotionlab.base.backend import _silent_stderr

    with _silent_stderr():  # it says how it computes
        compute = Interpreter(model_path=str(path)).get_signature_runner()
        (logits,) = compute(pictures=as_input(faces)).values()
    return logits


def as_input(faces: np.ndarray) -> np.ndarray:
    """Faces (N, 48, 48) as the networks take them: (N, 48, 48, 1) float32, still 0 to 255."""
    return np.asarray(faces, np.float32)[..., np.newaxis]


def passport(run: el.Run) -> dict:
    """What somebody must know who has only the file: input, output, labels, calibration, origin."""
    calibrated = el.Recognizer(run, detector="haar")
    known = run.provenance
    return {
        "name": run.name,
        "input": "pictures: (N, 48, 48, 1) float32, grey, 0 to 255; the network normalises by itself",
        "crop": "one face, upright, framed as in FER-2013: emotionlab.faces.crop_all cuts it so",
        "output": "(N, 7) float32, logits; probabilities are softmax(logits / temperature)",
        "labels": list(el.EMOTIONS),
        "temperature": calibrated.temperature,
        "not_sure_below": calibrated.threshold,
        "learned_from": known["data"]["name"],
        "pictures": known["data"]["pictures"],
        "version": known["versions"]["emotionlab"],
        "limits": f"a word for a picture, not a feeling; see the model card: emotionlab card {run.name}",
    }


def _check(path: Path, difference: float) -> None:
    if not difference <= TOLERANCE:
        path.unlink()
        raise EmotionLabError(
            f"Expected the logits of Keras from {path.name} to {TOLERANCE:g}, found a difference of {difference:.2g}; "
            "the file was removed. Look for a layer that the converter does not know."
        )
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, logits as Keras gives them to {difference:.0e}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write a trained network as ONNX and LiteRT, and check both files.")
    parser.add_argument("run", help="name or folder of a run, such as scratch_cnn or runs/mine")
    parser.add_argument("--out", default="shipped", metavar="FOLDER", help="where the files go (default: shipped)")
    chosen = parser.parse_args(argv)
    try:
        export(el.load_run(chosen.run), chosen.out)
    except EmotionLabError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
