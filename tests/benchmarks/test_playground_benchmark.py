"""How many updates a second the playground makes (the goal is 10 on two cores): measured, not asserted.

uv run pytest tests/benchmarks/test_playground_benchmark.py -n 0 --benchmark-only
"""

from itertools import cycle

import pytest
from run_once import Once

import emotionlab as el
from emotionlab.data.drawn import EMOTION_UNITS
from emotionlab.explain import explainer
from emotionlab.live.playground import Playground, State, update

STATES = [State(units, yaw=yaw) for units in EMOTION_UNITS.values() for yaw in (-10, 0, 10)]


@pytest.fixture(scope="module")
def model():
    return el.reference.load("scratch_cnn").model()


def test_draw_read_and_explain_one_face(benchmark, model):
    explain, states = explainer(model), cycle(STATES)
    result = benchmark(lambda: update(next(states), explain))
    assert result.cam.shape == (48, 48)


def test_one_move_of_a_slider_with_the_whole_panel(benchmark, model):
    play = Playground({"scratch_cnn": lambda: model})
    panel, states = play.panel(), cycle(STATES)
    benchmark(lambda: play.show(next(states)))
    assert "updates a second" in panel.children[-2].value


def test_it_runs(model):
    test_one_move_of_a_slider_with_the_whole_panel(Once(), model)
