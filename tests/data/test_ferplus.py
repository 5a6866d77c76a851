"""The FER+ votes: read from both forms, matched to their pictures, and counted with their denominators."""

import argparse
import json

import numpy as np
import pytest
from face_files import PREFIX, csv_text, picture_files, table, write_zip

import emotionlab as el
from emotionlab.base.errors import DataError
from emotionlab.data import draw_faces, ferplus, read_faces
from emotionlab.plots.votes import plot_votes

ORDER = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
"""The order of the ten answers in Microsoft's file, which is not the order of FER-2013's labels."""


def ballots(label: int, seed: int) -> dict[str, int]:
    """Ten votes that depend on the picture: seven for its own label, one each for three others."""
    counts = dict.fromkeys(ORDER, 0)
    counts[ferplus.ANSWERS[label]] = 7
    for step in range(3):
        counts[ORDER[(seed + step) % 10]] += 1
    return counts


def original_form() -> str:
    """Votes as in fer2013new.csv, in the row order of `csv_text`; one picture has no name, as there."""
    lines = ["Usage,Image name," + ",".join(ORDER)]
    for i, (split, label, seed) in enumerate(table()):
        name = "" if i == 2 else f"fer{i - (i > 2):07d}.png"  # the numbers drift, as in the real file
        lines.append(",".join([PREFIX[split], name, *map(str, ballots(label, seed).values())]))
    return "\n".join(lines) + "\n"


def file_form() -> str:
    """Votes with the path of each picture in the Kaggle archive, in another order."""
    lines = ["file," + ",".join(ORDER)]
    for split, label, seed in reversed(table()):
        folder = "train" if split == "train" else "test"
        name = f"{folder}/{el.EMOTIONS[label]}/{PREFIX[split]}_{seed}.jpg"
        lines.append(",".join([name, *map(str, ballots(label, seed).values())]))
    return "\n".join(lines) + "\n"


@pytest.fixture
def votes_file(tmp_path):
    def write(text):
        path = tmp_path / "votes.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def expected(faces_table, split):
    rows = [(label, seed) for name, label, seed in faces_table if name == split]
    return np.array([[ballots(label, seed)[answer] for answer in ferplus.ANSWERS] for label, seed in rows])


def test_votes_in_row_order_reach_the_pictures_of_fer2013_csv(votes_file, tmp_path):
    (tmp_path / "fer2013.csv").write_text(csv_text(), encoding="utf-8")
    votes = ferplus.votes_for(ferplus.read_votes(votes_file(original_form())), read_faces(tmp_path / "fer2013.csv"))
    for split, found in votes.items():
        np.testing.assert_array_equal(found, expected(table(), split))


@pytest.mark.parametrize("wrap", ["", "fer2013"])
def test_votes_with_files_reach_the_pictures_of_an_archive(votes_file, tmp_path, wrap):
    faces = read_faces(write_zip(tmp_path / "archive.zip", picture_files(), wrap))
    votes = ferplus.votes_for(ferplus.read_votes(votes_file(file_form())), faces)
    seeds = {f"{PREFIX[s]}_{seed}.jpg": (label, seed) for s, label, seed in table()}
    for name, split in faces.splits().items():
        assert votes[name].shape == (len(split), 10)
        for row, file in zip(votes[name], split.files, strict=True):
            label, seed = seeds[file.split("/")[-1]]
            assert row.tolist() == [ballots(label, seed)[answer] for answer in ferplus.ANSWERS]


def test_votes_in_row_order_and_an_archive_do_not_go_together(votes_file, tmp_path):
    faces = read_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    with pytest.raises(DataError, match=r"row order.*import fer2013\.csv"):
        ferplus.votes_for(ferplus.read_votes(votes_file(original_form())), faces)


def test_a_picture_without_votes_is_named(votes_file, tmp_path):
    faces = read_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    fewer = "\n".join(file_form().splitlines()[:-1])
    with pytest.raises(DataError, match=r"none for .*_0\.jpg|none for"):
        ferplus.votes_for(ferplus.read_votes(votes_file(fewer)), faces)


