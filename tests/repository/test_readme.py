"""The results in README.md are those of the recorded runs."""

import re
from pathlib import Path

import numpy as np
import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.runs import Run, reference, write_arrays, write_json
from emotionlab.teaching import readme

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Two made-up runs: `good` is right on 9 of 10 pictures, `poor` on 6 of 10; mirrored too, one more each."""

    def predictions(right: int) -> np.ndarray:
        return np.eye(7)[[0] * right + [1] * (10 - right)]

    for name, right in (("good", 9), ("poor", 6)):
        folder = tmp_path / "recorded" / name
        folder.mkdir(parents=True)
        labels = {f"{split}_labels": np.zeros(10, "uint8") for split in ("validation", "test")}
        none = {f"{split}_none": predictions(right) for split in ("validation", "test")}
        write_arrays(folder / "predictions.npz", {**labels, **none, "test_flip": predictions(right + 1)})
        made = {"network": "small_cnn", "initialisation": "random", "parameters": 12345, "minutes": 7.4}
        made |= {"hardware": "a computer, 2 cores", "command": "emotionlab train a | b"}
        write_json(folder / "provenance.json", made)
        write_json(folder / "recipe.json", {"epochs": 4})
    monkeypatch.setattr("emotionlab.labs.leaks.leaked_pictures", lambda split, labels: np.arange(len(labels)) < 5)
    monkeypatch.setattr(reference, "names", lambda: ["good", "poor"])
    monkeypatch.setattr(reference, "load", lambda name: Run(tmp_path / "recorded" / name))


def without_age(text: str) -> str:
    """README without what says that a notebook has changed since it was timed: nobody who edits one must write this."""
    return re.sub(r" \(old\)(: the code has changed since[.;])?", "", text)


def test_the_table_in_the_readme_is_the_one_that_the_recorded_runs_yield():
    text = README.read_text(encoding="utf-8")
    assert without_age(readme.with_tables(text)) == without_age(text), "run: python -m emotionlab.teaching.readme"
    for name in reference.names():
        assert f"\n| {name} |" in text


def test_the_table_says_what_was_recorded(recorded):
    head, rule, first, last = readme.table().splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")] == list(readme.COLUMNS)
    assert rule.count("---") == len(readme.COLUMNS)
    assert first.startswith("| poor | small_cnn | random | 12,345 | 60.0 % | 60.0 % (31.3 to 83.2) | 70.0 %")
    assert last.startswith("| good | small_cnn | random | 12,345 | 90.0 % | 90.0 % (59.6 to 98.2) | 100.0 %")
    assert "| 40.0 % |" in first, "the five that are not leaked, of which two are right"
    assert "| 7 min, a computer, 2 cores | `emotionlab train a \\| b` |" in last


MARKS = [mark for name in readme.TABLES for mark in readme.marks(name)]


def test_only_what_lies_between_the_marks_changes(recorded):
    first, second, *others = MARKS
    text = f"before\n{first}\nwhat stood here\n{second}\nafter\n{''.join(others)}\nend\n"
    new = readme.with_tables(text)
    assert new.startswith(f"before\n{first}\n")
    assert f"{second}\nafter\n" in new
    assert new.endswith("\nend\n")
    assert "what stood here" not in new
    assert readme.with_tables(new) == new


@pytest.mark.parametrize("missing", MARKS)
def test_a_readme_without_the_marks_is_refused(recorded, missing):
    with pytest.raises(EmotionLabError, match="marks"):
        readme.with_tables("".join(mark for mark in MARKS if mark != missing))


def test_a_pair_shows_what_imagenet_was_worth(recorded, tmp_path, monkeypatch):
    starts = {"poor": "random", "good": "imagenet"}

    def learned_for(epochs: dict):
        for name, start in starts.items():
            folder = tmp_path / "recorded" / name
            made = Run(folder).provenance | {"network": "net", "input_size": 48, "initialisation": start}
            write_json(folder / "provenance.json", made)
            write_json(folder / "recipe.json", {"epochs": epochs[name]})
        return readme.pairs_table().splitlines()[2:]

    monkeypatch.setattr(reference, "names", lambda: list(starts))
    assert learned_for({"poor": 4, "good": 8}) == [], "who learns for twice as long is no twin"
    [row] = learned_for({"poor": 4, "good": 4})
    assert row.startswith("| net | 48 | 4 | 70.0 % | 100.0 % | +30.0 (+")


def test_the_search_is_shown_with_the_start_first():
    head, _, start, *others = readme.search_table().splitlines()
    assert head.startswith("| Change | PublicTest | Gain")
    assert start.startswith("| start | ")
    assert "| +0.0 (+0.0 to +0.0) |" in start
    shares = [float(line.split("|")[2].split("%")[0]) for line in others]
    assert shares == sorted(shares, reverse=True)


def test_main_rewrites_the_file(recorded, tmp_path):
    path = tmp_path / "README.md"
    path.write_text("".join(MARKS), encoding="utf-8")
    readme.main(path)
    assert "| good |" in path.read_text(encoding="utf-8")
