"""What decides a training run, and the recipes of the runs recorded on the real FER-2013."""

import json
import os
from dataclasses import asdict, dataclass, replace
from functools import partial

from emotionlab.base.arguments import (
    choice,
    expected,
    file_path,
    kind_of,
    number,
    share,
    shown,
    text,
    whole_number,
    yes_or_no,
)
from emotionlab.base.errors import RunError
from emotionlab.base.settings import IMAGE_SIZE

BALANCES = ("none", "weights", "oversample")
KEEPS = ("last", "best")
OPTIMIZERS = ("sgd", "adamw")
BATCH_NORMS = ("train", "frozen")
TARGETS = ("labels", "votes")
AUGMENTATION = ("flip", "rotation", "zoom", "shift", "crop", "brightness", "contrast", "erasing", "mixup")
"""Entries of a recipe that change pictures."""

SMALLEST_CROP = 16
"""Pixels; a smaller window would not survive the pooling of the course's networks."""

LARGEST_SEED = 21_000_000
"""Each layer of the augmentation gets a seed of its own, 100 apart, which must fit into 31 bits."""


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, apart from the network and the data.

    epochs, batch_size: passes over the training pictures; pictures in one step.
    optimizer: "sgd" (with Nesterov momentum 0.9) or "adamw".
    learning_rate: the highest rate; it rises to it over `warmup_epochs` and then falls to zero
        along a half cosine (`cosine=True`), or stays (`cosine=False`).
    plateau: with `cosine=False`, divide the rate by 5 after this many epochs without a better validation
        accuracy (0 = never).
    weight_decay: decoupled (Loshchilov & Hutter 2019), not applied to biases and batch norm.
    targets: what is learned: "labels", or the distribution of FER+'s "votes" (`ferplus.vote_targets`).
    teacher: names of recorded or own runs, joined by "+", whose opinion of the training pictures is learned too
        ("" = none); see `targets`. teacher_share: how much of the target is theirs; the rest is the label's (or the
        votes'). temperature: above 1 makes the teachers less sure (Hinton et al. 2015).
    label_smoothing: share of the target spread evenly over the seven classes.
    balance: "none"; "weights" (the loss of a rare class counts more); "oversample" (each class is
        drawn equally often, so that augmentation makes new versions of the rare ones).
    flip: mirror half of the pictures. rotation: up to this many degrees either way.
    zoom: up to this share in or out. shift: up to this share of the picture's width and height.
    move_once: put rotation, zoom and shift into one resampling (`training.moving.MoveOnce`). One after another, as
        three Keras layers, they blur the picture.
    crop: train on random windows of this many pixels (0 = whole pictures); the network must be
        built with `input_shape=(None, None, 1)`. It is always tested on whole pictures.
    brightness, contrast: largest change as a share of the range.
    erasing: share of the pictures in which a random rectangle is hidden (Zhong et al. 2020).
    mixup: parameter of the Beta distribution that blends pictures in pairs (Zhang et al. 2018), 0 = off.
    plain_epochs: so many of the last epochs without any of this augmentation.
    head_epochs: before anything else, so many epochs in which the last layer alone learns, on features computed
        once (`epochs=0`: nothing else learns). head_learning_rate: the rate of that stage (Adam).
    unfreeze_from: after it the backbone learns from the layer of this name on ("" = all of it).
    batch_norm: of the backbone: "train", or "frozen" (inference mode throughout).
    keep: weights of the "last" epoch, or of the "best" one on validation.
    patience: stop after this many epochs without a better validation accuracy (0 = never).
    seed: of the order of pictures, the augmentation and dropout.
    """

    epochs: int = 12
    batch_size: int = 128
    optimizer: str = "sgd"
    learning_rate: float = 0.05
    cosine: bool = True
    plateau: int = 0
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-3
    targets: str = "labels"
    teacher: str = ""
    teacher_share: float = 0.5
    temperature: float = 1.0
    label_smoothing: float = 0.0
    balance: str = "none"
    flip: bool = False
    rotation: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    move_once: bool = False
    crop: int = 0
    brightness: float = 0.0
    contrast: float = 0.0
    erasing: float = 0.0
    mixup: float = 0.0
    plain_epochs: int = 0
    head_epochs: int = 0
    head_learning_rate: float = 1e-3
    unfreeze_from: str = ""
    batch_norm: str = "train"
    keep: str = "last"
    patience: int = 0
    seed: int = 0

    def __post_init__(self):
        for name, check in _CHECKS.items():  # frozen, so the plain value goes in past the lock
            object.__setattr__(self, name, check(name, getattr(self, name), error=RunError))
        if self.all_epochs < 1:
            raise RunError(
                f"Expected at least 1 epoch, found epochs={self.epochs} and head_epochs={self.head_epochs}; "
                "change the recipe."
            )
        if self.plateau and self.cosine:
            raise RunError(
                f"Expected cosine=False for a recipe with a plateau, found plateau={self.plateau} and cosine=True: two "
                "rules for one learning rate; change the recipe."
            )
        if self.has_soft_targets and self.head_epochs:
            raise RunError(
                f"Expected head_epochs=0 for a recipe with a teacher or votes, found {self.head_epochs}: the head's "
                "own stage learns from labels; change the recipe."
            )

    @property
    def has_soft_targets(self) -> bool:
        """Whether something else than the label, or besides it, is learned."""
        return bool(self.teacher) or self.targets == "votes"

    @property
    def all_epochs(self) -> int:
        """Epochs of both stages."""
        return self.head_epochs + self.epochs

    @property
    def fine_tunes(self) -> bool:
        """Whether the recipe says which layers learn (else `trainable` stays as it is)."""
        return bool(self.head_epochs or self.unfreeze_from) or self.batch_norm == "frozen"

    def but(self, **changes) -> "Recipe":
        """The same recipe with some entries changed. Raises RunError for an entry that there is not."""
        return recipe_from_dict({**asdict(self), **changes})

    def augmented(self, **changes) -> "Recipe":
        """The same recipe with this course's usual augmentation for faces."""
        usual = {
            "flip": True,
            "rotation": 9.0,
            "zoom": 0.1,
            "shift": 0.08,
            "brightness": 0.15,
            "contrast": 0.2,
        }
        return self.but(**{**usual, **changes})

    def without_augmentation(self) -> "Recipe":
        """The same recipe, with every picture left as it is."""
        plain = Recipe()
        return replace(self, **{name: getattr(plain, name) for name in AUGMENTATION})

    def as_dict(self) -> dict:
        """Plain values, ready for JSON."""
        return asdict(self)


