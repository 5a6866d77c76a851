"""Grad-CAM: where a network sees evidence for a class, for every network of the course (lesson 08).

    maps = grad_cam(model, faces.test.images[:8])             # (8, 48, 48), 0..1

It asks the last convolutional layer which places speak for the class. It needs the network alone, not its
training data.
"""

from weakref import WeakKeyDictionary

import numpy as np

from emotionlab.base.arguments import text
from emotionlab.base.arrays import as_batch, softmax
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.explain.classes import PREDICTED, class_numbers, some
from emotionlab.explain.cutting import checked, graph_of, layer_to_explain

BATCH = 64
"""Pictures that are explained at once."""

_EXPLAINERS = WeakKeyDictionary()  # model -> {layer: GradCam}; forgotten together with the model


def grad_cam(model, images, classes=None, layer: str | None = None) -> np.ndarray:
    """Grad-CAM (Selvaraju et al. 2017): where the network sees evidence for a class.

    model:   a keras.Model, (N, 48, 48, 1) pictures in 0..255 in, logits (N, 7) out.
    images:  (48, 48), (N, 48, 48) or (N, 48, 48, 1), grey values 0..255.
    classes: the class to ask for: None (the predicted one), one name or number for all pictures, or
             (N,) of them.
    layer:   name of a layer from `spatial_layers(model)`; None takes the last one that is no pooling.

    Returns (N, 48, 48) float32: 0 is no evidence for the class, 1 the strongest in this picture. A map is
    0 everywhere when no place speaks for the class. Maps of two pictures do not share a unit.
    Raises DataError for unusable pictures or classes, EmotionLabError when the network has no such layer.
    """
    return explainer(model, layer)(images, classes)[0]


def explainer(model, layer: str | None = None) -> "GradCam":
    """The compiled Grad-CAM of this network and layer; made once, then kept as long as the network lives."""
    layer = None if layer is None else text("layer", layer)
    kept = _EXPLAINERS.setdefault(checked(model), {})
    if layer not in kept:
        kept[layer] = GradCam(model, layer)
    return kept[layer]


class GradCam:
    """The Grad-CAM of one network at one layer: call it with pictures for (maps, probabilities).

    The network is cut in two at the layer. The front turns pictures into the layer's channels, the head turns
    those into logits. Only the head, which is small, has to be differentiated.
    Changed weights count at once; `layer` is the name of the layer.
    """

    def __init__(self, model, layer: str | None = None):
        from emotionlab.base.backend import keras

        graph = graph_of(checked(model))
        self.layer, cut = layer_to_explain(graph, model.name, layer)
        self._front = keras.Model(graph.inputs, cut)
        self._logits_and_gradient = _gradient(keras.Model(cut, graph.output))

    def __call__(self, images, classes=None) -> tuple[np.ndarray, np.ndarray]:
        """(maps (N, 48, 48) float32 as `grad_cam` gives them, probabilities (N, 7) float32) from one pass."""
        batch = some(as_batch(images))
        wanted = class_numbers(classes, len(batch))
        parts = [slice(start, start + BATCH) for start in range(0, len(batch), BATCH)]
        maps, probabilities = zip(*(self._explain(batch[part], wanted[part]) for part in parts), strict=True)
        return np.concatenate(maps), np.concatenate(probabilities)

    def _explain(self, batch, wanted):
        channels = np.asarray(self._front.predict_on_batch(batch), "float32")
        logits, gradient = self._logits_and_gradient(channels, wanted)
        importance = gradient.mean(axis=(1, 2))  # alpha in the paper: one number a channel
        evidence = np.maximum(np.einsum("nhwk,nk->nhw", channels, importance), 0)
        return np.stack([_enlarge(one) for one in evidence]), softmax(logits)


def _enlarge(evidence: np.ndarray) -> np.ndarray:
    """A coarse map (h, w) brought to 48 x 48 and to a maximum of 1 (0 stays 0)."""
    import cv2

    large = cv2.resize(evidence, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_LINEAR)
    return large / max(float(large.max()), 1e-12)


def _gradient(head):
    """Compile f(channels (N, h, w, k), classes (N,)) -> logits (N, 7) and their gradient (N, h, w, k), arrays.

    It is the gradient of the logit of the class asked for. Keras 3 leaves differentiation to its backend, so
    this is the one function here that has to know which backend that is.
    """
    from emotionlab.base.backend import keras

    ops, backend = keras.ops, keras.backend.backend()

    def chosen_logits(logits, classes):
        classes = ops.where(classes == PREDICTED, ops.cast(ops.argmax(logits, axis=-1), "int32"), classes)
        return ops.sum(logits * ops.one_hot(classes, logits.shape[-1]))

    if backend == "tensorflow":
        import tensorflow as tf

        @tf.function(reduce_retracing=True)
        def compiled(channels, classes):
            with tf.GradientTape() as tape:
                tape.watch(channels)
                logits = ops.cast(head(channels, training=False), "float32")
                chosen = chosen_logits(logits, classes)
            return logits, tape.gradient(chosen, channels)

        def logits_and_gradient(channels, classes):
            return compiled(tf.constant(channels), tf.constant(classes))

    elif backend == "jax":
        import jax

        # Weights are arguments: inside the function they would be compiled in, and later training lost.
        def score(channels, classes, weights, state):
            logits, _ = head.stateless_call(weights, state, channels, training=False)
            logits = ops.cast(logits, "float32")
            return chosen_logits(logits, classes), logits

        compiled = jax.jit(jax.value_and_grad(score, has_aux=True))

        def logits_and_gradient(channels, classes):
            weights = [v.value for v in head.trainable_variables]
            state = [v.value for v in head.non_trainable_variables]
            (_, logits), gradient = compiled(channels, classes, weights, state)
            return logits, gradient

    else:
        raise EmotionLabError(
            f"Expected the Keras backend tensorflow or jax for Grad-CAM, found {backend}; set KERAS_BACKEND to one of "
            "the two and start again, or use el.occlusion, which needs no gradient."
        )
    return lambda channels, classes: tuple(np.asarray(a, "float32") for a in logits_and_gradient(channels, classes))
