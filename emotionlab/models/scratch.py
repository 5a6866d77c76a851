"""A convolutional network built and trained from nothing (lessons 02 and 03)."""

from emotionlab.base.arguments import expected, number, text, yes_or_no
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.models.checking import checked_seed, checked_shape, checked_sizes


def scratch_cnn(
    input_shape=(IMAGE_SIZE, IMAGE_SIZE, 1),
    widths=(32, 64, 112, 176),
    blocks=(1, 2, 2),
    squeeze=False,
    dropout=0.3,
    seed=0,
    name="scratch_cnn",
):
    """A small residual network (He et al. 2016): 1.5 million parameters as it stands.

    One convolution, then stages of residual blocks, each stage at half the resolution of the one
    before, then the mean over all positions and one dense layer.

    input_shape: (48, 48, 1), or (None, None, 1) for pictures of any size, which a recipe with
        `crop` needs. The weights are the same for both.
    widths: channels of the first convolution and of each stage.
    blocks: residual blocks in each stage.
    squeeze: add a squeeze-and-excitation gate to each block (Hu et al. 2018).
    dropout: share of the final features hidden at each training step.
    seed: fixes the initial weights; None leaves them random.
    name: name of the Keras model.

    Returns a `keras.Model`: (N, 48, 48, 1) pictures in 0..255 in, (N, 7) logits out.
    """
    from emotionlab.base.backend import keras

    input_shape, seed = checked_shape(input_shape), checked_seed(seed)
    widths = checked_sizes("widths", widths)
    blocks = checked_sizes("blocks", blocks, count=len(widths) - 1, at_least=0) if len(widths) > 1 else []
    squeeze = yes_or_no("squeeze", squeeze)
    dropout = number("dropout", dropout, at_least=0, below=1)
    if "/" in text("name", name) or not name:
        raise EmotionLabError(expected("name", "a word without /", name))
    if squeeze and min(widths[1:], default=8) < 8:
        raise EmotionLabError(expected("widths", "8 and more in each stage with squeeze=True", widths))
    if seed is not None:
        keras.utils.set_random_seed(seed)
    pictures = keras.Input(input_shape, name="pictures")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    x = _convolution(x, widths[0], 3)
    for width, depth in zip(widths[1:], blocks, strict=True):
        x = keras.layers.MaxPooling2D()(x)
        for _ in range(depth):
            x = _residual_block(x, width, squeeze)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    x = keras.layers.Dropout(dropout)(x)
    logits = keras.layers.Dense(len(EMOTIONS), dtype="float32", name="logits")(x)
    return keras.Model(pictures, logits, name=name)


def small_cnn(**options):
    """`scratch_cnn` with half the channels: a quarter of the parameters and of the time. Same arguments."""
    return scratch_cnn(**{"widths": (16, 32, 56, 88), "name": "small_cnn", **options})


def _convolution(x, width, kernel_size, activation="relu"):
    """Convolution, batch normalisation, activation."""
    from emotionlab.base.backend import keras

    x = keras.layers.Conv2D(width, kernel_size, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    # momentum 0.9: the moving averages settle within one short epoch
    x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    return keras.layers.Activation(activation)(x) if activation else x


def _residual_block(x, width, squeeze):
    """Two convolutions whose result is added to their input."""
    from emotionlab.base.backend import keras

    y = _convolution(x, width, 3)
    y = _convolution(y, width, 3, activation=None)
    if squeeze:
        gate = keras.layers.GlobalAveragePooling2D(keepdims=True)(y)
        gate = keras.layers.Dense(width // 8, activation="relu")(gate)
        y = keras.layers.Multiply()([y, keras.layers.Dense(width, activation="sigmoid")(gate)])
    if x.shape[-1] != width:
        x = _convolution(x, width, 1, activation=None)
    return keras.layers.Activation("relu")(keras.layers.Add()([x, y]))
