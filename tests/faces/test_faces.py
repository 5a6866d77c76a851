"""Any picture becomes the same array; faces are found in it and cut out as FER-2013 cuts them out."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import scenes
from PIL import Image

from emotionlab import faces
from emotionlab.base import settings
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.base.pictures import decode, grey
from emotionlab.faces import cropping, detectors, yunet

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)


def as_bytes(array_or_image, kind="PNG", **options) -> bytes:
    image = array_or_image if isinstance(array_or_image, Image.Image) else Image.fromarray(array_or_image)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# ------------------------------------------------------------------------------------------ decoding


def test_path_bytes_pil_image_and_array_give_the_same_pixels(tmp_path):
    file = tmp_path / "grüße.png"
    file.write_bytes(as_bytes(COLOUR))
    for source in (file, str(file), file.read_bytes(), memoryview(file.read_bytes()), Image.fromarray(COLOUR), COLOUR):
        np.testing.assert_array_equal(decode(source), COLOUR)


def test_bgr_arrays_are_turned_round():
    np.testing.assert_array_equal(decode(COLOUR[..., ::-1], channels="BGR"), COLOUR)
    bgra = np.dstack([COLOUR[..., ::-1], np.full((20, 30), 255, np.uint8)])
    np.testing.assert_array_equal(decode(bgra, channels="BGR"), COLOUR)


def test_channels_never_swap_what_a_file_says():
    np.testing.assert_array_equal(decode(as_bytes(COLOUR), channels="BGR"), COLOUR)


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 1)])
def test_grey_arrays_get_three_equal_channels(shape):
    shades = RNG.integers(0, 256, shape, dtype=np.uint8)
    picture = decode(shades)
    assert picture.shape == (20, 30, 3)
    np.testing.assert_array_equal(picture, np.repeat(shades.reshape(20, 30, 1), 3, axis=2))
    np.testing.assert_array_equal(grey(picture), shades.reshape(20, 30))


def test_sixteen_bits_keep_their_upper_eight_from_array_and_file():
    deep = COLOUR[..., 0].astype(np.uint16) * 257
    np.testing.assert_array_equal(decode(deep)[..., 0], COLOUR[..., 0])
    np.testing.assert_array_equal(decode(as_bytes(deep))[..., 0], COLOUR[..., 0])


def test_transparent_parts_become_white():
    rgba = np.dstack([COLOUR, np.full((20, 30), 255, np.uint8)])
    rgba[:5, :, 3] = 0
    for source in (rgba, as_bytes(rgba), Image.fromarray(rgba)):
        picture = decode(source)
        assert (picture[:5] == 255).all()
        np.testing.assert_array_equal(picture[5:], COLOUR[5:])


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA"])
def test_other_modes_of_pillow_are_read(mode):
    image = Image.fromarray(COLOUR).convert(mode)
    kind = "TIFF" if mode == "CMYK" else "PNG"
    np.testing.assert_array_equal(decode(as_bytes(image, kind)), decode(image))


def test_exif_rotation_is_applied():
    image = Image.fromarray(COLOUR)
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned: the viewer turns the picture 90 degrees clockwise
    np.testing.assert_array_equal(decode(as_bytes(image, exif=exif)), np.rot90(COLOUR, -1))


@pytest.mark.parametrize(
    "address", ["https://a.example/b.jpg", "http://a.example", " FTP://a/b", "data:image/png;base64,x"]
)
def test_an_address_on_the_internet_is_refused(address):
    with pytest.raises(DataError, match="nothing is fetched from the internet"):
        decode(address)


def bad_files(tmp_path):
    whole = as_bytes(scenes.scene(), "JPEG")
    contents = {"cut.jpg": whole[: len(whole) // 2], "text.jpg": b"this is no picture", "empty.png": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [*(tmp_path / name for name in contents), tmp_path / "missing.png", tmp_path]


def test_bad_files_are_refused_in_one_sentence(tmp_path):
    for path in bad_files(tmp_path):
        with pytest.raises(DataError) as problem:
            decode(path)
        assert str(path) in str(problem.value)
        assert "\n" not in str(problem.value)


def test_cut_png_is_refused():
    content = as_bytes(COLOUR)
    with pytest.raises(DataError, match="whole picture"):
        decode(content[:-40])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 5), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((4, 4)),
        np.zeros((4, 4), bool),
        np.array("text"),
        None,
    ],
)
def test_arrays_that_are_no_picture_are_refused(array):
    with pytest.raises(DataError, match="Expected"):
        decode(array)


def test_unknown_channels_are_refused():
    with pytest.raises(DataError, match="BGR"):
        decode(COLOUR, channels="GRB")


def test_a_picture_of_fifty_million_pixels_is_read_and_searched():
    picture = np.zeros((5774, 8660), np.uint8)
    picture[1000:4000, 3000:6000] = np.asarray(Image.fromarray(scenes.face(side=192)).resize((3000, 3000)))
    shown = decode(as_bytes(picture, "JPEG", quality=80))
    (box,) = faces.detect(shown, "haar")
    assert np.hypot(box.centre[0] - 4500, box.centre[1] - 2600) < 400
    assert faces.crop(shown, box).std() > 20


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_more_than_a_hundred_million_pixels_are_refused_before_they_are_read():
    huge = Image.new("1", (20_000, 6_000))
    with pytest.raises(DataError, match="100,000,000 pixels"):
        decode(as_bytes(huge))


def test_grey_is_the_function_that_reads_training_pictures(tmp_path):
    """A coloured 48 x 48 file becomes the same grey in a data set as in the recogniser."""
    from emotionlab.data import picture_files

    colour = RNG.integers(0, 256, (48, 48, 3), dtype=np.uint8)
    content = as_bytes(colour)

    class Here:
        path = tmp_path

    np.testing.assert_array_equal(picture_files._decode(content, "a.png", Here), grey(decode(content)))
    assert picture_files.grey is grey


# ------------------------------------------------------------------------------------------ detecting


def test_haar_finds_a_drawn_face_where_it_is():
    (box,) = faces.detect(scenes.scene(), "haar")
    assert np.hypot(box.centre[0] - 296, box.centre[1] - 236) < 25
    assert 120 < box.width < 220
    assert 0 < box.score < 1
    assert (box.landmarks, box.detector) == (None, "haar")


def test_yunet_finds_faces_and_their_eyes():
    boxes = faces.detect(scenes.scene([(20, 40), (300, 200)]), "yunet")
    assert [box.detector for box in boxes] == ["yunet", "yunet"]
    for box in boxes:
        (left, top), (right, _) = box.landmarks[:2]
        assert box.x < left < right < box.x + box.width
        assert box.y < top < box.y + box.height / 2


def test_auto_takes_yunet_without_any_download_and_haar_where_the_package_has_lost_it(monkeypatch):
    assert not settings.data_dir().exists()
    assert faces.detector("auto").name == "yunet"
    monkeypatch.setattr(yunet, "PACKAGED", yunet.PACKAGED.with_name("lost.onnx"))
    assert faces.detector("auto").name == "haar"


def test_the_largest_face_comes_first():
    small, large = scenes.face(side=120), scenes.face(side=220)
    boxes = faces.detect(scenes.scene([(30, 40), (330, 180)], faces=[small, large]), "haar")
    assert len(boxes) == 2
    assert boxes[0].area > boxes[1].area


@pytest.mark.parametrize(
    "picture", [np.zeros((1, 1), np.uint8), np.full((300, 400), 90, np.uint8), np.zeros((13, 9000), np.uint8)]
)
def test_no_face_is_an_answer(picture):
    assert faces.detect(picture, "haar") == []


def test_no_face_is_an_answer_of_yunet_too():
    for shape in [(1, 1), (300, 400), (13, 9000)]:
        assert faces.detect(np.full(shape, 90, np.uint8), "yunet") == []


def test_a_small_face_in_a_large_photo_is_found_at_the_second_look():
    picture = scenes.scene([(900, 500)], side=100, size=(1200, 1800))
    search = faces.detector("haar")
    assert search(picture) == []
    assert len(search.look(picture)) == 1


def test_unknown_detectors_and_sizes_are_refused():
    with pytest.raises(EmotionLabError, match="auto, yunet, haar"):
        faces.detect(COLOUR, "dlib")
    with pytest.raises(EmotionLabError, match="search size"):
        faces.detector("haar", longest=3)


@pytest.mark.parametrize(("content", "found"), [(None, "none"), (b"something else", "damaged")])
def test_yunet_without_its_own_file_says_what_to_do(monkeypatch, tmp_path, content, found):
    if content:
        (tmp_path / yunet.NAME).write_bytes(content)
    monkeypatch.setattr(yunet, "PACKAGED", tmp_path / yunet.NAME)
    with pytest.raises(DataError, match=f"{found}.*install the package again, or use detector=.haar"):
        faces.detector("yunet")


def test_overlap_is_intersection_over_union():
    one = faces.Box(0, 0, 10, 10)
    assert one.overlap(one) == 1
    assert one.overlap(faces.Box(5, 0, 10, 10)) == pytest.approx(50 / 150)
    assert one.overlap(faces.Box(20, 0, 10, 10)) == 0


def test_the_command_that_once_fetched_yunet_says_that_it_is_there(capsys):
    from emotionlab.commands.cli import main

    assert main(["data", "yunet"]) == 0
    assert capsys.readouterr().out == "✔ YuNet is there already: it comes with the course.\n"
    assert not settings.data_dir().exists()


# ------------------------------------------------------------------------------------------ cropping


def boxed(frame_left, frame_top, side, detector="haar") -> faces.Box:
    """The box that a detector draws on a face whose FER-2013 frame is this square."""
    found = cropping.framing(detector)
    width = found.size * side
    x, y = frame_left + found.across * side, frame_top + found.down * side
    return faces.Box(x - width / 2, y - width / 2, width, width, detector=detector)


@pytest.mark.parametrize("times", [1, 2, 4, 5])
def test_a_crop_gives_back_the_picture_that_was_enlarged(times):
    small = scenes.draw_face(scenes.HAPPY)
    large = np.kron(small, np.ones((times, times), np.uint8))
    picture = np.full((48 * times + 60, 48 * times + 90), 77, np.uint8)
    picture[20 : 20 + 48 * times, 30 : 30 + 48 * times] = large
    crop = faces.crop(picture, boxed(30, 20, 48 * times))
    assert np.abs(crop.astype(int) - small).max() <= 1


def test_a_crop_beyond_the_edge_repeats_the_last_pixels():
    picture = np.full((60, 60), 200, np.uint8)
    assert (faces.crop(picture, boxed(-30, -30, 80)) == 200).all()


def test_a_tilted_head_is_turned_upright_by_the_eyes():
    from emotionlab.base.opencv import cv2

    upright = scenes.scene([(200, 140)])
    matrix = cv2.getRotationMatrix2D((296, 236), -25, 1)  # 25 degrees clockwise
    tilted = cv2.warpAffine(upright, matrix, (640, 480), borderValue=(60, 60, 60))
    eyes = np.array([[260.0, 212, 1], [332.0, 212, 1]])
    points = tuple((float(x), float(y)) for x, y in eyes @ matrix.T)
    box = boxed(200, 140, 192, "yunet")

    def turned(landmarks):
        place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        return faces.Box(**place, landmarks=landmarks, detector="yunet")

    straight = faces.crop(upright, box).astype(float)
    aligned = faces.crop(tilted, turned(points)).astype(float)
    left_alone = faces.crop(tilted, turned(points), align=False).astype(float)
    centre = slice(8, 40)
    close = np.abs(aligned - straight)[centre, centre].mean()
    assert close < 0.35 * np.abs(left_alone - straight)[centre, centre].mean()
    assert cropping.frame(turned(points))[3] == pytest.approx(25, abs=0.1)


def test_eyes_that_lean_too_far_are_taken_for_a_mistake():
    box = faces.Box(0, 0, 10, 10, landmarks=((0, 0), (0, 9), (1, 1), (1, 1), (1, 1)), detector="yunet")
    assert cropping.frame(box)[3] == 0


def test_the_framing_is_the_recorded_measurement():
    record = json.loads(cropping.RECORD.read_text(encoding="utf-8"))
    assert record["command"] == "uv run python -m emotionlab.labs framing"
    for name in ("haar", "yunet"):
        found, kept = cropping.framing(name), record["detectors"][name]
        assert (found.across, found.down, found.size) == (kept["across"], kept["down"], kept["size"])
        assert 0.85 < found.size < 1.05


def test_in_the_record_the_measured_margin_beats_a_wrong_one():
    record = json.loads(cropping.RECORD.read_text(encoding="utf-8"))
    for name in ("haar", "yunet"):
        ways = record["detectors"][name]["check"]["ways"]
        by_margin = {
            w["margin"]: w["accuracy_after"] for w in ways if w["turn"] == 0 and w["align"] == (name == "yunet")
        }
        assert by_margin[1.0] == max(by_margin.values())


def test_the_framing_can_be_measured_anew(monkeypatch):
    """On drawn faces, with Haar: enough to see that the measuring runs and finds the middle."""
    from emotionlab.data.drawn import draw_face
    from emotionlab.labs import framing

    images = np.stack([draw_face(scenes.HAPPY, identity) for identity in range(6)])
    found = framing.measure(images, faces.detector("haar", 384))
    assert found["found"] > 0
    assert abs(found["across"] - 0.5) < 0.1
    assert framing.photo(images[0]).shape == (384, 384, 3)


def test_four_people_have_four_faces():
    path = scenes.photo("openimages_four_people.jpg")
    assert len(faces.detect(path, "yunet")) == 4


def test_detectors_may_be_shared_between_threads():
    from concurrent.futures import ThreadPoolExecutor

    pictures = [scenes.scene([(40 * i, 100)]) for i in range(4)]
    search = detectors.detector("haar")
    alone = [search(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(search, pictures)) == alone


def test_what_is_no_box_is_no_face():
    """On a strip of 640 x 40 pixels OpenCV's YuNet now and then answers with boxes without area or end."""
    found = faces.detector("yunet")
    rows = np.tile(np.float32([10, 10, 30, 30, *[20] * 10, 0.9]), (4, 1))
    rows[1, 2], rows[2, 3], rows[3, 0] = 0, np.inf, np.nan
    found.__dict__["_net"] = SimpleNamespace(setInputSize=lambda size: None, detect=lambda picture: (1, rows))
    assert len(found(np.full((100, 100, 3), 90, np.uint8))) == 1
