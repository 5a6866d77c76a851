"""What decides a training run, and the recipes of the runs recorded on the real FER-2013."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from emotionlab.errors import RunError

BALANCES = ("none", "weights", "oversample")
KEEPS = ("last", "best")
OPTIMIZERS = ("sgd", "adamw")


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, apart from the network and the data.

    epochs, batch_size: passes over the training pictures; pictures in one step.
    optimizer: "sgd" (with Nesterov momentum 0.9) or "adamw".
    learning_rate: the highest rate; it rises to it over `warmup_epochs` and then falls to zero
        along a half cosine (`cosine=True`), or stays (`cosine=False`).
    weight_decay: decoupled (Loshchilov & Hutter 2019), not applied to biases and batch norm.
    label_smoothing: share of the target spread evenly over the seven classes.
    balance: "none"; "weights" (the loss of a rare class counts more); "oversample" (each class is
        drawn equally often, so that augmentation makes new versions of the rare ones).
    flip: mirror half of the pictures. rotation: up to this many degrees either way.
    zoom: up to this share in or out. shift: up to this share of the picture's width and height.
    crop: train on random windows of this many pixels (0 = whole pictures); the network must be
        built with `input_shape=(None, None, 1)`. It is always tested on whole pictures.
    brightness, contrast: largest change as a share of the range.
    erasing: share of the pictures in which a random rectangle is hidden (Zhong et al. 2020).
    mixup: parameter of the Beta distribution that blends pictures in pairs (Zhang et al. 2018), 0 = off.
    keep: weights of the "last" epoch, or of the "best" one on validation.
    patience: stop after this many epochs without a better validation accuracy (0 = never).
    seed: of the order of pictures, the augmentation and dropout.
    """

    epochs: int = 12
    batch_size: int = 128
    optimizer: str = "sgd"
    learning_rate: float = 0.05
    cosine: bool = True
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-3
    label_smoothing: float = 0.0
    balance: str = "none"
    flip: bool = False
    rotation: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    crop: int = 0
    brightness: float = 0.0
    contrast: float = 0.0
    erasing: float = 0.0
    mixup: float = 0.0
    keep: str = "last"
    patience: int = 0
    seed: int = 0

    def __post_init__(self):
        for name, allowed in (("balance", BALANCES), ("keep", KEEPS), ("optimizer", OPTIMIZERS)):
            if getattr(self, name) not in allowed:
                found = getattr(self, name)
                raise RunError(
                    f"Expected {name} to be one of {', '.join(allowed)}, found {found!r}; change the recipe."
                )
        if self.epochs < 1 or self.batch_size < 1:
            raise RunError(
                f"Expected at least 1 epoch and 1 picture a batch, found epochs={self.epochs} and "
                f"batch_size={self.batch_size}; change the recipe."
            )

    def but(self, **changes) -> "Recipe":
        """The same recipe with some entries changed."""
        return replace(self, **changes)

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
        return replace(self, **{**usual, **changes})

    def as_dict(self) -> dict:
        """Plain values, ready for JSON."""
        return asdict(self)


def recipe_from_dict(values: dict) -> Recipe:
    """Read a recipe back. Raises RunError for an entry that a recipe does not have."""
    known = {f.name for f in fields(Recipe)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise RunError(f"Expected only the entries of a Recipe, found {', '.join(unknown)}; remove them.")
    return Recipe(**values)


def load_recipe(name_or_path: str) -> Recipe:
    """A recipe by its name in `RECIPES`, or from a JSON file."""
    if name_or_path in RECIPES:
        return RECIPES[name_or_path]
    path = Path(name_or_path)
    if not path.is_file():
        raise RunError(
            f"Expected a recipe name ({', '.join(RECIPES)}) or a JSON file, found {name_or_path!r}; choose one of them."
        )
    try:
        return recipe_from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError, AttributeError) as problem:
        raise RunError(f"Expected {path} to hold one JSON object, found {problem}; correct the file.") from None


RECIPES = {"plain": Recipe(epochs=12)}
"""Recipes by name. Each but the last changes one thing; all were trained with `small_cnn` but the last."""

RECIPES["augmented"] = RECIPES["plain"].augmented()
RECIPES["class_weights"] = RECIPES["augmented"].but(balance="weights")
RECIPES["oversampled"] = RECIPES["augmented"].but(balance="oversample")
RECIPES["smoothed"] = RECIPES["augmented"].but(label_smoothing=0.1)
RECIPES["cropped"] = RECIPES["smoothed"].but(shift=0.0, crop=40)
RECIPES["erased"] = RECIPES["cropped"].but(erasing=0.25)
RECIPES["scratch_cnn"] = RECIPES["erased"].but(epochs=100, learning_rate=0.1, warmup_epochs=2.0, mixup=0.2)
