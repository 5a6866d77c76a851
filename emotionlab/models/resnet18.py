"""ResNet-18, built from its residual block (lesson 06): He et al. 2016, "Deep residual learning"."""

from emotionlab.base.errors import EmotionLabError
from emotionlab.models.backbones import build_backbone
from emotionlab.models.checking import checked_sizes

PAPER, IMAGENET = (2, 2, 2, 2), (2, 2, 2, 3)
"""Residual blocks in each stage: of the paper, and of the network whose ImageNet weights come with the course."""

WIDTHS = (64, 128, 256, 512)


def resnet18(weights="imagenet", input_size=96, blocks=IMAGENET, dropout=0.0, **options):
    """ResNet-18: one convolution, then four stages of residual blocks, 15.9 million parameters.

    blocks: residual blocks in each stage. The paper has (2, 2, 2, 2). The ImageNet weights were trained by Microsoft
        with (2, 2, 2, 3): one block more in the last stage.
    dropout: as in the paper none: with 0.3 it learned FER-2013 more slowly.
    Preprocessing: blue, green and red in this order, less the mean ImageNet colour, in 0..255.
    Other arguments, return value and errors: see `build_backbone`.
    """
    blocks = tuple(checked_sizes("blocks", blocks, 4))
    if weights == "imagenet" and blocks != IMAGENET:
        raise EmotionLabError(
            f"Expected blocks={IMAGENET} for the ImageNet weights, found {blocks}; leave blocks out, or use "
            "weights=None."
        )
    return build_backbone(
        "resnet18", weights, input_size, dropout=dropout, layers=lambda x: _layers(x, blocks), **options
    )


def residual_block(x, width: int, stride: int = 1, name: str = "block"):
    """Two convolutions whose result is added to their input: relu(x + f(x)).

    x: (N, height, width, channels). With another number of channels or stride 2 the input takes a 1x1 convolution
    on its way, so that the two can be added. Returns (N, height / stride, width / stride, `width`).
    """
    from emotionlab.base.backend import keras

    y = _convolution(x, width, 3, stride, f"{name}_conv1")
    y = keras.layers.Activation("relu", name=f"{name}_relu1")(y)
    y = _convolution(y, width, 3, 1, f"{name}_conv2")
    if stride > 1 or x.shape[-1] != width:
        x = _convolution(x, width, 1, stride, f"{name}_shortcut")
    return keras.layers.Activation("relu", name=f"{name}_relu2")(keras.layers.Add(name=f"{name}_add")([x, y]))


def _layers(x, blocks):
    """From the preprocessed pictures to the last feature maps, a 32nd of their size."""
    from emotionlab.base.backend import keras

    x = _convolution(x, WIDTHS[0], 7, 2, "conv1")
    x = keras.layers.Activation("relu", name="conv1_relu")(x)
    x = keras.layers.ZeroPadding2D(((1, 0), (1, 0)), name="pool1_pad")(x)
    x = keras.layers.MaxPooling2D(3, 2, name="pool1")(x)
    for stage, (width, depth) in enumerate(zip(WIDTHS, blocks, strict=True), start=1):
        for block in range(1, depth + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            x = residual_block(x, width, stride, f"stage{stage}_block{block}")
    return x


def _convolution(x, width, size, stride, name):
    """Convolution and batch norm.

    At stride 2 the ImageNet weights were trained with one row and column less of padding at the bottom and right;
    Keras' "same" has it less at the top and left, so this pads by itself. Maps of an odd size, which the original
    never meets, keep the last row and column: else the shortcut beside them would come out larger.
    """
    from emotionlab.base.backend import keras

    padding = "same"
    if stride == 2 and size > 1:
        edges = (size // 2, size // 2 - 1 + x.shape[1] % 2)
        x, padding = keras.layers.ZeroPadding2D((edges, edges), name=f"{name}_pad")(x), "valid"
    x = keras.layers.Conv2D(width, size, stride, padding, use_bias=False, kernel_initializer="he_normal", name=name)(x)
    # momentum 0.9: the moving averages settle within one short epoch
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
