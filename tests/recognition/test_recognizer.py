"""One way for every picture: the same pixels give the same probabilities, and those of Keras."""

import io
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import scenes
from PIL import Image

from emotionlab import faces
from emotionlab.base.eight_bits import pack
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.base.opencv import cv2
from emotionlab.live.frames import STEPS, Live
from emotionlab.recognition.export import NotInOnnx, write_onnx
from emotionlab.recognition.light import LightNetwork
from emotionlab.recognition.recognizer import COLUMNS, NO_FACE, NOT_SURE, Recognizer, _calibration
from emotionlab.runs import Run, read_arrays, write_arrays
from emotionlab.runs.reference import load


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(detector="haar")


@pytest.fixture(scope="module")
def picture():
    two = [scenes.face(side=200), scenes.face({4: 1.0}, 180)]
    return scenes.tinted(scenes.scene([(60, 40), (360, 200)], faces=two))


@pytest.fixture(scope="module")
def crops():
    """Drawn faces cut out of scenes: what the network gets to see."""
    search, found = faces.detector("haar"), []
    for units in (scenes.HAPPY, scenes.SURPRISE, scenes.NEUTRAL, {4: 1.0, 7: 0.8}):
        for identity in (None, 1, 2):
            shown = scenes.scene(faces=[scenes.face(units, identity=identity)])
            found.append(faces.crop_all(shown, search(shown)[:1]))
    return np.concatenate(found)


# ------------------------------------------------------------------------------------------ one way in


def png(picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def lossless_video(picture, path, letters) -> np.ndarray:
    """The picture after a way through a video file, blue first as OpenCV reads it."""
    height, width = picture.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*letters), 10, (width, height))
    writer.write(np.ascontiguousarray(picture[..., ::-1]))
    writer.release()
    ok, frame = cv2.VideoCapture(str(path)).read()
    assert ok
    return frame


def test_the_same_pixels_give_the_same_probabilities_on_every_way(picture, recognizer, tmp_path):
    """A PNG file, its bytes, an array of either order, PIL, two lossless videos, and the webcam's handler."""
    file = tmp_path / "picture.png"
    file.write_bytes(png(picture))
    expected = recognizer(picture)
    assert len(expected) == 2
    ways = {
        "file": recognizer(file),
        "bytes": recognizer(file.read_bytes()),
        "PIL": recognizer(Image.fromarray(picture)),
        "array, blue first": recognizer(picture[..., ::-1], channels="BGR"),
        "FFV1": recognizer(lossless_video(picture, tmp_path / "a.avi", "FFV1"), channels="BGR"),
        "PNG video": recognizer(lossless_video(picture, tmp_path / "b.mkv", "png "), channels="BGR"),
        "webcam, PNG": Live(recognizer)(png(picture), 0.0).faces,
        "webcam, array": Live(recognizer)(picture, 0.0).faces,
        "webcam, blue first": Live(recognizer)(picture[..., ::-1], 0.0, channels="BGR").faces,
    }
    for way, found in ways.items():
        assert len(found) == 2, way
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5, err_msg=way)
            assert one.emotion == other.emotion, way


def test_swapped_channels_are_not_the_same_pixels(picture, recognizer):
    """The test above could not fail on a grey picture; this one shows that it is coloured enough to."""
    right, wrong = recognizer(picture), recognizer(picture[..., ::-1])
    assert np.abs(right[0].probabilities - wrong[0].probabilities).max() > 1e-5


