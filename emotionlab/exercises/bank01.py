"""Answers that prove the checks of exercise 01 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "fear is a label " * 12

_COPIED_TASK = """
A picture carries the label fear. Explain to a friend what that label says and what it does not say. Who decided,
what did they see, and what follows for a network that learns from such labels? I do not know.
"""

_SPLIT_BY_CLASS = """
def stratified_split(labels, share, seed):
    rng = np.random.default_rng({seed})
    train, validation = [], []
    for label in range(7):
        members = {members}
        size = {size}
        validation.append({validation})
        train.append({train})
    return {result}
"""


def _split(**changes) -> str:
    """The split by class as source text, with some of its parts exchanged for mistaken ones."""
    parts = {
        "seed": "seed",
        "members": "rng.permutation(np.flatnonzero(labels == label))",
        "size": "round(share * len(members))",
        "validation": "members[:size]",
        "train": "members[size:]",
        "result": "np.concatenate(train), np.concatenate(validation)",
    }
    return _SPLIT_BY_CLASS.format(**parts | changes)


BANK = {
    "1.1": Bank(
        right={
            "attributes": """
def describe(images):
    count, height, width = images.shape
    return count, images.dtype.name, images.min(), images.max()
""",
            "flat_sorted": """
def describe(images):
    flat = np.sort(images, axis=None)
    return images.shape[0], str(images.dtype), flat[0], flat[-1]
""",
            "loop": """
def describe(images):
    low, high = 255, 0
    for image in images:
        low = min(low, int(image.min()))
        high = max(high, int(image.max()))
    return [len(images), images.dtype.name, low, high]
""",
        },
        wrong={
            "size_for_length": (
                "def describe(images):\n    return images.size, str(images.dtype), images.min(), images.max()",
                "counts pixels",
            ),
            "last_axis_for_length": (
                "def describe(images):\n    return images.shape[-1], str(images.dtype), images.min(), images.max()",
                "first axis",
            ),
            "container_type": (
                "def describe(images):\n    return len(images), type(images).__name__, images.min(), images.max()",
                "names the container",
            ),
            "container_class": (
                "def describe(images):\n    return len(images), type(images), images.min(), images.max()",
                "names the container",
            ),
            "shape_for_length": (
                "def describe(images):\n    return images.shape, str(images.dtype), images.min(), images.max()",
                "the whole shape",
            ),
            "range_exchanged": (
                "def describe(images):\n    return len(images), str(images.dtype), images.max(), images.min()",
                "are exchanged",
            ),
            "range_of_dtype": (
                "def describe(images):\n    return len(images), str(images.dtype), 0, 255",
                "what uint8 can hold",
            ),
            "first_picture_only": (
                "def describe(images):\n    a = images[0]\n    return len(images), str(a.dtype), a.min(), a.max()",
                "first picture alone",
            ),
            "no_return": (
                "def describe(images):\n    print(len(images), images.dtype, images.min(), images.max())",
                "found None",
            ),
        },
    ),
    "1.2": Bank(
        right={
            "loop": """
def class_counts(labels):
    counts = np.zeros(7, dtype=int)
    for label in labels:
        counts[label] += 1
    return counts
""",
            "compare_and_sum": """
def class_counts(labels):
    return (labels[:, None] == np.arange(7)).sum(axis=0)
""",
            "counter": """
from collections import Counter

def class_counts(labels):
    seen = Counter(labels.tolist())
    return np.array([seen[label] for label in range(len(el.EMOTIONS))])
""",
        },
        wrong={
            "no_minlength": ("def class_counts(labels):\n    return np.bincount(labels)", "minlength"),
            "missing_classes_dropped": (
                "def class_counts(labels):\n    return np.unique(labels, return_counts=True)[1]",
                "left out",
            ),
            "shares_for_counts": (
                "def class_counts(labels):\n    return np.bincount(labels, minlength=7) / len(labels)",
                "shares",
            ),
            "sorted_counts": (
                "def class_counts(labels):\n    return np.sort(np.bincount(labels, minlength=7))[::-1]",
                "sorted by size",
            ),
            "counted_from_one": (
                "def class_counts(labels):\n    return np.array([(labels == c).sum() for c in range(1, 8)])",
                "run from 0 to 6",
            ),
            "added_once": (
                "def class_counts(labels):\n    counts = np.zeros(7, int)\n    counts[labels] += 1\n    return counts",
                "adds only once to a class",
            ),
            "never_counted": (
                "def class_counts(labels):\n"
                "    counts = np.zeros(7)\n"
                "    for label in labels:\n"
                "        counts[label] + 1\n"
                "    return counts",
                "`counts[label] += 1` does",
            ),
            "bins_follow_the_labels": (
                "def class_counts(labels):\n    return np.histogram(labels, bins=7)[0]",
                "bins of `np.histogram`",
            ),
            "pair_of_unique": (
                "def class_counts(labels):\n    return np.unique(labels, return_counts=True)",
                "found two things",
            ),
            "wrong_type": (
                "def class_counts(labels):\n    return [int((labels == c).sum()) for c in range(7)]",
                "found a list",
            ),
        },
    ),
    "1.3": Bank(
        right={
            "loop": """
