"""Faces keep their numbers from frame to frame, and labels do not flicker."""

import itertools
import math

import numpy as np
import pytest

from emotionlab.base.emotions import EMOTIONS
from emotionlab.faces import Box
from emotionlab.live.tracking import Tracker
from emotionlab.recognition.recognizer import NOT_SURE, Face


def shares(**given) -> np.ndarray:
    """Probabilities (7,) with these values; the rest is spread over the others."""
    left = (1 - sum(given.values())) / (len(EMOTIONS) - len(given))
    return np.array([given.get(emotion, left) for emotion in EMOTIONS], np.float32)


def face(x, y=100.0, width=100.0, probabilities=None) -> Face:
    probabilities = shares(happy=0.9) if probabilities is None else probabilities
    label = EMOTIONS[int(probabilities.argmax())]
    crop = np.zeros((48, 48), np.uint8)
    return Face(Box(x, y, width, width), label, float(probabilities.max()), probabilities, crop)


def numbers(found) -> list[int]:
    return [one.number for one in found]


def test_a_face_keeps_its_number_and_a_new_one_gets_the_next():
    tracker = Tracker()
    assert numbers(tracker.update([face(0)], 0.0)) == [1]
    assert numbers(tracker.update([face(300), face(6)], 0.1)) == [2, 1]
    assert numbers(tracker.update([face(12), face(300)], 0.2)) == [1, 2]


def test_two_faces_that_cross_keep_their_numbers():
    """One walks right, one walks left, a little lower; they pass each other in the middle."""
    tracker, times = Tracker(), np.arange(0, 2, 0.1)
    for seconds in times:
        right, left = face(200 * seconds, 100), face(400 - 200 * seconds, 140)
        pair = [right, left] if round(seconds * 10) % 2 else [left, right]  # a detector has no fixed order
        found = tracker.update(pair, float(seconds))
        by_height = {one.box.y: one.number for one in found}
        expected = {140: 1, 100: 2}
        assert by_height == expected, seconds


def test_crossing_faces_keep_their_numbers_over_a_dropped_frame():
    tracker = Tracker()
    times = [t for t in np.arange(0, 2, 0.1) if not 0.85 < t < 1.05]  # two frames are lost as they meet
    for seconds in times:
        found = tracker.update([face(200 * seconds, 100), face(400 - 200 * seconds, 140)], float(seconds))
        assert numbers(found) == [1, 2], seconds


def test_a_face_that_is_missed_in_one_frame_is_the_same_afterwards():
    tracker = Tracker(keep=0.6)
    tracker.update([face(0)], 0.0)
    tracker.update([face(20)], 0.1)
    assert tracker.update([], 0.2) == []
    assert numbers(tracker.update([face(60)], 0.3)) == [1]


def test_a_face_out_of_sight_for_long_is_a_new_one():
    tracker = Tracker(keep=0.6)
    tracker.update([face(0)], 0.0)
    tracker.update([], 0.5)
    assert numbers(tracker.update([face(0)], 0.7)) == [2]


def test_a_face_that_every_slow_frame_shows_is_the_same():
    """Frames of a slow laptop, further apart than `keep`, and now and then two quick ones; the box trembles."""
    tracker, rng, seconds = Tracker(keep=0.6), np.random.default_rng(3), 0.0
    for step in (0.05, 1.5, 0.9, 0.04, 3.0, 0.7, 20.0) * 4:
        seconds += step
        assert numbers(tracker.update([face(100 + rng.normal(0, 3))], seconds)) == [1], seconds


def test_a_face_that_a_slow_frame_does_not_show_is_forgotten():
    tracker = Tracker(keep=0.6)
    tracker.update([face(0), face(300)], 0.0)
    tracker.update([face(300)], 1.0)
    assert numbers(tracker.update([face(0), face(300)], 2.0)) == [3, 2]


def test_time_that_runs_backwards_starts_anew():
    tracker = Tracker()
    tracker.update([face(0), face(300)], 5.0)
    assert numbers(tracker.update([face(300)], 0.0)) == [1]


def test_the_same_time_twice_changes_nothing():
    tracker = Tracker()
    before = tracker.update([face(0)], 1.0)[0]
    after = tracker.update([face(0, probabilities=shares(sad=0.9))], 1.0)[0]
    np.testing.assert_array_equal(after.probabilities, before.probabilities)


