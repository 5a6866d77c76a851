"""Face and voice of a video on one time line; texts and sounds on the command line."""

import av
import numpy as np
import pandas as pd
import pytest
import soundfile

import emotionlab as el
from emotionlab.base.errors import DataError
from emotionlab.commands.cli import main
from emotionlab.senses.timeline import TimeLine, about, face_rows, timeline, voice_rows
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.reading import read_sound

HAPPY, SAD = el.EMOTIONS.index("happy"), el.EMOTIONS.index("sad")


class Network:
    """Hears happy where there is a high tone, sad where there is a low one."""

    def predict(self, spectrograms):
        high = spectrograms[0][30:].mean() > spectrograms[0][:30].mean()
        return np.array([[0.1, 0.7, 0.1, 0.1] if high else [0.1, 0.1, 0.7, 0.1]])


class Listener:
    classes = ("angry", "happy", "sad", "neutral")
    network = Network()


def tone(hz, seconds) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.5 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def faces(spans) -> pd.DataFrame:
    """Ten rows a second for (face, from, to, emotion)."""
    rows = []
    for face, start, end, emotion in spans:
        for moment in np.arange(start, end, 0.1):
            shares = {name: 0.76 if name == emotion else 0.04 for name in el.EMOTIONS}
            rows.append({"seconds": round(float(moment), 3), "face": face, **shares})
    return pd.DataFrame(rows, columns=["seconds", "face", *el.EMOTIONS])


def test_the_face_that_is_seen_most_often_is_followed_second_by_second():
    rows = face_rows(faces([(1, 0, 4, "happy"), (2, 0, 1, "sad")]), 5)
    assert rows.shape == (5, 7)
    assert (rows[:4].argmax(axis=1) == HAPPY).all()
    assert np.isnan(rows[4]).all()
    assert np.isnan(face_rows(faces([]), 3)).all()


def test_a_film_that_claims_a_frame_in_a_year_gets_no_time_line(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(300, 1), SAMPLE_RATE)
    rows = faces([(1, 0, 1, "happy")])
    rows.loc[len(rows) - 1, "seconds"] = 3e7
    with pytest.raises(DataError, match="found a frame at 30,000,000 seconds"):
        timeline(tmp_path / "a.wav", rows, listener=Listener())


def test_a_sound_that_begins_after_the_pictures_stays_where_it_is(tmp_path):
    late = tmp_path / "late.mp4"
    with av.open(str(late), "w") as out:
        picture, sound = out.add_stream("mpeg4", rate=10), out.add_stream("aac", rate=48_000, layout="5.1")
        picture.width = picture.height = 64
        for _ in range(50):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")))
        out.mux(picture.encode())
        samples = np.repeat(0.5 * np.sin(2 * np.pi * 300 * np.arange(48 * 1024)[None] / 48_000), 6, axis=0)
        for start in range(0, samples.shape[1], 1024):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[:, start : start + 1024], np.float32), format="fltp", layout="5.1"
            )
            frame.sample_rate, frame.pts = 48_000, 3 * 48_000 + start
            out.mux(sound.encode(frame))
        out.mux(sound.encode())
    wave = read_sound(late)
    assert np.abs(wave[: round(2.9 * SAMPLE_RATE)]).max() == 0
    loudest = np.abs(wave[round(3.1 * SAMPLE_RATE) : 4 * SAMPLE_RATE]).max()
    assert 0.3 < loudest < 0.6  # the mean over the channels, not their sum; one of them is for low tones alone
    heard = timeline(late, faces([(1, 0, 5, "happy")]), listener=Listener()).voice
    assert np.isnan(heard[:1]).all()
    assert np.nanargmax(heard[3]) == SAD


def test_the_voice_is_missing_where_it_is_still_and_where_it_never_learnt():
    wave = np.concatenate([tone(300, 3), np.zeros(3 * SAMPLE_RATE, np.float32), tone(6000, 3)])
    rows = voice_rows(wave, 9, Listener())
    assert (np.nanargmax(rows[:3], axis=1) == SAD).all()
    assert np.isnan(rows[3:6]).all()
    assert (np.nanargmax(rows[6:], axis=1) == HAPPY).all()
    assert np.isnan(rows[:, el.EMOTIONS.index("fear")]).all()


def test_a_time_line_has_face_voice_and_both_and_a_picture(tmp_path):
    soundfile.write(tmp_path / "talk.wav", np.concatenate([tone(6000, 4), np.zeros(SAMPLE_RATE)]), SAMPLE_RATE)
    line = timeline(tmp_path / "talk.wav", faces([(1, 2, 5, "happy")]), listener=Listener())
    assert line.table.face.tolist() == ["", "", "happy", "happy", "happy"]
    assert line.table.voice.tolist() == ["happy"] * 4 + [""]
    assert line.table.both.tolist() == ["happy"] * 5
    np.testing.assert_allclose(line.both[4], line.face[4])
    np.testing.assert_allclose(line.both.sum(axis=1), 1)
    axes = line.figure().axes
    assert len(axes) == 3
    assert all(axis.get_title() and axis.get_ylabel() for axis in axes)
    assert "Face: happy 3 s." in about(line)


def test_a_time_line_of_nothing_says_nothing():
    nothing = np.full((2, 7), np.nan)
    assert "nothing" in about(TimeLine(np.arange(2.0), nothing, nothing, nothing))


def test_the_command_reads_a_text_line_by_line(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("I love this so much\n\nI am so sad, I want to cry\n", encoding="utf-8")
    assert main(["recognize", str(tmp_path / "a.txt"), "--csv", str(tmp_path / "out.csv")]) == 0
    table = pd.read_csv(tmp_path / "out.csv")
    assert table.line.tolist() == [1, 3]
    assert table.emotion.tolist() == ["happy", "sad"]
    assert set(el.EMOTIONS) <= set(table.columns)
    assert "happy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.txt"], "check the path"),
        (["empty.txt"], "found none"),
        (["latin.txt"], "save it as UTF-8"),
        (["a.txt", "photo.jpg"], "several kinds"),
        (["a.txt", "--out", "b.png"], "leave it out"),
        (["a.txt", "--longest", "64"], "leave it out"),
        (["a.txt", "--detector", "haar"], "leave it out"),
    ],
)
def test_the_command_refuses_in_one_sentence(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "empty.txt").write_text("\n \n")
    (tmp_path / "latin.txt").write_bytes("schön".encode("latin-1"))
    assert main(["recognize", *arguments]) == 2
    problem = capsys.readouterr().err
    assert said in problem
    assert problem.count("\n") == 1
