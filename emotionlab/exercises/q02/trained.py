"""What question 2.6 sees of a network: what it gives, whether its end is linear, and how its loss falls."""

import numpy as np

from emotionlab.exercises.capture import describe_error

STEPS = 60
ENOUGH = 0.85  # training ends when the mean of ten losses in a row is this share of the first: it falls


def attempt(name: str, step) -> dict:
    """What `step()` records, or {name: the error}. Keras raises many kinds of exception here."""
    try:
        return step()
    except Exception as error:
        return {name: describe_error(error)}


def forward(model, inputs: dict) -> dict:
    from keras import ops

    outputs = ops.convert_to_numpy(model(inputs["pictures"], training=False))
    return {
        "outputs": np.array(outputs) if outputs.size < 100_000 else np.zeros(0),
        "output_shape": list(outputs.shape),
        "parameters": int(model.count_params()),
        "linear_end": linear_end(model, inputs["pictures"], np.array(outputs)),
    }


def linear_end(model, pictures, outputs) -> bool:
    """False when no layer of seven is the last step: when the outputs do not turn round with the sign of its weights.

    Logits do; behind a tanh, a sigmoid or a softplus there is a bound, or no sign. True where it cannot be told.
    """
    heads: dict[str, list] = {}
    for weight in model.weights:
        if tuple(weight.shape[-1:]) == (7,) and (len(weight.shape) > 1 or weight.name == "bias"):
            heads.setdefault(weight.path.rsplit("/", 1)[0], []).append(weight)
    heads = {name: head for name, head in heads.items() if any(len(w.shape) > 1 for w in head)}
    together = [weight for head in heads.values() for weight in head]  # of a sum of several heads
    return not heads or any(turns_round(model, pictures, outputs, head) for head in (*heads.values(), together))


def turns_round(model, pictures, outputs, head: list) -> bool:
    """True when the outputs are -30 times as large with -30 times these weights."""
    from keras import ops

    before = [ops.convert_to_numpy(w) for w in head]
    for w, value in zip(head, before, strict=True):
        w.assign(-30 * value)
    turned = ops.convert_to_numpy(model(pictures, training=False))
    for w, value in zip(head, before, strict=True):
        w.assign(value)
    return bool(np.allclose(turned, -30 * outputs, rtol=0.02, atol=1e-3 * np.abs(turned).max()))


def train(model, inputs: dict) -> dict:
    pictures, labels = inputs["pictures"], inputs["labels"]
    own_loss = loss_of(model.test_on_batch(pictures, labels)) - sum(float(loss) for loss in model.losses)
    losses: list[float] = []
    while len(losses) < STEPS and not (len(losses) > 10 and np.mean(losses[-10:]) < ENOUGH * losses[0]):
        losses.append(loss_of(model.train_on_batch(pictures, labels)))
    return {"own_loss": own_loss, "losses": losses}


def loss_of(logs) -> float:
    """Keras returns the loss alone, or the loss and then the metrics."""
    return float(np.ravel(np.asarray(logs, dtype="float64"))[0])
