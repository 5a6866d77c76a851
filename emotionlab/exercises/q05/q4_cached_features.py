"""Question 5.4: keep the features of a frozen network as a file that is named by its content.

Title, points, task and model solution: solutions/05_*.ipynb.
"""

import hashlib
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from emotionlab.exercises.capture import capture
from emotionlab.exercises.compare import difference, first, matches, read_as
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "5.4",
    hints=(
        "Three steps: make a file name from the content, compute and save only if there is no such file, load it.",
        "`hashlib.sha256(images.tobytes())` makes a fingerprint of all pixels; `.update(weight.tobytes())` adds an "
        "array to it; `.hexdigest()` is its text. (Python's own `hash` gives other numbers after each restart.)",
        '`path = Path(folder) / f"{content.hexdigest()}.npy"`, then '
        "`if not path.exists(): np.save(path, extract(images))`, and `return np.load(path)`.",
    ),
    passed="Right. Same content, same file; one other pixel or weight, another file. `el.features` does it this way.",
    explained={"All calls name one folder, which is another in each check.": ("blind: argument 4: ignored",)},
)

CALLS = (
    ("first", "images", "weights"),
    ("again", "images", "weights"),
    ("restarted", "images", "weights"),
    ("other_images", "other_images", "weights"),
    ("other_weights", "images", "other_weights"),
    ("back", "images", "weights"),
    ("fine_images", "fine_images", "weights"),
    ("fine_weights", "images", "fine_weights"),
    *((f"picture_{i}", f"picture_{i}", "weights") for i in range(6)),
    *((f"array_{i}", "images", f"array_{i}") for i in range(3)),
    ("turned_images", "turned_images", "weights"),
    ("turned_weights", "images", "turned_weights"),
)
"""The calls of the check, in this order: a name, and which pictures and weights are passed.

Before "restarted" all is forgotten that was kept in memory.
"""


@QUESTION.inputs
def pictures_and_weights(seed):
    """Pictures and weights; of each a second version with two values exchanged (same shape, same sum), and more.

    "fine_...": a single value is another by as little as its dtype can hold, in the midst of a large array.
    "picture_0" ..., "array_0" ...: one pixel of this picture, or the whole of this array, is another.
    "turned_...": the same pictures or arrays in another order.
    """
    rng = np.random.default_rng(seed)
    # more than 1,000 pixels, and the exchange in their midst, where `str(images)` prints three dots
    images = rng.integers(0, 256, (6, 20, 12)).astype("uint8")
    weights = [rng.normal(size=shape).astype("float32") for shape in ((240, 5), 5, 5)]
    images[3, 9, 5:7] = 10, 200
    weights[-1][-2:] = 0.25, -0.5
    other_images, other_weights = images.copy(), [w.copy() for w in weights]
    other_images[3, 9, 5:7] = 200, 10
    other_weights[-1][-2:] = -0.5, 0.25
    fine_images, fine_weights = images.copy(), [w.copy() for w in weights]
    fine_images[3, 9, 5] = 11
    fine_weights[0][120, 2] = np.nextafter(weights[0][120, 2], np.float32(9))
    pictures = {f"picture_{i}": images.copy() for i in range(6)}
    for i, changed in enumerate(pictures.values()):
        changed[i, rng.integers(20), rng.integers(12)] ^= 1
    arrays = {f"array_{i}": [w + 1 if i == k else w for k, w in enumerate(weights)] for i in range(3)}
    return {
        "images": images,
        "weights": weights,
        "other_images": other_images,
        "other_weights": other_weights,
        "fine_images": fine_images,
        "fine_weights": fine_weights,
        **pictures,
        **arrays,
        "turned_images": images[::-1],
        "turned_weights": [weights[0], weights[2], weights[1]],
    }


def project(images, weights):
    """What the "network" of this question computes: (N, 20, 12) pictures -> (N, 5) features."""
    kernel, scale, shift = weights
    return images.reshape(len(images), -1).astype("float32") @ kernel * scale + shift


@contextmanager
def as_in_another_process(function, salt):
    """Python's own `hash` of a text or of bytes is another after each restart; so it is here, for `function`."""
    names = getattr(function, "__globals__", {})
    if "hash" in names:  # a name of the learner's
        yield
        return
    names["hash"] = lambda value: hash(value) ^ salt if isinstance(value, str | bytes) else hash(value)
    try:
        yield
    finally:
        names.pop("hash", None)


