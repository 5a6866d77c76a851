"""The app's tabs Text and Voice, the time line of its tab Video, and which tabs are shown."""

import base64
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import scenes
import soundfile
from app_client import Visitor
from browsers import own_port
from films import film_with_voice

import emotionlab as el
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.commands.cli import main
from emotionlab.live.app import app
from emotionlab.live.app_calls import Calls
from emotionlab.live.app_text import EXAMPLES, TextCalls
from emotionlab.live.app_voice import VoiceCalls
from emotionlab.live.bundled import bundled_voice
from emotionlab.live.tabs import TABS, chosen_tabs

VOICE = {"kind": "sound", "name": "me.ogg", "sound": base64.b64encode(bundled_voice()).decode("ascii")}


@pytest.fixture(scope="module")
def text():
    return TextCalls()


@pytest.fixture(scope="module")
def voice():
    return VoiceCalls()


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """A temporary folder of the test's own, in which every new file can be seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder / "gradio"))
    return folder


# ------------------------------------------------------------------------------------------ which tabs


@pytest.mark.parametrize(
    ("only", "names"),
    [(None, TABS), ("text,voice", ("text", "voice")), (" Voice , text ", ("text", "voice")), (["webcam"], ("webcam",))],
)
def test_tabs_are_chosen_by_name_and_stay_in_their_order(only, names):
    assert chosen_tabs(only) == names


@pytest.mark.parametrize("only", ["txt", "text,", "", [], 3, [1], {"text"}])
def test_another_name_is_refused_with_the_names_there_are(only):
    with pytest.raises(EmotionLabError, match="picture, webcam, video, text, voice"):
        chosen_tabs(only)


def test_the_command_refuses_a_wrong_name_in_one_sentence(capsys):
    assert main(["app", "--only", "text,txt"]) == 2
    said = capsys.readouterr().err
    assert "found 'txt'" in said
    assert said.count("\n") == 1


def test_an_app_for_texts_loads_nothing_for_faces_or_voices():
    code = (
        "import sys; from emotionlab.live.app import app; demo = app(only='text'); "
        "heavy = ('cv2', 'keras', 'tensorflow', 'soundfile', 'av', 'emotionlab.sound', 'emotionlab.live.app_calls'); "
        "print('loaded:', [name for name in heavy if name in sys.modules], list(demo.calls))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=400)
    assert said.stdout.strip().endswith("loaded: [] ['text']")


def test_each_tab_says_its_network_and_what_becomes_of_the_input():
    parts = app(only="text,voice").config["components"]
    assert [part["props"]["label"] for part in parts if part["type"] == "tabitem"] == ["Text", "Voice"]
    page = " ".join(str(part["props"]) for part in parts)
    for words in (
        "a text or a voice",
        "A text is read in memory and forgotten",
        "neither becomes a file",
        "GoEmotions",
        "macro F1",
        "EMO-DB",
        "they get no number",
        "A word for a voice is not a feeling",
        "Articles 3(39) and 5(1)(f)",
    ):
        assert words in page, words
    assert "The webcam's frames" not in page, "what is not shown is not spoken of"


def test_headless_runs_what_is_bundled_through_the_first_tab(monkeypatch, capsys):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    app(only="text").launch()
    app(only="voice").launch()
    told = capsys.readouterr().out
    assert "the bundled text, through the app's callback, shows: “What a lovely day, thank you!”: happy" in told
    assert "the bundled voice, through the app's callback, shows: Heard" in told


# ------------------------------------------------------------------------------------------ Text


def test_a_text_gets_seven_bars_and_the_words_that_moved_it(text):
    told, words = text.read("My cat died last night.")
    answer = el.TextReader()("My cat died last night.")
    assert answer.text in told
    for name, share in zip(EMOTIONS, answer.probabilities, strict=True):
        assert re.search(rf">{name}</th>.*?{100 * share:.0f} %", told)
    assert told.count("◀") == len(answer.emotions)
    changes = dict(answer.moved())
    assert f"“died” +{100 * changes['died']:.0f}" in words
    shown = re.findall(r"<span class=\"el-(\w+)\">([^<]+)<small>([^<]+)</small>", words)
    assert [word for _, word, _ in shown] == list(answer.tokens)
    for kind, word, points in shown:
        number = int(points.replace("−", "-"))
        assert number == round(100 * changes[word])
        assert kind == ("for" if number > 0 else "against" if number < 0 else "still")


@pytest.mark.parametrize("nothing", [None, "", "  \n "])
def test_without_a_text_the_page_says_what_to_do(text, nothing):
    assert "First write a sentence" in text.read(nothing)[0]


def test_what_the_network_cannot_read_is_said(text):
    told, _ = text.read("Das ist wunderbar.")
    assert "not sure" in told
    assert "English comments only" in told
    assert "first 40 words" in text.read("good " * 50_000)[0]


def test_what_is_typed_is_escaped(text):
    told, words = text.read("<script>alert(1)</script> happy")
    assert "<script" not in told + words


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_answered(text, example):
    assert "alert" not in text.read(example)[0]


# ------------------------------------------------------------------------------------------ Voice


def test_a_voice_gets_four_numbers_and_three_emotions_without(voice):
    told = json.loads(json.dumps(voice.hear(VOICE)))
    assert told["text"] == el.VoiceListener()(bundled_voice()).text
    assert [name for name, share in told["probabilities"].items() if share is None] == ["disgust", "fear", "surprise"]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({**VOICE, "sound": "bm8gc291bmQ="}, "me.ogg"),
        ({**VOICE, "sound": "?"}, "other bytes"),
        ({**VOICE, "sound": 3}, "at most 30 MB"),
        ({**VOICE, "sound": None}, "load the page"),
        ({"kind": "delete"}, "load the page"),
        (None, "load the page"),
        ([1], "load the page"),
    ],
)
def test_what_is_no_sound_is_answered_in_one_sentence(voice, message, found):
    told = voice.hear(message)
    assert told["kind"] == "problem"
    assert found in told["text"]
    assert "\n" not in told["text"]


@pytest.mark.parametrize("only", ["text", "voice", "text,voice"])
def test_a_model_that_no_tab_would_use_is_refused(only, capsys):
    assert main(["app", "--model", "scratch_cnn", "--only", only]) == 2
    assert "add a tab, or leave the model out" in capsys.readouterr().err


def _is_pythons_own(name: str) -> bool:
    """Whether a file is a device, or the bytecode of a module that is imported for the first time."""
    return name.startswith("/dev/") or "__pycache__" in name


def test_neither_text_nor_voice_reaches_the_disk(temporary):
    demo, written = app(only="text,voice"), []
    demo.launch(server_port=own_port(), prevent_thread_lock=True, inline=False)

    def note(event, args):
        if event == "open" and written is not None and isinstance(args[2], int) and args[2] & 3:
            written.append(str(args[0]))

    try:
        visitor = Visitor(demo.local_url)
        sys.addaudithook(note)
        bars, words = visitor.read("What a lovely day, thank you!")
        told = visitor.hear(VOICE)
        found, written = [name for name in written if not _is_pythons_own(name)], None
    finally:
        demo.close(verbose=False)
    assert "The network reads: happy" in bars
    assert "thank" in words
    assert told["text"].startswith("happy")
    assert found == []
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


# ------------------------------------------------------------------------------------------ Video


def test_a_film_with_sound_puts_face_and_voice_on_one_time_line(tmp_path, temporary):
    wave = el.sound.read_sound(bundled_voice())
    pictures = [scenes.tinted(scenes.scene([(200, 140)]))] * (10 * len(wave) // 16_000)
    film = film_with_voice(tmp_path / "talk.mp4", pictures, wave)
    answers = Calls(detector="haar").video(str(film))
    told, out, faces, seconds = next(answers)
    assert re.search(r"Face: happy \d s\.", told)
    assert "Voice: happy" in told
    assert re.search(r'<img src="data:image/png;base64,[^"]{1000,}" alt="Face and voice on one time line', told)
    rows = Path(seconds).read_text(encoding="utf-8").splitlines()
    assert {"face_happy", "voice_happy", "both_happy"} <= set(rows[0].split(","))
    assert len(rows) == 1 + int(np.ceil(len(wave) / 16_000))
    assert Path(out).is_file()
    assert Path(faces).is_file()
    assert next(answers, None) is None
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


def test_a_sound_without_a_picture_is_no_video(tmp_path):
    soundfile.write(tmp_path / "talk.wav", np.zeros(16_000), 16_000)
    told, *files = next(Calls(detector="haar").video(str(tmp_path / "talk.wav")))
    assert 'role="alert"' in told
    assert files == [None] * 3
