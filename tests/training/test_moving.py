"""Rotation, zoom and shift in one resampling."""

import math

import keras
import numpy as np
import pytest

import emotionlab as el
from emotionlab.runs.recipes import RECIPES, Recipe
from emotionlab.training.loop import augmentation
from emotionlab.training.moving import MoveOnce, about_the_centre


@pytest.fixture
def pictures():
    return np.random.default_rng(0).uniform(0, 255, (4, 48, 48, 1)).astype("float32")


def moved(pictures, angle=0.0, scale=1.0, right=0.0, down=0.0):
    numbers = [np.full(len(pictures), value, "float32") for value in (angle, scale, right, down)]
    found = keras.ops.image.affine_transform(pictures, about_the_centre(*numbers), fill_mode="reflect")
    return keras.ops.convert_to_numpy(found)


def as_keras_does(layer, pictures):
    return keras.ops.convert_to_numpy(layer(pictures, training=True))


def test_a_quarter_turn_turns_about_the_centre(pictures):
    turned = moved(pictures, angle=math.pi / 2)
    inside = (slice(None), slice(1, -1), slice(1, -1))
    assert np.allclose(turned[inside], np.rot90(pictures, 1, (1, 2))[inside], atol=0.01)


def test_nothing_moves_nothing(pictures):
    assert np.allclose(moved(pictures), pictures, atol=1e-3)


def test_whole_pixels_are_moved_without_a_change(pictures):
    assert np.allclose(moved(pictures, right=3.0, down=-2.0)[:, 2:, :-3], pictures[:, :-2, 3:], atol=1e-3)


def test_zoom_is_that_of_keras(pictures):
    ours = moved(pictures, scale=0.9)
    keras_zoom = as_keras_does(keras.layers.RandomZoom((-0.1, -0.1), fill_mode="reflect"), pictures)
    assert np.allclose(ours, keras_zoom, atol=0.5)


def test_what_is_drawn_stays_within_the_recipe_and_differs_from_picture_to_picture():
    spot = np.zeros((500, 48, 48, 1), "float32")
    spot[:, 22:26, 22:26] = 255
    moved_spots = as_keras_does(MoveOnce(rotation=0.0, zoom=0.0, shift=0.12, seed=1), spot)[..., 0]
    rows = (moved_spots.sum(axis=2) * np.arange(48)).sum(axis=1) / moved_spots.sum(axis=(1, 2)) - 23.5
    assert np.abs(rows).max() <= 0.12 * 48 + 0.1
    assert rows.std() == pytest.approx(0.12 * 48 / math.sqrt(3), rel=0.1)


def test_one_resampling_leaves_pictures_sharper_than_three():
    stripes = np.tile(np.arange(48) % 4 // 2 * 255.0, (64, 48, 1))[..., None].astype("float32")
    recipe = Recipe(rotation=9.0, zoom=0.1, shift=0.08)

    def contrast(recipe):
        changed = stripes
        for layer in augmentation(recipe):
            changed = layer(changed, training=True)
        return keras.ops.convert_to_numpy(changed).std()

    assert contrast(recipe) < 0.85 * contrast(recipe.but(move_once=True)) < stripes.std()


def test_it_rests_outside_training_and_draws_anew_at_each_step(pictures):
    layer = MoveOnce(rotation=12.0, zoom=0.1, shift=0.12, seed=0)
    assert np.array_equal(keras.ops.convert_to_numpy(layer(pictures)), pictures)
    first, second = as_keras_does(layer, pictures), as_keras_does(layer, pictures)
    assert not np.array_equal(first, second)
    again = MoveOnce(rotation=12.0, zoom=0.1, shift=0.12, seed=0)
    assert np.array_equal(as_keras_does(again, pictures), first)


def test_a_network_is_trained_behind_it_alone():
    faces = el.load_faces("drawn", size=60)
    recipe = Recipe(epochs=1, batch_size=16, rotation=12.0, zoom=0.1, shift=0.12, move_once=True)
    run = el.train(el.models.small_cnn(widths=(4, 4, 4, 4)), faces, recipe, name="moved")
    assert np.isfinite(run.history["loss"]).all()


def test_a_recipe_moves_once_where_it_says_so():
    kinds = [type(layer).__name__ for layer in augmentation(RECIPES["fine_tuned_resnet18"])]
    assert kinds == ["RandomFlip", "MoveOnce"]
    assert augmentation(RECIPES["fine_tuned_resnet18"].without_augmentation()) == []
