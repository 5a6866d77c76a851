"""Is this a network that takes the course's pictures and returns logits? One sentence says what is not so."""

from emotionlab.base.arguments import shown
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import RunError
from emotionlab.base.settings import IMAGE_SIZE

SQUASHING = ("softmax", "sigmoid", "hard_sigmoid", "tanh", "hard_tanh", "relu", "relu6", "softplus", "softsign")
"""Activations after which numbers are no logits any more."""


def checked(model, name: str = "model"):
    """`model`, if it takes (N, 48, 48, 1) pictures and returns (N, 7) logits.

    Raises RunError for what is no keras.Model, and for a network without shapes, with another input or output, or
    with an activation at its end that leaves no logits.
    """
    from emotionlab.base.backend import keras

    if not isinstance(model, keras.Model):
        raise RunError(
            f"Expected {name} to be a keras.Model, found {shown(model)}; build one with el.models, or take that of a "
            "run with run.model()."
        )
    takes, returns = shape_of(model, "input_shape"), shape_of(model, "output_shape")
    if takes is None or returns is None:
        raise RunError(
            f"Expected a network with known shapes, found {model.name!r} without; begin it with "
            f"keras.Input(({IMAGE_SIZE}, {IMAGE_SIZE}, 1))."
        )
    if not _fits(takes, (IMAGE_SIZE, IMAGE_SIZE, 1)):
        raise RunError(
            f"Expected a network that takes pictures of shape ({IMAGE_SIZE}, {IMAGE_SIZE}, 1), found input shape "
            f"{takes[1:] if isinstance(takes, tuple) else takes}; begin it with keras.Input(({IMAGE_SIZE}, "
            f"{IMAGE_SIZE}, 1)) and scale inside it, with keras.layers.Resizing."
        )
    if returns[1:] != (len(EMOTIONS),):
        raise RunError(
            f"Expected a network with {len(EMOTIONS)} outputs (logits), found output shape {returns[1:]}; "
            f"end it with Dense({len(EMOTIONS)})."
        )
    last = last_activation(model)
    if last in SQUASHING:
        raise RunError(
            f"Expected a network that ends in logits, found {last} at the end of {model.name!r}; remove it from the "
            "last layer, because the loss and the probabilities here are made from logits."
        )
    return model


def shape_of(model, which: str):
    """The input or output shape of a network; None for one without, such as a Sequential that was never built."""
    try:
        return getattr(model, which)
    except (AttributeError, ValueError):
        return None


def last_activation(model) -> str:
    """What the last step of a network does, such as "linear", "softmax" or the name of a layer's class."""
    steps = getattr(model, "operations", None) or model.layers
    last = steps[-1]
    if hasattr(last, "layers"):  # a network inside the network
        return last_activation(last)
    activation = getattr(last, "activation", None)
    return getattr(activation, "__name__", type(last).__name__.lower())


def _fits(found, wanted: tuple) -> bool:
    """Whether an input shape (None, ...) takes pictures of this shape; None in it takes any size."""
    if not isinstance(found, tuple) or len(found) != 1 + len(wanted):
        return False
    return all(one in (None, other) for one, other in zip(found[1:], wanted, strict=True))
