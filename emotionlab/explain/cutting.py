"""Where a network can be cut in two, so that what it sees at that place can be asked for."""

from dataclasses import dataclass

from emotionlab.base.arguments import shown
from emotionlab.base.errors import EmotionLabError
from emotionlab.models import checking


def spatial_layers(model) -> list[str]:
    """Names of the layers at which Grad-CAM can cut this network, from first to last.

    Such a layer still has height and width, (N, height, width, channels), and everything that the network
    knows passes through it: a layer inside a residual block has a shortcut beside it and is left out.
    """
    return list(_spatial(graph_of(checked(model))))


@dataclass(frozen=True)
class _Graph:
    """A network as symbolic tensors: steps are (layer or operation, its input tensors, its output tensors)."""

    inputs: list
    steps: list
    output: object


def checked(model):
    """The model itself, if it is one that can be taken apart."""
    from emotionlab.base.backend import keras

    if not isinstance(model, keras.Model):
        raise EmotionLabError(f"Expected a keras.Model, found {shown(model)}; for a run, pass run.model().")
    if not model.built:
        raise EmotionLabError(
            f"Expected a built network, found {model.name!r} without shapes; add a keras.Input first."
        )
    return checking.checked(model)


def graph_of(model) -> _Graph:
    from emotionlab.base.backend import keras

    if isinstance(model, keras.Sequential):
        # its layers are called anew at each add(), so what they call their output may belong to an earlier graph
        tensors = [keras.Input(model.input_shape[1:])]
        for layer in model.layers:
            tensors.append(layer(tensors[-1]))
        steps = [(layer, [x], [y]) for layer, x, y in zip(model.layers, tensors, tensors[1:], strict=False)]
        return _Graph(tensors[:1], steps, tensors[-1])
    flatten, operations = keras.tree.flatten, getattr(model, "operations", [])
    steps = [(op, flatten(op.input), flatten(op.output)) for op in operations if not _is_input(op)]
    return _Graph(model.inputs, steps, model.outputs[0])


def _is_input(operation) -> bool:
    from emotionlab.base.backend import keras

    return isinstance(operation, keras.layers.InputLayer)


def _spatial(graph: _Graph) -> dict:
    """name -> (layer, output tensor) of the layers where the network can be cut."""
    from emotionlab.base.backend import keras

    last_use = {id(tensor): place for place, (_, inputs, _) in enumerate(graph.steps) for tensor in inputs}
    found, shortcut_until = {}, -1
    for place, (layer, _, outputs) in enumerate(graph.steps):
        is_layer = isinstance(layer, keras.layers.Layer) and not isinstance(layer, keras.Model)
        alone = shortcut_until <= place and len(outputs) == 1
        # None is a size left open; 1 x 1 is a summary of the whole picture
        if is_layer and alone and len(outputs[0].shape) == 4 and outputs[0].shape[1:3] != (1, 1):
            found[layer.name] = layer, outputs[0]
        shortcut_until = max(shortcut_until, *(last_use.get(id(tensor), -1) for tensor in outputs))
    return found


def layer_to_explain(graph: _Graph, network: str, name: str | None):
    """Name and output tensor of the layer asked for, or of the last one that is no pooling or dropout."""
    from emotionlab.base.backend import keras

    found = _spatial(graph)
    if not found:
        raise EmotionLabError(
            f"Expected a layer with height and width before the logits, found none in {network!r}; Grad-CAM needs a "
            "convolutional network whose layers are not hidden inside another model."
        )
    if name is not None and name not in found:
        raise EmotionLabError(
            f"Expected a layer with height and width that everything passes through, found {name!r}; "
            f"choose one of {', '.join(found)}."
        )
    if name is None:
        # pooling only sums up the layer before it, at a coarser grid
        summaries = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D, keras.layers.Dropout)
        computing = [key for key, (layer, _) in found.items() if not isinstance(layer, summaries)]
        name = (computing or list(found))[-1]
    return name, found[name][1]