def _whole_from(at_least: int, at_most: int = 1_000_000):
    return partial(whole_number, at_least=at_least, at_most=at_most)


def _crop(name: str, value, error) -> int:
    value = whole_number(name, value, at_least=0, at_most=IMAGE_SIZE, error=error)
    if 0 < value < SMALLEST_CROP:
        what = f"0 (whole pictures) or a whole number from {SMALLEST_CROP} to {IMAGE_SIZE}"
        raise error(expected(name, what, value))
    return value


_CHECKS = {
    "epochs": _whole_from(0),
    "batch_size": _whole_from(1),
    "optimizer": partial(choice, allowed=OPTIMIZERS),
    "learning_rate": partial(number, at_least=0),
    "cosine": yes_or_no,
    "plateau": _whole_from(0),
    "warmup_epochs": partial(number, at_least=0),
    "weight_decay": partial(number, at_least=0),
    "targets": partial(choice, allowed=TARGETS),
    "teacher": text,
    "teacher_share": share,
    "temperature": partial(number, above=0),
    "label_smoothing": partial(number, at_least=0, below=1),
    "balance": partial(choice, allowed=BALANCES),
    "flip": yes_or_no,
    "rotation": partial(number, at_least=0, at_most=180),
    "zoom": partial(number, at_least=0, below=1),
    "shift": share,
    "move_once": yes_or_no,
    "crop": _crop,
    "brightness": share,
    "contrast": share,
    "erasing": share,
    "mixup": partial(number, at_least=0),
    "plain_epochs": _whole_from(0),
    "head_epochs": _whole_from(0),
    "head_learning_rate": partial(number, at_least=0),
    "unfreeze_from": text,
    "batch_norm": partial(choice, allowed=BATCH_NORMS),
    "keep": partial(choice, allowed=KEEPS),
    "patience": _whole_from(0),
    "seed": _whole_from(0, LARGEST_SEED),
}
"""What each entry may hold; each check names the entry in its sentence."""


def checked_recipe(value) -> Recipe:
    """`value`, if it is a Recipe. Raises RunError for anything else, also for the name of one."""
    return kind_of("recipe", value, Recipe, "a Recipe", 'pass el.Recipe(epochs=3) or el.RECIPES["plain"]', RunError)


def recipe_from_dict(values: dict) -> Recipe:
    """Read a recipe back. Raises RunError for an entry that a recipe does not have, or that holds something else."""
    if not isinstance(values, dict):
        raise RunError(expected("a recipe", "a dict of its entries", values, 'write it as {"epochs": 3, ...}'))
    unknown = sorted(str(name) for name in values if name not in _CHECKS)
    if unknown:
        raise RunError(
            f"Expected only the entries of a Recipe ({', '.join(_CHECKS)}), found "
            f"{', '.join(map(_as_entry, unknown))[:200]}; remove them."
        )
    return Recipe(**values)


