"""Drawn faces: a data set of our own, made from facial action units, that needs no download.

Each emotion is a set of action units of the Facial Action Coding System (Ekman & Friesen 1978), each
with an intensity. A face is drawn from them for a random person, pose, light and camera, with the class
imbalance of FER-2013. Some classes share units, and some expressions are faint: so fear is mixed up with
surprise and anger, sadness with a neutral face and disgust with anger, as in the real data.
"""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from emotionlab.base.arguments import expected, kind_of, number, share, shown, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Faces, Split, content_checksum
from emotionlab.data.drawn_render import Person, Photo, render

ACTION_UNITS = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    12: "lip corner puller",
    15: "lip corner depressor",
    16: "lower lip depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    25: "lips part",
    26: "jaw drop",
    43: "eyes closed",
}
"""The action units that can be drawn: FACS number and name."""

EMOTION_UNITS = {
    "angry": {4: 1.0, 5: 0.6, 7: 0.8, 23: 0.9},
    "disgust": {9: 1.0, 15: 0.7, 16: 0.7},
    "fear": {1: 0.9, 2: 0.7, 4: 0.7, 5: 0.9, 7: 0.4, 20: 0.9, 26: 0.5},
    "happy": {6: 0.8, 12: 1.0},
    "sad": {1: 0.9, 4: 0.6, 15: 0.9},
    "surprise": {1: 0.9, 2: 0.9, 5: 0.8, 26: 0.9},
    "neutral": {},
}
"""The action units of each emotion at full strength, intensity 0..1 (prototypes after Ekman & Friesen)."""

# Units that come and go with an emotion: (unit, how often, greatest intensity).
_OPTIONAL_UNITS = {
    "angry": ((25, 0.35, 1.0), (26, 0.25, 0.7), (17, 0.3, 0.6), (9, 0.3, 0.6), (20, 0.2, 0.8)),
    "disgust": ((4, 0.7, 1.0), (7, 0.5, 0.8), (25, 0.4, 0.9), (17, 0.3, 0.7)),
    "fear": ((25, 0.6, 1.0), (23, 0.1, 0.5)),
    "happy": ((25, 0.6, 1.0), (26, 0.25, 0.6)),
    "sad": ((17, 0.4, 0.8), (25, 0.1, 0.5), (7, 0.2, 0.4)),
    "surprise": ((25, 0.4, 0.8), (12, 0.1, 0.3)),
    "neutral": ((4, 0.15, 0.35), (12, 0.15, 0.25), (15, 0.15, 0.3), (25, 0.15, 0.6), (7, 0.1, 0.4)),
}
_WEAKEST = {
    "angry": 0.6,
    "disgust": 0.4,
    "fear": 0.55,
    "happy": 0.65,
    "sad": 0.4,
    "surprise": 0.6,
    "neutral": 1.0,
}
"""The faintest strength at which each emotion is shown; the strongest is 1."""

_MISSING = {"disgust": 0.25, "fear": 0.25}
"""How often a unit of the prototype is not shown, where it is not 0.1: these two are told apart least."""

FER2013_TRAIN_COUNTS = (3995, 436, 4097, 7215, 4830, 3171, 4965)
"""Pictures of each class in FER-2013's training split: the imbalance that drawn faces copy."""

SMALLEST, LARGEST = 3 * len(EMOTIONS), 1_000_000
"""Drawn faces: one of each class in each split, and the most that may be asked for."""


