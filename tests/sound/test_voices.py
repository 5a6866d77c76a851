"""Voices: what is shipped, RAVDESS in every form, a folder of one's own, and what is refused."""

import io
import itertools
import zipfile

import numpy as np
import pytest
import soundfile
from serving import serving

import emotionlab as el
from emotionlab.base.errors import DataError
from emotionlab.commands.cli import main
from emotionlab.sound import packed, ravdess, speaker_folds
from emotionlab.sound.dataset import EMODB, RAVDESS_EMOTIONS, of_ravdess
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.training import random_folds, rows_of


def recording(kind="ogg", rate=SAMPLE_RATE, seconds=0.2) -> bytes:
    file = io.BytesIO()
    wave = 0.4 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 300 / rate)
    soundfile.write(file, wave, rate, format=kind.upper())
    return file.getvalue()


def ravdess_names(ending):
    """The 1,440 names of RAVDESS: neutral has one strength, the others two."""
    kinds = [(e, s) for e, s in itertools.product(range(1, 9), (1, 2)) if not (e == 1 and s == 2)]
    for actor, (emotion, strength), line, take in itertools.product(range(1, 25), kinds, (1, 2), (1, 2)):
        yield f"Actor_{actor:02}/03-01-{emotion:02}-{strength:02}-{line:02}-{take:02}-{actor:02}.{ending}"


def write_zip(path, names, content):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return path


@pytest.fixture(scope="module")
def voices():
    return el.load_voices()


def test_the_shipped_voices_are_339_recordings_of_ten_actors_in_four_emotions(voices):
    assert len(voices) == 339
    assert voices.counts() == {"angry": 127, "happy": 71, "sad": 62, "neutral": 79}
    assert len(set(voices.speakers.tolist())) == 10
    assert voices.women.sum() == 188
    assert voices.classes == tuple(name for name in el.EMOTIONS if name in voices.classes)


def test_the_shipped_recordings_are_sounds_of_some_seconds(voices):
    few = voices.take(range(0, 339, 40))
    assert all(1 < len(wave) / SAMPLE_RATE < 10 for wave in few.waves)
    assert few.spectrograms.shape == (len(few), 48, 150)


def test_the_notice_of_emodb_lies_beside_it():
    notice = (EMODB.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "CC0 1.0" in notice
    assert "audeering" in notice
    assert "Burkhardt" in notice


def test_folds_keep_a_speaker_together_and_random_ones_do_not(voices):
    folds = speaker_folds(voices)
    for speaker in set(voices.speakers.tolist()):
        assert len(set(folds[voices.speakers == speaker].tolist())) == 1
    assert np.bincount([len(set(voices.speakers[folds == k].tolist())) for k in range(5)])[2] == 5
    assert all(len(set(random_folds(voices)[voices.speakers == s].tolist())) > 1 for s in set(voices.speakers.tolist()))


def test_no_speaker_that_is_measured_or_validated_was_heard_in_training(voices):
    folds = speaker_folds(voices)
    for number in range(5):
        parts = [set(voices.speakers[rows].tolist()) for rows in rows_of(folds, number)]
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]
        assert sum(map(len, parts)) == 10


@pytest.fixture
def same_sounds(monkeypatch):
    """The 1,440 recordings made here are all the same bytes, so what becomes of them is computed once."""
    compact, known = ravdess._compact, {}

    def once(content, name, source):
        if content not in known:
            known[content] = compact(content, name, source)
        return known[content]

    monkeypatch.setattr(ravdess, "_compact", once)


@pytest.mark.usefixtures("same_sounds")
@pytest.mark.parametrize("ending", ["ogg", "wav"])
def test_ravdess_is_imported_from_its_zip_and_kept_as_one_file(tmp_path, ending, capsys):
    rate = SAMPLE_RATE if ending == "ogg" else 48_000
    archive = write_zip(tmp_path / "a.zip", ravdess_names(ending), recording(ending, rate))
    assert main(["data", "import", "ravdess", str(archive)]) == 0
    assert "1,440 recordings" in capsys.readouterr().out
    kept = el.load_voices("ravdess")
    assert kept.counts() == {"neutral": 96, **{name: 192 for name in RAVDESS_EMOTIONS[1:]}}
    assert kept.women.sum() == 720
    assert [path.name for path in ravdess.path().parent.iterdir()] == ["ravdess.npz"]
    assert len(kept.take([0]).waves[0]) == pytest.approx(0.2 * SAMPLE_RATE, abs=200)
    folds = speaker_folds(kept)
    assert sorted(np.bincount(folds).tolist()) == [240, 300, 300, 300, 300]


@pytest.mark.usefixtures("same_sounds")
def test_ravdess_is_imported_from_an_unpacked_folder(tmp_path):
    for name in ravdess_names("ogg"):
        (tmp_path / "r" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "r" / name).write_bytes(recording())
    assert len(ravdess.import_ravdess(tmp_path / "r")) == 1440


