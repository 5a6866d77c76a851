"""Sounds on the command line."""

import subprocess
import sys

import pytest

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