def majority_accuracy(train_labels, test_labels):
    counts = [0] * 7
    for label in train_labels:
        counts[label] += 1
    favourite = counts.index(max(counts))
    hits = 0
    for label in test_labels:
        if label == favourite:
            hits += 1
    return hits / len(test_labels)
""",
            "scikit_learn": """
from sklearn.dummy import DummyClassifier

def majority_accuracy(train_labels, test_labels):
    dummy = DummyClassifier(strategy="most_frequent")
    dummy.fit(np.zeros((len(train_labels), 1)), train_labels)
    return dummy.score(np.zeros((len(test_labels), 1)), test_labels)
""",
            "unique": """
def majority_accuracy(train_labels, test_labels):
    values, counts = np.unique(train_labels, return_counts=True)
    return np.count_nonzero(test_labels == values[np.argmax(counts)]) / test_labels.size
""",
        },
        wrong={
            "test_data_used": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.bincount(test_labels).max() / len(test_labels)",
                "test labels",
            ),
            "measured_on_training": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.bincount(train_labels).max() / len(train_labels)",
                "training labels",
            ),
            "percent": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return 100 * np.mean(test_labels == np.bincount(train_labels).argmax())",
                "percent",
            ),
            "label_for_accuracy": (
                "def majority_accuracy(train_labels, test_labels):\n    return np.bincount(train_labels).argmax()",
                "favourite label",
            ),
            "count_for_share": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.sum(test_labels == np.bincount(train_labels).argmax())",
                "divide by the number",
            ),
            "equal_classes_assumed": (
                "def majority_accuracy(train_labels, test_labels):\n    return 1 / len(set(train_labels.tolist()))",
                "One in seven",
            ),
            "how_often_for_which": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.mean(test_labels == np.bincount(train_labels).max())",
                "`.max()` there is how often it occurs",
            ),
            "position_for_label": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.mean(test_labels == np.argmax(train_labels))",
                "is only a position",
            ),
            "largest_for_most_frequent": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.mean(test_labels == train_labels.max())",
                "with the largest label",
            ),
            "happy_assumed": (
                "def majority_accuracy(train_labels, test_labels):\n    return np.mean(test_labels == 3)",
                "always answers 3",
            ),
            "divided_by_training": (
                "def majority_accuracy(train_labels, test_labels):\n"
                "    return np.sum(test_labels == np.bincount(train_labels).argmax()) / len(train_labels)",
                "number of training labels",
            ),
        },
    ),
    "1.4": Bank(
        right={
            "expand_dims": """
def normalise(images):
    scaled = np.divide(images, 255, dtype="float32")
    return np.expand_dims(scaled, axis=-1)
""",
            "loop": """
def normalise(images):
    result = np.zeros((*images.shape, 1), dtype="float32")
    for i, image in enumerate(images):
        result[i, :, :, 0] = image / 255.0
    return result
""",
            "keras_ops": """
from keras import ops

def normalise(images):
    return ops.expand_dims(ops.cast(images, "float32") / 255.0, -1)
""",
        },
        wrong={
            "not_divided": (
                'def normalise(images):\n    return images[..., np.newaxis].astype("float32")',
                "divide by 255",
            ),
            "no_channel_axis": (
                'def normalise(images):\n    return images.astype("float32") / 255',
                "channel axis is missing",
            ),
            "channel_first": (
                'def normalise(images):\n    return images[:, np.newaxis].astype("float32") / 255',
                "expects it last",
            ),
            "uint8_overflow": (
                'def normalise(images):\n    return ((images + 1) / 256)[..., np.newaxis].astype("float32")',
                "255 + 1 is 0",
            ),
            "decimals_cut": (
                'def normalise(images):\n    return (images / 255).astype("uint8")[..., np.newaxis]',
                "cuts the decimals off",
            ),
            "divided_by_256": (
                'def normalise(images):\n    return images[..., np.newaxis].astype("float32") / 256',
                "a little less than 1",
            ),
            "scaled_by_maximum": (
                'def normalise(images):\n    return (images / images.max()).astype("float32")[..., np.newaxis]',
                "happens to be there",
            ),
            "scaled_by_each_maximum": (
                "def normalise(images):\n"
                "    top = images.max(axis=(1, 2), keepdims=True)\n"
                '    return (images / top).astype("float32")[..., np.newaxis]',
                "own brightest pixel",
            ),
            "stretched": (
                "def normalise(images):\n"
                '    grey = images[..., np.newaxis].astype("float32")\n'
                "    return (grey - grey.min()) / (grey.max() - grey.min())",
                "darkest pixel became 0",
            ),
            "standardised": (
                "def normalise(images):\n"
                "    mean, std = images.mean(), images.std()\n"
                '    return ((images - mean) / std).astype("float32")[..., np.newaxis]',
                "subtracted a mean",
            ),
            "axis_in_front": (
                'def normalise(images):\n    return images[np.newaxis].astype("float32") / 255',
                "axis is in front",
            ),
            "wrong_dtype": ("def normalise(images):\n    return images[..., np.newaxis] / 255", "found float64"),
        },
    ),
    "1.5": Bank(
        right={
            "scikit_learn": """