def test_a_jpeg_from_the_webcam_is_the_jpeg_from_a_file(picture, recognizer, tmp_path):
    file = tmp_path / "frame.jpg"
    Image.fromarray(picture).save(file, quality=80)
    still, live = recognizer(file), Live(recognizer)(file.read_bytes(), 0.0).faces
    for one, other in zip(still, live, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


def test_a_face_of_the_data_set_is_classified_as_evaluation_does(recognizer):
    """What `classify` says of 48 x 48 pictures is softmax(logits / temperature) of the same network."""
    from emotionlab.data import draw_faces
    from emotionlab.evaluation import predict, with_temperature

    images = draw_faces(100, seed=5).test.images
    plain = predict(load("scratch_cnn").model(), images)
    expected = with_temperature(plain, recognizer.temperature)
    np.testing.assert_allclose(recognizer.classify(images), expected, atol=1e-4)


# ------------------------------------------------------------------------------------------ OpenCV and Keras


def test_opencv_gives_the_numbers_of_keras(crops):
    run = load("scratch_cnn")
    keras_logits = np.asarray(run.model().predict_on_batch(crops[..., None].astype("float32")))
    np.testing.assert_allclose(LightNetwork(run)(crops), keras_logits, atol=1e-4)


def test_strides_and_kernels_of_even_size_agree_with_keras_too(tmp_path):
    """Padding "same" puts the odd zero at the end, and only there; a network that has both shows it."""
    from emotionlab.base.backend import keras

    keras.utils.set_random_seed(3)
    pictures = keras.Input((48, 48, 1))
    x = keras.layers.Conv2D(4, 4, strides=2, padding="same", activation="relu")(pictures)
    x = keras.layers.Conv2D(5, (3, 2), padding="valid", use_bias=False)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    run = saved(keras.Model(pictures, keras.layers.Dense(7, name="logits")(x)), tmp_path / "runs" / "even")
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype("float32")
    expected = np.asarray(run.model().predict_on_batch(images))
    np.testing.assert_allclose(LightNetwork(run)(images), expected, rtol=1e-4, atol=1e-3)


def test_the_onnx_file_holds_the_network(tmp_path, crops):
    run = load("scratch_cnn")
    net = cv2.dnn.readNetFromONNX(str(write_onnx(run, tmp_path / "scratch.onnx")))
    net.setInput(crops[:, None].astype("float32"))
    np.testing.assert_allclose(net.forward(), LightNetwork(run)(crops), atol=1e-5)


def test_a_run_kept_in_8_bits_runs_in_opencv_too(tmp_path, crops):
    run = tmp_path / "of_8_bits"
    shutil.copytree(load("scratch_cnn").folder, run)
    write_arrays(run / "weights.npz", pack(read_arrays(run / "weights.npz")))
    recognize = Recognizer(run)
    assert recognize.runtime == Recognizer().runtime
    np.testing.assert_allclose(recognize.classify(crops), Recognizer("scratch_cnn").classify(crops), atol=0.05)


def test_no_faces_are_no_rows(recognizer):
    assert recognizer.classify(np.empty((0, 48, 48), np.uint8)).shape == (0, 7)
    assert LightNetwork(load("scratch_cnn")).predict(np.empty((0, 48, 48), np.uint8)).shape == (0, 7)


def test_one_network_may_be_shared_between_threads(crops, recognizer):
    from concurrent.futures import ThreadPoolExecutor

    expected = [recognizer.classify(crops[:n]) for n in (1, 2, 3, 4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: recognizer.classify(crops[:n]), (1, 2, 3, 4)))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_one_call_for_many_faces_gives_what_single_calls_give(crops, recognizer):
    together = recognizer.classify(crops)
    alone = np.concatenate([recognizer.classify(crop[None]) for crop in crops])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def saved(model, folder):
    """A run folder with this network, as training leaves it."""
    from emotionlab.runs import Run, write_arrays, write_json
    from emotionlab.runs.recipes import Recipe

    write_json(folder / "recipe.json", Recipe().as_dict())
    write_json(folder / "architecture.json", json.loads(model.to_json()))
    write_arrays(folder / "weights.npz", {f"{i:04d}": w.astype("float16") for i, w in enumerate(model.get_weights())})
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 200)
    probabilities = rng.dirichlet(np.ones(7), 200)
    kinds = {"labels": labels, "none": probabilities.astype("float16")}
    predictions = {f"{split}_{kind}": v for split in ("validation", "test") for kind, v in kinds.items()}
    write_arrays(folder / "predictions.npz", predictions)
    write_json(folder / "provenance.json", {"command": "emotionlab train small_cnn"})
    return Run(folder)


def shaken(model):
    """Weights that are no longer those of a new network: batch normalisation with statistics of its own."""
    rng = np.random.default_rng(1)
    weights = model.get_weights()
    vectors = {i: np.abs(w + rng.normal(0, 0.1, w.shape)) for i, w in enumerate(weights) if w.ndim == 1}
    model.set_weights([vectors.get(i, w).astype("float16") for i, w in enumerate(weights)])
    return model


