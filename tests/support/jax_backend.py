"""A process that uses JAX, which translates each network for the processor: in a test once, for a few steps."""

import os

QUICK_TO_BEGIN = "--xla_backend_optimization_level=0"
"""The translation is then two thirds as long, and what it makes gives the same numbers, more slowly."""


def environment(**more: str) -> dict[str, str]:
    """This process's environment, with Keras on JAX."""
    return {**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": QUICK_TO_BEGIN, **more}