def draw_faces(size: int = 6000, seed: int = 0, label_noise: float = 0.0) -> Faces:
    """A data set of `size` drawn faces: 80 % train, 10 % validation, 10 % test, as in FER-2013.

    size: total over the three splits, at least 21, so that every class is in every split.
    seed: another seed (0 or more) draws other people. The same size and seed give the same pixels.
    label_noise: share (0 <= p < 1) of the labels of each split replaced by another class at random; the
        pictures stay as they are.
    Raises DataError when a value is out of its range.
    """
    what = "size (drawn faces, each class in each split)"
    size = whole_number(what, size, at_least=SMALLEST, at_most=LARGEST, error=DataError)
    seed = whole_number("seed", seed, at_least=0, error=DataError)
    label_noise = number("label_noise", label_noise, at_least=0, below=1, error=DataError)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence([size, seed]).spawn(6)]
    for_order, for_units, for_people, for_photos, for_grain, for_noise = streams
    labels = [_split_labels(n, for_order) for n in _split_sizes(size)]
    every = np.concatenate(labels)
    units = _random_units(every, for_units)
    images = render(units, _random_people(size, for_people), _random_photos(size, for_photos), for_grain)
    splits, start = {}, 0
    for name, truth in zip(("train", "validation", "test"), labels, strict=True):
        names = np.array([f"drawn_{name}_{i:05d}.png" for i in range(1, len(truth) + 1)])
        said = _mislabel(truth, label_noise, for_noise)
        splits[name] = Split(images[start : start + len(truth)], said, names)
        start += len(truth)
    notes = ["The faces are drawn by a program from facial action units; no person is shown."]
    if label_noise:
        notes.append(f"A share of {label_noise:g} of the labels is wrong on purpose (label_noise).")
    source = f"drawn from facial action units (size={size}, seed={seed})"
    return Faces(**splits, name="drawn", source=source, notes=tuple(notes), checksum=content_checksum(splits))


def draw_face(
    action_units: dict[int, float],
    identity: int | Person | None = None,
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    light: tuple[float, float, float] = (-0.35, -0.45, 0.8),
    noise: float = 0.0,
    seed: int = 0,
    **photo: float,
) -> np.ndarray:
    """Draw one face from explicit action units, such as {6: 0.8, 12: 1.0} for a smile.

    action_units: FACS number (see ACTION_UNITS) to intensity 0..1.
    identity: None for an average person, an integer for a random one, or a Person.
    yaw, pitch, roll: pose in degrees; positive turns the face to the picture's right, down, clockwise.
    light: direction towards the light (right, down, towards the viewer).
    noise: standard deviation of the grain as a share of white; seed: which grain.
    photo: any other field of Photo, such as blur=0.5, scale=1.1 or hand=1.
    Returns (48, 48) uint8. Raises DataError for an unknown unit or setting, or an intensity
    out of range.
    """
    kind_of("action_units", action_units, Mapping, "a dict such as {12: 1.0}", "see drawn.ACTION_UNITS", DataError)
    unknown = sorted(shown(unit) for unit in action_units if unit not in ACTION_UNITS)
    if unknown:
        raise DataError(
            f"Expected action units among {sorted(ACTION_UNITS)}, found {', '.join(unknown)}; leave those out."
        )
    strange = sorted(set(photo) - {field.name for field in fields(Photo)})
    if strange:
        names = ", ".join(field.name for field in fields(Photo))
        raise DataError(f"Expected settings of the picture among {names}, found {strange}; leave those out.")
    units = np.zeros((1, 64), np.float32)
    for unit, intensity in action_units.items():
        units[0, unit] = share(f"the intensity of action unit {unit}", intensity, DataError)
    if not (isinstance(light, tuple | list) or getattr(light, "ndim", 0) == 1) or len(light) != 3:
        raise DataError(expected("light", "three numbers", light))
    places = dict(zip(("light_x", "light_y", "light_z"), light, strict=True))
    given = {"yaw": yaw, "pitch": pitch, "roll": roll, "noise": noise, **places, **photo}
    how = Photo(**{name: number(name, value, -1e6, 1e6, error=DataError) for name, value in given.items()})
    noise = number("noise", noise, at_least=0, error=DataError)
    seed = whole_number("seed", seed, at_least=0, error=DataError)
    if not isinstance(identity, Person):
        identity = Person() if identity is None else random_person(identity)
    return render(units, identity, how, np.random.default_rng(seed) if noise else None)[0]


def random_person(seed: int) -> Person:
    """A person drawn at random, always the same one for the same seed.

    Raises DataError when the seed is not a whole number from 0 on.
    """
    seed = whole_number("the identity", seed, at_least=0, at_most=2**63 - 1, error=DataError)
    return _random_people(1, np.random.default_rng([1, seed]))


