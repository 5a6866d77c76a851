"""Messages name a command as the program was started: with `uv run` before it, or without."""

import pytest

from emotionlab.base import settings
from emotionlab.commands import cli, doctor
from emotionlab.data import load_faces


@pytest.fixture
def under_uv(monkeypatch):
    """As a program that `uv run` started sees it."""
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")


def test_without_uv_a_command_is_named_alone():
    assert settings.command("lab") == "emotionlab lab"
    assert "Start with: emotionlab lab" in cli.build_parser().description


@pytest.mark.usefixtures("under_uv")
def test_under_uv_it_is_named_with_uv_run():
    assert "Start with: uv run emotionlab lab" in cli.build_parser().description
    assert "`uv run emotionlab data download`" in doctor.check_data().fix


@pytest.mark.usefixtures("under_uv")
def test_the_line_on_drawn_faces_names_a_command_that_is_found(capsys):
    load_faces("drawn", size=21)
    assert "run `uv run emotionlab data download`, or `uv run emotionlab data import PATH`" in capsys.readouterr().out


@pytest.mark.usefixtures("under_uv")
def test_on_a_hub_there_is_no_uv_project(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert settings.command("lab") == "emotionlab lab"