def test_a_zip_with_files_missing_is_refused_and_leaves_nothing(tmp_path, capsys):
    archive = write_zip(tmp_path / "a.zip", itertools.islice(ravdess_names("ogg"), 1300), recording())
    assert main(["data", "import", "ravdess", str(archive)]) == 2
    assert "found 1,300 by 22 actors" in capsys.readouterr().err
    assert not ravdess.path().parent.exists()


def test_a_zip_with_a_path_that_climbs_out_is_refused(tmp_path, capsys):
    archive = write_zip(tmp_path / "a.zip", ["../03-01-01-01-01-01-01.ogg", *ravdess_names("ogg")], recording())
    assert main(["data", "import", "ravdess", str(archive)]) == 2
    assert "points out of it" in capsys.readouterr().err
    assert not ravdess.path().exists()


def test_a_zip_with_a_recording_that_is_none_is_refused(tmp_path):
    archive = write_zip(tmp_path / "a.zip", ravdess_names("wav"), b"no sound " * 20)
    with pytest.raises(DataError, match="Expected a recording in Actor_01"):
        ravdess.import_ravdess(archive)
    assert not ravdess.path().exists()


def test_ravdess_that_is_not_there_says_how_to_get_it(tmp_path, capsys):
    with pytest.raises(DataError, match="data download ravdess"):
        el.load_voices("ravdess")
    assert main(["data", "import", "ravdess", str(tmp_path / "none.zip")]) == 2
    assert main(["data", "import", "one", "two", "three"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_download_without_a_network_says_so_and_leaves_nothing(monkeypatch, capsys):
    monkeypatch.setattr(ravdess, "ADDRESS", "http://127.0.0.1:9/ravdess.zip")
    assert main(["data", "download", "ravdess"]) == 2
    assert "found no way to it" in capsys.readouterr().err
    assert not ravdess.path().parent.exists()


def test_a_download_waits_in_the_data_folder_and_not_in_the_systems_temporary_one(monkeypatch):
    places = []
    monkeypatch.setattr(ravdess, "fetch", lambda address, path, *_: places.append(path) or path)
    with pytest.raises(DataError, match="found nothing there"):
        ravdess.download_ravdess()
    assert ravdess.path().parent in places[0].parents
    assert not ravdess.path().parent.exists()


def test_recordings_that_cannot_be_written_are_told_with_the_data_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="EMOTIONLAB_DATA"):
        packed.write(tmp_path / "file" / "some.npz", ["a"], [b"123"])
    monkeypatch.setenv("EMOTIONLAB_DATA", str(tmp_path / "file"))
    with pytest.raises(DataError, match="EMOTIONLAB_DATA"):
        ravdess.download_ravdess()


def test_a_download_that_is_another_file_is_refused(monkeypatch):
    with serving(b"another file") as served:
        monkeypatch.setattr(ravdess, "ADDRESS", served.address)
        with pytest.raises(DataError, match="found another file"):
            ravdess.download_ravdess()
    assert not ravdess.path().exists()


@pytest.mark.usefixtures("same_sounds")
def test_a_download_that_is_whole_is_imported(monkeypatch, tmp_path):
    import hashlib

    archive = write_zip(tmp_path / "a.zip", ravdess_names("ogg"), recording())
    monkeypatch.setattr(ravdess, "MD5", hashlib.md5(archive.read_bytes()).hexdigest())
    with serving(archive.read_bytes()) as served:
        monkeypatch.setattr(ravdess, "ADDRESS", served.address)
        assert len(ravdess.download_ravdess()) == 1440
        assert len(ravdess.download_ravdess()) == 1440  # the second time from the data folder
        assert served.asked == 1


def test_a_folder_of_ones_own_has_a_folder_for_each_emotion(tmp_path):
    for name in ("happy/anna_1.wav", "happy/ben_1.wav", "sad/anna_2.flac", "notes/x.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(recording(name.rsplit(".")[-1]))
    voices = el.load_voices(tmp_path)
    assert voices.counts() == {"happy": 2, "sad": 1}
    assert voices.speakers.tolist() == [0, 1, 0]
    with pytest.raises(DataError, match="who is a woman"):
        voices.women  # noqa: B018
    with pytest.raises(DataError, match="folders named after emotions"):
        el.load_voices(tmp_path / "notes")
    with pytest.raises(DataError, match="no folder at"):
        el.load_voices(tmp_path / "none")
    (tmp_path / "sad" / "ben_3.wav").write_bytes(b"RIFF and no more")
    with pytest.raises(DataError, match=r"the recording .*ben_3\.wav"):
        el.load_voices(tmp_path).waves  # noqa: B018


def test_a_damaged_packed_file_is_refused(tmp_path):
    packed.write(tmp_path / "some.npz", ["a", "b"], [b"123", b"4567"])
    assert packed.read(tmp_path / "some.npz") == (["a", "b"], [b"123", b"4567"])
    whole = (tmp_path / "some.npz").read_bytes()
    (tmp_path / "some.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="get them again"):
        packed.read(tmp_path / "some.npz")


def test_other_names_are_no_ravdess():
    with pytest.raises(DataError, match="named as in RAVDESS"):
        of_ravdess(["talk.wav"], [b""])