def bundled_face() -> np.ndarray:
    """One clearly happy drawn face, (48, 48) uint8: the picture that lesson 00 starts with."""
    smile = {6: 0.8, 12: 1.0, 25: 0.9}
    return draw_face(smile, Person(long=1.0, hairline=-0.72, hair=0.12), yaw=6, roll=-4, scale=1.08, exposure=1.4)


def _split_sizes(size: int) -> tuple[int, int, int]:
    """Pictures in train, validation and test: 80, 10 and 10 %, and at least one of each class."""
    small = max(len(EMOTIONS), round(size / 10))
    return size - 2 * small, small, small


def _split_labels(n: int, rng) -> np.ndarray:
    """n shuffled labels in FER-2013's proportions (largest remainders), each class at least once."""
    share = np.array(FER2013_TRAIN_COUNTS, np.float64)
    exact = share / share.sum() * (n - len(EMOTIONS))
    counts = np.floor(exact).astype(int)
    rest = n - len(EMOTIONS) - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[:rest]] += 1
    labels = np.repeat(np.arange(len(EMOTIONS)), counts + 1)
    return labels[_shuffled(n, rng)]


def _shuffled(n: int, rng) -> np.ndarray:
    """A random order of 0..n-1 (from uniform numbers, whose stream NumPy keeps stable)."""
    return np.argsort(rng.random(n), kind="stable")


def _mislabel(labels: np.ndarray, share: float, rng) -> np.ndarray:
    """The labels with round(share * N) of them moved to another class, chosen at random."""
    wrong = _shuffled(len(labels), rng)[: round(share * len(labels))]
    step = 1 + np.floor(rng.random(len(wrong)) * (len(EMOTIONS) - 1)).astype(labels.dtype)
    noisy = labels.copy()
    noisy[wrong] = (noisy[wrong] + step) % len(EMOTIONS)
    return noisy


# ------------------------------------------------- what differs from face to face


def _random_units(labels: np.ndarray, rng) -> np.ndarray:
    """Action units for each label, (N, 64) float32: a strength for the face, a share of it for each unit."""
    units = np.zeros((len(labels), 64), np.float32)
    for label, emotion in enumerate(EMOTIONS):
        rows = np.flatnonzero(labels == label)
        n = len(rows)
        strength = _between(rng, n, _WEAKEST[emotion], 1.0)
        for unit, full in EMOTION_UNITS[emotion].items():
            shown = rng.random(n) >= _MISSING.get(emotion, 0.1)
            units[rows, unit] = full * strength * _between(rng, n, 0.55, 1.15) * shown
        for unit, often, greatest in _OPTIONAL_UNITS[emotion]:
            extra = np.where(rng.random(n) < often, greatest * strength * rng.random(n), 0)
            units[rows, unit] = np.maximum(units[rows, unit], extra)
    blink = rng.random(len(labels))
    units[:, 43] = np.where(blink < 0.04, 0.5 + 12 * blink, 0)
    return np.minimum(units, 1)