def test_the_mean_over_time_follows_its_time_constant():
    """After one time constant 63 % of a change shows, whatever the steps were."""
    for steps in ([0.5], [0.1] * 5, [0.03, 0.2, 0.01, 0.16, 0.1]):
        tracker = Tracker(smooth=0.5)
        tracker.update([face(0, probabilities=shares(happy=1.0))], 0.0)
        for seconds in itertools.accumulate(steps):
            (found,) = tracker.update([face(0, probabilities=shares(sad=1.0))], seconds)
        assert found.probabilities[EMOTIONS.index("happy")] == pytest.approx(math.exp(-1), abs=1e-5)
        assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_without_smoothing_each_frame_stands_alone():
    tracker = Tracker(smooth=0)
    tracker.update([face(0, probabilities=shares(happy=1.0))], 0.0)
    (found,) = tracker.update([face(0, probabilities=shares(sad=0.8))], 0.1)
    np.testing.assert_allclose(found.probabilities, shares(sad=0.8), atol=1e-6)


def test_each_face_is_averaged_by_itself():
    tracker = Tracker()
    tracker.update([face(0, probabilities=shares(happy=0.9)), face(300, probabilities=shares(sad=0.9))], 0.0)
    one, two = tracker.update([face(300, probabilities=shares(sad=0.9)), face(0)], 0.1)
    assert (one.emotion, two.emotion) == ("sad", "happy")


def test_a_label_does_not_flicker_between_two_that_are_close():
    tracker, labels = Tracker(smooth=0, threshold=0.3, lead=0.08), []
    for i in range(40):
        wobble = 0.03 * (-1) ** i
        seen = shares(happy=0.45 + wobble, surprise=0.45 - wobble)
        labels.append(tracker.update([face(0, probabilities=seen)], i / 10)[0].emotion)
    assert set(labels) == {"happy"}


def test_a_label_changes_when_another_emotion_is_clearly_ahead():
    tracker = Tracker(smooth=0.2, threshold=0.5)
    labels = []
    for i in range(20):
        seen = shares(happy=0.9) if i < 5 else shares(sad=0.9)
        labels.append(tracker.update([face(0, probabilities=seen)], i / 10)[0].emotion)
    assert labels[:5] == ["happy"] * 5
    assert labels[-1] == "sad"
    changes = [pair for pair in itertools.pairwise(labels) if pair[0] != pair[1]]
    assert len(changes) <= 2  # at most through "not sure"


def test_not_sure_does_not_flicker_at_the_threshold():
    tracker, labels = Tracker(smooth=0, threshold=0.6, lead=0.08), []
    for i in range(30):
        seen = shares(happy=0.62 if i % 2 == 0 else 0.56)
        labels.append(tracker.update([face(0, probabilities=seen)], i / 10)[0].emotion)
    assert set(labels) == {"happy"}
    (found,) = tracker.update([face(0, probabilities=shares(happy=0.5))], 3.0)
    assert found.emotion == NOT_SURE


def test_the_confidence_shown_is_that_of_the_mean():
    tracker = Tracker(smooth=0.5)
    tracker.update([face(0, probabilities=shares(happy=0.9))], 0.0)
    (found,) = tracker.update([face(0, probabilities=shares(happy=0.5))], 0.1)
    assert found.confidence == pytest.approx(float(found.probabilities.max()))
    assert 0.5 < found.confidence < 0.9


def test_a_label_that_stays_for_a_while_shows_its_own_share():
    tracker = Tracker(smooth=0, threshold=0.4)
    tracker.update([face(0, probabilities=shares(happy=0.6))], 0.0)
    (found,) = tracker.update([face(0, probabilities=shares(happy=0.46, sad=0.48))], 0.1)
    assert found.emotion == "happy"
    assert found.text.endswith("happy 46 %")
    (found,) = tracker.update([face(0, probabilities=shares(happy=0.2, sad=0.3))], 0.2)
    assert found.text.endswith("not sure (sad 30 %)")


def test_many_faces_come_and_go_without_being_remembered_for_ever():
    tracker = Tracker(keep=0.6)
    for i in range(200):
        tracker.update([face(300 * (i % 7), 200 * (i % 3)) for _ in range(2)], float(i))
    assert len(tracker._tracks) <= 2
