"""The film of our own: a drawn face and a bundled voice, as a video with sound."""

import av
import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.live.video import frames
from emotionlab.senses.film import FPS, SIZE, film
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.reading import read_sound


def test_a_film_has_moving_pictures_and_a_sound_of_the_same_length(tmp_path):
    path = film(tmp_path / "talk.mp4", [("happy", "sad"), ("surprise", "angry")])
    pictures = [picture for _, picture in frames(path)]
    assert pictures[0].shape == (*SIZE, 3)
    seconds = len(read_sound(path)) / SAMPLE_RATE
    assert seconds == pytest.approx(len(pictures) / FPS, abs=0.4)
    assert abs(pictures[0].astype(int) - pictures[8]).max() > 40  # the smile has grown
    assert abs(pictures[8].astype(int) - pictures[-1]).max() > 40
    with av.open(str(path)) as video:
        assert [stream.type for stream in video.streams] == ["video", "audio"]


@pytest.mark.parametrize(
    ("scenes", "said"),
    [([], "at least one scene"), ([("merry", "sad")], "face"), ([("happy", "fear")], "voice")],
)
def test_a_film_refuses_in_one_sentence_and_leaves_nothing(tmp_path, scenes, said):
    with pytest.raises(EmotionLabError, match=said):
        film(tmp_path / "talk.mp4", scenes)
    assert list(tmp_path.iterdir()) == []


def test_a_film_needs_a_folder_that_is_there(tmp_path):
    with pytest.raises(EmotionLabError, match="choose another folder"):
        film(tmp_path / "none" / "talk.mp4", [("happy", "sad")])
