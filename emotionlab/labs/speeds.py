"""How long each recorded network takes for one face, as the demos ask: a face at a time, on the processor."""

import time

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.labs import records
from emotionlab.runs import provenance, reference

NAME = "speeds.json"
COMMAND = "uv run python -m emotionlab.labs speeds"
CALLS = 50


def networks() -> list[tuple[str, int]]:
    """(network, input size in pixels) of the recorded runs, each once, in alphabetical order."""
    return sorted({network_of(reference.load(name).provenance) for name in reference.names()})


def network_of(made: dict) -> tuple[str, int]:
    """(network, input size in pixels) of a run, from its provenance."""
    usual = 96 if made["network"].startswith("mobilenet") else IMAGE_SIZE  # of runs made before the size was kept
    return made["network"], made.get("input_size", usual)


def milliseconds(network: str, input_size: int, calls: int = CALLS) -> float:
    """The median time in milliseconds in which the network answers one face of 48 x 48, after two to warm up.

    The weights are random: what they are makes no difference to the time.
    """
    from emotionlab import models
    from emotionlab.metrics.predicting import predict

    options = {"weights": None, "input_size": input_size} if network in models.BACKBONES else {}
    model = models.build(network, **options)
    faces = np.random.default_rng(0).integers(0, 256, (calls + 2, 1, IMAGE_SIZE, IMAGE_SIZE), "uint8")
    seconds = []
    for face in faces:
        started = time.perf_counter()
        predict(model, face)
        seconds.append(time.perf_counter() - started)
    return 1000 * float(np.median(seconds[2:]))


def record() -> None:
    """Measure every recorded network and keep the times, with the machine that they hold for."""
    rows = []
    for network, input_size in networks():
        rows.append({"network": network, "input_size": input_size, "ms": round(milliseconds(network, input_size), 1)})
        print(f"{network} at {input_size} pixels: {rows[-1]['ms']} ms")
    about = {"calls": CALLS, "hardware": provenance.hardware(), "versions": provenance.versions()}
    print(f"✔ Recorded in {records.keep(NAME, {'rows': rows, **about}, COMMAND)}")


def of_run(run) -> float:
    """Milliseconds for one face of this run's network. Raises RunError where that was not recorded."""
    network, input_size = network_of(run.provenance)
    try:
        return recorded()[network, input_size]
    except KeyError:
        raise RunError(
            f"Expected the time for a face of {network} at {input_size} pixels in {NAME}, found none; record it with: "
            f"{COMMAND}"
        ) from None


def recorded() -> dict[tuple[str, int], float]:
    """Milliseconds for one face, by network and input size, as recorded."""
    return {(row["network"], row["input_size"]): row["ms"] for row in records.read(NAME, COMMAND)["rows"]}
