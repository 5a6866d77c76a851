"""Drawn faces of people who share a trait, such as glasses, to study how a model treats a group (lesson 09)."""

from dataclasses import fields, replace

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Split
from emotionlab.data.drawn import _random_people, _random_photos, _random_units
from emotionlab.data.drawn_render import Person, Photo, render


def draw_split(labels, seed: int = 0, **traits: float) -> Split:
    """One drawn face for each label, where every person or photograph has the traits given.

    labels: (N,) whole numbers 0..6, the emotions that are shown. seed: another seed draws other people.
    traits: fields of `Person` or `Photo` that are the same for all, such as glasses=1, beard=0 or exposure=0.6;
        everything else differs from face to face, as in `draw_faces`.
    Returns a Split whose labels are those given. Raises DataError for unusable labels or an unknown trait.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not np.isin(labels, range(len(EMOTIONS))).all():
        raise DataError(
            f"Expected labels of shape (N,) with whole numbers from 0 to {len(EMOTIONS) - 1}, found {labels.shape} "
            f"{labels.dtype}; a label is an index into el.EMOTIONS."
        )
    n = len(labels)
    for_units, for_people, for_photos, for_grain = (
        np.random.default_rng(s) for s in np.random.SeedSequence([n, seed, 9]).spawn(4)
    )
    people, photos = people_and_photos(n, traits, for_people, for_photos)
    images = render(_random_units(labels, for_units), people, photos, for_grain)
    names = np.array([f"drawn_{seed}_{i:05d}.png" for i in range(1, n + 1)], dtype=str)
    return Split(images, labels.astype("int64"), names)


def people_and_photos(n: int, traits: dict[str, float], for_people, for_photos) -> tuple[Person, Photo]:
    """N people and N photographs, at random but for the traits given. Raises DataError for an unknown trait."""
    of_person, of_photo = ({field.name for field in fields(kind)} for kind in (Person, Photo))
    unknown = sorted(set(traits) - of_person - of_photo)
    if unknown:
        raise DataError(
            f"Expected traits among {', '.join(sorted(of_person | of_photo))}, found {', '.join(unknown)}; "
            "leave those out."
        )
    same = {name: np.full(n, float(value)) for name, value in traits.items()}
    people = replace(_random_people(n, for_people), **{k: v for k, v in same.items() if k in of_person})
    photos = replace(_random_photos(n, for_photos), **{k: v for k, v in same.items() if k in of_photo})
    return people, photos
