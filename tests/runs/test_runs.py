"""Run folders: what is missing, damaged or misfit is said in one sentence."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import RunError
from emotionlab.runs import REFERENCE_RUNS, Run, write_arrays, write_json


def test_a_run_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(RunError, match=r"no run called 'nothing'; there are: .*scratch_cnn"):
        el.load_run("nothing")


def test_a_folder_can_be_loaded_by_its_path(tmp_path):
    write_json(tmp_path / "far" / "recipe.json", el.Recipe().as_dict())
    assert el.load_run(tmp_path / "far").recipe == el.Recipe()


def test_an_unfinished_run_says_so(tmp_path):
    write_json(tmp_path / "recipe.json", el.Recipe().as_dict())
    with pytest.raises(RunError, match="did not finish"):
        el.load_run(tmp_path).history  # noqa: B018


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "history.json").write_text("{not json", encoding="utf-8")
    (tmp_path / "predictions.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(RunError, match=r"history\.json"):
        Run(tmp_path).history  # noqa: B018
    with pytest.raises(RunError, match=r"predictions\.npz"):
        Run(tmp_path).labels("test")


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "predictions.npz", test_labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(RunError, match=r"predictions\.npz"):
        Run(tmp_path).labels("test")


def test_weights_that_do_not_fit_are_refused(tmp_path):
    write_arrays(tmp_path / "weights.npz", {"0000": np.zeros(3)})
    with pytest.raises(RunError, match="fits the weights"):
        Run(tmp_path).load_weights(el.models.small_cnn())


def test_a_run_without_weights_says_how_to_train_it():
    bare = next(f for f in REFERENCE_RUNS.iterdir() if not (f / "weights.npz").exists())
    with pytest.raises(RunError, match="emotionlab train"):
        Run(bare).model()


def test_nothing_half_written_is_left_when_the_disk_refuses(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emotionlab.base.files.np.savez_compressed", full)
    with pytest.raises(RunError, match="No space left"):
        write_arrays(tmp_path / "weights.npz", {"a": np.zeros(2)})
    assert list(tmp_path.iterdir()) == []
