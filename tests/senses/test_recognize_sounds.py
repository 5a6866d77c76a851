"""Sounds on the command line."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

import emotionlab as el
from emotionlab.commands.cli import main


@pytest.mark.parametrize(("name", "said"), [("none.wav", "no file"), ("renamed.wav", "file that is none")])
def test_the_command_refuses_what_is_no_sound_in_one_sentence(tmp_path, monkeypatch, capsys, name, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "renamed.wav").write_bytes(b"not a sound " * 40)
    assert main(["recognize", name]) == 2
    problem = capsys.readouterr().err
    assert said in problem
    assert problem.count("\n") == 1


def test_the_command_answers_a_text_and_a_sound_without_tensorflow(tmp_path):
    (tmp_path / "a.txt").write_text("I love this")
    sounds = el.load_voices()
    (tmp_path / "a.ogg").write_bytes(sounds.sounds[0])
    program = (
        "import sys\n"
        "from emotionlab.commands.cli import main\n"
        "assert main(['recognize', 'a.txt']) == 0\n"
        "assert main(['recognize', 'a.ogg']) == 0\n"
        "assert not {'tensorflow', 'keras', 'jax'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "a.ogg" in done.stdout


def test_one_bad_sound_among_several_is_noted_and_the_others_are_heard(tmp_path, capsys):
    sounds = el.load_voices()
    (tmp_path / "good.ogg").write_bytes(sounds.sounds[0])
    (tmp_path / "bad.ogg").write_bytes(b"no sound")
    assert main(["recognize", str(tmp_path / "good.ogg"), str(tmp_path / "bad.ogg")]) == 2
    shown = capsys.readouterr().out
    assert "Expected a sound" in shown


def test_the_reason_for_each_sound_that_is_not_heard_stands_whole_below_the_table(tmp_path, capsys):
    missing = tmp_path / "none.wav"
    (tmp_path / "empty.wav").write_bytes(b"")
    assert main(["recognize", str(tmp_path / "empty.wav"), str(missing)]) == 2
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"{missing}: Expected a sound, found no file at")
    assert last.endswith("file.")


def test_a_voice_memo_of_a_telephone_is_heard(tmp_path, monkeypatch, capsys):
    import av

    monkeypatch.chdir(tmp_path)

    with av.open("memo.m4a", "w") as memo:
        stream = memo.add_stream("aac", rate=16_000, layout="mono")
        tone = (np.sin(np.arange(32_000) / 10) * 8000).astype("int16")
        frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            memo.mux(packet)
    assert main(["recognize", "memo.m4a"]) == 0
    assert "memo.m4a" in capsys.readouterr().out
    (tmp_path / "memo.m4a").rename("memo.mp4")
    assert main(["recognize", "memo.mp4"]) == 2
    assert "found sound alone" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC"])
def test_a_sound_called_a_film_is_said_to_be_one(tmp_path, capsys, kind):
    soundfile.write(tmp_path / "memo.mp4", np.sin(np.arange(32_000) / 10) / 4, 16_000, format=kind)
    assert main(["recognize", str(tmp_path / "memo.mp4")]) == 2
    assert "found sound alone" in capsys.readouterr().err


@pytest.mark.parametrize("content", [bytes(5000), b"\x12\x34\x00\x81" * 2000])
def test_what_is_neither_film_nor_sound_is_not_taken_for_a_sound(tmp_path, capsys, content):
    (tmp_path / "memo.mp4").write_bytes(content)
    assert main(["recognize", str(tmp_path / "memo.mp4")]) == 2
    assert "another kind" in capsys.readouterr().err


def test_a_line_without_a_word_is_passed_over(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("I am so happy!\n__________\nThis makes me angry.\n", encoding="utf-8")
    assert main(["recognize", str(tmp_path / "letter.txt")]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[1] for row in rows] == ["line", "1", "3"]


def test_a_text_in_utf_16_without_its_mark_is_refused(tmp_path, capsys):
    (tmp_path / "letter.txt").write_bytes("I am happy".encode("utf-16-le"))
    assert main(["recognize", str(tmp_path / "letter.txt")]) == 2
    assert "save it as UTF-8" in capsys.readouterr().err


def test_one_missing_text_among_several_is_noted_and_the_others_are_read(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("I am so happy!\nAnd angry!\n", encoding="utf-8")
    assert main(["recognize", str(tmp_path / "none.txt"), str(tmp_path / "a.txt")]) == 2
    said = capsys.readouterr().out.splitlines()
    assert [row.split()[1] for row in said[:-1]] == ["line", "1", "2"]
    assert said[-1].startswith(f"{tmp_path / 'none.txt'}: Expected a text")
