"""Training: a plain loop over epochs that shows its progress and can be stopped and resumed (lessons 02 and 03).

Lesson 03 builds the pieces by hand. Works with the TensorFlow and the JAX backend."""

import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from emotionlab import models
from emotionlab.base.arguments import choice, text, yes_or_no
from emotionlab.base.backend import keras, release_memory
from emotionlab.base.eight_bits import pack
from emotionlab.base.errors import RunError
from emotionlab.base.settings import IMAGE_SIZE, runs_dir
from emotionlab.data.dataset import Faces, Split, checked_faces
from emotionlab.metrics.predicting import predict
from emotionlab.models.checking import checked
from emotionlab.models.weights import CHECKSUMS
from emotionlab.runs import Run, provenance, read_arrays, write_arrays, write_json
from emotionlab.runs.heads import write_head
from emotionlab.runs.recipes import Recipe, checked_recipe, recipe_from_dict
from emotionlab.training.batches import Batches, steps_per_epoch
from emotionlab.training.compiling import choose_compiler, use_xla
from emotionlab.training.devices import check_even, devices_in_use, shared_among, unshared
from emotionlab.training.frozen import train_head
from emotionlab.training.moving import MoveOnce
from emotionlab.training.progress import ProgressBar, has_stopped_improving, is_on_plateau
from emotionlab.training.targets import fingerprint, soft_targets

KEPT_AS = ("float16", "int8", "head")
"""How a run keeps its weights."""


def augmentation(recipe: Recipe) -> list:
    """The recipe's augmentation as Keras layers, in the order in which they are applied.

    They take and return (N, height, width, 1) pictures in 0..255. They act in training only;
    at any other time the pictures pass unchanged.
    """
    checked_recipe(recipe)
    # layers with the same seed draw the same numbers: every mirrored picture would also be the darker one
    seeds = itertools.count(100 * recipe.seed)
    layers = []

    def add(layer, *arguments, **options):
        layers.append(layer(*arguments, seed=next(seeds), **options))

    if recipe.flip:
        add(keras.layers.RandomFlip, "horizontal")
    if recipe.move_once and (recipe.rotation or recipe.zoom or recipe.shift):
        add(MoveOnce, recipe.rotation, recipe.zoom, recipe.shift)
        recipe = recipe.but(rotation=0.0, zoom=0.0, shift=0.0)
    if recipe.rotation:
        add(keras.layers.RandomRotation, recipe.rotation / 360, fill_mode="reflect")
    if recipe.zoom:
        add(keras.layers.RandomZoom, recipe.zoom, fill_mode="reflect")
    if recipe.shift:
        add(keras.layers.RandomTranslation, recipe.shift, recipe.shift, fill_mode="reflect")
    if recipe.crop:
        add(keras.layers.RandomCrop, recipe.crop, recipe.crop)
    if recipe.brightness:
        add(keras.layers.RandomBrightness, recipe.brightness, value_range=(0, 255))
    if recipe.contrast:
        add(keras.layers.RandomContrast, recipe.contrast, value_range=(0, 255))
    if recipe.erasing:
        add(keras.layers.RandomErasing, recipe.erasing, scale=(0.02, 0.2), value_range=(0, 255))
    return layers


def learning_rates(recipe: Recipe, steps: int):
    """The Keras schedule of a run of `steps` optimizer steps: linear warm-up, then half a cosine to zero."""
    if not (recipe.cosine and recipe.epochs):
        return recipe.learning_rate
    warmup = min(steps - 1, round(steps * recipe.warmup_epochs / recipe.epochs))
    return keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 100, max(1, steps - warmup), warmup_target=recipe.learning_rate, warmup_steps=warmup
    )


def optimizer(recipe: Recipe, steps: int):
    """The recipe's optimizer, with its schedule over `steps` steps."""
    rate, decay = learning_rates(recipe, steps), recipe.weight_decay or None
    if recipe.optimizer == "adamw":
        chosen = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    else:
        chosen = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay)
    if decay:
        chosen.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return chosen