def test_a_small_network_of_your_own_runs_in_opencv_with_the_numbers_of_keras(tmp_path, crops):
    from emotionlab.models import small_cnn

    run = saved(shaken(small_cnn()), tmp_path / "runs" / "mine")
    recognizer = Recognizer("mine", detector="haar")
    assert recognizer.runtime == "OpenCV"
    expected = np.asarray(run.model().predict_on_batch(crops[..., None].astype("float32")))
    np.testing.assert_allclose(LightNetwork(run)(crops), expected, atol=1e-4, rtol=1e-4)


def test_any_other_network_runs_in_keras(tmp_path, crops):
    from emotionlab.evaluation import predict
    from emotionlab.models import small_cnn

    run = saved(small_cnn(squeeze=True), tmp_path / "runs" / "gated")
    with pytest.raises(NotInOnnx, match="found"):
        LightNetwork(run)
    recognizer = Recognizer(run, detector="haar", threshold=0)
    assert recognizer.runtime == "Keras"
    probabilities = predict(run.model(), crops)
    found = recognizer.classify(crops)
    assert (found.argmax(axis=1) == probabilities.argmax(axis=1)).all()


@pytest.mark.parametrize("sum_of", ["operator", "function", "number"])
def test_a_sum_that_is_no_layer_is_left_to_keras(tmp_path, sum_of):
    """Keras calls the operation as the layer is, and keeps what is added elsewhere."""
    import keras

    pictures = keras.Input((48, 48, 1))
    x = keras.layers.Conv2D(4, 3, padding="same")(pictures)
    added = {
        "operator": lambda: x + pictures,
        "function": lambda: keras.ops.add(x, pictures),
        "number": lambda: x + 1.0,
    }
    pooled = keras.layers.GlobalAveragePooling2D()(added[sum_of]())
    network = keras.Model(pictures, keras.layers.Dense(7, name="logits")(pooled))
    with pytest.raises(NotInOnnx, match="found Add"):
        LightNetwork(saved(network, tmp_path / "runs" / "sum"))


def test_a_keras_model_is_taken_as_it_is(crops):
    from emotionlab.evaluation import predict
    from emotionlab.models import small_cnn

    model = small_cnn()
    recognizer = Recognizer(model, detector="haar")
    assert (recognizer.runtime, recognizer.temperature) == ("Keras", 1.0)
    np.testing.assert_allclose(recognizer.classify(crops), predict(model, crops), atol=1e-6)


@pytest.mark.parametrize("damage", ["kernel_size", "activation", "extra layer", "weights"])
def test_a_network_that_cannot_be_written_as_onnx_is_left_to_keras(tmp_path, damage):
    from emotionlab.models import small_cnn

    run = saved(small_cnn(), tmp_path / "runs" / "odd")
    path = run.folder / "architecture.json"
    architecture = json.loads(path.read_text(encoding="utf-8"))
    layers = architecture["config"]["layers"]
    first = next(layer for layer in layers if layer["class_name"] == "Conv2D")
    if damage == "activation":
        first["config"]["activation"] = "tanh"
    elif damage == "extra layer":
        layers[3]["class_name"] = "LeakyReLU"
    elif damage == "kernel_size":
        weights = dict(np.load(run.folder / "weights.npz"))
        weights["0000"] = np.zeros((2, 2, 1, 16), "float16")
        np.savez(run.folder / "weights.npz", **weights)
    else:
        weights = dict(np.load(run.folder / "weights.npz"))
        np.savez(run.folder / "weights.npz", **weights, **{"9999": np.zeros(3, "float16")})
    path.write_text(json.dumps(architecture), encoding="utf-8")
    with pytest.raises(NotInOnnx):
        LightNetwork(run)


@pytest.mark.parametrize(
    "architecture", [b"no JSON", b"[]", b"[" * 100_000, b"\xff"], ids=["text", "list", "deep", "bytes"]
)
def test_an_architecture_that_keras_did_not_write_is_one_sentence(tmp_path, architecture):
    np.savez(tmp_path / "weights.npz", **{"0000": np.zeros(3)})
    (tmp_path / "architecture.json").write_bytes(architecture)
    with pytest.raises(NotInOnnx, match="Expected a network as Keras writes it"):
        LightNetwork(Run(tmp_path))


