"""Whether XLA (`jit_compile`) trains a network faster on this machine: a long run measures it before its first step."""

import math
import time

from emotionlab.base.backend import keras
from emotionlab.data.dataset import Split
from emotionlab.runs.recipes import Recipe
from emotionlab.training.batches import Batches, steps_per_epoch

LONG_STEPS, LONG_SECONDS = 1000, 600
"""A run of fewer steps or seconds is not measured: compiling, half a minute or more, costs what it could save."""

UNCOUNTED, COUNTED = 2, 5
"""Steps of a measurement: the first ones also compile."""

WORTH = 0.9
"""XLA is used where a step takes at most this share of its time without; less is within what a machine varies."""


def choose_compiler(trainer, split: Split, targets, recipe: Recipe) -> None:
    """Use XLA for the training of `trainer` on `split` if some steps say that it gains; print what was measured.

    targets: (N, 7) float32, or None, as `Batches` takes them.
    Weights, optimizer and random numbers are afterwards what they were, and the choice is in `trainer.jit_compile`.
    Nothing is measured of a short run, with JAX, which has no other way, nor of an augmentation that moves pictures:
    XLA has no affine transform (Keras' layers say so in `supports_jit`).
    """
    steps = recipe.epochs * steps_per_epoch(split, recipe)
    layers = [*trainer.layers, *trainer.layers[-1].layers]
    if keras.backend.backend() != "tensorflow" or steps < LONG_STEPS or not all(one.supports_jit for one in layers):
        return
    batch = Batches(split, recipe, 0, targets)[0]
    variables = [*trainer.variables, *trainer.optimizer.variables]
    before = [keras.ops.convert_to_numpy(variable).copy() for variable in variables]
    usual = trainer.jit_compile
    try:
        without = _seconds_of_a_step(trainer, batch, xla=False)
        if without * steps < LONG_SECONDS:
            use_xla(trainer, usual)
            return
        with_xla = _seconds_of_a_step(trainer, batch, xla=True)
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
    use_xla(trainer, with_xla <= WORTH * without)
    chosen = "used" if trainer.jit_compile else "not used"
    told = f"{with_xla:.2g} s where XLA compiles it" if math.isfinite(with_xla) else "XLA cannot compile it"
    print(f"A step takes {without:.2g} s, and {told}: XLA is {chosen}.")


def use_xla(trainer, xla: bool) -> None:
    """Let the next training step of a compiled network be compiled by XLA, or not. JAX stays as it is."""
    if keras.backend.backend() == "tensorflow" and trainer.jit_compile != xla:
        trainer.jit_compile = xla
        trainer.make_train_function(force=True)


def _seconds_of_a_step(trainer, batch, xla: bool) -> float:
    """Mean seconds of a training step; infinite where XLA cannot compile it."""
    use_xla(trainer, xla)
    try:
        for _ in range(UNCOUNTED):
            trainer.train_on_batch(*batch)
    except Exception:  # XLA refuses what it cannot compile with errors of many kinds
        if not xla:
            raise
        return float("inf")
    started = time.perf_counter()
    for _ in range(COUNTED):
        trainer.train_on_batch(*batch)
    return (time.perf_counter() - started) / COUNTED
