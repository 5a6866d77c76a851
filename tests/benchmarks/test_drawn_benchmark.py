"""How fast faces are drawn (the goal is 1,000 a second on one core): measured, not asserted.

uv run pytest tests/benchmarks/test_drawn_benchmark.py -n 0 --benchmark-only
"""

from run_once import Once

from emotionlab.data.drawn import draw_face, draw_faces


def test_draw_a_thousand_faces(benchmark):
    faces = benchmark.pedantic(draw_faces, args=(1000,), rounds=3, warmup_rounds=1)
    assert len(faces) == 1000


def test_draw_one_face_as_a_slider_does(benchmark):
    assert benchmark(draw_face, {6: 0.8, 12: 1.0}).shape == (48, 48)


def test_it_runs():
    test_draw_one_face_as_a_slider_does(Once())