def _as_entry(name: str) -> str:
    """An entry's name as it stands; in quotes where nobody would see it otherwise."""
    return name if name.strip() and name.isprintable() else repr(name)


def _each_once(pairs: list[tuple]) -> dict:
    """A JSON object's entries. Raises ValueError where one stands in it twice, of which JSON would take the last."""
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the entry {shown(twice[0])} more than once")
    return dict(pairs)


def load_recipe(name_or_path: str) -> Recipe:
    """A recipe by its name in `RECIPES`, or from a JSON file. Raises RunError where it is none."""
    if isinstance(name_or_path, str) and name_or_path in RECIPES:
        return RECIPES[name_or_path]
    path = file_path("a recipe", name_or_path, RunError)
    if not os.path.isfile(path):
        found = f"the folder {path}" if os.path.isdir(path) else f"neither called {shown(name_or_path)}"
        raise RunError(
            f"Expected a recipe name ({', '.join(RECIPES)}) or a JSON file, found {found}; choose one of them."
        )
    try:
        content = path.read_text(encoding="utf-8-sig")
        if "\0" in content:  # UTF-16 without its mark
            raise UnicodeError
        values = json.loads(content, object_pairs_hook=_each_once)
    except UnicodeError:
        raise RunError(f"Expected {path} to be UTF-8 text, found other bytes; save it as UTF-8.") from None
    except (OSError, ValueError, RecursionError) as problem:
        found = problem if path.stat().st_size else "an empty file"
        raise RunError(f"Expected {path} to hold one JSON object, found {found}; correct the file.") from None
    try:
        return recipe_from_dict(values)
    except RunError as problem:
        raise RunError(f"{str(problem).rstrip('.')} (in {path}).") from None


RECIPES = {"plain": Recipe(epochs=12)}
"""Recipes by name. From "plain" to "erased" each changes one thing, for `small_cnn`; then the best for `scratch_cnn`,
the same in fewer epochs ("untaught"), and so with teachers ("taught") and towards FER+'s votes ("mixed"), then those
for backbones."""

RECIPES["augmented"] = RECIPES["plain"].augmented()
RECIPES["moved_once"] = RECIPES["augmented"].but(move_once=True)
RECIPES["class_weights"] = RECIPES["augmented"].but(balance="weights")
RECIPES["oversampled"] = RECIPES["augmented"].but(balance="oversample")
RECIPES["smoothed"] = RECIPES["augmented"].but(label_smoothing=0.1)
RECIPES["cropped"] = RECIPES["smoothed"].but(shift=0.0, crop=40)
RECIPES["erased"] = RECIPES["cropped"].but(erasing=0.25)
RECIPES["scratch_cnn"] = RECIPES["erased"].but(epochs=100, learning_rate=0.1, warmup_epochs=2.0, mixup=0.2)
RECIPES["untaught"] = RECIPES["scratch_cnn"].but(epochs=60, move_once=True)
RECIPES["taught"] = RECIPES["untaught"].but(
    label_smoothing=0.0,  # what the teachers say is soft already
    teacher="scratch_cnn+resnet18_imagenet",
    teacher_share=0.7,
)
RECIPES["mixed"] = RECIPES["untaught"].but(targets="votes", label_smoothing=0.0)

RECIPES["frozen"] = Recipe(epochs=0, head_epochs=30, label_smoothing=0.1)
RECIPES["fine_tuned"] = Recipe(
    epochs=10,
    head_epochs=5,
    optimizer="adamw",
    learning_rate=1e-4,
    weight_decay=0.02,
    label_smoothing=0.1,
    batch_norm="frozen",
    plain_epochs=1,
).augmented()
RECIPES["fine_tuned_vgg16"] = RECIPES["fine_tuned"].but(
    epochs=4,
    batch_size=64,
    move_once=True,
    unfreeze_from="block3_conv1",  # a quarter faster on a processor: the first two blocks see large maps
)
RECIPES["fine_tuned_resnet18"] = Recipe(
    epochs=12,
    batch_size=64,
    learning_rate=0.02,
    warmup_epochs=0.5,
    label_smoothing=0.1,
    plain_epochs=1,
    flip=True,
    rotation=12.0,
    zoom=0.1,
    shift=0.12,
    move_once=True,
)
RECIPES["from_random"] = RECIPES["fine_tuned"].but(head_epochs=0, learning_rate=5e-4, batch_norm="train")
RECIPES["from_random_vgg16"] = RECIPES["from_random"].but(epochs=4, learning_rate=1.5e-4, move_once=True)
RECIPES["from_random_resnet18"] = RECIPES["fine_tuned_resnet18"].but(learning_rate=0.05)