def memory_of(function):
    """The lists, dicts and sets in which `function` could keep something, each with a copy of what is in it."""
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    own = getattr(function, "__dict__", {})
    places = [own, *own.values(), *getattr(function, "__globals__", {}).values(), *cells]
    places += getattr(function, "__defaults__", None) or ()
    return [(place, place.copy()) for place in places if type(place) in (dict, list, set)]


def forget(memory):
    """Put back what was in each place, as a restart does. What has grown was kept there."""
    for place, before in memory:
        if len(place) > len(before):
            place.clear()
            place.extend(before) if isinstance(place, list) else place.update(before)


@QUESTION.observe
def many_calls(cached_features, given):
    observed, memory = {}, memory_of(cached_features)
    with tempfile.TemporaryDirectory() as folder:
        for salt, (name, which_images, which_weights) in enumerate(CALLS):
            # copies: equal content in new arrays, as after a restart
            images, weights = given[which_images].copy(), [w.copy() for w in given[which_weights]]
            runs = []

            def extract(pictures, weights=weights, runs=runs):
                runs.append(len(pictures))
                return project(pictures, weights)

            if name == "restarted":
                forget(memory)
            with as_in_another_process(cached_features, salt):
                returned = capture(cached_features(extract, images, weights, folder))
            files = sum(path.is_file() for path in Path(folder).rglob("*"))
            observed[name] = {"returned": returned, "computed": len(runs), "files": files}
    return observed


@QUESTION.judge
def judge(observed):
    given = pictures_and_weights(observed["seed"])
    expected = {name: project(given[images], given[weights]) for name, images, weights in CALLS}
    found = {name: read_as(observed[name]["returned"], expected[name]) for name, _, _ in CALLS}
    once = difference(found["first"], expected["first"], rtol=1e-4, atol=1e-2, name="First call")
    return once or storing_problem(observed, found, expected) or name_problem(observed, found, expected)


def storing_problem(observed, found, expected):
    """The second call with the same content must read what the first one left on disk."""
    if observed["again"]["computed"]:
        return computed_again_problem(observed["first"]["files"], observed["again"]["files"])
    if not observed["first"]["files"]:
        return Wrong(
            "The second call was fast, but there is no file in `folder`: the features live in memory and are gone "
            "when the notebook restarts. Write them with `np.save`.",
            "memory_only",
        )
    if observed["restarted"]["computed"]:
        return Wrong(
            "A file is written, but it is not what is read: the features came from memory, and when that was empty, as "
            "it is after a restart, they were computed again. Ask whether the file exists, and read it with `np.load`.",
            "memory_only",
        )
    return first(
        difference(found[call], expected[call], rtol=1e-4, atol=1e-2, name=name)
        for call, name in (("again", "Second call"), ("restarted", "After a restart"))
    )


def computed_again_problem(first_files, files):
    if 0 < first_files == files:
        return Wrong(
            "The file of the first call was there, under the same name, and the second call computed everything "
            "again. Look for the file before you call `extract`. Does the name end in .npy? `np.save` adds that "
            "where it is missing, and then you look for a file that does not exist.",
            "computed_before_looking",
        )
    if first_files:
        return Wrong(
            "The same pictures and weights were computed again, and got a second file. The name of the file must "
            "be made of their content, not of what differs at each call or after a restart (the object's id, the "
            "time, chance, Python's own `hash`).",
            "named_by_object",
            "`hashlib.sha256(images.tobytes()).hexdigest()` is the same for the same pixels, on any day.",
        )
    return Wrong(
        "The second call with the same pictures and weights computed everything again. Store the result, and look "
        "for the file before you compute.",
        "no_cache",
    )


def name_problem(observed, found, expected):
    """Other content must have another name; the first file must survive."""
    stale = {
        name: not observed[name]["computed"] or matches(found[name], expected["first"], rtol=1e-5, atol=1e-4)
        for name in ("other_images", "other_weights")
    }
    wrong = stale_problem(**stale)
    if wrong:
        return wrong
    names = ("other_images", "other_weights", "back")
    wrong = first(difference(found[name], expected[name], rtol=1e-4, atol=1e-2) for name in names)
    if wrong is None and observed["back"]["computed"]:
        return Wrong(
            "Back at the first pictures and weights, everything was computed again: the file had been overwritten. "
            "Give each content a file of its own.",
            "overwritten",
        )
    wrong = wrong or first(fine_problem(name, observed[name]["computed"]) for name in ("fine_images", "fine_weights"))
    return wrong or left_out_problem({name: not observed[name]["computed"] for name, _, _ in CALLS})


