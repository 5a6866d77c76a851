"""The networks from scratch: shapes, learning, what word order can do, and the same numbers in NumPy."""

import subprocess
import sys
from dataclasses import replace

import jax_backend
import numpy as np
import pytest

from emotionlab.base.errors import RunError
from emotionlab.text import TextRecipe, attention_network, averaged_embeddings, predict, score, train
from emotionlab.text.dataset import Texts, TextSplit
from emotionlab.text.light import VARIABLES, LightText
from emotionlab.text.linear import LinearModel
from emotionlab.text.training import _keep, _resumed, forget

HAPPY, SAD = 3, 4


@pytest.fixture(scope="module")
def few() -> Texts:
    """Texts whose emotion hangs on one word, or on "not" before it."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(240):
        start = " ".join(rng.choice(["today", "the", "dog", "we", "went", "home"], 3))
        fine, negated = rng.random(2) < 0.5
        text = f"{start} {'not ' if negated else ''}{'fine' if fine else 'bad'}"
        rows.append((text, HAPPY if fine != negated else SAD))
    labels = np.eye(7, dtype=bool)[[label for _, label in rows]]
    split = TextSplit(tuple(text for text, _ in rows), labels)
    return Texts(split.take(range(160)), split.take(range(160, 200)), split.take(range(200, 240)), "few", "few texts")


@pytest.mark.parametrize("build", [averaged_embeddings, attention_network])
def test_a_network_takes_tokens_and_gives_seven_logits(build):
    model = build(50)
    tokens = np.zeros((3, 40), "int32")
    tokens[:2, :5] = np.arange(1, 6)
    logits = np.asarray(model(tokens))
    assert logits.shape == (3, 7)
    assert np.isfinite(logits).all()  # the third text is empty
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-6)


def test_attention_sees_the_order_of_words_and_an_average_does_not():
    tokens = np.zeros((2, 40), "int32")
    tokens[0, :4], tokens[1, :4] = [2, 3, 4, 5], [5, 4, 3, 2]
    one, other = np.asarray(averaged_embeddings(10)(tokens))
    np.testing.assert_allclose(one, other, atol=1e-6)
    one, other = np.asarray(attention_network(10)(tokens))
    assert np.abs(one - other).max() > 1e-4


def test_numpy_gives_the_numbers_of_keras():
    model = attention_network(60, dim=12, width=16, heads=2)
    weights = {"/".join(v.path.split("/")[-2:]): np.array(v) for v in model.weights}
    assert set(weights) == set(VARIABLES)
    tokens = np.random.default_rng(1).integers(0, 60, (9, 40)) * (np.arange(40) < 17)
    np.testing.assert_allclose(LightText(weights)(tokens), np.asarray(model(tokens)), atol=1e-5)
    np.testing.assert_allclose(LightText(weights)(tokens[:, :17]), np.asarray(model(tokens)), atol=1e-5)


def test_weights_of_another_network_are_refused():
    with pytest.raises(RunError, match="9 arrays"):
        LightText({"words/embeddings": np.zeros((3, 2))})


def test_training_learns_not_fine_from_bad_and_keeps_the_best_epoch(few, capsys):
    trained = train("attention", few, TextRecipe(epochs=12, batch_size=16, rate=5e-3, forget=0.05))
    assert "epoch 12" in capsys.readouterr().out
    assert max(trained.history["val_macro_f1"]) > 2 / 7 - 0.02  # two of seven emotions occur: 2/7 is perfect
    validation = predict(trained.model, trained.vocabulary, few.validation.texts)
    report = score(few.validation.labels, validation, trained.thresholds)
    assert report.macro_f1 == pytest.approx(max(trained.history["val_macro_f1"]), abs=1e-6)
    probabilities = predict(trained.model, trained.vocabulary, ["we went home not fine", "we went home fine"])
    assert probabilities[0, SAD] > probabilities[0, HAPPY]
    assert probabilities[1, HAPPY] > probabilities[1, SAD]


def test_a_stopped_training_goes_on_where_it_was(few, tmp_path, monkeypatch):
    recipe = TextRecipe(epochs=2, batch_size=40)
    whole = train("averaged_embeddings", few, recipe)

    def keep_and_stop(*given):
        _keep(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr("emotionlab.text.training._keep", keep_and_stop)
        with pytest.raises(KeyboardInterrupt):
            train("averaged_embeddings", few, recipe, tmp_path)
    trained = train("averaged_embeddings", few, recipe, tmp_path)
    assert trained.history["epoch"] == [1, 2]
    assert trained.history["loss"] == pytest.approx(whole.history["loss"], abs=1e-4)


def test_a_checkpoint_of_another_training_is_refused(few, tmp_path):
    recipe = TextRecipe(epochs=1, batch_size=80)
    train("averaged_embeddings", few, recipe, tmp_path)
    fewer = replace(few, train=few.train.take(range(100)))
    for texts, other, differs in ((few, replace(recipe, seed=5), "recipe"), (fewer, recipe, "texts")):
        with pytest.raises(RunError, match=f"the same {differs} in"):
            train("averaged_embeddings", texts, other, tmp_path)


@pytest.mark.parametrize("content", [b"[[", b"", None])
def test_a_damaged_checkpoint_is_one_sentence(tmp_path, content):
    np.savez(tmp_path / "checkpoint.npz", now_000=np.zeros(3))  # nothing says what it is of
    if content is not None:
        (tmp_path / "checkpoint.npz").write_bytes(content)
    with pytest.raises(RunError, match=r"train again\.$"):
        _resumed(None, tmp_path, {"network": "attention"})


def test_an_emotion_that_all_texts_show_or_none_is_no_reason_to_fail(few):
    assert few.train.labels.sum(axis=0)[:HAPPY].tolist() == [0, 0, 0]
    model = LinearModel(smallest=1).fit(few.train)
    probabilities = model.predict(["we went home fine"])
    assert probabilities[0, 0] == 0
    assert probabilities[0, HAPPY] > 0.5
    assert model.strongest("angry") == []
    assert model.strongest("happy")


def test_an_unknown_network_is_refused(few):
    with pytest.raises(RunError, match="'lstm'"):
        train("lstm", few)


def test_forgetting_hides_words_and_never_what_is_not_there():
    tokens = np.array([[5, 6, 7, 0]] * 2000)
    seen = forget(tokens, 0.3, np.random.default_rng(0))
    assert (seen[:, 3] == 0).all()
    assert 0.25 < (seen[:, :3] == 1).mean() < 0.35
    assert (tokens[:, :3] > 1).all()


def test_the_networks_run_on_jax_too():
    pytest.importorskip("jax")
    program = (
        "import numpy as np\n"
        "from emotionlab.text import attention_network\n"
        "import keras\n"
        "assert keras.backend.backend() == 'jax'\n"
        "model = attention_network(50)\n"
        "model.compile('adam', keras.losses.BinaryCrossentropy(from_logits=True))\n"
        "tokens = np.random.default_rng(0).integers(0, 50, (32, 40))\n"
        "model.fit(tokens, np.eye(7)[tokens[:, 0] % 7], verbose=0)\n"
        "assert model.predict(tokens, verbose=0).shape == (32, 7)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=jax_backend.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
