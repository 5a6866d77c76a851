"""The reader: the network's own numbers without TensorFlow, which words moved them, and what it does not know."""

import subprocess
import sys

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.text import recorded, tokenise


@pytest.fixture(scope="module")
def read():
    return el.TextReader()


def test_a_plain_sentence_gets_the_word_that_a_person_would_say(read):
    assert read("I am so happy today, what a wonderful day!").emotion == "happy"
    assert read("I am terrified, this is the scariest thing I have ever seen").emotion == "fear"
    assert read("This makes me so angry, I hate it").emotion == "angry"
    assert read("I miss her so much, I can't stop crying").emotion == "sad"


def test_an_answer_has_seven_probabilities_and_marks_those_above_their_thresholds(read):
    answer = read("Wow, I can't believe it, this is amazing!")
    assert answer.probabilities.shape == (7,)
    assert answer.probabilities.dtype == np.float32
    reached = {name for i, name in enumerate(el.EMOTIONS) if answer.probabilities[i] >= read.thresholds[i]}
    assert set(answer.emotions) == reached
    assert answer.emotion == answer.emotions[0] == answer.guess
    assert answer.confidence == answer.probabilities.max()


def test_several_emotions_can_be_named_at_once(read):
    probabilities = recorded.load("attention").probabilities("test")
    assert ((probabilities >= read.thresholds).sum(axis=1) > 1).mean() > 0.05


def test_leaving_a_word_out_shows_what_it_moved(read):
    answer = read("What a wonderful day")
    without = read("What a day")
    happy = el.EMOTIONS.index("happy")
    moved = dict(answer.moved("happy"))
    assert moved["wonderful"] == pytest.approx(answer.probabilities[happy] - without.probabilities[happy], abs=1e-6)
    assert max(moved, key=moved.get) == "wonderful"
    with pytest.raises(EmotionLabError, match="'bored'"):
        answer.moved("bored")


def test_a_negation_makes_its_emotion_less_probable(read):
    happy = el.EMOTIONS.index("happy")
    assert read("I am not happy").probabilities[happy] < read("I am happy").probabilities[happy] - 0.2


def test_irony_is_taken_at_its_word(read):
    assert read("Great, my train is late again. I just love waiting.").emotion == "happy"


def test_another_language_is_not_sure_and_says_why(read):
    german, japanese, russian = (
        "Ich freue mich wirklich sehr über euch",
        "今日はとても楽しかったです",
        "Мне очень грустно",
    )
    for text in (german, japanese, russian):
        answer = read(text)
        assert answer.emotion == "not sure"
        assert answer.emotions == ()
        assert "English comments only" in answer.note
        assert np.isfinite(answer.probabilities).all()


def test_emoji_are_read_as_words(read):
    assert "😡" in read.vocabulary
    angry = el.EMOTIONS.index("angry")
    assert read("this again 😡").probabilities[angry] > read("this again").probabilities[angry]


def test_of_a_text_of_100_000_characters_the_first_40_words_are_read_and_that_is_said(read):
    text = "I love this so much. " * 5000
    answer = read(text)
    assert len(answer.tokens) == 40
    assert "first 40" in answer.note
    assert answer.emotion == "happy"


@pytest.mark.parametrize("text", ["", "   \n\t", b"I am happy", None, ["I am happy"], 3.5])
def test_what_is_no_text_is_refused_in_one_sentence(read, text):
    with pytest.raises(DataError) as problem:
        read(text)
    assert str(problem.value).startswith("Expected a text")
    assert "\n" not in str(problem.value)


def test_many_texts_get_the_numbers_of_one_by_one(read):
    texts = ["I love it", "No way!", "", "I am so sorry for your loss, my friend"]
    rows = read.predict(texts)
    assert rows.shape == (4, 7)
    np.testing.assert_allclose(rows[3], read(texts[3]).probabilities, atol=1e-6)
    assert read.predict([]).shape == (0, 7)
    with pytest.raises(DataError, match="list of texts"):
        read.predict("I love it")


def test_bars_say_every_number_in_words_and_escape_what_was_written(read):
    answer = read("<script>alert(1)</script> I love it")
    page = answer._repr_html_()
    assert "<script>" not in page
    assert all(name in page for name in el.EMOTIONS)
    assert "happy" in repr(answer)
    assert answer.as_row()["emotion"] == answer.emotion


def test_thresholds_of_ones_own_decide(read):
    never = el.TextReader(thresholds=[1.0] * 7)("I love it")
    assert never.emotion == "not sure"
    assert never.guess == "happy"
    with pytest.raises(EmotionLabError, match="seven thresholds"):
        el.TextReader(thresholds=[0.5])


def test_the_reader_has_the_recorded_networks_numbers_but_for_8_bits(read):
    texts = el.load_texts().validation
    rows = read.predict(texts.texts[:500])
    assert np.abs(rows - recorded.load("attention").probabilities("validation")[:500]).max() < 0.05


def test_reading_a_text_imports_no_tensorflow_and_no_keras():
    program = (
        "import sys, emotionlab as el\n"
        "assert el.TextReader()('I love it').emotion == 'happy'\n"
        "heavy = {'tensorflow', 'keras', 'jax', 'sklearn', 'pandas', 'matplotlib', 'cv2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_recorded_network_reached_its_goal_with_few_parameters_in_little_time():
    run = recorded.load("attention")
    report = run.report("test")
    assert report.macro_f1 >= 0.58
    assert run.provenance["parameters"] < 5_000_000
    assert run.provenance["minutes"] <= 30
    assert sum(path.stat().st_size for path in run.folder.iterdir()) <= 6_000_000
    assert len(report.labels) == len(el.load_texts().test)
    assert (report.labels == el.load_texts().test.labels).all()


def test_what_the_records_hold_can_be_made_again():
    for name in recorded.names():
        made = recorded.load(name).provenance
        assert made["command"] == "uv run python -m emotionlab.labs texts"
        assert made.keys() >= {"seed", "commit", "versions", "minutes", "hardware", "recipe", "data"}


def test_tokens_of_the_shipped_texts_never_vanish():
    assert all(tokenise(text) for text in el.load_texts().test.texts)