def left_out_problem(stale):
    """Wrong when a picture, an array of the weights or their order has no part in the name. stale: call -> bool."""
    for i in range(6):
        if stale[f"picture_{i}"]:
            return Wrong(
                f"Where one pixel of `images[{i}]` was another, the old features came back. The name of the file must "
                "depend on every pixel of every picture.",
                "pictures_ignored",
                "`images.tobytes()` holds them all.",
            )
    for i in range(3):
        if stale[f"array_{i}"]:
            return Wrong(
                f"Where `weights[{i}]` was another, the old features came back: every array in the list `weights` "
                "belongs into the name of the file.",
                "weights_ignored",
            )
    if stale["turned_images"] or stale["turned_weights"]:
        what = "pictures" if stale["turned_images"] else "arrays in the list `weights`"
        return Wrong(
            f"The same {what} in another order got the old features, though the network computes others from them. "
            "The name of the file must depend on the order too.",
            "order_lost",
            "Put one after the other into the hash, as they come. A sum, a set or `sorted` loses the order.",
        )
    return None


def fine_problem(name, computed):
    if computed:
        return None
    what = "a pixel" if name == "fine_images" else "a weight"
    return Wrong(
        f"Where {what} in the midst of a large array was another by very little, the old features came back. The name "
        "of the file must depend on every value, to its last bit.",
        "rounded_or_printed",
        "`str(array)` prints three dots for most of a large array, and a few digits of the rest; `array.tobytes()` "
        "holds all of it.",
    )


def stale_problem(other_images, other_weights):
    """Wrong when other content got the features of the first call."""
    if other_images and other_weights:
        return Wrong(
            "Other pictures and other weights got the features of the first call. The name of the file must depend on "
            "every pixel and every weight (here two values were exchanged, so shape and sum stayed the same).",
            "one_name",
        )
    if other_images:
        return Wrong(
            "Other pictures got the features of the first ones: the name of the file must depend on every pixel (here "
            "two pixels were exchanged, so shape and sum stayed the same).",
            "pictures_ignored",
            "`str(images)` prints three dots for most of a large array; `images.tobytes()` holds every pixel.",
        )
    if other_weights:
        return Wrong(
            "The same pictures with other weights got the old features. After a training the network is another one: "
            "every array in the list `weights` belongs into the name of the file (here the last one differs).",
            "weights_ignored",
        )
    return None


def everything(images, weights):
    """A name made of all the content."""
    return hashlib.sha256(b"".join(a.tobytes() for a in [images, *weights])).hexdigest()


def kept_as(name, extract, images, folder):
    """What a cache does once it has a name for the file."""
    path = Path(folder) / name
    if not path.exists():
        np.save(path, extract(images))
    return np.load(path)


@style
def one_line_name(extract, images, weights, folder):
    path = Path(folder) / f"{everything(images, weights)}.npy"
    if not path.exists():
        np.save(path, extract(images))
    return np.load(path)


@style
def md5_and_npz(extract, images, weights, folder):
    parts = [hashlib.md5(np.ascontiguousarray(a)).hexdigest()[:12] for a in [images, *weights]]
    path = Path(folder) / ("-".join(parts) + ".npz")
    if path.is_file():
        with np.load(path) as stored:
            return stored["features"]
    features = extract(images)
    np.savez(path, features=features)
    return features


@style
def try_to_load(extract, images, weights, folder):
    path = Path(folder) / f"{everything(images, weights)}.npy"
    try:
        return np.load(path)
    except FileNotFoundError:
        features = extract(images)
        np.save(path, features)
        return features


@mistake(says="computed everything again")
def no_cache(extract, images, weights, folder):
    return extract(images)


@mistake(says="Other pictures and other weights")
def one_name(extract, images, weights, folder):
    return kept_as("features.npy", extract, images, folder)


@mistake(id="one_name", says="shape and sum stayed the same")
def name_from_shape(extract, images, weights, folder):
    return kept_as(f"{images.shape}-{images.sum()}.npy", extract, images, folder)


@mistake(says="Other pictures got")
def pictures_ignored(extract, images, weights, folder):
    name = hashlib.sha256(b"".join(w.tobytes() for w in weights)).hexdigest()
    return kept_as(f"{name}.npy", extract, images, folder)


@mistake(id="pictures_ignored", says="Other pictures got")
def printed_pictures(extract, images, weights, folder):
    name = hashlib.sha256((str(images) + str(weights)).encode()).hexdigest()
    return kept_as(f"{name}.npy", extract, images, folder)