def compiled_trainer(model, recipe: Recipe, steps: int, chosen_optimizer=None):
    """`model` behind the recipe's augmentation, compiled: the network that is trained. It shares the weights.

    chosen_optimizer: go on with this one (default: a new one as the recipe says).
    """
    if recipe.crop and recipe.crop != model.input_shape[1] and model.input_shape[1] is not None:
        raise RunError(
            f"Expected a network that takes {recipe.crop} x {recipe.crop} windows (the recipe's crop), found "
            f"input shape {model.input_shape[1:]}; build it with input_shape=(None, None, 1)."
        )
    trainer = keras.Sequential([keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1)), *augmentation(recipe), model], name="trainer")
    trainer.compile(
        optimizer=chosen_optimizer or optimizer(recipe, steps),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    if chosen_optimizer is None:
        trainer.optimizer.build(trainer.trainable_variables)
    return trainer


def train(
    model,
    faces: Faces,
    recipe: Recipe,
    name: str | None = None,
    record: bool = False,
    kept_as: str = "float16",
    after_epoch=lambda history: None,
) -> Run:
    """Train `model` on `faces.train`, choose on `faces.validation`, and keep the run.

    model: takes (N, 48, 48, 1) pictures in 0..255 and returns (N, 7) logits; it is trained in place.
    name: the run is kept in `settings.runs_dir()` under this name. Training again under the name
        of a run that was stopped resumes it; of one that finished, returns it. Without a name
        the run is kept in a temporary folder only.
    record: measure the test split too, once, at the end; of a finished run, now, where it was not measured.
    kept_as: how the weights are kept: "float16", "int8" (`eight_bits.pack`), or "head": the last layer alone, of a
        backbone that starts from the course's ImageNet weights and has not learned. What is measured at the end is
        measured with them.
    after_epoch: called with the history so far after each epoch, for a live picture of the training.

    Raises RunError when a run of that name was made with another recipe, other data, another network, another start,
    other trainable parameters or another number of devices, and for a network of the wrong shape.
    """
    checked(model)
    checked_faces(faces, RunError)
    checked_recipe(recipe)
    record = yes_or_no("record", record, RunError)
    kept_as = choice("kept_as", kept_as, KEPT_AS, RunError)
    if kept_as == "head":
        _check_head_alone(model, recipe)
    check_even(devices_in_use(), min(recipe.batch_size, len(faces.train)))
    run = Run(_folder_for(name))
    identity = {
        "recipe": recipe.as_dict(),
        "data": provenance.checksum(faces),
        "parameters": model.count_params(),
        "architecture": provenance.architecture(model),
        "start": provenance.start(model),
        "devices": devices_in_use(),  # more of them add up in another order: not the same to the last digit
        "trainable_parameters": None if recipe.fine_tunes else provenance.trainable_parameters(model),
    }
    split, targets = faces.train, None
    if recipe.has_soft_targets:
        split, targets = soft_targets(faces.train, recipe)
        identity["targets"] = fingerprint(targets)
    if _is_finished(run, identity, model):
        print(f"Run {run.name!r} is finished already: its weights are loaded. Choose another name to train anew.")
        run.load_weights(model)
        if record:
            _measure_test(run, model, faces)
        return run

    release_memory()  # what the networks before this one left
    made_by = {"command": provenance.command(), "commit": provenance.commit()}
    made_by |= {key: value for key, value in identity.items() if key not in ("recipe", "data", "parameters", "start")}
    keras.utils.set_random_seed(recipe.seed)
    if recipe.fine_tunes:
        models.unfreeze(model, recipe.unfreeze_from or None, batch_norm=recipe.batch_norm == "train")
    trainer = compiled_trainer(model, recipe, max(1, recipe.epochs) * steps_per_epoch(split, recipe))
    history = _resume(run, identity, trainer)
    if not history["epoch"]:
        choose_compiler(trainer, split, targets, recipe)
    made_by["jit_compile"] = trainer.jit_compile
    write_json(run.folder / "recipe.json", recipe.as_dict())
    try:
        if len(history["epoch"]) < recipe.head_epochs:  # a stage of seconds is not resumed but done again
            _train_head(model, faces, recipe, history)
            if recipe.keep == "best":  # until an epoch of the whole network is better
                _save_weights(run.folder / "best.npz", model, "float32")
        pictures = (split, targets, faces.validation)
        _train_epochs(run, identity, trainer, model, pictures, recipe, history, after_epoch)
    except KeyboardInterrupt:
        again = "train again under the same name to go on from there" if name else "give the run a name to resume it"
        print(f"\nStopped after epoch {len(history['epoch'])} of {recipe.all_epochs}; {again}.", file=sys.stderr)
        raise
    return _finish(run, model, faces, recipe, history, made_by, record, kept_as)


def train_by_name(
    model_name: str,
    recipe: Recipe,
    faces: Faces,
    name: str,
    record: bool = False,
    kept_as: str = "float16",
    devices: int = 1,
    **options,
) -> Run:
    """Build the network called `model_name` in the fastest precision, and train it: what `emotionlab train` does.

    devices: how many share each batch. options: for the builder, such as weights="imagenet" and input_size=96.
    """
    if recipe.crop:
        options["input_shape"] = (None, None, 1)
    with shared_among(devices):
        model = models.build(model_name, precision=models.fast_precision(model_name), seed=recipe.seed, **options)
        return train(model, faces, recipe, name=name, record=record, kept_as=kept_as)


def _train_epochs(run, identity, trainer, model, pictures, recipe, history, after_epoch) -> None:
    """The loop: one pass over the pictures, one measurement on validation, one checkpoint."""
    split, targets, validation = pictures
    of_weights = history["val_accuracy"][max(0, recipe.head_epochs - 1) :]  # of the head's epochs the last is kept
    best = max(of_weights, default=-1.0)
    plain = recipe.without_augmentation()
    plain_trainer = compiled_trainer(model, plain, 1, trainer.optimizer) if recipe.plain_epochs else None
    with ProgressBar(recipe, steps_per_epoch(split, recipe), done=len(history["epoch"])) as bar:
        for epoch in range(len(history["epoch"]), recipe.all_epochs):
            if has_stopped_improving(history, recipe.patience):
                break
            started = time.perf_counter()
            is_plain = epoch >= recipe.all_epochs - recipe.plain_epochs
            now, batches = (plain_trainer, plain) if is_plain else (trainer, recipe)
            fresh = Batches(split, batches, epoch, targets)
            learned = now.fit(fresh, epochs=1, shuffle=False, verbose=0, callbacks=[bar])
            loss = learned.history["loss"][-1]
            if not np.isfinite(loss):
                raise RunError(
                    f"Expected a finite loss, found {loss} in epoch {epoch + 1}; lower the learning rate (it was "
                    f"{recipe.learning_rate}) and train under another name."
                )
            measured = _validate(model, validation)
            row = {
                "epoch": epoch + 1,
                **{k: learned.history[k][-1] for k in ("loss", "accuracy")},
                **measured,
                "learning_rate": float(keras.ops.convert_to_numpy(trainer.optimizer.learning_rate)),
                "seconds": time.perf_counter() - started,
            }
            for key, value in row.items():
                history[key].append(round(value, 7))
            if recipe.plateau and is_on_plateau(history, recipe.plateau):
                trainer.optimizer.learning_rate = trainer.optimizer.learning_rate / 5
            if history["val_accuracy"][-1] > best:  # rounded, as a resumed run reads it
                best = history["val_accuracy"][-1]
                if recipe.keep == "best":
                    _save_weights(run.folder / "best.npz", model, "float32")
            _save_checkpoint(run, identity, trainer, history)
            bar.show(row)
            after_epoch(history)


def _check_head_alone(model, recipe: Recipe) -> None:
    """Raise RunError unless the head is all that this training changes of the course's ImageNet weights."""
    if recipe.epochs or provenance.start(model) != CHECKSUMS.get(model.name):
        found = f"{recipe.epochs} epochs" if recipe.epochs else f"a start from {provenance.start(model)[:12]}"
        raise RunError(
            f"Expected epochs=0 and weights='imagenet' where the head alone is kept, found {found}; keep the run as "
            "'int8' or 'float16'."
        )


def _validate(model, split: Split) -> dict[str, float]:
    probabilities = predict(model, split.images)
    of_truth = probabilities[np.arange(len(split)), split.labels]
    return {
        "val_loss": float(-np.log(np.maximum(of_truth, 1e-7)).mean()),
        "val_accuracy": float((probabilities.argmax(axis=1) == split.labels).mean()),
    }


def _train_head(model, faces, recipe, history) -> None:
    """Stage one: the last layer alone learns, on features of the unchanged pictures; adds its epochs to `history`."""
    print(f"Stage one: the head alone learns, {recipe.head_epochs} epochs on features computed once.")
    with unshared():  # its last batch is smaller, and it takes seconds
        learned = train_head(
            model,
            faces.train,
            epochs=recipe.head_epochs,
            learning_rate=recipe.head_learning_rate,
            batch_size=recipe.batch_size,
            label_smoothing=recipe.label_smoothing,
            balance=recipe.balance,
            seed=recipe.seed,
            validation=faces.validation,
        )
    for key in history:
        history[key][:] = learned[key]


def _finish(run, model, faces, recipe, history, made_by, record, kept_as) -> Run:
    """Choose the weights, keep them as asked, and record what the network that was kept predicts."""
    about = {**made_by, **provenance.describe(model, faces, recipe, history)}
    if recipe.keep == "best":
        run.load_weights(model, "best.npz")
    path = run.folder / "weights.npz"
    if kept_as == "head":
        write_head(path, model)
    else:
        _save_weights(path, model, kept_as)
    run.load_weights(model)
    write_json(run.folder / "architecture.json", json.loads(model.to_json()))
    write_json(run.folder / "history.json", history)
    splits = {"validation": faces.validation, **({"test": faces.test} if record else {})}
    write_arrays(run.folder / "predictions.npz", _predictions(_as_kept(run, model), splits))
    write_json(run.folder / "provenance.json", about)
    for leftover in ("checkpoint.npz", "checkpoint.json", "best.npz"):
        (run.folder / leftover).unlink(missing_ok=True)
    release_memory()
    return run


def _measure_test(run: Run, model, faces: Faces) -> None:
    """Measure the test split of a finished run, unless that was done."""
    path = run.folder / "predictions.npz"
    if "test" not in run.measured():
        write_arrays(path, read_arrays(path) | _predictions(_as_kept(run, model), {"test": faces.test}))


def _as_kept(run: Run, model):
    """The network that `run.model()` gives: trained in bfloat16, its predictions in float32 differ by up to 0.02."""
    if all(layer.compute_dtype == "float32" for layer in model.layers):
        return model  # it is that network, and its graph is there
    try:
        return run.model()
    except RunError:  # it has layers of the learner's own, which cannot be built from their description
        return model


def _predictions(model, splits: dict[str, Split]) -> dict[str, np.ndarray]:
    arrays = {}
    for name, split in splits.items():
        arrays[f"{name}_labels"] = split.labels.astype("uint8")
        for tta in ("none", "flip"):
            arrays[f"{name}_{tta}"] = predict(model, split.images, tta=tta).astype("float16")
    return arrays


def _folder_for(name: str | None) -> Path:
    if name is None:
        return Path(tempfile.mkdtemp(prefix="emotionlab-run-"))
    text("name", name, RunError)
    if Path(name).name != name or name.startswith(".") or "\0" in name or not name.strip():
        raise RunError(f"Expected a plain name for a run, such as 'mine', found {name!r}; leave out folders and dots.")
    return runs_dir() / name


def _is_finished(run: Run, identity: dict, model) -> bool:
    """Whether the run is complete. Raises RunError when it was made from something else."""
    if not run.is_finished:
        return False
    before = {"parameters": None, "targets": None, "devices": 1}  # where an earlier version did not keep them
    kept = {key: value for key, value in run.provenance.items() if key in identity}
    start = provenance.recorded_start(run, model)
    sources = {"recipe": run.recipe.as_dict(), "data": run.data.get("checksum"), "start": start}
    _compare(run, identity | before | kept | sources, identity)
    return True


def _compare(run: Run, made_from: dict, identity: dict) -> None:
    differs = [key.replace("_", " ") for key in identity if made_from.get(key) != identity[key]]
    if differs:
        then = f" (devices then: {made_from['devices']})" if "devices" in differs else ""
        raise RunError(
            f"Expected the run {run.name!r} to have the same {' and '.join(differs)} as this training, found it made "
            f"from other ones{then}; choose another name, or delete the folder {run.folder}."
        )


def _resume(run: Run, identity: dict, trainer) -> dict[str, list]:
    """Put a stopped run back as it was after its last whole epoch; returns its history so far."""
    keys = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")
    path = run.folder / "checkpoint.npz"
    if not path.is_file():
        return {key: [] for key in keys}
    arrays = read_arrays(path)
    try:
        saved = json.loads(str(arrays["about"]))
        before = {"devices": 1, "start": "random" if identity["start"] == "random" else "unknown"}  # as above
        saved["identity"] = identity | before | saved["identity"]
        saved["identity"]["recipe"] = recipe_from_dict(saved["identity"]["recipe"]).as_dict()
        _compare(run, saved["identity"], identity)
        use_xla(trainer, saved.get("jit_compile", False))
        for i, variable in enumerate(_state(trainer)):
            variable.assign(arrays[f"{i:04d}"])
    except (KeyError, TypeError, ValueError) as problem:
        if isinstance(problem, RunError):
            raise
        raise RunError(run.unusable(path.name, "something else")) from problem
    print(f"Resuming run {run.name!r} after epoch {len(saved['history']['epoch'])}.")
    return saved["history"]


def _save_checkpoint(run: Run, identity: dict, trainer, history) -> None:
    """Network, optimizer and random state in one file, so that they cannot disagree."""
    arrays = {f"{i:04d}": keras.ops.convert_to_numpy(v) for i, v in enumerate(_state(trainer))}
    about = json.dumps({"identity": identity, "history": history, "jit_compile": trainer.jit_compile})
    write_arrays(run.folder / "checkpoint.npz", {**arrays, "about": np.array(about)}, compress=False)


def _state(trainer) -> list:
    return [*trainer.variables, *trainer.optimizer.variables]


def _save_weights(path: Path, model, dtype: str) -> None:
    arrays = [np.asarray(w) for w in model.get_weights()]
    if dtype == "int8":
        write_arrays(path, pack({f"{i:04d}": w for i, w in enumerate(arrays)}))
        return
    largest = np.finfo(dtype).max
    kept = {f"{i:04d}": w.astype(dtype) if np.abs(w).max() < largest else w for i, w in enumerate(arrays)}
    write_arrays(path, kept)
