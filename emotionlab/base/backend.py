"""Keras, started without the page of red lines that TensorFlow writes past Python, straight to the terminal.

    from emotionlab.base.backend import keras

is the same Keras as `import keras`. Real errors are exceptions and are shown as ever.
"""

import contextlib
import ctypes
import gc
import os
import platform
import sys

from emotionlab.base import settings


@contextlib.contextmanager
def _silent_stderr():
    """Send what compiled code writes to file descriptor 2 to nowhere, for a moment."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # no terminal at all, as in some Windows programs
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _keep_memory() -> None:
    """Ask glibc to keep freed memory instead of giving it back to the system after every step of a training.

    A training step frees and takes again the same few hundred megabytes. By default glibc returns blocks of that
    size at once, and the system then has to clear every page anew: on two cores most of a training's system time.
    Only glibc has these settings; elsewhere nothing happens.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    m_trim_threshold, m_mmap_max = -1, -4  # the names' numbers in glibc's malloc.h
    libc.mallopt(m_mmap_max, 0)
    libc.mallopt(m_trim_threshold, 2**31 - 2**20)


def release_memory() -> None:
    """Give back what nothing uses any more: once a whole training or measurement is over, never between its steps.

    A network that was let go still holds its weights until Python looks for circles of references, and glibc keeps
    what was freed (see `_keep_memory`): a notebook of many networks would grow from one to the next.
    """
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def _use_onednn() -> None:
    """Let TensorFlow use Intel's oneDNN on every Intel or AMD processor.

    By itself TensorFlow does so only where the processor has instructions made for networks (AVX512-VNNI and later).
    With AVX2 alone the gradients of a convolution are then several times slower than they need be. Who has set the
    variable is left alone.
    """
    if platform.machine().lower() in ("x86_64", "amd64"):
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def _let_steps_go(tf, keras) -> None:
    """Let the compiled step of a training go when its network does.

    Keras' optimizers sum the gradients over the devices, also where there is one, and TensorFlow keeps the graph around
    that sum for good, in case somebody asks for its gradient: about 60 MB for each network that was ever trained.
    """
    optimizer = keras.optimizers.Optimizer
    over_devices = getattr(optimizer, "_all_reduce_sum_gradients", None)
    if over_devices is None:  # of another version of Keras
        return

    def summed(self, grads_and_vars):
        several = tf.distribute.get_strategy().num_replicas_in_sync > 1
        return over_devices(self, grads_and_vars) if several else list(grads_and_vars)

    optimizer._all_reduce_sum_gradients = summed


def _build_state_first(keras) -> None:
    """Let `fit` make its compiled step once instead of twice: a short training begins in half the time.

    By itself Keras makes the variables of the optimizer, and of metrics=["accuracy"], inside the step, which TensorFlow
    then has to trace a second time.
    """
    make_train_function = keras.Model.make_train_function

    def after_the_state(self, force=False):
        if self.built and all(layer.built for layer in self.layers):
            if self.optimizer is not None and not self.optimizer.built:
                self.optimizer.build(self.trainable_variables)
            metrics, outputs = getattr(self, "_compile_metrics", None), getattr(self, "outputs", None)
            of_labels = isinstance(self.loss, keras.losses.SparseCategoricalCrossentropy)
            if of_labels and metrics is not None and not metrics.built and outputs:
                metrics.build(keras.KerasTensor((None,), "int64"), outputs[0])
        return make_train_function(self, force)

    keras.Model.make_train_function = after_the_state


def _start_sooner(tf) -> None:
    """Run each graph as it was written down, without rewriting it first: a second of every training's start.

    For fast mode, where a training takes a few steps; over thousands of steps the rewritten graph pays.
    """
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def _import_tensorflow_alone() -> None:
    """Import TensorFlow, unless another backend is asked for, without JAX.

    Where JAX is installed, TensorFlow's converter for telephones imports it too: 140 MB in every notebook, and a
    seventh of the time in which it starts, for something that this course does not use. JAX itself works as ever.
    """
    if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow" or "jax" in sys.modules:
        return
    sys.modules["jax"] = None  # so an import fails as where it is not installed
    try:
        import tensorflow  # noqa: F401
    finally:
        del sys.modules["jax"]


def _start():
    """Import Keras and make its backend do, once, each of the things that it comments on."""
    with _silent_stderr():
        _import_tensorflow_alone()
        import keras

        keras.ops.sum(keras.ops.ones(1))
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")  # a page of many small models would be told of each
            numbers = tf.data.Dataset.from_generator(lambda: iter([0]), output_signature=tf.TensorSpec((), "int32"))
            list(numbers)
            _let_steps_go(tf, keras)
            _build_state_first(keras)
            if settings.fast():
                _start_sooner(tf)
    gc.freeze()  # what the libraries made stays: `release_memory` need not look through it each time
    return keras


_keep_memory()
_use_onednn()
keras = _start()
