"""Is this a network that takes the course's pictures and returns logits? One sentence says what is not so."""

from emotionlab.base.arguments import expected, shown, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError, RunError
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


def checked_shape(value) -> tuple:
    """The shape of a network's pictures: (height, width, channels), where None stands for any size."""
    parts = list(value) if isinstance(value, tuple | list) else []
    if len(parts) != 3 or not all(part is None or _is_size(part) for part in parts) or parts[2] is None:
        raise EmotionLabError(
            expected("input_shape", f"such as ({IMAGE_SIZE}, {IMAGE_SIZE}, 1) or (None, None, 1)", value)
        )
    return tuple(parts)


def checked_sizes(name: str, value, count: int | None = None, at_least: int = 1) -> list[int]:
    """A list of whole numbers, such as the widths of a network's stages."""
    parts = list(value) if isinstance(value, tuple | list) else []
    if not parts or (count is not None and len(parts) != count):
        how_many = "at least one" if count is None else str(count)
        raise EmotionLabError(expected(name, f"a list of whole numbers ({how_many})", value))
    return [whole_number(f"each of {name}", part, at_least, 100_000) for part in parts]


def checked_seed(value) -> int | None:
    """A seed that Keras takes, or None."""
    return None if value is None else whole_number("seed", value, at_least=0, at_most=2**32 - 1)


def _is_size(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000


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
