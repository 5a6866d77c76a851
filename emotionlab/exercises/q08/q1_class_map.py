"""Question 8.1: the class activation map of one emotion.

Title, points, task and model solution: solutions/08_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "8.1",
    hints=(
        "Each channel is a small picture, and the dense layer has one number for each pair of channel and emotion.",
        "`weights[:, label]` are the numbers of one emotion, one for each channel. The channels are the last axis of "
        "`maps`.",
        "`return maps @ weights[:, label]`, or `(maps * weights[:, label]).sum(axis=-1)`.",
    ),
    passed="Right. The mean of this map over all positions is the logit, apart from the bias: the map is the "
    "answer before it was averaged.",
    explained={
        "These weights lead to another class than the one that is asked for.": (
            "blind: argument 2: … element changed",
        ),
    },
)


@QUESTION.inputs
def features_and_weights(seed):
    """Three sets of feature maps (height, width, channels) with the last layer's weights (channels, 7) and a label.

    The most probable emotion is another one than `label`, and not the same in all. The last maps hold negative values,
    as behind a layer without a ReLU.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for shape, label, likely in (((5, 6, 4), 2, 6), ((3, 8, 9), 5, 1), ((4, 3, 5), 0, 3)):
        maps = rng.normal(0.5, 1, shape).astype("float32")
        if label:
            maps = np.maximum(maps, 0)
        weights = rng.normal(0, 1, (shape[-1], 7)).astype("float32")
        weights[:, likely] += 3
        cases.append((maps, weights, label))
    return cases


@QUESTION.judge
def judge(observed):
    if all(found["kind"] == "number" for found in observed["returned"]):
        return Wrong(
            "Expected a map, found one number: the positions were averaged or added up too, so the place is lost. "
            "Leave height and width alone; multiply and add along the channels.",
            "pooled_first",
        )
    return QUESTION.compare(observed)


@style
def weighted_sum(maps, weights, label):
    return (maps * weights[:, label]).sum(axis=-1)


@style
def einsum(maps, weights, label):
    return np.einsum("hwc,c->hw", maps, weights[:, label])


@style
def loop(maps, weights, label):
    total = np.zeros(maps.shape[:2])
    for channel in range(maps.shape[-1]):
        total += maps[:, :, channel] * weights[channel, label]
    return total


@style
def all_then_one(maps, weights, label):
    return (maps @ weights)[:, :, label]


@mistake("These are seven maps, one for each emotion. Expected the one of `label`: take one column of the weights.")
def all_classes(maps, weights, label):
    return maps @ weights


@mistake(
    "The feature maps were added up without their weights, so the map would be the same for every emotion. Multiply "
    "each channel by its weight for `label` first."
)
def not_weighted(maps, weights, label):
    return maps.sum(axis=-1)


@mistake(
    "This is the mean of the feature maps. The weights play no part, so the map would be the same for every emotion. "
    "Multiply each channel by its weight for `label` first."
)
def averaged_without_weights(maps, weights, label):
    return maps.mean(axis=-1)


@mistake(
    "The weighted maps were averaged over the channels, so every value is too small. Expected their sum: the dense "
    "layer adds up too."
)
def mean_over_channels(maps, weights, label):
    return (maps * weights[:, label]).mean(axis=-1)


@mistake(
    "The channels were weighted but not added up: there is still one map for each channel. Add along the last axis, "
    "`axis=-1`."
)
def not_added(maps, weights, label):
    return maps * weights[:, label]


ANOTHER_AXIS = (
    "The sum runs along the height or the width, and the channels are still there. They are the last axis: `axis=-1`."
)


@mistake(ANOTHER_AXIS)
def added_along_another_axis(maps, weights, label):
    return (maps * weights[:, label]).sum(axis=0)


@mistake(ANOTHER_AXIS, id="added_along_another_axis")
def added_along_the_width(maps, weights, label):
    return (maps * weights[:, label]).sum(axis=1)


@mistake(
    "Only the first two channels were added up. The example has no more, but a network has: take all of the last axis."
)
def two_channels(maps, weights, label):
    w = weights[:, label]
    return maps[:, :, 0] * w[0] + maps[:, :, 1] * w[1]


@mistake(
    "The negative values were cut off. They are places that speak against the emotion, and this map still holds them; "
    "question 8.2 cuts them for the picture."
)
def negatives_cut(maps, weights, label):
    return np.maximum(maps @ weights[:, label], 0)


@mistake(
    "This is the map of the most probable emotion. Expected the one of `label`: one may ask for the map of any "
    "emotion, also of one the network did not choose."
)
def own_choice_of_class(maps, weights, label):
    logits = maps.mean(axis=(0, 1)) @ weights
    return maps @ weights[:, np.argmax(logits)]


@mistake("The 4 of the example is written into the function. Use `label`: it can be any emotion.")
def emotion_of_the_example(maps, weights, label):
    return maps @ weights[:, 4]


@mistake(says="the place is lost")
def pooled_first(maps, weights, label):
    return maps.mean(axis=(0, 1)) @ weights[:, label]


@mistake(id="pooled_first", says="the place is lost")
def all_added(maps, weights, label):
    return (maps * weights[:, label]).sum()


@mistake(
    "The signs of the feature maps were dropped. Not every layer ends with a ReLU: take the values as they are, "
    "negative ones too."
)
def signs_dropped(maps, weights, label):
    return np.abs(maps) @ weights[:, label]
