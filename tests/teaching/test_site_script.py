"""The page's JavaScript, run by Node.js without a browser, computes what Python computes."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.opencv import cv2
from emotionlab.base.pictures import grey
from emotionlab.faces.cropping import crop_all
from emotionlab.faces.detectors import Box, _resized
from emotionlab.live.tracking import Tracker
from emotionlab.recognition.recognizer import Face
from emotionlab.teaching.site import trying
from emotionlab.teaching.site.trying import _HERE, page_settings

if shutil.which("node") is None:
    pytest.skip("the page's script: install Node.js (Debian: apt-get install nodejs)", allow_module_level=True)

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """Gives what a JavaScript expression makes of `given`: it may use every function above the part for the page."""
    whole = (_HERE / "try.js").read_text(encoding="utf-8")
    computing, page, _ = whole.partition("  // ---- the page\n")
    assert page
    settings = json.dumps(page_settings(trying.recogniser()))
    begin = f"const window = {{ EMOTIONLAB_TRY: {settings}, ort: {{ Tensor: class {{ constructor(kind, data, dims) "
    begin += "{ Object.assign(this, { data, dims }); } } } };\n"
    path = tmp_path_factory.mktemp("script") / "part.js"

    def run(expression: str, given):
        asked = "const given = JSON.parse(require('fs').readFileSync(0));\n"
        path.write_text(f"{begin}{computing}{asked}console.log(JSON.stringify({expression}));\n}})();\n", "utf-8")
        done = subprocess.run(
            ["node", str(path)], input=json.dumps(given), capture_output=True, encoding="utf-8", timeout=120
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def scenery(height: int, width: int) -> np.ndarray:
    """Soft coloured blobs, as a photo has them: (height, width, 3) uint8."""
    coarse = RNG.integers(0, 256, (height // 12 + 2, width // 12 + 2, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def for_script(picture: np.ndarray) -> dict:
    opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    return {"width": picture.shape[1], "height": picture.shape[0], "data": opaque.ravel().tolist()}


def box(x, y, side, lean=0.0, high=1.2) -> Box:
    """A box with two eyes that lean by so many degrees."""
    reach, (cos, sin) = side / 5, (np.cos(np.radians(lean)), np.sin(np.radians(lean)))
    middle = np.array([x + side / 2, y + side / 2])
    eyes = [tuple(map(float, middle + way * reach * np.array([cos, sin]))) for way in (-1, 1)]
    return Box(x, y, side, high * side, 0.9, (*eyes, (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)), "yunet")


BOXES = {
    "upright": box(100, 80, 90.5),
    "smaller than 48 pixels": box(40.3, 60.2, 25),
    "leaning": box(210, 40, 130, lean=-23),
    "leaning beyond belief": box(210, 40, 130, lean=70),
    "over the edge": box(-30, -42.5, 140, lean=10),
    "the whole picture": box(20, 10, 300, lean=3),
}


def test_faces_are_cut_out_as_in_python(script):
    picture = scenery(360, 480)
    given = {"picture": for_script(picture), "boxes": [
        {"x": b.x, "y": b.y, "width": b.width, "height": b.height, "eyes": b.landmarks[:2]} for b in BOXES.values()
    ]}  # fmt: skip
    shades, crops = script(
        "[[...grey(given.picture)], given.boxes.map((b) => [...crop(grey(given.picture), given.picture, b)])]", given
    )
    assert shades == grey(picture).ravel().tolist()
    theirs = crop_all(picture, list(BOXES.values()))
    for name, ours, other in zip(BOXES, crops, theirs, strict=True):
        away = np.abs(np.array(ours) - other.ravel().astype(int))
        assert away.max() <= 2, name
        assert away.mean() < 0.2, name


@pytest.mark.parametrize("scale", [0.41, 1, 2.5])
def test_the_detector_sees_the_picture_at_the_size_as_in_python(script, scale):
    picture = scenery(150, 210)
    theirs = _resized(picture, scale)
    high, wide = theirs.shape[:2]
    made = script(f"((t) => [t.dims, [...t.data]])(planes(given, {wide}, {high}))", for_script(picture))
    values = np.array(made[1]).reshape(made[0])
    assert made[0][2] % 32 == made[0][3] % 32 == 0
    assert np.abs(values[0, :, :high, :wide] - theirs[..., ::-1].transpose(2, 0, 1).astype(int)).max() <= 1
    assert not values[0, :, high:].any()
    assert not values[0, :, :, wide:].any()


def test_of_boxes_over_each_other_the_same_ones_stay_as_in_opencv(script):
    places = RNG.integers(0, 120, (60, 2))
    sizes = RNG.integers(30, 60, (60, 2))
    scores = RNG.uniform(0.7, 1, 60)
    rows = np.hstack([places, sizes]).tolist()
    theirs = cv2.dnn.NMSBoxes(rows, scores.tolist(), 0.7, 0.3, top_k=500)
    boxes = [
        dict(zip(("x", "y", "width", "height", "score"), (*row, score), strict=True))
        for row, score in zip(rows, scores, strict=True)
    ]
    ours = script("strongest(given).map((one) => one.score)", boxes)
    assert ours == [scores[i] for i in theirs]
    assert 1 < len(ours) < 60


def walk(slow: float, frames: int = 60):
    """(second, faces) of each frame: three faces that walk, one fast, one seldom seen; now and then none.

    slow: how many times slower than a quick computer's.
    """
    second = 0.0
    for frame in range(frames):
        second += slow * float(RNG.uniform(0.02, 0.12))
        places = [(20 + 3 * frame, 40), (2000 - 32 * frame, 60 + frame), (300, 300 - 2 * frame)]
        seen = [places[0], places[1], *(places[2:] if frame % 9 < 4 else [])] if frame % 13 else []
        faces = []
        for number, (x, y) in enumerate(seen):
            moods = 3 * np.eye(7)[(frame // 15 + number) % 7] + RNG.normal(0, 0.7, 7)
            shares = np.exp(moods) / np.exp(moods).sum()
            jitter = RNG.normal(0, 1.5, 2)
            faces.append((x + jitter[0], y + jitter[1], 60 + RNG.normal(), 72 + RNG.normal(), shares))
        yield second, faces


@pytest.mark.parametrize("slow", [1, 12])
def test_faces_are_followed_smoothed_and_named_as_in_python(script, slow):
    recognize = trying.recogniser()
    tracker, expected, given = Tracker(threshold=recognize.threshold), [], []
    for second, faces in walk(slow):
        theirs = [
            Face(Box(*map(float, place), detector="yunet"), "not sure", float(shares.max()), shares, np.empty(0))
            for *place, shares in faces
        ]
        expected.append([(face.emotion, face.probabilities) for face in tracker.update(theirs, second)])
        names = ("x", "y", "width", "height", "probabilities")
        told = [dict(zip(names, (*place, shares.tolist()), strict=True)) for *place, shares in faces]
        given.append({"second": second, "faces": told})
    frames = script("((tracker) => given.map((one) => tracker.update(one.faces, one.second)))(new Tracker())", given)
    labels = set()
    for ours, theirs in zip(frames, expected, strict=True):
        assert [face["emotion"] for face in ours] == [emotion for emotion, _ in theirs]
        for face, (emotion, shares) in zip(ours, theirs, strict=True):
            labels.add(emotion)
            np.testing.assert_allclose(face["probabilities"], shares, atol=1e-4)
    assert "not sure" in labels
    assert len(labels) > 4
    assert labels <= {*EMOTIONS, "not sure"}
