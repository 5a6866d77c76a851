"""The figures of several runs: each is labelled in words, no label covers another, each sentence is true."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.emotions import one_hot
from emotionlab.base.errors import RunError
from emotionlab.evaluation import compare, score


@pytest.fixture(autouse=True)
def no_window():
    """Draw without a screen, and close what was drawn."""
    import matplotlib.pyplot as plt

    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def rows(predictions, confidence=0.7):
    """Probabilities whose largest entry, `confidence`, stands at the predicted labels."""
    confidence = np.broadcast_to(confidence, np.shape(predictions))[:, None]
    others = (1 - confidence) / 6
    return one_hot(predictions) * (confidence - others) + others


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def assert_described(ax):
    assert ax.get_title()
    assert ax.get_xlabel()
    assert ax.get_ylabel()


@pytest.fixture(scope="module")
def recorded():
    return compare(["plain", "augmented", "class_weights", "oversampled", "scratch_cnn"])


# ---------------------------------------------------------------------------------- accuracy against cost


def test_every_run_stands_at_its_cost_with_its_name_and_accuracy(recorded, capsys):
    ax = el.plot_tradeoff(recorded)
    assert_described(ax)
    table = recorded.table
    points = np.vstack(
        [np.asarray(c.get_offsets()) for c in ax.collections if c.get_label().startswith("first weights")]
    )
    assert sorted(points[:, 1]) == pytest.approx(sorted(table.accuracy))
    assert sorted(points[:, 0]) == pytest.approx(sorted(table.parameters), rel=0.2)
    assert sorted(texts(ax)) == sorted(f"{name} {100 * a:.1f} %" for name, a in table.accuracy.items())
    assert ax.get_xscale() == "log"
    sentence = capsys.readouterr().out
    assert sentence.startswith(
        f"5 runs: scratch_cnn has the highest accuracy ({100 * table.accuracy.max():.1f} %), at 4.0 "
    )
    assert sentence.count("\n") == 1


def test_a_run_that_took_no_time_worth_a_figure_is_left_out(recorded, monkeypatch, capsys):
    table = recorded.table.copy()
    table.loc["plain", "minutes"] = 0.0
    monkeypatch.setattr(type(recorded), "table", table)
    el.plot_tradeoff(recorded, "minutes")
    said = capsys.readouterr().out
    assert said.startswith("4 runs: ")
    assert "minutes unknown for plain." in said


def test_no_name_covers_another_or_leaves_the_figure(recorded):
    ax = el.plot_tradeoff(recorded, "minutes", say=False)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    assert all(ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 for box in boxes)
    assert not ax.get_legend().get_window_extent().overlaps(ax.bbox), "the legend covers no point"


def test_runs_without_a_price_are_left_out_and_named(capsys):
    run = el.reference.load("augmented")
    labels = run.labels()
    comparison = compare({"augmented": run, "arrays": (labels, rows(labels))})
    ax = el.plot_tradeoff(comparison)
    assert len(texts(ax)) == 1
    assert "parameters unknown for arrays." in capsys.readouterr().out


def test_a_cost_that_nobody_has_or_knows_is_refused(recorded):
    with pytest.raises(RunError, match="parameters, megabytes, milliseconds, minutes, found 'price'"):
        el.plot_tradeoff(recorded, "price")
    with pytest.raises(RunError, match="measure_latency"):
        el.plot_tradeoff(recorded, "milliseconds")


# ---------------------------------------------------------------------------------- agreement


def test_the_agreement_of_each_pair_stands_in_its_cell(capsys):
    labels = np.zeros(10, int)
    answers = {"a": [0] * 10, "b": [0] * 7 + [1] * 3, "c": [0] * 8 + [2] * 2}
    comparison = compare({name: (labels, rows(p)) for name, p in answers.items()})
    ax = el.plot_agreement(comparison)
    assert_described(ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "c"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b"]
    assert texts(ax) == ["70 %", "80 %", "70 %"]
    assert capsys.readouterr().out == (
        "a and b give the same answer to 70.0 % of the pictures, the least of 3 pairs; a and c the most (80.0 %).\n"
    )


def test_two_runs_make_one_cell(capsys):
    labels = np.zeros(10, int)
    ax = el.plot_agreement(compare({"a": (labels, rows([0] * 10)), "b": (labels, rows([0] * 4 + [1] * 6))}))
    assert texts(ax) == ["40 %"]
    assert capsys.readouterr().out == "a and b give the same answer to 40.0 % of the pictures.\n"


# ---------------------------------------------------------------------------------- coverage


@pytest.fixture
def report():
    """100 pictures: 40 answered at 0.95, all right; 40 at 0.65, half right; 20 at 0.35, all wrong."""
    labels = np.zeros(100, int)
    predictions = [0] * 60 + [1] * 40
    return score(labels, rows(predictions, np.repeat([0.95, 0.65, 0.35], [40, 40, 20])), "mine")


def test_the_coverage_curve_passes_through_the_counted_points(report, capsys):
    ax = el.plot_coverage(report, threshold=0.62)
    assert_described(ax)
    assert "mine" in ax.get_title()
    curve = np.column_stack(ax.lines[0].get_data())
    assert {tuple(point) for point in curve.round(3)} == {(1.0, 0.6), (0.8, 0.75), (0.4, 1.0)}
    assert texts(ax) == ["0.5", "0.6", "0.7", "0.8", "0.9", "chosen: 0.62"]
    assert capsys.readouterr().out == (
        "Answering every picture the model is right on 60.0 %; at a threshold of 0.62 it answers 80.0 % and is right "
        "on 75.0 % of those.\n"
    )


def test_thresholds_that_nobody_passes_are_not_labelled(capsys):
    labels = np.zeros(50, int)
    ax = el.plot_coverage(score(labels, rows(labels, 0.55)), threshold=0.8)
    assert texts(ax) == ["0.5"]
    assert capsys.readouterr().out.endswith("at a threshold of 0.80 it answers 0.0 %.\n")


def test_say_false_prints_nothing(recorded, report, capsys):
    el.plot_tradeoff(recorded, say=False)
    el.plot_agreement(recorded, say=False)
    el.plot_coverage(report, say=False)
    assert not capsys.readouterr().out