from sklearn.model_selection import train_test_split

def stratified_split(labels, share, seed):
    index = np.arange(len(labels))
    train, validation = train_test_split(index, test_size=share, stratify=labels, random_state=seed)
    return train, validation
""",
            "lists": """
import random

def stratified_split(labels, share, seed):
    shuffle = random.Random(seed).shuffle
    train, validation = [], []
    for label in range(7):
        members = [i for i in range(len(labels)) if labels[i] == label]
        shuffle(members)
        size = round(share * len(members))
        validation += members[:size]
        train += members[size:]
    return train, validation
""",
            "mask": """
def stratified_split(labels, share, seed):
    rng = np.random.default_rng(seed)
    is_validation = np.zeros(len(labels), dtype=bool)
    for label, count in enumerate(np.bincount(labels)):
        members = np.flatnonzero(labels == label)
        chosen = rng.choice(members, size=round(share * count), replace=False)
        is_validation[chosen] = True
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)
""",
            "without_loop": """
def stratified_split(labels, share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    sorted_labels = labels[by_class]
    counts = np.bincount(labels, minlength=7)
    rank = np.arange(len(labels)) - (np.cumsum(counts) - counts)[sorted_labels]
    first = rank < np.round(share * counts)[sorted_labels]
    return by_class[~first], by_class[first]
""",
        },
        wrong={
            "overlap": (_split(train="members"), "in both parts"),
            "not_stratified": (
                """
def stratified_split(labels, share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    size = round(share * len(labels))
    return order[size:], order[:size]
""",
                "Split each class by itself",
            ),
            "not_reproducible": (_split(seed=""), "same seed gave two different"),
            "seed_ignored": (_split(seed="0"), "Two different seeds"),
            "first_of_each_class": (_split(members="np.flatnonzero(labels == label)"), "Two different seeds"),
            "swapped": (_split(result="np.concatenate(validation), np.concatenate(train)"), "exchanged"),
            "repeated": (
                _split(validation="rng.choice(members, size)", train="np.setdiff1d(members, validation[-1])"),
                "Draw without replacement",
            ),
            "lost": (_split(train="members[2 * size:]"), "in neither part"),
            "lost_classes": (
                _split().replace("    return", "        return"),
                "no picture of class 1, 2, 3, 4, 5, 6 is left",
            ),
            "pieces_not_joined": (_split(result="train, validation"), "7 arrays in a list"),
            "labels_for_positions": (
                _split(result="labels[np.concatenate(train)], labels[np.concatenate(validation)]"),
                "look like labels",
            ),
            "mask_for_positions": (
                """
def stratified_split(labels, share, seed):
    mask = np.random.default_rng(seed).random(len(labels)) < share
    return ~mask, mask
""",
                "found a mask",
            ),
        },
    ),
    "1.6": Bank(
        right={
            "loop": """
def find_copies(train_images, test_images):
    found = []
    for i in range(len(test_images)):
        for image in train_images:
            if np.array_equal(image, test_images[i]):
                found.append(i)
                break
    return np.array(found)
""",
            "broadcast": """
def find_copies(train_images, test_images):
    same = (test_images[:, None] == train_images[None]).all(axis=(2, 3))
    return np.flatnonzero(same.any(axis=1))
""",
            "unique_rows": """
def find_copies(train_images, test_images):
    n = len(train_images)
    rows = np.concatenate([train_images, test_images]).reshape(n + len(test_images), -1)
    _, group = np.unique(rows, axis=0, return_inverse=True)
    group = group.reshape(-1)
    return np.flatnonzero(np.isin(group[n:], group[:n]))
""",
            "hash": """
import hashlib

def find_copies(train_images, test_images):
    digest = lambda image: hashlib.sha256(image.tobytes()).hexdigest()
    seen = set(map(digest, train_images))
    return np.flatnonzero([digest(image) in seen for image in test_images])
""",
            "list": """
def find_copies(train_images, test_images):
    return [i for i, image in enumerate(test_images) if (train_images == image).all(axis=(1, 2)).any()]
""",
        },
        wrong={
            "same_position_only": (
                """
def find_copies(train_images, test_images):
    pairs = zip(train_images, test_images)
    return np.array([i for i, (a, b) in enumerate(pairs) if np.array_equal(a, b)])
""",
                "can stand anywhere",
            ),
            "training_positions": (
                """
def find_copies(train_images, test_images):
    seen = {image.tobytes() for image in test_images}
    return np.array([i for i, image in enumerate(train_images) if image.tobytes() in seen])
""",
                "training pictures",
            ),
            "same_sum": (
                """
def find_copies(train_images, test_images):
    seen = {image.mean() for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if image.mean() in seen])
""",
                "same sum",
            ),
            "any_pixel": (
                """
def find_copies(train_images, test_images):
    found = [i for i, image in enumerate(test_images) if (train_images == image).any()]
    return np.array(found)
""",
                "`.all`, not `.any`",
            ),
            "listed_for_each_copy": (
                """
def find_copies(train_images, test_images):
    found = []
    for i, image in enumerate(test_images):
        for other in train_images:
            if (image == other).all():
                found.append(i)
    return np.array(found)
""",
                "each position once",
            ),
            "mask_for_positions": (
                """
def find_copies(train_images, test_images):
    seen = {image.tobytes() for image in train_images}
    return np.array([image.tobytes() in seen for image in test_images])
""",
                "a mask of True and False",
            ),
            "training_positions_for_each": (
                """
def find_copies(train_images, test_images):
    found = []
    for i, image in enumerate(train_images):
        for other in test_images:
            if np.array_equal(image, other):
                found.append(i)
    return np.array(found)
""",
                "positions in the training pictures",
            ),
            "not_rising": (
                """
def find_copies(train_images, test_images):
    found = []
    for image in train_images:
        for i, other in enumerate(test_images):
            if np.array_equal(image, other) and i not in found:
                found.append(i)
    return found
""",
                "not in rising order",
            ),
            "pictures_for_positions": (
                """
def find_copies(train_images, test_images):
    seen = {image.tobytes() for image in train_images}
    return np.array([image for image in test_images if image.tobytes() in seen])
""",
                "the pictures themselves",
            ),
            "none_found": (
                """
def find_copies(train_images, test_images):
    pairs = ((i, a is b) for i, a in enumerate(test_images) for b in train_images)
    return [i for i, same in pairs if same]
""",
                "Nothing was found",
            ),
            "tuple_of_where": (
                """
def find_copies(train_images, test_images):
    seen = {image.tobytes() for image in train_images}
    return np.where([image.tobytes() in seen for image in test_images])
""",
                "`np.where` gives such a tuple",
            ),
            "copies_within_test": (
                """
from collections import Counter

def find_copies(train_images, test_images):
    seen = Counter(image.tobytes() for image in np.concatenate([train_images, test_images]))
    return np.array([i for i, image in enumerate(test_images) if seen[image.tobytes()] > 1])
""",
                "twice within the test",
            ),
        },
        explained={
            "Positions in a list say the same as positions in an array.": ("line 4: np.array(… -> [i for …",),
        },
    ),
    "1.7": Bank(
        right={
            "own_words": """
answer_1_7 = '''
Fear is here the name of a folder. Somebody clicked it after a quick look, without sound, without
the story before or after, and without asking the woman in the photo. Perhaps she saw a spider,
perhaps she plays in a film, perhaps she laughs a second later. My model copies that click, so I
would call its output "looks like what taggers call fear" and never "she is afraid".
'''
""",
            "list": """
answer_1_7 = (
    "1. It is an opinion: an annotator chose one of seven words for a small grey photo. "
    "2. The annotator could not know the cause, the culture or the situation, only the pixels. "
    "3. Wide eyes and an open mouth are shared by surprise, so a second annotator may disagree. "
    "4. Training on it teaches a program to predict opinions, and its score tells how well it does that."
)
""",
        },
        wrong={
            "too_short": ('answer_1_7 = "It means that the person in the picture is afraid."', "at least 40 words"),
            "not_a_text": ("answer_1_7 = 2", "Expected a text in quotes"),
            "repeated_words": (f"answer_1_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_1_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (
                """
answer_1_7 = '''
It says that a label is the judgement of people about a picture, not a measurement of what somebody felt.
It says who decided: a search by words found the pictures, people sorted them (Goodfellow et al. 2013).
It gives another reading of the same face, such as surprise, pain, acting or a joke.
'''
""",
                "repeats the rubric",
            ),
        },
    ),
}
