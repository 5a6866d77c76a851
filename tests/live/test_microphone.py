"""el.microphone() without a browser: the kernel's half, and what the page's half may not do."""

import io
import json
import sys
import types

import numpy as np
import pytest
import soundfile

import emotionlab as el
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.live import listening
from emotionlab.live import microphone as module
from emotionlab.live.bundled import VOICE, bundled_voice
from emotionlab.live.microphone import Microphone, microphone

SOUND = {"kind": "sound", "name": "me.ogg", "id": 7, "view": "a"}
NEVER_HEARD = {"disgust", "fear", "surprise"}


@pytest.fixture(scope="module")
def listener():
    return el.VoiceListener()


@pytest.fixture
def mic(listener):
    return Microphone(listener)


def as_wav(wave: np.ndarray, rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format="WAV")
    return file.getvalue()


# ------------------------------------------------------------------------------------------ answers


def test_the_bundled_voice_is_named_as_its_file_says(listener):
    assert VOICE[5] == "F", "EMO-DB's letter for happy"
    assert listener(bundled_voice()).emotion == "happy"


def test_a_recording_is_answered_with_what_the_listener_says(mic, listener):
    told = json.loads(json.dumps(mic.answer(SOUND, [memoryview(bundled_voice())])))
    expected = listener(bundled_voice())
    assert (told["kind"], told["id"], told["view"]) == ("result", 7, "a")
    assert told["text"] == expected.text
    assert {name for name, share in told["probabilities"].items() if share is None} == NEVER_HEARD
    assert sum(share or 0 for share in told["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert list(told["probabilities"]) == list(EMOTIONS)
    np.testing.assert_array_equal(mic.result.probabilities, expected.probabilities)


def test_the_wave_that_was_heard_is_there_for_the_next_cell(mic):
    wave = el.sound.read_sound(bundled_voice())
    mic.answer(SOUND, [bundled_voice()])
    np.testing.assert_array_equal(mic.wave, wave)
    mic.answer(SOUND, [as_wav(wave[:20_000])])
    assert len(mic.wave) == 20_000, "the last one only"


def test_a_long_sound_says_its_pieces_and_where_it_was_cut(mic, monkeypatch):
    monkeypatch.setattr(listening, "LONGEST", 5.0)
    wave = el.sound.read_sound(bundled_voice())
    told = mic.answer(SOUND, [as_wav(np.tile(wave, 3))])
    assert f"in {len(mic.result.times)} pieces" in told["words"]
    assert len(mic.result.times) > 1
    assert "Only the first" in told["words"]


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "me.ogg"), (b"no sound", "me.ogg"), (as_wav(np.zeros(16_000)), "silence"), (as_wav(np.ones(9)), "0.001")],
)
def test_bad_bytes_are_answered_in_one_sentence_and_the_next_sound_works(mic, content, found):
    told = mic.answer(SOUND, [content])
    assert (told["kind"], told["id"]) == ("problem", 7)
    assert found in told["text"]
    assert told["text"].startswith("Expected")
    assert "\n" not in told["text"]
    assert mic.result is None
    assert mic.answer(SOUND, [bundled_voice()])["kind"] == "result"


def test_a_sound_that_is_too_large_is_refused(mic, monkeypatch):
    monkeypatch.setattr(listening, "LARGEST", 1000)
    assert "take a part of it" in mic.answer(SOUND, [bundled_voice()])["text"]


@pytest.mark.parametrize("message", [{}, {"kind": "sound"}, {"kind": "delete"}, None, "sound"])
def test_messages_of_another_kind_are_answered_too(mic, message):
    told = mic.answer(message, [])
    assert told["kind"] == "problem"
    assert "run the cell again" in told["text"]


def test_a_bug_and_an_interrupt_are_answered(mic, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "hear", lambda *_: 1 / 0)
        assert "ZeroDivisionError" in mic.answer(SOUND, [b"x"])["text"]
        patch.setattr(module, "hear", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert mic.answer(SOUND, [b"x"])["kind"] == "interrupted"
    assert mic.answer(SOUND, [bundled_voice()])["kind"] == "result"


def test_what_is_sent_to_the_page_is_the_answer(mic, monkeypatch):
    sent = []
    monkeypatch.setattr(mic, "send", sent.append)
    mic._handle_custom_msg({"kind": "bundled", "id": 1, "view": "a"}, [])
    mic.stop()
    assert sent[0]["text"].startswith("happy")
    assert sent[1] == {"kind": "stop"}


# ------------------------------------------------------------------------------------------ el.microphone()


def test_the_page_gets_the_emotions_and_the_longest_time(listener):
    state = microphone(listener, seconds=4).get_state()
    assert state["emotions"] == list(EMOTIONS)
    assert set(state["colors"]) == set(EMOTIONS)
    assert (state["seconds"], state["never"]) == (4, "never heard by this network")
    assert "Nothing is written" in state["promise"]
    assert "nothing is written" in repr(microphone(listener))


def test_the_page_has_no_way_to_another_machine_or_to_a_file(mic):
    for way in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "localStorage", "createObjectURL", "import("):
        assert way not in mic._esm
    assert "://" not in mic._esm.replace("http://localhost", "")
    assert "url(" not in mic._css


def test_nothing_of_a_recording_is_written(mic):
    written = []

    def note(event, args):
        if event == "open" and written is not None and isinstance(args[2], int) and args[2] & 3:
            written.append(str(args[0]))

    sys.addaudithook(note)
    mic.answer(SOUND, [bundled_voice()])
    found, written = written, None
    assert found == []


def test_headless_runs_the_bundled_voice_through_the_callback(listener, monkeypatch, capsys):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    mic = microphone(listener)
    assert "through the microphone's callback, is happy" in capsys.readouterr().out
    bundle = mic._repr_mimebundle_()
    assert bundle["text/html"].count("never heard by this network") == 3
    assert "happy" in bundle["text/plain"]


def test_headless_lets_errors_through(listener, monkeypatch):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    monkeypatch.setattr(listening, "bundled_voice", lambda: b"no sound")
    with pytest.raises(DataError, match="Expected"):
        microphone(listener)


@pytest.mark.parametrize("seconds", [0, -1, 61, "ten", float("nan"), None])
def test_impossible_seconds_are_refused(listener, seconds):
    with pytest.raises(EmotionLabError, match="seconds"):
        microphone(listener, seconds=seconds)


def test_another_listener_is_refused():
    with pytest.raises(EmotionLabError, match="VoiceListener"):
        microphone(el.TextReader)


def test_vscode_opens_the_apps_voice_tab_and_says_so(listener, monkeypatch, capsys):
    shell = types.SimpleNamespace(user_ns={"__vsc_ipynb_file__": "/home/you/10.ipynb"})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    opened = {}
    app = types.ModuleType("emotionlab.live.app")
    app.app = lambda **options: types.SimpleNamespace(launch=lambda **more: opened.update(options, **more))
    monkeypatch.setitem(sys.modules, "emotionlab.live.app", app)
    assert microphone(listener) is None
    assert (opened["only"], opened["inbrowser"]) == ("voice", True)
    assert "VS Code" in capsys.readouterr().out