def _random_people(n: int, rng) -> Person:
    """N people; their fields are arrays (N,)."""
    old = rng.random(n) ** 2
    long = _some(rng, n, 0.45) * _between(rng, n, 0.6, 1.0)
    short = long == 0
    bald = _some(rng, n, 0.12) * short
    bearded = _some(rng, n, 0.3) * short
    beard = bearded * _between(rng, n, 0.1, 0.9)
    skin = 0.33 + 0.53 * np.sqrt(rng.random(n))
    dark_hair = 0.04 + 0.2 * rng.random(n)
    light_hair = np.where(rng.random(n) < 0.35, _between(rng, n, 0.3, 0.8), dark_hair)
    shades = _some(rng, n, 0.02)
    return Person(
        skin=skin,
        hair=np.where(skin > 0.6, light_hair, dark_hair),
        eyes=_between(rng, n, 0.08, 0.38),
        lips=_between(rng, n, 0.62, 0.84),
        width=_between(rng, n, 0.72, 0.88),
        jaw=_between(rng, n, -0.02, 0.14),
        chin=_between(rng, n, 0.87, 1.0),
        hairline=np.where(bald > 0, -1.6, _about(rng, n, -0.78, 0.17)),
        volume=np.where(bald > 0, 0.0, _between(rng, n, 0.03, 0.2)),
        long=long,
        parting=_about(rng, n, 0.0, 0.5),
        fringe=_between(rng, n, -0.6, 0.8),
        brow_height=_about(rng, n, 0.0, 0.07),
        brow_thick=_between(rng, n, 0.04, 0.085),
        brow_arch=_between(rng, n, 0.01, 0.09),
        brow_tilt=_about(rng, n, 0.0, 0.06),
        brow_tone=_between(rng, n, 0.4, 0.95),
        eye_size=_between(rng, n, 0.75, 1.25),
        eye_gap=_between(rng, n, 0.31, 0.375),
        eye_slant=_about(rng, n, 0.03, 0.2),
        nose_width=_between(rng, n, 0.8, 1.3),
        nose_length=_between(rng, n, 0.13, 0.25),
        mouth_width=_between(rng, n, 0.26, 0.36),
        mouth_height=_between(rng, n, 0.46, 0.54),
        mouth_full=_between(rng, n, 0.6, 1.4),
        mouth_rest=_about(rng, n, 0.0, 0.03),
        age=old,
        makeup=np.where(short, 0.1, 0.7) * rng.random(n),
        beard=beard,
        moustache=np.where(rng.random(n) < 0.85, beard, 0.8 * _some(rng, n, 0.5) * bearded),
        glasses=np.maximum(_some(rng, n, 0.12) * _between(rng, n, 0.5, 1.0), shades),
        shades=shades * _between(rng, n, 0.8, 1.0),
        asymmetry=_about(rng, n, 0.0, 1.0),
    )


def _random_photos(n: int, rng) -> Photo:
    """N ways to photograph a face, framed as tightly as FER-2013; their fields are arrays (N,)."""
    hidden = rng.random(n)
    return Photo(
        yaw=_about(rng, n, 0.0, 28.0),
        pitch=_about(rng, n, 0.0, 15.0),
        roll=_about(rng, n, 0.0, 15.0),
        scale=_between(rng, n, 1.08, 1.26),
        shift_x=_about(rng, n, 0.0, 0.11),
        shift_y=_about(rng, n, 0.0, 0.11),
        gaze=_about(rng, n, 0.0, 1.0),
        light_x=_about(rng, n, 0.0, 0.9),
        light_y=_about(rng, n, -0.35, 0.6),
        light_z=_between(rng, n, 0.5, 1.1),
        ambient=_between(rng, n, 0.25, 0.6),
        exposure=_between(rng, n, 0.95, 1.45),
        contrast=_between(rng, n, 0.75, 1.45),
        background=_between(rng, n, 0.0, 1.0),
        backdrop=_about(rng, n, 0.0, 0.4),
        blur=rng.random(n) * 0.9,
        noise=0.025 * rng.random(n) ** 2,
        hand=(hidden < 0.05) * 1.0,
        scarf=((hidden >= 0.05) & (hidden < 0.07)) * 1.0,
        strand=((hidden >= 0.07) & (hidden < 0.11)) * 1.0,
        hide_x=_about(rng, n, 0.0, 0.6),
        hide_y=_between(rng, n, 0.4, 0.75),
        hide_tone=_between(rng, n, 0.1, 0.9),
    )


def _between(rng, n: int, low: float, high: float) -> np.ndarray:
    """n numbers, all equally likely from low to high."""
    return low + (high - low) * rng.random(n)


def _about(rng, n: int, middle: float, reach: float) -> np.ndarray:
    """n numbers from middle - reach to middle + reach, mostly near the middle (a sum of three)."""
    return middle + reach * ((rng.random(n) + rng.random(n) + rng.random(n)) * (2 / 3) - 1)


def _some(rng, n: int, share: float) -> np.ndarray:
    """n numbers, 1 with probability `share`, else 0."""
    return (rng.random(n) < share) * 1.0
