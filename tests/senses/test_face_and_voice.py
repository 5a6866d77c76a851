"""Face and voice of the same clips: what was measured on RAVDESS, and how it is read."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.senses import ravdess_run
from emotionlab.senses.recorded import FOLDER, WAYS, RavdessRun


@pytest.fixture(scope="module")
def run() -> RavdessRun:
    return ravdess_run()


def test_every_clip_has_the_probabilities_of_both_senses(run):
    assert len(run.labels) == 1440
    assert len(set(run.actors.tolist())) == 24
    for part in (run.test, run.validation):
        for sense in ("face", "voice"):
            np.testing.assert_allclose(part[sense].sum(axis=1), 1, atol=5e-3)


def test_calm_counts_as_neutral(run):
    counts = dict(zip(el.EMOTIONS, np.bincount(run.labels, minlength=7).tolist(), strict=True))
    assert counts == {**dict.fromkeys(el.EMOTIONS, 192), "neutral": 288}


def test_an_actor_is_in_one_fold_only(run):
    assert all(len(set(run.folds[run.actors == actor].tolist())) == 1 for actor in set(run.actors.tolist()))


def test_face_and_voice_together_beat_the_better_of_them_by_five_points(run):
    gains = {way: run.gain(way) for way in ("mean", "product", "stacked")}
    best, (low, _) = max(gains.values())
    assert best >= 0.05
    assert low > 0


def test_the_figures_have_a_row_for_each_way_and_intervals_around_them(run):
    figures = run.figures()
    assert tuple(figures.index) == WAYS
    assert ((figures.low < figures.accuracy) & (figures.accuracy < figures.high)).all()
    assert figures.accuracy["face"] == pytest.approx(run.right("face").mean())


def test_a_stack_is_fitted_on_validation_rows_alone(run):
    rng = np.random.default_rng(0)
    spoiled = {sense: rng.dirichlet(np.ones(7), len(run.labels)) for sense in run.test}
    other = RavdessRun(run.labels, run.folds, run.actors, run.test, spoiled, run.provenance)
    assert other.right("stacked").mean() < run.right("stacked").mean() - 0.2
    with pytest.raises(EmotionLabError, match="'median'"):
        run.probabilities("median")


def test_the_terms_of_ravdess_lie_beside_its_numbers_and_no_sound_is_there():
    notice = (FOLDER / "NOTICE.md").read_text(encoding="utf-8")
    assert "Attribution-NonCommercial-ShareAlike 4.0" in notice
    assert "Livingstone" in notice
    assert {path.name for path in FOLDER.iterdir()} == {"NOTICE.md", "probabilities.npz", "provenance.json"}


def test_the_record_says_how_it_was_made(run):
    assert run.provenance.keys() >= {"command", "commit", "seed", "versions", "hardware", "face", "voice", "calm"}