def test_the_first_answer_needs_no_tensorflow(tmp_path):
    """A cold process: what takes seconds to import is not imported."""
    file = tmp_path / "face.png"
    file.write_bytes(png(scenes.scene()))
    program = (
        "import sys, emotionlab as el\n"
        f"found = el.Recognizer(detector='haar')({str(file)!r})\n"
        "slow = [m for m in ('tensorflow', 'keras', 'jax', 'matplotlib', 'pandas', 'sklearn') if m in sys.modules]\n"
        "print(len(found), found[0].emotion, slow)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "happy", "[]"], done.stderr


# ------------------------------------------------------------------------------------------ the answers


def test_a_drawn_smile_is_happy(recognizer):
    (found,) = recognizer(scenes.scene())
    assert (found.emotion, found.guess) == ("happy", "happy")
    assert found.confidence == pytest.approx(found.probabilities.max())
    assert found.probabilities.shape == (7,)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert (found.crop.shape, found.crop.dtype) == ((48, 48), np.uint8)
    assert found.text.startswith("happy ")


def test_confidence_is_calibrated_with_the_recorded_temperature(recognizer):
    from emotionlab.evaluation import calibration

    chosen = calibration.chosen()
    assert (recognizer.temperature, recognizer.threshold) == (chosen["temperature"], chosen["threshold"])


def test_a_run_that_was_never_tested_gets_a_threshold_of_its_own(tmp_path):
    from emotionlab.evaluation import calibration

    recorded = load("plain")
    folder = tmp_path / "mine"
    shutil.copytree(recorded.folder, folder)
    arrays = dict(np.load(folder / "predictions.npz"))
    np.savez(folder / "predictions.npz", **{k: v for k, v in arrays.items() if k.startswith("validation")})
    temperature, threshold = _calibration(Run(folder))
    own = calibration.choose(recorded)
    assert (temperature, threshold) == (own["temperature"], own["threshold"])
    assert threshold != calibration.chosen()["threshold"]


def test_below_the_threshold_the_answer_is_not_sure(picture):
    (found, _) = Recognizer(detector="haar", threshold=1.0)(picture)
    assert found.emotion == NOT_SURE
    assert found.guess in EMOTIONS
    assert found.text.startswith(f"not sure ({found.guess}")
    (found, _) = Recognizer(detector="haar", threshold=0)(picture)
    assert found.emotion == found.guess


def test_a_picture_without_a_face_gives_an_empty_answer(recognizer):
    found = recognizer(np.full((200, 300, 3), 128, np.uint8))
    assert found == []
    assert found.to_dataframe().empty
    assert found.draw().shape == (200, 300, 3)


def test_a_picture_of_the_data_set_has_a_face():
    from emotionlab.data.drawn import bundled_face

    (found,) = Recognizer(detector="haar")(bundled_face())
    assert found.emotion == "happy"


def test_the_table_has_a_row_for_each_face(picture, recognizer):
    found = recognizer(picture)
    table = found.to_dataframe()
    assert list(table.columns) == ["face", *COLUMNS]
    assert table.face.tolist() == [1, 2]
    np.testing.assert_allclose(table[list(EMOTIONS)].sum(axis=1), 1, atol=1e-3)
    assert table.guess.tolist() == [one.guess for one in found]


def test_many_files_are_read_and_a_bad_one_stops_nothing(tmp_path, recognizer, picture):
    (tmp_path / "two.png").write_bytes(png(picture))
    (tmp_path / "none.png").write_bytes(png(np.full((90, 90, 3), 90, np.uint8)))
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    names = [tmp_path / name for name in ("text.jpg", "none.png", "two.png", "missing.png")]
    seen = []
    table = recognizer.files(names, progress=False, then=lambda path, found: seen.append((path.name, len(found))))
    assert [name.rsplit("/")[-1].rsplit("\\")[-1] for name in table.file] == [
        "text.jpg",
        "none.png",
        "two.png",
        "two.png",
        "missing.png",
    ]
    assert table.note[1] == NO_FACE
    assert "Expected" in table.note[0]
    assert table.face.dropna().tolist() == [1, 2]
    assert seen == [("none.png", 0), ("two.png", 2)]


def test_drawing_shows_a_box_and_a_label_without_touching_the_picture(picture, recognizer):
    before = picture.copy()
    found = recognizer(picture)
    drawn = found.draw()
    np.testing.assert_array_equal(picture, before)
    assert drawn.shape == picture.shape
    box = found[0].box
    edge = drawn[round(box.y) : round(box.y + box.height), round(box.x) - 3 : round(box.x) + 4]
    assert (np.abs(edge.astype(int) - picture[: edge.shape[0], :7]).max(axis=2) > 60).any(axis=1).all()
    assert found._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("ground", [0, 255])
def test_labels_can_be_read_on_dark_and_light(ground):
    """The box of a sure face and the text have both light and dark pixels, whatever lies under them."""
    from emotionlab.recognition.drawing import draw_faces
    from emotionlab.recognition.recognizer import Face

    row = np.float32([0.9, 0.1, 0, 0, 0, 0, 0])
    face = Face(faces.Box(60, 60, 80, 80), "angry", 0.9, row, np.zeros((48, 48), np.uint8))
    drawn = draw_faces(np.full((200, 300, 3), ground, np.uint8), [face]).astype(int)
    label = drawn[40:60, 60:150]
    assert label.min() < 40
    assert label.max() > 215
    across_the_edge = drawn[100, 52:70]
    assert np.ptp(across_the_edge.mean(axis=1)) > 60


def test_a_tiny_picture_is_enlarged_so_that_its_label_can_be_read():
    from emotionlab.data.drawn import bundled_face

    assert Recognizer(detector="haar")(bundled_face()).draw().shape == (336, 336, 3)


# ------------------------------------------------------------------------------------------ live frames


def test_a_frame_tells_its_faces_and_where_the_time_went(picture, recognizer):
    live = Live(recognizer)
    result = live(png(picture), 0.0)
    assert (result.width, result.height) == (640, 480)
    assert [one.number for one in result.faces] == [1, 2]
    assert tuple(result.milliseconds) == STEPS
    assert all(value >= 0 for value in result.milliseconds.values())
    told = json.loads(json.dumps(result.as_dict()))
    assert told["faces"][0]["text"].startswith("1: ")
    assert set(EMOTIONS) <= set(told["faces"][0])


def test_a_face_alone_in_a_frame_is_shown_without_its_number(recognizer):
    [told] = Live(recognizer)(png(scenes.scene()), 0.0).as_dict()["faces"]
    assert told["number"] == 1
    assert told["text"].startswith("happy")


def test_a_frame_without_a_face_and_a_bad_frame(recognizer):
    live = Live(recognizer)
    assert live(np.zeros((48, 64, 3), np.uint8), 0.0).faces == []
    with pytest.raises(DataError, match="Expected"):
        live(b"no jpeg", 0.1)
    assert live(png(scenes.scene()), 0.2).faces[0].emotion == "happy"


def test_live_probabilities_are_smoothed(recognizer):
    happy, surprised = scenes.scene(), scenes.scene(units=scenes.SURPRISE)
    live = Live(recognizer, smooth=0.5)
    live(happy, 0.0)
    (found,) = live(surprised, 0.05).faces
    assert found.guess == "happy"
    for i in range(1, 60):
        (found,) = live(surprised, 0.05 + i / 20).faces
    assert found.emotion == "surprise"
    assert found.number == 1


# ------------------------------------------------------------------------------------------ refusals


def test_impossible_arguments_are_refused(tmp_path):
    with pytest.raises(RunError, match="no run called"):
        Recognizer("nobody")
    with pytest.raises(RunError, match=r"keras\.Model"):
        Recognizer(3)
    with pytest.raises(EmotionLabError, match="detector called"):
        Recognizer(detector="dlib")
    with pytest.raises(EmotionLabError, match="threshold"):
        Recognizer(detector="haar", threshold=2)
    with pytest.raises(RunError, match="Expected weights in the run 'plain'"):
        Recognizer("plain", detector="haar")  # a recorded run without weights
    with pytest.raises(DataError, match="internet"):
        Recognizer(detector="haar")("https://a.example/b.jpg")


# ------------------------------------------------------------------------------------------ real photos


@pytest.mark.parametrize("detector", ["haar", "yunet"])
def test_the_astronaut_is_one_happy_face(detector):
    path = scenes.photo("astronaut.png")
    (found,) = Recognizer(detector=detector)(path)
    assert found.emotion == "happy"


def test_four_people_are_four_faces():
    path = scenes.photo("openimages_four_people.jpg")
    assert len(Recognizer()(path)) == 4