GOOD = file_form().splitlines()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found none in"),
        ("a,b,c\n1,2,3\n", "Expected the columns file or Usage"),
        ("emotion,pixels,Usage\n0,1 2,Training\n", "found pictures"),
        ("\n".join(line.split(",", 1)[1] for line in GOOD), "Expected the columns file or Usage"),
        (GOOD[0] + "\n", "found none"),
        (GOOD[0] + "\n" + GOOD[1] + ",3", "Expected 11 fields in each row, found 12 in line 2"),
        (GOOD[0] + "\ntrain/a/b.jpg,0,0,x,0,0,0,0,0,0,0", "whole number of votes for surprise, found 'x' in line 2"),
        (GOOD[0] + "\ntrain/a/b.jpg,0,0,-1,0,0,0,0,0,0,0", "found '-1'"),
        (GOOD[0] + "\ntrain/a/b.jpg,0,0,1.5,0,0,0,0,0,0,0", "found '1.5'"),
        (GOOD[0] + "\ntrain/a/b.jpg,0,0,0,0,0,0,0,0,0,0", "1 to 10 votes in each row, found 0"),
        (GOOD[0] + "\ntrain/a/b.jpg,6,5,0,0,0,0,0,0,0,0", "1 to 10 votes in each row, found 11"),
        ("\n".join([*GOOD, GOOD[1]]), "found some twice"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(votes_file, text, words):
    with pytest.raises(DataError) as problem:
        ferplus.read_votes(votes_file(text))
    assert words in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="nothing there"):
        ferplus.read_votes(tmp_path / "no.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(DataError, match="unreadable"):
        ferplus.read_votes(tmp_path / "picture.csv")
    with pytest.raises(DataError, match="unreadable"):
        ferplus.read_votes(tmp_path)


def row(**counts):
    return [counts.get(answer, 0) for answer in ferplus.ANSWERS]


def test_ties_are_counted_in_three_ways_and_every_share_has_its_denominator():
    votes = np.array(
        [
            row(anger=10),  # all agree with the label
            row(anger=5, sadness=5),  # a tie in which the label takes part: no majority
            row(fear=6, anger=4),  # a majority for another answer
            row(neutral=10),  # nobody chose the label
        ]
    )
    found = ferplus.measure(votes, np.zeros(4, int))
    assert found["pictures"] == 4
    assert found["never_chosen"] == {"pictures": 1, "share": 0.25}
    assert found["random_tagger"] == pytest.approx((1 + 0.5 + 0.4 + 0) / 4)
    assert found["plurality"] == {"ties_kept": 0.5, "ties_lost": 0.25, "ties_shared": 0.375}
    assert found["single_winner"] == {"pictures": 3, "share": pytest.approx(1 / 3)}
    assert found["majority"] == {"pictures": 3, "share": pytest.approx(1 / 3)}
    # two of ten taggers agree: surely; 2 * 5 * 4 of 90 ordered pairs; (6 * 5 + 4 * 3) of 90; surely
    assert found["two_taggers"] == pytest.approx((1 + 40 / 90 + 42 / 90 + 1) / 4)


def test_no_pictures_give_no_division_by_zero():
    found = ferplus.measure(np.zeros((0, 10), int), np.zeros(0, int))
    assert found["pictures"] == 0
    assert found["majority"] == {"pictures": 0, "share": 0.0}


def test_the_matrix_is_a_mean_of_shares():
    votes = np.array([row(anger=10)] * 7 + [row(anger=1, fear=8)])  # one picture with nine votes, as in FER+
    matrix = ferplus.vote_matrix(votes, np.array([0, 1, 2, 3, 4, 5, 6, 6]))
    assert matrix.shape == (7, 10)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    assert matrix[6, 0] == pytest.approx((1 + 1 / 9) / 2)
    assert matrix[6, 2] == pytest.approx((8 / 9) / 2)


def test_recording_writes_figures_and_votes_and_reads_them_back(votes_file, tmp_path):
    faces = read_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    votes = ferplus.read_votes(votes_file(file_form()))
    path = ferplus.record(faces, votes, tmp_path / "new" / "ferplus_matrix.json")
    assert ferplus.recorded(path).shape == (7, 10)
    known = ferplus.recorded_figures(path)
    assert known["measures"]["all"]["pictures"] == len(faces)
    assert known["provenance"]["command"] == "emotionlab data ferplus VOTES --record"
    assert len(known["provenance"]["votes_sha256"]) == 64
    kept = ferplus.recorded_votes("test", path.with_name("ferplus_votes.npz"))
    np.testing.assert_array_equal(kept, ferplus.votes_for(votes, faces)["test"])


# ---- What comes with the package ---------------------------------------------------------------


def test_the_recorded_figures_are_those_that_the_lessons_quote():
    measures = ferplus.recorded_figures()["measures"]
    everything, faces = measures["all"], measures["faces"]
    assert everything["pictures"] == 35_887
    assert 0.61 <= everything["plurality"]["ties_lost"] < everything["plurality"]["ties_kept"] <= 0.65
    assert everything["never_chosen"]["share"] == pytest.approx(0.163, abs=5e-4)
    assert faces["never_chosen"]["share"] == pytest.approx(0.159, abs=5e-4)
    assert faces["random_tagger"] == pytest.approx(0.558, abs=5e-4)
    assert faces["majority"]["share"] == pytest.approx(0.715, abs=5e-4)
    kept = [round(faces["classes"][e]["single_winner"]["share"], 2) for e in el.EMOTIONS]
    assert dict(zip(el.EMOTIONS, kept, strict=True)) == {
        "angry": 0.5, "disgust": 0.34, "fear": 0.14, "happy": 0.93, "sad": 0.43, "surprise": 0.82, "neutral": 0.87
    }  # fmt: skip
    assert sum(measures[split]["pictures"] for split in ("train", "validation", "test")) == 35_887


def test_the_recorded_matrix_has_a_row_for_each_label_and_adds_up():
    matrix = ferplus.recorded()
    assert list(matrix.index) == list(el.EMOTIONS)
    assert list(matrix.columns) == list(ferplus.ANSWERS)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_recorded_votes_are_those_of_the_recorded_runs(split):
    votes, labels = ferplus.recorded_votes(split), el.reference.load("scratch_cnn").labels(split)
    known = ferplus.recorded_figures()["measures"][split]
    again = ferplus.measure(votes, labels)
    assert again == {key: value for key, value in known.items() if key != "classes"}


def test_votes_of_another_split_are_refused():
    with pytest.raises(DataError, match="validation, test, found 'all'"):
        ferplus.recorded_votes("all")


def test_the_votes_for_training_are_for_those_pictures_alone():
    votes = ferplus.recorded_votes("train")
    assert votes.shape == (28709, 10)
    assert votes.sum(axis=1).max() == 10
    drawn = el.load_faces("drawn", size=100).train
    with pytest.raises(DataError, match="28,709 training pictures of FER-2013 as in the Kaggle archive"):
        ferplus.training_votes(drawn)


def test_the_record_carries_its_source_and_licence():
    provenance = ferplus.recorded_figures()["provenance"]
    assert "Barsoum" in provenance["source"]
    assert "MIT" in provenance["licence"]
    assert "Permission is hereby granted" in ferplus.RECORD.with_name("ferplus_license.txt").read_text(encoding="utf-8")


def test_the_record_can_be_made_again_from_the_real_pictures(real_fer2013):
    """The recorded checksum is that of the real archive, so the votes stand in its order."""
    assert ferplus.recorded_figures()["provenance"]["checksum"] == real_fer2013.checksum


# ---- The command and the figure ------------------------------------------------------------------


def test_the_command_prints_every_share_with_its_denominator(votes_file, tmp_path, capsys):
    archive = write_zip(tmp_path / "archive.zip", picture_files())
    parser = argparse.ArgumentParser()
    ferplus.add_ferplus(parser.add_subparsers())
    chosen = parser.parse_args(["ferplus", str(votes_file(file_form())), "--data", str(archive)])
    chosen.command(chosen)
    printed = capsys.readouterr().out
    assert "Of 49 pictures:" in printed
    assert "none of the ten taggers" in printed
    assert "of the 49 with a majority" in printed


def test_drawn_faces_have_no_votes(votes_file, monkeypatch):
    monkeypatch.setattr("emotionlab.data.drawn.draw_faces", lambda size, **more: draw_faces(100, **more))
    parser = argparse.ArgumentParser()
    ferplus.add_ferplus(parser.add_subparsers())
    chosen = parser.parse_args(["ferplus", str(votes_file(file_form())), "--data", "drawn"])
    with pytest.raises(DataError, match="real FER-2013"):
        chosen.command(chosen)


def test_the_figure_says_its_numbers_in_cells_and_words(capsys):
    ax = plot_votes()
    assert ax.get_title()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Answer of the FER+ taggers", "FER-2013 label")
    shown = [text.get_text() for text in ax.texts]
    assert shown == [f"{100 * share:.0f}" for share in ferplus.recorded().to_numpy().ravel()]
    assert "least with fear" in capsys.readouterr().out


def test_the_figures_file_is_plain_json():
    text = ferplus.RECORD.read_text(encoding="utf-8")
    assert json.loads(text)["rows"] == list(el.EMOTIONS)
    assert len(text) < 60_000
