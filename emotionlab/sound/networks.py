"""A convolutional network on spectrograms, from nothing, in Keras 3 (elective `voice`)."""

from emotionlab.sound.features import BANDS, FRAMES

WIDTHS = (16, 32, 64, 128)


def voice_cnn(classes: int, widths=WIDTHS, dropout: float = 0.3, seed: int = 0):
    """Four convolutions with batch norm, each at half the resolution of the one before: 0.1 million parameters.

    At the end the mean, the deviation and the maximum of each feature over time: how a voice varies tells as much as
    how it sounds on average (statistics pooling, Snyder et al. 2018, doi 10.1109/ICASSP.2018.8461375). They are taken
    in each of the three rows that are left of the bands, because high and low are not the same, as left and right are
    in a face.

    classes: how many emotions. widths: channels of the convolutions. dropout: share of the last features hidden.
    Returns a `keras.Model`: (N, BANDS, FRAMES, 1) normalised spectrograms in, (N, classes) logits out.
    """
    from emotionlab.base.backend import keras

    layers, ops = keras.layers, keras.ops
    keras.utils.set_random_seed(seed)
    x = sounds = keras.Input((BANDS, FRAMES, 1), name="spectrograms")
    for number, width in enumerate(widths, 1):
        if number == 1:
            x = layers.Conv2D(width, 5, strides=2, padding="same", use_bias=False, name="conv1")(x)
        else:
            x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = layers.BatchNormalization(name=f"norm{number}")(x)
        x = layers.Activation("relu", name=f"relu{number}")(x)
    mean, largest = ops.mean(x, axis=2), ops.max(x, axis=2)
    deviation = ops.sqrt(ops.var(x, axis=2) + 1e-4)  # the root of 0 has no slope
    x = layers.Flatten(name="statistics")(ops.concatenate([mean, deviation, largest], axis=1))
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(sounds, layers.Dense(classes, name="logits")(x), name="voice_cnn")
