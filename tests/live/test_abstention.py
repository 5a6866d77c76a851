"""The slider for the threshold below which a network stays silent."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.emotions import one_hot
from emotionlab.live import abstention
from emotionlab.metrics.scoring import score

FEAR, HAPPY = 2, 3


@pytest.fixture
def report():
    """Fear: 0.9 right, 0.6 wrong, 0.4 wrong. Happy: 0.8 right, 0.7 right."""
    confidence = np.array([0.905, 0.605, 0.405, 0.805, 0.705])[:, None]
    others = (1 - confidence) / 6
    predicted = one_hot(np.array([FEAR, HAPPY, HAPPY, HAPPY, HAPPY]))
    return score(np.array([FEAR, FEAR, FEAR, HAPPY, HAPPY]), predicted * (confidence - others) + others, "mine")


def test_the_slider_says_what_a_threshold_does(report):
    panel = el.abstention(report)
    slider, shown = panel.children
    assert "Threshold 0.50: the model answers 4 of 5 pictures (80.0 %) and is right on 75.0 % of them." in shown.value
    slider.value = 0.75
    assert "answers 2 of 5 pictures (40.0 %) and is right on 100.0 %" in shown.value
    assert "silent on 3, 33.3 % of which it would have got right" in shown.value
    assert 'role="status"' in shown.value
    assert slider.description.startswith("Threshold")


def test_the_ends_of_the_slider_are_words_too(report):
    assert abstention.about_threshold(report, 0).endswith("It is silent on none.")
    assert "answers 0 of 5 pictures. It is silent on 5, 60.0 %" in abstention.about_threshold(report, 1)


def test_the_emotions_that_fall_silent_are_counted_by_hand(report):
    table = abstention.by_emotion(report, 0.7)
    assert table.loc["fear"].tolist() == [3, pytest.approx(1 / 3), 1]
    assert table.loc["happy"].tolist() == [2, 1, 1]
    assert table.pictures["sad"] == 0
    assert np.isnan(table.coverage["sad"])
    assert np.isnan(abstention.by_emotion(report, 0.85).accuracy["happy"])


def test_headless_it_prints_the_same(report, monkeypatch, capsys):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    assert el.abstention(report, threshold=0.75) is None
    printed = capsys.readouterr().out
    assert "answers 2 of 5 pictures (40.0 %)" in printed
    assert "happy" in printed
    assert "–" in printed, "an emotion without an answer has no accuracy"


def test_without_widgets_it_prints_the_same(report, monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    assert el.abstention(report, threshold=0.75) is None
    printed = capsys.readouterr().out
    assert "Without ipywidgets" in printed
    assert "answers 2 of 5 pictures" in printed
