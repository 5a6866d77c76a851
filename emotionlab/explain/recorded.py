"""Recorded Grad-CAM maps, for networks whose weights are not shipped."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import file_path
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import RunError
from emotionlab.base.files import read_arrays, write_arrays
from emotionlab.data.dataset import Split
from emotionlab.explain.gradcam import explainer
from emotionlab.runs.run import Run, load_run


@dataclass(frozen=True, eq=False)
class Grid:
    """Recorded Grad-CAM maps of one network on the faces of `grid_faces()`.

    faces: Split. maps: (N, 48, 48) float32, 0..1. probabilities: (N, 7) float32. layer: name of the layer.
    """

    faces: Split
    maps: np.ndarray
    probabilities: np.ndarray
    layer: str


def grid_faces() -> Split:
    """The 14 drawn faces of a recorded grid: each emotion at full strength, on two people, slightly turned."""
    from emotionlab.data.drawn import EMOTION_UNITS, draw_face

    people = {11: -8.0, 3: 10.0}  # identity -> degrees to the side
    images = [draw_face(EMOTION_UNITS[e], who, yaw=yaw, scale=1.12) for who, yaw in people.items() for e in EMOTIONS]
    names = [f"{emotion}_{who}.png" for who in people for emotion in EMOTIONS]
    return Split(np.stack(images), np.tile(np.arange(len(EMOTIONS)), len(people)), np.array(names))


def record_grid(model, path, layer: str | None = None) -> Grid:
    """Store the Grad-CAM maps of `grid_faces()`, about 40 KB, for a run whose weights are not shipped.

    path: the file, by convention `gradcam.npz` in the run's folder. Written whole or not at all.
    """
    faces, explain = grid_faces(), explainer(model, layer)
    maps, probabilities = explain(faces.images)
    arrays = {"maps": np.round(maps * 255).astype("uint8"), "images": faces.images, "layer": np.array(explain.layer)}
    write_arrays(Path(path), {**arrays, "probabilities": probabilities.astype("float16"), "labels": faces.labels})
    return read_grid(path)


def read_grid(path) -> Grid:
    """What `record_grid` stored. path: the file, or the run (a Run, its name or folder) it belongs to.

    Raises RunError when nothing was recorded there.
    """
    if isinstance(path, Run) or file_path("run", path, RunError).suffix != ".npz":
        run = load_run(path)
        path = run.folder / "gradcam.npz"
        if not path.is_file():
            raise RunError(
                f"Expected recorded Grad-CAM maps in the run {run.name!r}, found none; with its weights at hand, "
                "el.plot_gradcam(run.model(), images) draws them."
            )
    stored = read_arrays(Path(path))
    files = np.array([f"recorded_{i:02d}.png" for i in range(len(stored["images"]))])
    faces = Split(stored["images"], stored["labels"].astype("int64"), files)
    probabilities = stored["probabilities"].astype("float32")
    return Grid(faces, stored["maps"].astype("float32") / 255, probabilities, str(stored["layer"]))
