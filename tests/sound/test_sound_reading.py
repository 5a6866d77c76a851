"""Sounds in: every kind of file, and what is none."""

import io
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from emotionlab.base.errors import DataError
from emotionlab.sound import read_sound
from emotionlab.sound.features import SAMPLE_RATE


def tone(hz=300.0, seconds=1.0, rate=SAMPLE_RATE) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def frequency(wave: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(wave)).argmax() * SAMPLE_RATE / len(wave))


def film(path, with_sound: bool):
    """A second of grey film, with a tone of 440 Hz if asked for."""
    import av

    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 64
        voice = out.add_stream("aac", rate=44_100, layout="mono") if with_sound else None
        for _ in range(10):
            out.mux(picture.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")))
        out.mux(picture.encode())
        if voice:
            samples = tone(440, 1.0, 44_100)
            for start in range(0, len(samples), 1024):
                frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
                frame.sample_rate = 44_100
                frame.pts = start
                out.mux(voice.encode(frame))
            out.mux(voice.encode())
    return path


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_every_kind_of_sound_file_is_read(tmp_path, kind):
    soundfile.write(tmp_path / f"tone.{kind}", tone(), SAMPLE_RATE)
    wave = read_sound(tmp_path / f"tone.{kind}")
    assert wave.dtype == np.float32
    assert len(wave) == pytest.approx(SAMPLE_RATE, abs=0.15 * SAMPLE_RATE)
    assert frequency(wave) == pytest.approx(300, abs=2)
    np.testing.assert_array_equal(read_sound((tmp_path / f"tone.{kind}").read_bytes()), wave)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
def test_every_sample_rate_becomes_16000(tmp_path, rate):
    soundfile.write(tmp_path / "tone.wav", tone(300, 1.0, rate), rate)
    wave = read_sound(tmp_path / "tone.wav")
    assert len(wave) == SAMPLE_RATE
    assert frequency(wave) == pytest.approx(300, abs=2)


def test_tones_above_8000_hz_do_not_fold_back():
    wave = read_sound(tone(11_000, 1.0, 48_000) + 0.01 * tone(300, 1.0, 48_000), 48_000)
    assert frequency(wave) == pytest.approx(300, abs=2)


def test_eight_channels_are_averaged(tmp_path):
    soundfile.write(tmp_path / "eight.wav", np.tile(tone()[:, None], (1, 8)), SAMPLE_RATE)
    np.testing.assert_allclose(read_sound(tmp_path / "eight.wav"), tone(), atol=1e-3)


def test_whole_numbers_count_as_parts_of_their_largest():
    whole = (tone() * 32767).astype(np.int16)
    np.testing.assert_allclose(read_sound(whole, SAMPLE_RATE), tone(), atol=1e-3)
    np.testing.assert_allclose(read_sound(((tone() + 1) * 127.5).astype(np.uint8), SAMPLE_RATE), tone(), atol=2e-2)


def test_of_a_sound_of_many_minutes_the_first_five_are_read_and_that_is_said(tmp_path, capsys):
    soundfile.write(tmp_path / "long.flac", np.tile(tone(300, 1.0, 8000), 310), 8000)
    assert len(read_sound(tmp_path / "long.flac")) == 300 * SAMPLE_RATE
    assert "first 5 minutes" in capsys.readouterr().out


def test_the_sound_of_a_film_is_read_and_a_film_without_says_so(tmp_path):
    wave = read_sound(film(tmp_path / "talk.mp4", with_sound=True))
    assert frequency(wave) == pytest.approx(440, abs=3)
    with pytest.raises(DataError, match="film or picture without one"):
        read_sound(film(tmp_path / "still.mp4", with_sound=False))


def test_a_film_is_read_by_opencv_and_by_av_in_one_process(tmp_path):
    path = film(tmp_path / "talk.mp4", with_sound=True)
    program = (
        "import sys, cv2, av\n"
        "from emotionlab.sound import read_sound\n"
        "for _ in range(3):\n"
        "    video = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)\n"
        "    assert video.read()[0]\n"
        "    assert len(read_sound(sys.argv[1])) > 14000\n"
        "    assert video.read()[0]\n"
        "    video.release()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def wav(samples, rate=SAMPLE_RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.asarray(samples, np.float32), rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file that is none"),
        (b"no sound at all " * 50, "file that is none"),
        (wav(tone())[:30], "file that is none"),
        (wav([]), "found 0.000"),
        (wav([0.5]), "found 0.000"),
        (wav(np.zeros(SAMPLE_RATE)), "silence only"),
        (wav(np.full(SAMPLE_RATE, np.nan)), "NaN"),
        (wav(tone(), rate=2**31 - 1), "768,000 samples a second, found 2,147,483,647"),
        (wav(tone(), rate=7), "found 7"),
        (None, "NoneType"),
        ([0.1, 0.2], "list"),
    ],
)
def test_what_is_no_sound_is_refused_in_one_sentence(content, said):
    with pytest.raises(DataError) as problem:
        read_sound(content)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_missing_file_a_folder_an_empty_and_a_renamed_file_are_refused(tmp_path):
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "picture.wav").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    for name, said in (
        ("none.wav", "no file"),
        (".", "a folder"),
        ("empty.wav", "empty file"),
        ("picture.wav", "film or picture"),
    ):
        with pytest.raises(DataError, match=said):
            read_sound(tmp_path / name)


def test_a_file_that_is_called_wav_but_holds_flac_is_read(tmp_path):
    soundfile.write(tmp_path / "tone.flac", tone(), SAMPLE_RATE)
    (tmp_path / "tone.flac").rename(tmp_path / "tone.wav")
    assert frequency(read_sound(tmp_path / "tone.wav")) == pytest.approx(300, abs=2)


@pytest.mark.parametrize("kind", ["int32", "int64"])
def test_samples_of_16_bits_in_a_wider_type_are_no_silence(kind):
    samples = (tone() * 20_000).astype("int16")
    with pytest.raises(DataError, match=r"astype\('int16'\)"):
        read_sound(samples.astype(kind), SAMPLE_RATE)
    assert frequency(read_sound(samples, SAMPLE_RATE)) == pytest.approx(300, abs=2)


def test_an_array_needs_its_sample_rate_and_one_or_two_axes():
    for array, rate in ((tone(), None), (tone(), 3), (tone()[None, None], 16_000), (np.array(["a"]), 16_000)):
        with pytest.raises(DataError):
            read_sound(array, rate)
