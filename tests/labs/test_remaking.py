"""Every record can be made anew: each is listed with its command, in an order in which each finds what it needs."""

import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import RECORDS
from emotionlab.labs import remaking
from emotionlab.labs.__main__ import MAKERS, OF_THE_NETWORK, main
from emotionlab.runs import reference


def test_every_recorded_run_and_every_lab_is_listed():
    names = [maker.name for maker in remaking.makers()]
    assert len(names) == len(set(names))
    others = {"speeds", "survey", "ferplus", "imagenet_weights", "notebook_times"}
    others |= {"texts", "emodb", "ravdess", "face_and_voice"}
    others |= {"teaching_scratch_cnn", "teaching_resnet18_imagenet"}
    assert {*reference.names(), *MAKERS, *OF_THE_NETWORK, *others} == set(names)


def test_every_record_in_the_folder_is_made_by_something_that_is_listed():
    commands = " ".join(maker.command for maker in remaking.makers())
    for record in RECORDS.glob("*.json"):
        import json

        known = json.loads(record.read_text(encoding="utf-8"))
        command = known.get("command") or known["provenance"]["command"]
        command = command.replace("VOTES", "{votes}").replace("FOLDER", "{weights}")
        assert command.removeprefix("uv run ") in commands, record.name


def test_what_rests_on_the_shipped_network_comes_after_its_run():
    names = [maker.name for maker in remaking.makers()]
    assert max(map(names.index, reference.names())) < min(map(names.index, OF_THE_NETWORK))


def test_a_taught_run_comes_after_its_teachers_and_what_they_say():
    names = [maker.name for maker in remaking.makers()]
    for name in reference.names():
        for teacher in filter(None, reference.load(name).recipe.teacher.split("+")):
            assert names.index(teacher) < names.index(f"teaching_{teacher}") < names.index(name)
    assert names.index("teaching_scratch_cnn") < names.index("teacher_search")


def test_the_list_says_what_each_needs_and_how_long_it_takes(capsys):
    assert main(["remake", "--list", "network", "plain"]) == 0
    printed = capsys.readouterr().out
    assert "threshold  (network; needs the shipped network's run; 0.1 minutes)" in printed
    assert "emotionlab train small_cnn --recipe plain --name plain --record" in printed
    assert "recipe_search" not in printed


def test_a_record_is_made_by_the_python_that_runs(monkeypatch):
    ran = []

    class Ended:
        returncode = 0

    monkeypatch.setattr(remaking.subprocess, "run", lambda words: ran.append(words[1:]) or Ended)
    remaking.remake(["plain", "threshold"])
    assert ran == [
        ["-m", "emotionlab", "train", "small_cnn", "--recipe", "plain", "--name", "plain", "--record"],
        ["-m", "emotionlab.labs", "threshold"],
    ]


def test_a_name_that_is_none_and_a_missing_table_of_votes_are_one_sentence_each(tmp_path):
    with pytest.raises(EmotionLabError, match="found nothing_like_it; `remake --list` shows"):
        remaking.remake(["nothing_like_it"])
    with pytest.raises(EmotionLabError, match="name it with --votes"):
        remaking.remake(["ferplus"])
    with pytest.raises(EmotionLabError, match=r"found .*none\.csv; name it with --votes"):
        remaking.remake(["ferplus"], {"votes": str(tmp_path / "none.csv")})


def test_it_stops_at_the_first_record_that_cannot_be_made(monkeypatch):
    class Ended:
        returncode = 2

    monkeypatch.setattr(remaking.subprocess, "run", lambda words: Ended)
    with pytest.raises(EmotionLabError, match="record threshold to be made, found exit code 2"):
        remaking.remake(["threshold", "occlusion"])
