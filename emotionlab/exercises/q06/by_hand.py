"""What a residual block of questions 6.2 and 6.3 computes, step by step in NumPy, with weights of the check."""

from itertools import permutations, product

import numpy as np

from emotionlab.base.convolution import convolved

EPSILON = 1e-3  # of Keras' batch norm; another one changes little, because the variances are above 2


def relu(a):
    return np.maximum(a, 0)


def strange_weights(model) -> list[np.ndarray]:
    """A value for each weight of a model, so that maps get large, small and negative on their way."""
    rng = np.random.default_rng(0)
    draw = {
        "gamma": lambda shape: rng.uniform(1.5, 3, shape),
        "moving_variance": lambda shape: rng.uniform(2, 4, shape),
    }
    return [draw.get(w.name, lambda shape: rng.normal(0, 0.4, shape))(tuple(w.shape)) for w in model.weights]


def all_convolved(maps, kernel, stride):
    return np.stack([convolved(one, kernel, stride) for one in maps])


def normalised(maps, norm):
    scale = norm["gamma"] / np.sqrt(norm["moving_variance"] + EPSILON)
    return scale * (maps - norm["moving_mean"]) + norm["beta"]


def parts(model, values) -> tuple[list, list, list]:
    """(3 x 3 kernels, 1 x 1 kernels, batch norms) among the weights of a model."""
    kernels = [value for value in values if value.ndim == 4]
    norms: dict[str, dict] = {}
    for weight, value in zip(model.weights, values, strict=True):
        if value.ndim == 1:
            norms.setdefault(weight.path.rsplit("/", 1)[0], {})[weight.name] = value
    large, small = ([k for k in kernels if k.shape[:2] == size] for size in ((3, 3), (1, 1)))
    whole = {"gamma", "beta", "moving_mean", "moving_variance"}
    return large, small, [norm for norm in norms.values() if norm.keys() == whole]


WAYS = {
    "right": lambda x, one, two, way: relu(way(x) + two(relu(one(x)))),
    "no relu between": lambda x, one, two, way: relu(way(x) + two(one(x))),
    "relu before the addition": lambda x, one, two, way: relu(way(x) + relu(two(relu(one(x))))),
    "subtracted": lambda x, one, two, way: relu(way(x) - two(relu(one(x)))),
    "relu at the start": lambda x, one, two, way: relu(way(x) + two(relu(one(relu(x))))),
    "relu at the start of both": lambda x, one, two, way: relu(way(relu(x)) + two(relu(one(relu(x))))),
    "no last relu": lambda x, one, two, way: way(x) + two(relu(one(x))),
}
"""Name -> what a block makes of the maps x: `one` and `two` are the steps of the branch, `way` is the shortcut."""


def way_of(model, maps, stride=1) -> str:
    """The name in WAYS of what a block computes; "second strided" where that convolution has the stride, else "other".

    Which kernel and which batch norm is the first is not told by their order: all are tried.
    """
    values = strange_weights(model)
    model.set_weights(values)
    found = np.array(model(maps, training=False))
    large, small, norms = parts(model, values)
    changes = stride > 1 or found.shape != maps.shape  # then the shortcut needs weights
    if len(large) != 2 or len(small) != changes or len(norms) != 2 + len(small):
        return "other"
    ways = [(name, way, (stride, 1)) for name, way in WAYS.items()]
    if stride > 1:
        ways.append(("second strided", WAYS["right"], (1, stride)))
    for (a, b), order in product(permutations(large), permutations(norms)):
        if a.shape[2] != maps.shape[3] or b.shape[2] != a.shape[3]:
            continue
        for name, way, strides in ways:
            made = way(
                maps,
                lambda x, a=a, norm=order[0], s=strides[0]: normalised(all_convolved(x, a, s), norm),
                lambda y, b=b, norm=order[1], s=strides[1]: normalised(all_convolved(y, b, s), norm),
                lambda x, order=order: normalised(all_convolved(x, small[0], stride), order[2]) if small else x,
            )
            if made.shape == found.shape and np.allclose(made, found, rtol=2e-3, atol=2e-3 * np.abs(made).max()):
                return name
    return "other"
