"""Sounds in: every kind of file, and what is none."""

import io
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import soundfile

from emotionlab.base.errors import DataError
from emotionlab.sound import read_sound, reading
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.reading import LOUDEST, resample


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


@pytest.mark.parametrize("rate", [1009, 5513, 44_101, 47_999, 192_001, 760_001, 767_999])
def test_an_odd_sample_rate_gives_the_right_length_and_pitch_by_a_short_filter(monkeypatch, rate):
    from scipy import signal

    ratios, resample_poly = [], signal.resample_poly

    def counted(wave, up, down):
        ratios.append((up, down))
        return resample_poly(wave, up, down)

    monkeypatch.setattr(signal, "resample_poly", counted)
    wave = resample(tone(300, 1.0, rate), rate)
    assert len(wave) == pytest.approx(SAMPLE_RATE, abs=2)
    assert frequency(wave) == pytest.approx(300, abs=2)
    assert max(ratios[0]) <= 16_000


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_the_usual_sample_rates_are_exact(monkeypatch, rate):
    from scipy import signal

    monkeypatch.setattr(signal, "resample_poly", lambda wave, up, down: np.array([up, down]))
    up, down = resample(tone(), rate)
    assert up * rate == down * SAMPLE_RATE


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


def test_floats_of_the_size_of_16_bits_are_refused_with_what_to_do(tmp_path):
    soundfile.write(tmp_path / "wide.wav", tone() * 20_000, SAMPLE_RATE, subtype="FLOAT")
    for source in (tone() * 20_000, (tone() * 20_000).astype(np.float64), tmp_path / "wide.wav"):
        with pytest.raises(DataError, match=r"found 10,000; divide them .* 32768 for 16 bits"):
            read_sound(source, SAMPLE_RATE)


def test_a_float_recording_that_overshoots_is_read_as_it_is():
    loud = tone() * (2 * LOUDEST)  # a tone has 0.5 at most
    np.testing.assert_array_equal(read_sound(loud, SAMPLE_RATE), loud)
    assert len(read_sound(np.repeat(loud, 3), 48_000)) == SAMPLE_RATE, "what the filter adds does not count"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["float32", "int16"])
def test_an_array_without_channels_is_refused_for_that(kind):
    with pytest.raises(DataError, match=rf"1 to 64 channels, found \(16000, 0\) of {kind}"):
        read_sound(np.zeros((SAMPLE_RATE, 0), kind), SAMPLE_RATE)


@pytest.mark.parametrize(
    "words", ["#EXTM3U\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {film}\n"]
)
def test_a_list_that_names_sounds_is_refused_before_ffmpeg_opens_it(tmp_path, monkeypatch, words):
    import av

    content = words.format(film=film(tmp_path / "private.mp4", with_sound=True)).encode()
    (tmp_path / "song.m3u8").write_bytes(content)
    (tmp_path / "song.mp3").write_bytes(content)
    monkeypatch.setattr(av, "open", lambda *_, **__: pytest.fail("FFmpeg opened it"))
    for source in (tmp_path / "song.m3u8", tmp_path / "song.mp3", content):
        with pytest.raises(DataError, match="a list of other files"):
            read_sound(source)


def test_ffmpeg_opens_no_other_file_even_where_a_list_is_taken_for_a_sound(tmp_path, monkeypatch):
    monkeypatch.setattr("emotionlab.sound.reading.is_text", lambda source: False)
    film(tmp_path / "private.mp4", with_sound=True)
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile private.mp4\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for source in (tmp_path / "list.mp4", (tmp_path / "list.mp4").read_bytes()):
        with pytest.raises(DataError, match="file that is none"):
            read_sound(source)


