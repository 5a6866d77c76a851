"""Rotation, zoom and shift of training pictures in one resampling (lesson 03 shows the three one after another)."""

import math

from emotionlab.base.backend import keras
from emotionlab.base.settings import IMAGE_SIZE


class MoveOnce(keras.layers.Layer):
    """Turn, scale and shift each picture at random, and resample it once.

    Keras' RandomRotation, RandomZoom and RandomTranslation resample one after another, and each time the picture
    becomes a little more blurred, while the pictures of validation and of a webcam are sharp.

    rotation: up to this many degrees either way. zoom, shift: up to this share, as in a `Recipe`.
    seed: of what is drawn. Takes and returns (N, 48, 48, 1) pictures in 0..255; acts in training only.
    """

    def __init__(self, rotation: float, zoom: float, shift: float, seed: int):
        super().__init__(dtype="float32")
        self.most = (math.radians(rotation), zoom, shift * IMAGE_SIZE, shift * IMAGE_SIZE)
        self.drawn = keras.random.SeedGenerator(seed)
        self.supports_jit = False  # XLA has no affine transform of pictures; Keras says the same of its own layers

    def call(self, pictures, training=False):
        if not training:
            return pictures
        drawn = keras.random.uniform((keras.ops.shape(pictures)[0], 4), -1, 1, seed=self.drawn)
        angle, zoom, right, down = keras.ops.unstack(drawn * keras.ops.array(self.most), 4, axis=1)
        return keras.ops.image.affine_transform(
            pictures, about_the_centre(angle, 1 + zoom, right, down), interpolation="bilinear", fill_mode="reflect"
        )


def about_the_centre(angle, scale, right, down):
    """Where each pixel of the result is fetched from, as (N, 8) numbers of `keras.ops.image.affine_transform`.

    angle in radians, scale, and a shift in pixels: (N,) each; the centre of the picture is what turns and scales.
    """
    cosine, sine = scale * keras.ops.cos(angle), scale * keras.ops.sin(angle)
    centre, none = (IMAGE_SIZE - 1) / 2, keras.ops.zeros_like(angle)
    x = [cosine, -sine, centre - cosine * centre + sine * centre + right]
    y = [sine, cosine, centre - sine * centre - cosine * centre + down]
    return keras.ops.stack([*x, *y, none, none], axis=1)
