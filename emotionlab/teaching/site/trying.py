"""The recogniser that runs in the reader's browser: its networks, its numbers and its pictures, laid into the site.

The page computes with `onnxruntime-web` (MIT, Microsoft), which npm fetches once while the site is built. The site then
serves it from its own folder: the page asks no other machine for anything.
"""

import html
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from emotionlab.base import settings
from emotionlab.base.emotions import COLORS, EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.data.drawn import EMOTION_UNITS, draw_face
from emotionlab.faces.cropping import framing
from emotionlab.faces.detectors import CLOSER, LONGEST, YuNet
from emotionlab.faces.yunet import read_yunet
from emotionlab.live.bundled import PHOTO, jpeg
from emotionlab.live.tracking import Tracker
from emotionlab.recognition.export import to_onnx
from emotionlab.recognition.recognizer import Recognizer
from emotionlab.runs import reference

RUNTIME = "onnxruntime-web@1.30.0"
FILES = ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
"""What the page needs of it: WebAssembly on one thread, without a graphics card."""

_HERE = Path(__file__).with_name("try")


def recogniser() -> Recognizer:
    """The same recogniser in Python."""
    return Recognizer(detector="yunet")


def lay_try(folder: Path) -> str:
    """Write everything that the page needs into `folder`; returns the HTML of the part "Try it".

    Raises EmotionLabError where npm cannot fetch the runtime; `missing_program` says whether one is missing.
    """
    runtime = runtime_files()
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(runtime / name, folder / name)
    shutil.copy(_HERE / "try.js", folder / "try.js")
    (folder / "yunet.onnx").write_bytes(of_any_size(read_yunet()))
    (folder / "scratch_cnn.onnx").write_bytes(to_onnx(reference.load(reference.SHIPPED)))
    recognize = recogniser()
    numbers = json.dumps(page_settings(recognize), indent=1)
    (folder / "settings.js").write_text(f"window.EMOTIONLAB_TRY = {numbers};\n", encoding="utf-8")
    for name, (content, _) in pictures().items():
        (folder / name).write_bytes(content)
    found = recognize(PHOTO)
    (folder / "result.jpg").write_bytes(jpeg(found.draw()))
    return _page(found)


def pictures() -> dict[str, tuple[bytes, str]]:
    """File name -> (content, what it shows) of the pictures to choose from: one photo, four drawn scenes."""
    drawn = {
        f"{emotion}.jpg": (jpeg(_scene([(emotion, 200, 120)])), f"A drawn face that shows {words}")
        for emotion, words in (("happy", "joy"), ("surprise", "surprise"), ("angry", "anger"))
    }
    two = jpeg(_scene([("happy", 50, 100), ("surprise", 350, 140)]))
    photo = PHOTO.read_bytes(), "A photo of the astronaut Eileen Collins (NASA, public domain)"
    return {"astronaut.jpg": photo, **drawn, "two.jpg": (two, "Two drawn faces, one happy and one surprised")}


def _scene(faces: list[tuple[str, int, int]], side: int = 240) -> np.ndarray:
    """Drawn faces in a scene of 640 x 480: (emotion, left, top) of each."""
    from emotionlab.base.opencv import cv2

    picture = np.full((480, 640), 60, np.uint8)
    for number, (emotion, left, top) in enumerate(faces):
        face = draw_face(EMOTION_UNITS[emotion], identity=6 + number)
        picture[top : top + side, left : left + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.repeat(picture[..., None], 3, axis=2)


def page_settings(recognize: Recognizer) -> dict:
    """Every number of the Python side that the page computes with."""
    frame, tracker = framing("yunet"), Tracker()
    return {
        "emotions": list(EMOTIONS),
        "colors": COLORS,
        "temperature": recognize.temperature,
        "threshold": recognize.threshold,
        "framing": {"across": frame.across, "down": frame.down, "size": frame.size},
        "detector": {"longest": LONGEST, "closer": CLOSER, "threshold": YuNet.threshold, "overlap": 0.3, "most": 500},
        "tracker": {name: getattr(tracker, name) for name in ("smooth", "keep", "lead", "overlap")},
    }


def of_any_size(content: bytes) -> bytes:
    """YuNet's file, whose graph asks for 640 x 640, made to take pictures of any size in steps of 32 pixels.

    Nothing in the graph depends on the size: it convolves, doubles, and lays its answers in a row.
    """
    import onnx

    model = onnx.load_from_string(content)
    for value in (*model.graph.input, *model.graph.output):
        for place, size in enumerate(value.type.tensor_type.shape.dim):
            if size.dim_value > 32:  # 640, or the number of cells
                size.dim_param = f"{value.name}_{place}"
    return model.SerializeToString()


def missing_program() -> str:
    """The program that would have to be installed to fetch onnxruntime-web: "npm" or "node"; "" where none is."""
    if _is_kept():
        return ""
    return next((name for name in ("npm", "node") if shutil.which(name) is None), "")


def runtime_files() -> Path:
    """The folder with onnxruntime-web's files, fetched by npm once and kept in the data folder."""
    folder = _kept_folder()
    if _is_kept():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        packed = _fetch(shutil.which("npm") or "npm", Path(temporary))
        _unpack(packed, Path(temporary) / "files")
        (Path(temporary) / "files").replace(folder)
    return folder


def _kept_folder() -> Path:
    return settings.data_dir() / "site" / RUNTIME.replace("@", "-")


def _is_kept() -> bool:
    return all((_kept_folder() / name).is_file() for name in FILES)


def _fetch(npm: str, folder: Path) -> Path:
    """The package as npm packs it, its checksum compared by npm."""
    try:
        command = [npm, "pack", RUNTIME, "--silent", "--pack-destination", str(folder)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as problem:
        done, reason = None, str(problem)
    else:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
    packed = next(folder.glob("*.tgz"), None)
    if done is None or done.returncode or packed is None:
        raise EmotionLabError(
            f"Expected npm to fetch {RUNTIME}, found: {reason}; look at your network, or add --no-try."
        )
    return packed


def _unpack(packed: Path, folder: Path) -> None:
    """Only the files that the page needs, each under its own name."""
    folder.mkdir()
    with tarfile.open(packed) as archive:
        for name in FILES:
            (folder / name).write_bytes(archive.extractfile(f"package/dist/{name}").read())


# ------------------------------------------------------------------------------------------ HTML


def _page(found) -> str:
    template = (_HERE / "try.html").read_text(encoding="utf-8")
    buttons = "".join(_button(name, words) for name, (_, words) in pictures().items())
    words = f"The photo with a box round the face: {found[0].text}."
    shares = zip(EMOTIONS, map(float, found[0].probabilities), strict=True)
    bars = "".join(_bar(name, share, name == found[0].guess) for name, share in shares)
    return template.replace("{BUTTONS}", buttons).replace("{BARS}", bars).replace("{RESULT}", html.escape(words))


def _button(name: str, words: str) -> str:
    return f'<button type="button"><img src="try/{name}" alt="{html.escape(words)}"></button>'


def _bar(emotion: str, share: float, is_first: bool) -> str:
    fill = f'<div class="el-fill" style="width:{100 * share:.0f}%;background:{COLORS[emotion]}"></div>'
    first = ' class="el-first"' if is_first else ""
    return (
        f'<tr data-emotion="{emotion}"{first}><th scope="row">{emotion}</th>'
        f'<td class="el-track" aria-hidden="true">{fill}</td><td class="el-number">{100 * share:.0f} %</td></tr>'
    )