def test_many_channels_and_a_high_rate_take_little_memory(tmp_path):
    tracemalloc.start()
    with soundfile.SoundFile(tmp_path / "wide.flac", "w", 192_000, 8) as file:
        for _ in range(10):
            file.write(np.tile(tone(300, 1.0, 192_000)[:, None], (1, 8)))
    tracemalloc.reset_peak()
    read = read_sound(tmp_path / "wide.flac")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(read) == 10 * SAMPLE_RATE
    assert peak < 60e6, "eight channels at once would be 61 MB, and their mean 8 more"


@pytest.mark.parametrize("kept", [20_000, None])
def test_of_a_wav_that_was_cut_off_what_is_there_is_read_and_that_is_said(tmp_path, capsys, kept):
    soundfile.write(tmp_path / "tone.wav", tone(), SAMPLE_RATE)
    content = (tmp_path / "tone.wav").read_bytes()[:kept]
    (tmp_path / "tone.wav").write_bytes(content)
    for source in (content, tmp_path / "tone.wav"):
        assert len(read_sound(source)) == (SAMPLE_RATE if kept is None else (kept - 44) // 2)
        assert ("after 0.624 seconds; was it copied whole?" in capsys.readouterr().out) == (kept is not None)


def test_a_wav_that_was_written_into_a_pipe_is_whole(capsys):
    whole = io.BytesIO()
    soundfile.write(whole, tone(), SAMPLE_RATE, format="WAV")
    content = bytearray(whole.getvalue())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"  # the length was not known yet
    assert len(read_sound(bytes(content))) == SAMPLE_RATE
    assert not capsys.readouterr().out


def wav_16_bits(**changed) -> bytearray:
    """A tone of a second as WAV; changed: numbers of its head by name."""
    file = io.BytesIO()
    soundfile.write(file, tone(), SAMPLE_RATE, format="WAV")
    content = bytearray(file.getvalue())
    for name, number in changed.items():
        place, width = {"riff": (4, 4), "coding": (20, 2), "bits": (34, 2), "data": (40, 4)}[name]
        content[place : place + width] = number.to_bytes(width, "little")
    return content


@pytest.mark.parametrize("head", [{"coding": 0x1234}, {"bits": 0}])
def test_a_sound_in_an_unknown_coding_is_refused_and_python_lives(tmp_path, head):
    path = tmp_path / "tone.wav"
    path.write_bytes(wav_16_bits(**head))
    program = (
        "import sys; from emotionlab.base.errors import DataError; from emotionlab.sound import read_sound\n"
        "try:\n    read_sound(sys.argv[1])\nexcept DataError as problem:\n    print(problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "found one in a coding that is not known here" in done.stdout


def test_a_wav_whose_recorder_was_interrupted_is_read():
    assert len(read_sound(bytes(wav_16_bits(riff=0, data=0)))) == SAMPLE_RATE


def test_samples_of_16_bits_in_a_file_of_32_are_no_silence(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, (tone() * 32_767).astype("int32"), SAMPLE_RATE, subtype="PCM_32")
    with pytest.raises(
        DataError, match=r"fill their 32 bits, found none above 16,38.* write the same numbers with 16 bits"
    ):
        read_sound(path)


def test_a_file_that_is_there_is_not_said_to_be_missing(tmp_path):
    (tmp_path / "zeros.mp3").write_bytes(bytes(5000))
    with pytest.raises(DataError, match=r"damaged or cut off; save it as \.wav\.$"):
        read_sound(tmp_path / "zeros.mp3")


def test_of_a_high_rate_fewer_seconds_are_read_and_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reading, "MOST", 90 * 8000)
    soundfile.write(tmp_path / "long.flac", np.tile(tone(300, 1.0, 8000), 100), 8000)
    assert len(read_sound(tmp_path / "long.flac")) == 90 * SAMPLE_RATE
    assert "first 1.5 minutes" in capsys.readouterr().out


def test_an_array_needs_its_sample_rate_and_one_or_two_axes():
    for array, rate in ((tone(), None), (tone(), 3), (tone()[None, None], 16_000), (np.array(["a"]), 16_000)):
        with pytest.raises(DataError):
            read_sound(array, rate)
