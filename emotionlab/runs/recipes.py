"""What decides a training run, and the recipes of the runs recorded on the real FER-2013."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from emotionlab.base.errors import RunError

BALANCES = ("none", "weights", "oversample")
KEEPS = ("last", "best")
OPTIMIZERS = ("sgd", "adamw")
BATCH_NORMS = ("train", "frozen")
TARGETS = ("labels", "votes")
AUGMENTATION = ("flip", "rotation", "zoom", "shift", "crop", "brightness", "contrast", "erasing", "mixup")
"""Entries of a recipe that change pictures."""


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
    targets: what is learned: "labels", or the distribution of FER+'s "votes" (`targets.vote_targets`).
    teacher: names of recorded or own runs, joined by "+", whose opinion of the training pictures is learned too
        ("" = none); see `targets`. teacher_share: how much of the target is theirs; the rest is the label's (or the
        votes'). temperature: above 1 makes the teachers less sure (Hinton et al. 2015).
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
        for name, allowed in (
            ("balance", BALANCES),
            ("keep", KEEPS),
            ("optimizer", OPTIMIZERS),
            ("batch_norm", BATCH_NORMS),
            ("targets", TARGETS),
        ):
            if getattr(self, name) not in allowed:
                found = getattr(self, name)
                raise RunError(
                    f"Expected {name} to be one of {', '.join(allowed)}, found {found!r}; change the recipe."
                )
        if min(self.epochs, self.head_epochs) < 0 or self.all_epochs < 1 or self.batch_size < 1:
            raise RunError(
                f"Expected at least 1 epoch and 1 picture a batch, found epochs={self.epochs} and "
                f"batch_size={self.batch_size}; change the recipe."
            )

        if not (0 <= self.teacher_share <= 1 and self.temperature > 0):
            raise RunError(
                f"Expected teacher_share in 0..1 and a temperature above 0, found {self.teacher_share} and "
                f"{self.temperature}; change the recipe."
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

    def without_augmentation(self) -> "Recipe":
        """The same recipe, with every picture left as it is."""
        plain = Recipe()
        return replace(self, **{name: getattr(plain, name) for name in AUGMENTATION})

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
"""Recipes by name. From "plain" to "erased" each changes one thing, for `small_cnn`; then the best for `scratch_cnn`,
then those for backbones."""

RECIPES["augmented"] = RECIPES["plain"].augmented()
RECIPES["class_weights"] = RECIPES["augmented"].but(balance="weights")
RECIPES["oversampled"] = RECIPES["augmented"].but(balance="oversample")
RECIPES["smoothed"] = RECIPES["augmented"].but(label_smoothing=0.1)
RECIPES["cropped"] = RECIPES["smoothed"].but(shift=0.0, crop=40)
RECIPES["erased"] = RECIPES["cropped"].but(erasing=0.25)
RECIPES["scratch_cnn"] = RECIPES["erased"].but(epochs=100, learning_rate=0.1, warmup_epochs=2.0, mixup=0.2)

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
RECIPES["fine_tuned_vgg16"] = RECIPES["fine_tuned"].but(epochs=6, batch_size=64, learning_rate=5e-5)
RECIPES["fine_tuned_resnet18"] = Recipe(
    epochs=16,
    batch_size=64,
    learning_rate=0.02,
    warmup_epochs=0.5,
    label_smoothing=0.1,
    plain_epochs=1,
    flip=True,
    rotation=12.0,
    zoom=0.1,
    shift=0.12,
)
RECIPES["from_random"] = RECIPES["fine_tuned"].but(head_epochs=0, learning_rate=5e-4, batch_norm="train")
RECIPES["from_random_vgg16"] = RECIPES["from_random"].but(epochs=4, learning_rate=1.5e-4)
RECIPES["from_random_resnet18"] = RECIPES["fine_tuned_resnet18"].but(learning_rate=0.05)
