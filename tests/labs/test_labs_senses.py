"""The makers of what the package ships: texts, recordings and votes are packed as they are read."""

import io
import json
import zipfile

import numpy as np
import pytest
import soundfile

from emotionlab.base.errors import EmotionLabError
from emotionlab.labs.__main__ import main
from emotionlab.senses import people
from emotionlab.sound import dataset as voices
from emotionlab.sound import packed
from emotionlab.text import dataset as texts


def test_goemotions_is_packed_without_ids_and_with_writers_masked(tmp_path, monkeypatch):
    (tmp_path / "labels.txt").write_text("anger\ndisgust\nfear\njoy\nneutral\nsadness\nsurprise")
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.tsv").write_text(f"Ask u/somebody \t3,6\teabc12{name[0]}\nFine\t4\tezzzzzz\n")
    monkeypatch.setattr(texts, "PACKED", tmp_path / "packed.xz")
    monkeypatch.setattr(texts.pack, "__defaults__", (tmp_path / "packed.xz",))
    assert main(["pack_texts", str(tmp_path)]) == 0
    monkeypatch.setattr(texts, "_shipped", texts._shipped.__wrapped__)
    shipped = texts.load_texts()
    assert shipped.train.texts == ("Ask u/name", "Fine")
    assert np.flatnonzero(shipped.train.labels[0]).tolist() == [3, 5]
    assert main(["pack_texts", str(tmp_path / "none")]) == 2


def test_recordings_of_emodb_are_packed(tmp_path, monkeypatch):
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.ones(1600), 16_000, format="OGG")
    with zipfile.ZipFile(tmp_path / "emodb.zip", "w") as archive:
        archive.writestr("03a01Wa.ogg", file.getvalue())
        archive.writestr("03a01Fa.ogg", file.getvalue())
    monkeypatch.setattr(voices, "EMODB", tmp_path / "packed.npz")
    assert main(["pack_emodb", str(tmp_path / "emodb.zip")]) == 0
    assert packed.read(tmp_path / "packed.npz")[0] == ["03a01Fa", "03a01Wa"]


def test_votes_of_cremad_are_packed_with_the_split_of_their_actors(tmp_path, monkeypatch):
    rows = [f"1001_IEO_HAP_LO,{sense},0,0,1,{k},0,0" for k, sense in enumerate(("voice", "face", "audiovisual"))]
    head = "file,modality,anger,disgust,fear,happy,neutral,sad"
    (tmp_path / "votes.csv").write_text("\n".join([head, *rows]))
    (tmp_path / "splits.json").write_text(json.dumps({"train": [], "dev": [1001], "test": []}))
    monkeypatch.setattr(people, "PACKED", tmp_path / "packed.npz")
    arguments = ["pack_cremad", str(tmp_path / "votes.csv"), str(tmp_path / "splits.json")]
    assert main(arguments) == 0
    with np.load(tmp_path / "packed.npz") as arrays:
        assert arrays["counts"][0, :, 3].tolist() == [0, 1, 2]
        assert arrays["splits"].tolist() == [1]
    for wrong in ("\n".join([head, *rows[:2]]), "a\nb", head + "\n" + "a" * 200_000):
        (tmp_path / "votes.csv").write_text(wrong)
        assert main(arguments) == 2
    (tmp_path / "votes.csv").unlink()
    assert main(arguments) == 2


def test_the_face_needs_the_action_units_of_every_clip(tmp_path):
    from emotionlab.labs.senses import _features

    (tmp_path / "units.csv").write_text("AU01_r;AU02_r;name\n0.5;1;01-01-03-01-01-01-01\n")
    name = "03-01-03-01-01-01-01"
    np.testing.assert_array_equal(_features(tmp_path / "units.csv", [name]), [[0.5, 1.0]])
    with pytest.raises(EmotionLabError, match="every clip"):
        _features(tmp_path / "units.csv", [name, "03-01-03-01-01-01-02"])
    (tmp_path / "units.csv").write_text("AU01_r;name\n" + "0" * 200_000)
    with pytest.raises(EmotionLabError, match="every clip"):
        _features(tmp_path / "units.csv", [name])


def test_the_threshold_of_voices_is_the_smallest_from_which_four_answers_in_five_are_right():
    from emotionlab.labs.voices import _threshold

    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    assert _threshold(probabilities, np.array([0, 0, 0, 0, 1])) == 0.5
    assert _threshold(probabilities, np.array([0, 0, 0, 1, 1])) == 0.7
    assert _threshold(probabilities, np.array([1, 1, 1, 1, 1])) == 1.0
