"""Where a run came from: data, command, commit, versions, hardware, time."""

import datetime
import hashlib
import importlib.metadata
import json
import math
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.data.dataset import content_checksum
from emotionlab.models.weights import checksum as checksum_of_file

_NO_PART_OF_A_NETWORK = {"name", "trainable", "dtype", "seed", "shared_object_id"}

PACKAGES = ("emotionlab", "keras", "tensorflow", "jax", "numpy", "scikit-learn")


def checksum(faces) -> str:
    """SHA-256 over the training and validation pixels and labels, as hexadecimal digits."""
    return content_checksum({"train": faces.train, "validation": faces.validation})


def describe(model, faces, recipe, history) -> dict:
    """The provenance of a finished run (but for what started it), as plain values for JSON."""
    from emotionlab.base.backend import keras

    return {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seed": recipe.seed,
        "epochs_trained": len(history["epoch"]),
        "minutes": round(sum(history["seconds"]) / 60, 1),
        "parameters": model.count_params(),
        "network": model.name,
        "initialisation": getattr(model, "initialisation", "random"),
        "start": start(model),
        "input_size": getattr(model, "input_size", IMAGE_SIZE),
        "precision": model.dtype_policy.name,
        "data": {
            "name": faces.name,
            "pictures": {name: len(split) for name, split in faces.splits().items()},
            "checksum": checksum(faces),
        },
        "hardware": hardware(),
        "backend": keras.backend.backend(),
        "versions": versions(),
    }


def architecture(model) -> str:
    """SHA-256 of the kinds and settings of a network's layers, but for what is no part of a network: names, what is
    frozen, precision, seeds."""
    digest = hashlib.sha256()
    for layer in model.layers:
        inner = architecture(layer) if hasattr(layer, "layers") else _settings(layer)
        digest.update(f"{type(layer).__name__} {inner}\n".encode())
    return digest.hexdigest()


def _settings(layer) -> str:
    def plain(value):
        if isinstance(value, dict):
            kept = {key: plain(part) for key, part in value.items() if key not in _NO_PART_OF_A_NETWORK}
            return {key: part for key, part in kept.items() if part is not None}  # a later Keras may add some
        return [plain(part) for part in value] if isinstance(value, list | tuple) else value

    try:
        return json.dumps(plain(layer.get_config()), sort_keys=True, default=lambda value: type(value).__name__)
    except Exception:  # a layer of one's own that does not say how it was made
        return ""


def trainable_parameters(model) -> int:
    """How many of a network's numbers learn."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def start(model) -> str:
    """What the network's first weights were: SHA-256 of the file that they came from, or "random"."""
    return getattr(model, "start", "random")


def recorded_start(run, model) -> str:
    """`start` of a finished run; for one made before that was kept, "random" or "unknown".

    It is `model`'s where that holds this very run, as when its training is asked for twice. What began from a run was
    once called random: it counts as `model`'s too, where both began from a run of the same name.
    """
    made = run.provenance
    initialisation, kept = made.get("initialisation", "random"), made.get("start", "random")
    same_name = initialisation.startswith("run ") and initialisation == getattr(model, "initialisation", "")
    weights = run.folder / "weights.npz"
    if (same_name and kept == "random") or (weights.is_file() and checksum_of_file(weights) == start(model)):
        return start(model)
    return kept if initialisation == "random" or kept != "random" else "unknown"


def command() -> str:
    """The command line that is running, or the function call when it is a notebook."""
    if Path(sys.argv[0]).stem == "emotionlab":
        return "uv run emotionlab " + shlex.join(sys.argv[1:])
    return "el.train(...)"


def commit() -> str:
    """Commit of the checkout this package is in, with "+changes" where the modules in use differ from it; or ""."""
    folder = Path(__file__).parent
    modules = [m for name, m in sys.modules.items() if name.split(".")[0] == "emotionlab" and m.__file__]
    try:
        changed = _git(folder, "status", "--porcelain", *(m.__file__ for m in modules))
        return _git(folder, "rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def hardware() -> str:
    """Processor, cores and memory (and the accelerator, where Keras sees one) in one line."""
    import psutil

    from emotionlab.base.backend import keras

    accelerators = [device for device in keras.distribution.list_devices() if not device.startswith("cpu")]
    memory = psutil.virtual_memory().total / 2**30
    line = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    return line + (f", {', '.join(accelerators)}" if accelerators else "")


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide the figures."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
