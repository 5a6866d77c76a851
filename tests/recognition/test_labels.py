"""Labels of near faces: each can be read, and none lies on another face."""

import itertools

import numpy as np
import pytest

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.opencv import cv2
from emotionlab.data.drawn import EMOTION_UNITS, draw_face
from emotionlab.faces.detectors import Box
from emotionlab.recognition import drawing
from emotionlab.recognition.drawing import draw_faces
from emotionlab.recognition.labels import group_in_words, overlap, place_labels
from emotionlab.recognition.recognizer import Face

SIDE = 115
EMPTY = (20, 20, 20)


def label(wide: int, high: int):
    return lambda scale: (round(wide * scale), round(high * scale))


def heads(left: int, top: int, count: int) -> list:
    """Boxes of heads shoulder to shoulder."""
    return [(left + SIDE * i, top + 5 * (i % 2), left + SIDE * i + 95, top + 110) for i in range(count)]


@pytest.mark.parametrize(
    ("boxes", "size"),
    [
        (heads(20, 150, 5), (640, 400)),
        (heads(20, 0, 5), (640, 200)),
        (heads(10, 90, 5), (600, 200)),
        (heads(10, 40, 5) + heads(60, 170, 5), (640, 330)),
    ],
)
def test_five_heads_close_together_have_labels_that_cover_nothing(boxes, size):
    sizes = [label(200 if i % 2 else 130, 22) for i in range(len(boxes))]
    places = place_labels(boxes, sizes, *size)
    rectangles = [place for _, place in places]
    assert all(overlap(a, b) == 0 for a, b in itertools.combinations(rectangles, 2))
    for (scale, place), own in zip(places, boxes, strict=True):
        assert all(overlap(place, box) == 0 for box in boxes if box is not own)
        assert 0 <= place[0] < place[2] <= size[0]
        assert 0 <= place[1] < place[3] <= size[1]
        assert scale >= 0.65


def test_one_face_alone_has_its_label_above_and_at_its_left():
    assert place_labels([(100, 100, 200, 220)], [label(80, 20)], 640, 480) == [(1.0, (100, 80, 180, 100))]


def test_without_any_room_the_place_that_covers_least_is_taken():
    boxes = [(0, 0, 40, 40), (40, 0, 80, 40)]
    places = [place for _, place in place_labels(boxes, [label(80, 40)] * 2, 80, 40)]
    assert all(place[0] >= 0 and place[2] <= 80 for place in places)


def test_the_labels_are_drawn_where_they_were_placed(monkeypatch):
    seen = {}
    real = drawing.place_labels
    monkeypatch.setattr(drawing, "place_labels", lambda *given: seen.setdefault("places", real(*given)))
    picture, faces = group(["happy", "not sure", "happy", "sad", "happy"])
    drawn = draw_faces(picture, faces)
    for _, (left, top, right, bottom) in seen["places"]:
        ground = drawn[top:bottom, left + 6 : right]
        assert (ground == EMPTY).all(axis=2).mean() > 0.5, "a dark bar"
        assert (ground > 200).all(axis=2).sum() > 50, "with white letters"
    for face, other in itertools.permutations(faces, 2):
        eyes = slice(round(other.box.y + 40), round(other.box.y + 60))
        assert (
            face is other or not (drawn[eyes, int(other.box.x) + 8 : int(other.box.x) + 85] == EMPTY).all(axis=2).any()
        )


def group(emotions) -> tuple[np.ndarray, list[Face]]:
    """Drawn faces side by side, and what a recogniser might say of them."""
    scene, faces = np.full((400, 640), 90, np.uint8), []
    for i, emotion in enumerate(emotions):
        shown = emotion if emotion in EMOTIONS else "sad"
        left, top = 20 + SIDE * i, 150 + 10 * (i % 2)
        face = cv2.resize(draw_face(EMOTION_UNITS[shown], i + 3, exposure=1.2), (SIDE, SIDE))
        scene[top : top + SIDE, left : left + SIDE] = np.maximum(face, 40)
        shares = np.full(7, 0.05, np.float32)
        shares[EMOTIONS.index(shown)] = 0.7 if emotion in EMOTIONS else 0.33
        box = Box(left + 10, top + 5, SIDE - 20, SIDE - 10, 1.0)
        faces.append(Face(box, emotion, float(shares.max()), shares, face, i + 1))
    return np.repeat(scene[..., None], 3, axis=2), faces


@pytest.mark.parametrize(
    ("emotions", "words"),
    [
        (["sad", "happy", "happy", "not sure", "happy"], "5 faces: 3 happy, 1 sad, 1 not sure"),
        (["fear"], "1 face: 1 fear"),
        ([], "no face"),
    ],
)
def test_a_group_is_summed_up_in_a_line(emotions, words):
    assert group_in_words(emotions) == words
