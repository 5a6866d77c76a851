"""The figures: each has a title and axis names, numbers beside its colours, and a true sentence."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, RunError
from emotionlab.data.dataset import Faces, Split
from emotionlab.evaluation import score
from emotionlab.plots import live

ANGRY, DISGUST, FEAR, HAPPY, SAD = range(5)


@pytest.fixture(autouse=True)
def no_window():
    """Draw without a screen, and close what was drawn."""
    import matplotlib.pyplot as plt

    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def split_of(labels):
    labels = np.asarray(labels, "int64")
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 48, 48), dtype="uint8")
    return Split(images, labels, np.array([f"{i}.png" for i in range(len(labels))]))


def report_of(labels, predictions, confidence=0.7, name="mine"):
    rows = np.full((len(labels), 7), (1 - confidence) / 6)
    rows[np.arange(len(labels)), predictions] = confidence
    return score(np.asarray(labels), rows, name)


@pytest.fixture
def report():
    """Ten pictures of fear, of which four are taken for sad; twenty of happy, all right."""
    return report_of([FEAR] * 10 + [HAPPY] * 20, [SAD] * 4 + [FEAR] * 6 + [HAPPY] * 20)


HISTORY = {
    "epoch": [1, 2, 3],
    "loss": [1.8, 1.4, 0.9],
    "accuracy": [0.3, 0.5, 0.8],
    "val_loss": [1.7, 1.3, 1.5],
    "val_accuracy": [0.35, 0.55, 0.5],
}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def assert_described(ax):
    assert ax.get_title() or ax.figure.get_suptitle()
    assert ax.get_xlabel()
    assert ax.get_ylabel()


# ---------------------------------------------------------------------------------- confusion


def test_the_confusion_matrix_carries_counts_and_shares_in_its_cells(report, capsys):
    ax = el.plot_confusion(report)
    assert_described(ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Predicted emotion", "True emotion")
    cells = np.reshape(texts(ax), (7, 7))
    assert cells[FEAR, SAD] == "4\n40 %"
    assert cells[HAPPY, SAD] == "0\n0 %"
    assert cells[SAD, FEAR] == "0\n–", "no picture is sad, so there is no share of them"
    assert cells[HAPPY, HAPPY] == "20\n100 %"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(EMOTIONS)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(EMOTIONS)
    assert capsys.readouterr().out == (
        "Confusion matrix of 30 pictures: 86.7 % on the diagonal; most frequent mistake: fear taken for sad "
        "(40 % of fear); never predicted: angry, disgust, surprise, neutral.\n"
    )


def test_the_shade_follows_the_share_or_the_count(report):
    shares = el.plot_confusion(report, say=False).collections[0].get_array()
    counts = el.plot_confusion(report, normalise=False, say=False).collections[0].get_array()
    assert np.asarray(shares).reshape(7, 7)[FEAR, SAD] == pytest.approx(0.4)
    assert np.asarray(counts).reshape(7, 7)[FEAR, SAD] == 4


def test_a_matrix_without_mistakes_says_so(capsys):
    el.plot_confusion(report_of([HAPPY], [HAPPY]))
    assert capsys.readouterr().out == "Confusion matrix of 1 picture: 100.0 % on the diagonal; no mistakes.\n"


def test_two_matrices_go_side_by_side(report):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2)
    assert el.plot_confusion(report, ax=axes[1], say=False) is axes[1]


# ---------------------------------------------------------------------------------- pictures


def test_each_picture_carries_its_label(capsys):
    axes = el.plot_faces(split_of([HAPPY, SAD, HAPPY]))
    assert [ax.get_xlabel() for ax in axes] == ["happy", "sad", "happy"]
    assert axes[0].figure.get_suptitle() == "3 pictures"
    assert capsys.readouterr().out == "3 pictures: 2 happy, 1 sad.\n"


def test_a_wrong_prediction_is_told_by_a_sign_and_a_word(capsys):
    split = split_of([HAPPY, SAD])
    axes = el.plot_faces(split.images, split.labels, predicted=[HAPPY, FEAR])
    assert [ax.get_xlabel() for ax in axes] == ["✓ happy", "✗ fear\n(true: sad)"]
    assert capsys.readouterr().out == "2 pictures: 1 happy, 1 sad; 1 of 2 predicted right.\n"


def test_pictures_may_have_a_channel_axis_any_words_or_no_labels():
    images = split_of([0] * 11).images
    assert len(el.plot_faces(images[..., None], say=False)) == 11
    assert el.plot_faces(images[:1], ["a smile"], say=False)[0].get_xlabel() == "a smile"
    assert el.plot_faces(images[:1], predicted=[HAPPY], say=False)[0].get_xlabel() == "happy"


def test_a_picture_is_drawn_with_its_own_greys():
    image = el.plot_faces(np.full((1, 48, 48), 100, "uint8"), say=False)[0].get_images()[0]
    assert image.get_clim() == (0, 255)


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (np.zeros((48, 48)), None, r"images\[:1\]"),
        (np.zeros((0, 48, 48)), None, "N, 48, 48"),
        (np.zeros((2, 48, 48)), [0], "found 1"),
    ],
)
def test_unusable_pictures_are_refused(images, labels, says):
    with pytest.raises(DataError, match=says):
        el.plot_faces(images, labels)


def test_probabilities_stand_as_numbers_at_their_bars(capsys):
    probabilities = [0.05, 0, 0.1, 0.6, 0.05, 0.2, 0]
    picture, bars = el.plot_probabilities(np.zeros((48, 48)), probabilities, label="surprise")
    assert_described(bars)
    assert texts(bars) == ["5.0 %", "0.0 %", "10.0 %", "60.0 %", "5.0 %", "20.0 %", "0.0 %"]
    assert picture.get_xlabel() == "true: surprise"
    assert bars.get_title() == "Predicted: happy"
    assert capsys.readouterr().out == (
        "Most probable: happy (60.0 %), then surprise (20.0 %); the label says surprise.\n"
    )


def test_probabilities_of_several_pictures_are_refused():
    with pytest.raises(DataError, match=r"probabilities\[0\]"):
        el.plot_probabilities(np.zeros((48, 48)), np.ones((2, 7)) / 7)


# ---------------------------------------------------------------------------------- counts


def test_counts_of_a_split_stand_at_their_bars(capsys):
    ax = el.plot_counts(split_of([HAPPY] * 1200 + [SAD] * 3 + [0, 1, 2, 5, 6]))
    assert_described(ax)
    assert texts(ax) == ["1", "1", "1", "1,200", "3", "1", "1"]
    assert "most frequent: happy (1,200), rarest: angry (1), 1200.0 times fewer" in capsys.readouterr().out


def test_balanced_counts_are_called_so(capsys):
    el.plot_counts(split_of(np.repeat(np.arange(7), 3)))
    assert capsys.readouterr().out == "21 pictures, 3 of each emotion.\n"


def test_counts_of_a_data_set_are_drawn_for_each_split(capsys):
    one = split_of([HAPPY, HAPPY, SAD])
    axes = el.plot_counts(Faces(one, one, one, "drawn", "a test"))
    assert [ax.get_title() for ax in axes] == [f"{s}: 3 pictures" for s in ("train", "validation", "test")]
    assert capsys.readouterr().out.count("\n") == 3


def test_counts_of_something_else_are_refused():
    with pytest.raises(DataError, match=r"faces\.train"):
        el.plot_counts(np.zeros(3))


# ---------------------------------------------------------------------------------- training


def test_learning_curves_differ_in_marker_and_dash_and_mark_the_best_epoch(capsys):
    accuracy, loss = el.plot_history(HISTORY)
    for ax in (accuracy, loss):
        assert_described(ax)
        train, validation, best = ax.lines
        assert (train.get_marker(), train.get_linestyle()) == ("o", "-")
        assert (validation.get_marker(), validation.get_linestyle()) == ("s", "--")
        assert best.get_xdata()[0] == 2
        assert [t.get_text() for t in ax.get_legend().texts] == ["train", "validation", "best accuracy (epoch 2)"]
    assert loss.lines[1].get_ydata().tolist() == HISTORY["val_loss"]
    assert capsys.readouterr().out == (
        "After 3 epochs: training accuracy 80.0 %, validation 50.0 % (training is 30.0 points higher); "
        "best validation accuracy 55.0 % in epoch 2.\n"
    )


def test_a_live_curve_is_drawn_again_into_the_same_axes():
    axes = el.plot_history({key: values[:1] for key, values in HISTORY.items()}, say=False)
    again = el.plot_history(HISTORY, axes=axes, say=False)
    assert again[0] is axes[0]
    assert len(axes[0].lines) == 3
    assert len(axes[0].lines[0].get_xdata()) == 3


@pytest.mark.parametrize(("pause", "drawn"), [(0.0, [2, 3, 4]), (60.0, [4])])
def test_short_epochs_are_drawn_together_and_the_last_one_always(monkeypatch, pause, drawn):
    seen = []

    class Shown:
        def update(self, figure):
            seen.append(len(figure.axes[0].lines[0].get_xdata()))

    def display(figure, display_id):
        Shown().update(figure)
        return Shown()

    monkeypatch.setattr(live, "in_notebook", lambda: True)
    monkeypatch.setattr(live, "PAUSE", pause)
    monkeypatch.setattr("IPython.display.display", display)
    curve = live.LiveCurve()
    history = {key: [*values, values[-1]] for key, values in HISTORY.items()}
    for epochs in range(1, 5):
        curve.draw({key: values[:epochs] for key, values in history.items()})
    curve.draw_waiting()
    curve.draw_waiting()  # nothing is left
    assert seen == drawn


def test_a_run_and_a_keras_history_are_taken_too(capsys):
    trained = SimpleNamespace(history={"loss": [1.0], "accuracy": [0.5]}, name="mine")
    axes = el.plot_history(trained)
    assert axes[0].figure.get_suptitle() == "mine"
    assert "no validation" in capsys.readouterr().out


def test_a_validation_of_nan_alone_counts_as_none(capsys):
    nothing = [float("nan")] * 2
    el.plot_history({"loss": [1.0, 0.9], "accuracy": [0.5, 0.6], "val_loss": nothing, "val_accuracy": nothing})
    assert "no validation" in capsys.readouterr().out
    el.plot_history({"loss": [1.0, 0.9], "accuracy": [0.5, 0.6], "val_accuracy": [nothing[0], 0.4]})
    assert "best validation accuracy 40.0 % in epoch 2" in capsys.readouterr().out


def test_an_empty_history_is_refused():
    with pytest.raises(RunError, match="at least one epoch"):
        el.plot_history({"loss": [], "accuracy": []})


# ---------------------------------------------------------------------------------- calibration


def test_the_reliability_diagram_shows_gap_and_confidences(capsys):
    report = report_of([HAPPY] * 10, [HAPPY] * 5 + [SAD] * 5, confidence=0.9)
    above, below = el.plot_calibration(report)
    assert above.get_title()
    assert above.get_ylabel() == "Accuracy"
    assert below.get_xlabel().startswith("Confidence")
    bar, gap = above.patches
    assert bar.get_height() == pytest.approx(0.5)
    assert (gap.get_y(), gap.get_height()) == pytest.approx((0.5, 0.4))
    assert gap.get_hatch()
    assert below.patches[0].get_height() == 10
    assert capsys.readouterr().out == (
        "Mean confidence 90.0 %, accuracy 50.0 %, expected calibration error 0.400: the model is on average "
        "40.0 points overconfident.\n"
    )


def test_underconfidence_is_called_so(capsys):
    el.plot_calibration(report_of([HAPPY] * 10, [HAPPY] * 10, confidence=0.6))
    assert "40.0 points underconfident" in capsys.readouterr().out


# ---------------------------------------------------------------------------------- ablation


def test_an_ablation_shows_each_run_with_its_interval(report, capsys):
    weak = report_of([HAPPY] * 30, [SAD] * 20 + [HAPPY] * 10)
    ax = el.plots.plot_ablation({"weak": weak, "strong": report})
    assert_described(ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["weak", "strong"]
    assert texts(ax) == ["33.3 %", "86.7 %"]
    ends = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    assert ends[0] == pytest.approx(weak.accuracy_interval)
    assert ends[1] == pytest.approx(report.accuracy_interval)
    assert capsys.readouterr().out == (
        "Accuracy in 2 runs: strong has the highest (86.7 %), weak the lowest (33.3 %); "
        "their 95 % intervals do not overlap.\n"
    )


def test_an_ablation_can_show_macro_f1_or_one_emotion(report):
    assert texts(el.plots.plot_ablation({"a": report}, "recall fear", say=False)) == ["60.0 %"]
    assert texts(el.plots.plot_ablation({"a": report}, "macro_f1", say=False)) == [f"{report.macro_f1:.3f}"]


@pytest.mark.parametrize("metric", ["loss", "recall", "recall joy", "disgust"])
def test_an_unknown_metric_is_refused(report, metric):
    with pytest.raises(RunError, match="recall disgust"):
        el.plots.plot_ablation({"a": report}, metric)


def test_an_ablation_of_nothing_is_refused():
    with pytest.raises(RunError, match="at least one"):
        el.plots.plot_ablation({})


# ---------------------------------------------------------------------------------- all of them


def test_say_false_prints_nothing(report, capsys):
    split = split_of([HAPPY, SAD])
    el.plot_faces(split, say=False)
    el.plot_counts(split, say=False)
    el.plot_history(HISTORY, say=False)
    el.plot_confusion(report, say=False)
    el.plot_calibration(report, say=False)
    el.plot_probabilities(split.images[0], report.probabilities[0], say=False)
    el.plots.plot_ablation({"a": report}, say=False)
    assert capsys.readouterr().out == ""


def test_every_figure_can_be_written_to_a_file_without_a_warning(report, tmp_path, recwarn):
    split = split_of([HAPPY, SAD])
    drawn = [
        el.plot_faces(split, predicted=[SAD, SAD], say=False),
        el.plot_counts(split, say=False),
        el.plot_history(HISTORY, say=False),
        el.plot_confusion(report, say=False),
        el.plot_calibration(report, say=False),
        el.plot_probabilities(split.images[0], report.probabilities[0], say=False),
        el.plots.plot_ablation({"a": report}, say=False),
    ]
    for number, axes in enumerate(drawn):
        np.ravel(axes)[0].figure.savefig(tmp_path / f"{number}.png")
    assert len(list(tmp_path.glob("*.png"))) == len(drawn)
    assert not [str(warning.message) for warning in recwarn if issubclass(warning.category, UserWarning)]
