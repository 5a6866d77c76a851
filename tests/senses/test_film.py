"""The short film that is shipped: what its face shows and how its voice sounds, and the command on it."""

import subprocess
import sys

import numpy as np
import pytest

import emotionlab as el
from emotionlab.labs import film as maker
from emotionlab.senses.film import FILM
from emotionlab.senses.timeline import timeline


@pytest.fixture(scope="module")
def line():
    recognizer = el.Recognizer(detector="haar")
    return timeline(FILM, el.recognize_video(FILM, recognizer=recognizer, progress=False))


def words(rows) -> list[str]:
    return [el.EMOTIONS[int(np.nanargmax(row))] for row in rows]


def test_it_is_small():
    assert FILM.stat().st_size < 1_000_000


def test_face_and_voice_agree_twice_and_then_they_do_not(line):
    face, voice = words(line.face), words(line.voice)
    assert (face[:3], voice[:3]) == (["neutral"] * 3, ["neutral"] * 3)
    assert (face[4], voice[4]) == ("happy", "happy")
    assert (face[7], voice[7]) == ("happy", "angry")
    assert 9 <= len(face) <= 11


def test_no_emotion_that_the_voice_never_learnt_gets_a_number(line):
    columns = [el.EMOTIONS.index(name) for name in ("disgust", "fear", "surprise")]
    assert np.isnan(line.voice[:, columns]).all()
    np.testing.assert_allclose(line.both.sum(axis=1), 1)


def test_the_command_writes_its_time_line_without_tensorflow(tmp_path):
    code = (
        "import sys; from emotionlab.commands.cli import main; "
        f"code = main(['recognize', {str(FILM)!r}, '--timeline', 'line.png', '--detector', 'haar']); "
        "print('code', code, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=400)
    assert done.stdout.strip().endswith("code 0 False False"), done.stderr[-2000:]
    assert "Voice: angry" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["line.csv", "line.png"]


def test_its_maker_writes_a_film_that_can_be_read(tmp_path):
    pictures = [np.full((48, 64, 3), 20 * i, np.uint8) for i in range(12)]
    maker.write(tmp_path / "film.webm", pictures, np.sin(np.arange(16_000) / 20).astype(np.float32))
    from emotionlab.live.video import frames

    assert len(list(frames(tmp_path / "film.webm"))) == 12
    assert abs(len(el.sound.read_sound(tmp_path / "film.webm")) - 16_000) < 1_000
