"""The short film that is shipped: what its face shows and how its voice sounds, and the command on it."""

import subprocess
import sys

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.live.video import frames
from emotionlab.senses.film import FILM, FPS, film
from emotionlab.senses.timeline import timeline
from emotionlab.sound.features import SAMPLE_RATE


@pytest.fixture(scope="module")
def line():
    recognizer = el.Recognizer(detector="haar")
    return timeline(FILM, el.recognize_video(FILM, recognizer=recognizer, progress=False))


def words(rows) -> list[str]:
    return [el.EMOTIONS[int(np.nanargmax(row))] for row in rows]


def test_it_is_small():
    assert FILM.stat().st_size < 1_000_000


def test_face_and_voice_agree_twice_and_then_they_do_not(line):
    face, voice = words(line.face[:7]), words(line.voice[:7])
    assert (face[0], voice[0]) == ("neutral", "neutral")
    assert (face[3], voice[3]) == ("happy", "happy")
    assert (face[6], voice[6]) == ("happy", "angry")


def test_no_emotion_that_the_voice_never_learnt_gets_a_number(line):
    columns = [el.EMOTIONS.index(name) for name in ("disgust", "fear", "surprise")]
    assert np.isnan(line.voice[:, columns]).all()
    np.testing.assert_allclose(line.both.sum(axis=1), 1)
    titles = [panel.get_title() for panel in line.figure().axes]
    assert titles[:2] == ["Face", "Voice (its network never learned disgust, fear, surprise)"]


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


def test_a_film_for_browsers_can_be_made_and_another_kind_is_refused(tmp_path):
    path = film(tmp_path / "film.webm", [("happy", "sad")])
    seconds = len(el.sound.read_sound(path)) / SAMPLE_RATE
    assert seconds == pytest.approx(len(list(frames(path))) / FPS, abs=0.4)
    with pytest.raises(EmotionLabError, match=r"\.mp4, \.webm"):
        film(tmp_path / "film.gif", [("happy", "sad")])