@mistake(says="other weights got the old features")
def weights_ignored(extract, images, weights, folder):
    name = hashlib.sha256(images.tobytes()).hexdigest()
    return kept_as(f"{name}.npy", extract, images, folder)


@mistake(id="weights_ignored", says="every array in the list")
def first_weights_only(extract, images, weights, folder):
    name = hashlib.sha256(images.tobytes() + weights[0].tobytes()).hexdigest()
    return kept_as(f"{name}.npy", extract, images, folder)


@mistake(id="named_by_object", says="Python's own `hash`")
def own_hash_of_python(extract, images, weights, folder):
    name = hash(b"".join(a.tobytes() for a in [images, *weights]))
    return kept_as(f"{name}.npy", extract, images, folder)


@mistake(says="made of their content")
def named_by_object(extract, images, weights, folder):
    return kept_as(f"{id(images)}-{np.random.random()}.npy", extract, images, folder)  # noqa: NPY002


@mistake(says="before you call `extract`")
def computed_before_looking(extract, images, weights, folder):
    path = Path(folder) / f"{everything(images, weights)}.npy"
    features = extract(images)
    if not path.exists():
        np.save(path, features)
    return features


@mistake(id="computed_before_looking", says="Does the name end in .npy")
def name_without_its_ending(extract, images, weights, folder):
    path = Path(folder) / everything(images, weights)
    if path.exists():
        return np.load(path)
    features = extract(images)
    np.save(path, features)
    return features


@mistake(id="pictures_ignored", says="every pixel of every picture")
def every_third_picture(extract, images, weights, folder):
    return kept_as(f"{everything(images[::3], weights)}.npy", extract, images, folder)


@mistake(id="weights_ignored", says="`weights[1]` was another")
def first_and_last_weights(extract, images, weights, folder):
    return kept_as(f"{everything(images, [weights[0], weights[-1]])}.npy", extract, images, folder)


@mistake(says="arrays in the list `weights` in another order")
def order_lost(extract, images, weights, folder):
    parts = {hashlib.sha256(w.tobytes()).hexdigest() for w in weights}
    return kept_as(f"{everything(images, [np.array(sorted(parts))])}.npy", extract, images, folder)


@mistake(id="order_lost", says="The same pictures in another order")
def order_of_pictures_lost(extract, images, weights, folder):
    parts = sorted(everything(image, weights) for image in images)
    return kept_as(f"{hashlib.sha256(''.join(parts).encode()).hexdigest()}.npy", extract, images, folder)


KEPT = {}


@style
def memory_first_and_then_the_file(extract, images, weights, folder):
    key = everything(images, weights)
    path = Path(folder) / f"{key}.npy"
    if key not in KEPT:
        if not path.exists():
            np.save(path, extract(images))
        KEPT[key] = np.load(path)
    return KEPT[key]


@mistake(says="no file in `folder`")
def memory_only(extract, images, weights, folder):
    key = everything(images, weights)
    if key not in KEPT:
        KEPT[key] = extract(images)
    return KEPT[key]


@mistake(id="memory_only", says="as it is after a restart")
def written_but_not_read(extract, images, weights, folder):
    key = everything(images, weights)
    if key not in KEPT:
        KEPT[key] = extract(images)
        np.save(Path(folder) / f"{key}.npy", KEPT[key])
    return KEPT[key]


@mistake(says="overwritten")
def overwritten(extract, images, weights, folder):
    path, name = Path(folder) / "features.npz", everything(images, weights)
    if path.exists():
        stored = np.load(path)
        if str(stored["name"]) == name:
            return stored["features"]
    features = extract(images)
    np.savez(path, name=name, features=features)
    return features


@mistake(says="found None")
def no_return(extract, images, weights, folder):
    path = Path(folder) / f"{everything(images, weights)}.npy"
    if not path.exists():
        np.save(path, extract(images))


@mistake(id="rounded_or_printed", says="to its last bit")
def weights_rounded(extract, images, weights, folder):
    name = everything(images, [weight.astype("float16") for weight in weights])
    return kept_as(f"{name}.npy", extract, images, folder)


@mistake(id="rounded_or_printed", says="to its last bit")
def weights_printed(extract, images, weights, folder):
    name = hashlib.sha256(images.tobytes() + str(weights).encode()).hexdigest()
    return kept_as(f"{name}.npy", extract, images, folder)
