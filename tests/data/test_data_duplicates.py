"""Duplicates and the survey: counted on a small set with known copies, and on the real data."""

import json
from dataclasses import replace

import numpy as np
import pytest
from face_files import pixels

from emotionlab.base.errors import DataError
from emotionlab.data import Faces, Split, as_batch, find_duplicates, survey
from emotionlab.data.dataset import content_checksum
from emotionlab.data.surveying import record, recorded


def split_of(*pictures: tuple[int, int]) -> Split:
    """A split of (seed of the picture, label) pairs."""
    images = np.stack([pixels(seed) for seed, _ in pictures])
    return Split(images, np.array([label for _, label in pictures]), np.array([f"{s}.jpg" for s, _ in pictures]))


@pytest.fixture
def faces() -> Faces:
    """Picture 1 twice in train and once in test; 2 in train and validation with another label; 9 in both tests."""
    return Faces(
        train=split_of((1, 3), (2, 0), (1, 3), (3, 6), (4, 5)),
        validation=split_of((2, 4), (5, 1), (9, 2)),
        test=split_of((6, 2), (1, 3), (9, 2), (9, 2)),
        name="fer2013",
        source="a test",
    )


def test_copies_are_found_within_and_across_splits(faces):
    found = find_duplicates(faces)
    assert found.distinct == 7
    assert found.leaked_test.tolist() == [False, True, False, False]
    assert found.leaked_validation.tolist() == [True, False, False]
    assert found.test_in_validation.tolist() == [False, False, True, True]
    assert {name: mask.tolist() for name, mask in found.repeated.items()} == {
        "train": [False, False, True, False, False],
        "validation": [False, False, False],
        "test": [False, False, False, True],
    }


def test_groups_say_where_each_copy_is_and_which_labels_conflict(faces):
    found = find_duplicates(faces)
    first = found.groups[0]
    assert (first.splits, first.indices, first.labels) == (("train", "train", "test"), (0, 2, 1), (3, 3, 3))
    assert len(found.groups) == 3
    (conflict,) = found.conflicting
    assert (conflict.splits, conflict.indices, conflict.labels) == (("train", "validation"), (1, 0), (0, 4))


def test_the_sentence_about_duplicates_names_the_leak(faces):
    said = str(find_duplicates(faces))
    assert "7 of 12 pictures are distinct" in said
    assert "1 pictures (25.0 %) leak into test" in said


def test_pictures_that_differ_in_one_pixel_are_no_copies(faces):
    images = faces.test.images.copy()
    images[1, 20, 20] ^= 1
    other = replace(faces, test=replace(faces.test, images=images))
    assert not find_duplicates(other).leaked_test.any()


def test_the_survey_counts_what_is_there(faces):
    flat = replace(faces.test, images=np.where(np.arange(4)[:, None, None] == 0, np.uint8(7), faces.test.images))
    found = survey(replace(faces, test=flat))
    assert found["pictures"] == 12
    assert found["splits"] == {"train": 5, "validation": 3, "test": 4}
    assert found["counts"]["train"]["happy"] == 2
    assert (found["distinct"], found["surplus"], found["repeated_groups"]) == (7, 5, 3)
    assert found["leaked"] == {"validation": 1, "test": 1}
    assert found["leaked_share"]["test"] == 0.25
    assert (found["conflicting_groups"], found["conflicting_pictures"]) == (1, 2)
    assert found["constant"] == {"all": 1, "train": 0, "validation": 0, "test": 1}
    assert found["majority"]["emotion"] == "happy"
    assert found["majority"]["accuracy"]["test"] == 0.25
    assert found["mean"] == pytest.approx(faces.train.images.mean())
    assert found["std"] == pytest.approx(faces.train.images.std())
    assert found["class_mean"]["neutral"] == pytest.approx(pixels(3).mean())
    assert json.loads(json.dumps(found)) == found


def test_a_recorded_survey_says_where_it_comes_from(faces, tmp_path):
    again = recorded(record(faces, tmp_path / "survey.json"))
    provenance = again.pop("provenance")
    assert again == survey(faces)
    assert provenance["checksum"] == content_checksum(faces.splits())
    assert provenance["command"] == "emotionlab data survey --record"
    assert provenance["source"] == "a test"


def test_the_recorded_survey_of_fer2013_can_be_recomputed(real_fer2013):
    expected = recorded()
    provenance = expected.pop("provenance")
    assert real_fer2013.checksum == provenance["checksum"]
    found = survey(real_fer2013)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == (pytest.approx(value) if key in {"mean", "std", "class_mean"} else value), key


# --- as_batch: the one preprocessing function -----------------------------------------------------


@pytest.mark.parametrize("shape", [(48, 48), (1, 48, 48), (5, 48, 48), (5, 48, 48, 1), (48, 48, 48), (0, 48, 48)])
@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64"])
def test_grey_pictures_of_any_form_become_one_batch(shape, dtype):
    images = (np.arange(np.prod(shape)) % 256).reshape(shape).astype(dtype)
    batch = as_batch(images)
    assert batch.shape == (1 if len(shape) == 2 else shape[0], 48, 48, 1)
    assert batch.dtype == np.float32
    assert np.array_equal(batch.ravel(), images.ravel())


@pytest.mark.parametrize("shape", [(48,), (64, 64), (5, 64, 64), (5, 48, 48, 3), (48, 48, 1), (5, 48, 48, 1, 1)])
def test_pictures_of_another_shape_are_refused(shape):
    with pytest.raises(DataError, match=r"\(N, 48, 48, 1\)"):
        as_batch(np.zeros(shape))


@pytest.mark.parametrize("value", [-1, 256, np.nan, np.inf])
def test_values_outside_the_range_are_refused(value):
    images = np.full((2, 48, 48), 100.0)
    images[1, 3, 3] = value
    with pytest.raises(DataError, match=r"0\.\.255"):
        as_batch(images)


def test_pictures_divided_by_255_are_refused_with_the_reason():
    with pytest.raises(DataError, match="multiply by 255"):
        as_batch(np.random.default_rng(0).random((2, 48, 48)))


def test_all_black_pictures_are_no_mistake():
    assert as_batch(np.zeros((2, 48, 48))).max() == 0


def test_text_is_refused():
    with pytest.raises(DataError, match="dtype"):
        as_batch(np.full((48, 48), "7"))
