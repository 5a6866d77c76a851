"""Several devices that share each batch: `keras.distribution.DataParallel` on JAX (elective `many_devices`).

Every device holds all weights and computes a part of the batch; their gradients are added up before each step.
"""

import contextlib

from emotionlab.base.arguments import whole_number
from emotionlab.base.backend import keras
from emotionlab.base.errors import RunError


def devices_in_use() -> int:
    """How many devices share each batch now; 1 outside `shared_among`."""
    distribution = keras.distribution.distribution()
    return int(distribution.device_mesh.devices.size) if distribution else 1


def shared_among(devices: int):
    """A `with` block in which networks are built for, and trained on, the first `devices` devices of this machine.

    Raises RunError where the backend or the machine has fewer.
    """
    devices = whole_number("devices", devices, 1, error=RunError)
    if devices == 1:
        return contextlib.nullcontext()
    if keras.backend.backend() != "jax":
        raise RunError(
            f"Expected the JAX backend for {devices} devices, found {keras.backend.backend()}; "
            "set KERAS_BACKEND=jax (JAX has to be installed), or train on one device."
        )
    there = keras.distribution.list_devices()
    if len(there) < devices:
        raise RunError(
            f"Expected {devices} devices, found {len(there)} ({', '.join(there)}); ask for at most {len(there)}, or "
            f"let JAX simulate them: JAX_PLATFORMS=cpu XLA_FLAGS=--xla_force_host_platform_device_count={devices}."
        )
    # what auto_shard_dataset shares out are the files of several machines, and there is one
    return keras.distribution.DataParallel(devices=there[:devices], auto_shard_dataset=False).scope()


def check_even(devices: int, batch_size: int) -> None:
    """Raise RunError unless `devices` devices can share `batch_size` pictures evenly."""
    if batch_size % devices:
        raise RunError(
            f"Expected a batch that {devices} devices can share evenly, found {batch_size} pictures; choose a number "
            "of devices that divides it, or a recipe with another batch_size."
        )


@contextlib.contextmanager
def unshared():
    """A `with` block in which batches are not shared, for what has a last, smaller one."""
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)
