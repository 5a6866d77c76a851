"""The command line: what it says, what it returns, and how fast it answers."""

import errno
import json
import os
import subprocess
import sys

import pytest
from face_files import picture_files, write_zip

from emotionlab.base.errors import DataError
from emotionlab.commands import cli, data, train
from emotionlab.data.drawn import draw_faces


def run(*arguments, **options):
    """`python -m emotionlab ...` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "emotionlab", *arguments], capture_output=True, encoding="utf-8", timeout=300, **options
    )


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_answer_at_once_and_import_nothing_heavy(option):
    program = (
        "import sys, time\nfrom emotionlab.commands.cli import main\n"
        f"try:\n    main(['{option}'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'tensorflow', 'keras', 'jax', 'cv2', 'matplotlib', 'pandas', 'sklearn', 'scipy', 'IPython'}\n"
        "print(time.process_time(), *(heavy & set(sys.modules)), file=sys.stderr)"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True) for _ in range(3)]
    assert not any(done.returncode for done in runs), runs
    seconds, *heavy = min(done.stderr for done in runs).split()
    assert heavy == []
    assert float(seconds) < 0.5  # of processor time, start of Python included; 0.15 on an idle machine


def test_version_is_the_installed_one():
    from importlib.metadata import version

    assert run("--version").stdout.strip() == f"emotionlab {version('emotionlab')}"


def every_parser(parser, path=("emotionlab",)):
    """All parsers, with the words that lead to each."""
    yield path, parser
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for word, child in action.choices.items():
                yield from every_parser(child, (*path, word))


def test_every_command_and_every_option_has_a_help_text():
    parsers = dict(every_parser(cli.build_parser()))
    assert {"lab", "doctor", "data", "train", "evaluate", "exercises"} <= {path[-1] for path in parsers}
    for path, parser in parsers.items():
        for action in parser._actions:
            if not isinstance(action.choices, dict):
                assert action.help, f"{' '.join(path)} {action.dest}"
        assert parser.format_help()  # a stray % in a help text raises here


@pytest.mark.parametrize("words", [[], ["data"], ["exercises"]])
def test_an_incomplete_command_prints_its_help(words, capsys):
    assert cli.main(words) == 0
    assert "usage: emotionlab" in capsys.readouterr().out


def test_help_is_a_command_too(capsys):
    for words, said in ((["help"], "COMMAND ..."), (["help", "lab"], "usage: emotionlab lab")):
        assert cli.main(words) == 0
        assert said in capsys.readouterr().out
    assert cli.main(["help", "lap"]) == 2
    assert "found 'lap'; give one of them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["trian"], "train"),
        (["data", "dwnload"], "download"),
        (["train", "small_cnn", "--balance", "wieghts"], "weights"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_nearest_one(words, meant, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    assert f"maybe you meant {meant!r}?" in capsys.readouterr().err


def test_a_word_that_is_near_to_none_is_answered_with_all_of_them(capsys):
    with pytest.raises(SystemExit):
        cli.main(["zzz"])
    assert "'doctor'" in capsys.readouterr().err


def test_an_unknown_option_is_refused_with_code_2():
    done = run("lab", "--nonsense")
    assert done.returncode == 2
    assert "--nonsense" in done.stderr


def test_what_the_user_can_mend_is_one_sentence_on_stderr_and_code_2():
    done = run("data", "info", "--data", "no/such/file.zip")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "file.zip" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_any_error_of_ours_is_caught_whatever_its_kind(monkeypatch, capsys):
    def fail(chosen):
        raise DataError("Expected faces, found none; bring some.")

    monkeypatch.setattr(data, "_data_info", fail)
    assert cli.main(["data", "info"]) == 2
    assert capsys.readouterr().err == "emotionlab: Expected faces, found none; bring some.\n"


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    def fail(chosen):
        raise ZeroDivisionError

    monkeypatch.setattr(data, "_data_info", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["data", "info"])


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC, errno.EROFS, errno.ENAMETOOLONG])
def test_what_the_computer_refuses_is_one_sentence(code, monkeypatch, capsys):
    def fail(chosen):
        raise OSError(code, os.strerror(code), "some/file.txt")

    monkeypatch.setattr(data, "_data_info", fail)
    assert cli.main(["data", "info"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"emotionlab: Expected to read or write some/file.txt, found: {os.strerror(code)}; ")
    assert said.count("\n") == 1


def test_a_file_of_ours_that_is_missing_is_not_hidden(monkeypatch):
    def fail(chosen):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "answers.json")

    monkeypatch.setattr(data, "_data_info", fail)
    with pytest.raises(FileNotFoundError):
        cli.main(["data", "info"])


def test_ctrl_c_is_one_sentence_and_code_130(monkeypatch, capsys):
    def interrupted(chosen):
        raise KeyboardInterrupt

    monkeypatch.setattr("emotionlab.commands.data._data_info", interrupted)
    assert cli.main(["data", "info"]) == 130
    assert capsys.readouterr().err.strip() == "emotionlab: stopped by Ctrl-C."


@pytest.fixture
def few(tmp_path) -> str:
    """The path of a small archive of pictures: a process reads it sooner than it draws 6,000 faces."""
    return str(write_zip(tmp_path / "few.zip", picture_files()))


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently on Windows")
def test_a_reader_that_stops_reading_gets_no_traceback(few):
    program = [sys.executable, "-m", "emotionlab", "data", "info", "--data", few]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        writer.stdout.close()
        said = writer.stderr.read().decode()
    assert writer.returncode == 1
    assert "Traceback" not in said
    assert "Exception ignored" not in said


def test_a_console_without_our_signs_gets_question_marks(few):
    done = subprocess.run(
        [sys.executable, "-m", "emotionlab", "data", "info", "--data", few],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert b"? FER-2013: 49 photographs" in done.stdout


@pytest.fixture
def few_drawn(monkeypatch):
    """At most 600 faces are drawn, where a command would draw 6,000."""
    monkeypatch.setattr("emotionlab.data.drawn.draw_faces", lambda size, **more: draw_faces(min(size, 600), **more))


@pytest.mark.usefixtures("few_drawn")
def test_info_counts_every_emotion_of_every_split(capsys):
    assert cli.main(["data", "info", "--data", "drawn"]) == 0
    said = capsys.readouterr().out
    for word in ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "train", "validation", "test"):
        assert word in said


def test_survey_prints_json_and_nothing_else_on_stdout(capsys):
    assert cli.main(["data", "survey", "--data", "drawn"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 6000


@pytest.mark.usefixtures("few_drawn")
def test_drawn_faces_are_never_recorded_as_fer2013(capsys):
    assert cli.main(["data", "survey", "--data", "drawn", "--record"]) == 2
    assert cli.main(["train", "small_cnn", "--data", "drawn", "--size", "300", "--record"]) == 2
    assert "FER-2013" in capsys.readouterr().err


def options(*words):
    return cli.build_parser().parse_args(["train", *words])


def test_options_of_train_change_the_recipe_and_only_what_they_name():
    from emotionlab.runs.recipes import RECIPES

    assert train.recipe_of(options("small_cnn")) == RECIPES["augmented"]
    assert train.recipe_of(options("scratch_cnn")) == RECIPES["scratch_cnn"]
    changed = train.recipe_of(options("small_cnn", "--recipe", "plain", "--epochs", "3", "--balance", "weights"))
    assert changed == RECIPES["plain"].but(epochs=3, balance="weights")
    assert train.recipe_of(options("small_cnn", "--recipe", "plain", "--seed", "0")).seed == 0
    assert train.recipe_of(options("small_cnn", "--recipe", "plain", "--augment")) == RECIPES["augmented"]
    assert train.recipe_of(options("small_cnn", "--recipe", "augmented", "--no-augment")) == RECIPES["plain"]


def test_no_augment_leaves_no_random_change_of_the_pictures():
    from emotionlab.training import augmentation

    recipe = train.recipe_of(options("scratch_cnn", "--no-augment"))
    assert augmentation(recipe) == []
    assert recipe.mixup == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["train", "resnet9000"], "resnet9000"),
        (["train", "small_cnn", "--recipe", "soup"], "soup"),
        (["train", "small_cnn", "--size", "3"], "3"),
        (["evaluate", "no_such_run"], "no_such_run"),
        (["exercises", "build", "--solutions", "no_such_folder"], "no_such_folder"),
    ],
)
def test_a_name_that_does_not_exist_is_named_in_the_sentence(words, named, capsys):
    assert cli.main(words) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("size", ["0", "-5", "31"])
def test_too_small_an_input_is_refused(size, capsys, monkeypatch):
    monkeypatch.setattr("emotionlab.training.loop.train", lambda *_, **__: pytest.fail("it was trained"))
    words = ["train", "mobilenetv2", "--weights", "random", "--data", "drawn", "--size", "100", "--input-size", size]
    assert cli.main(words) == 2
    assert f"from 32 to 2048, found {size};" in capsys.readouterr().err


def test_a_tilde_is_the_home_folder_in_a_teachers_paths(tmp_path, monkeypatch, capsys):
    from emotionlab.teaching.grading.results import Graded, save

    home = tmp_path / "home"
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    save(Graded("ada", "01"), home / "report")
    assert cli.main(["class", "~/report", "--out", "~/class.html"]) == 0
    assert f"Open {home / 'class.html'}" in capsys.readouterr().out
    assert (home / "class.html").is_file()
    assert cli.main(["dropbox", "~/box"]) == 0
    assert (home / "box" / "dropbox.json").is_file()
    assert cli.main(["handback", "~/report", "--to", "~/box"]) == 1
    assert "0 of 1 pages" in capsys.readouterr().out
    assert cli.main(["grade", "~/in", "--out", "~/in/report"]) == 2
    assert f"outside {home / 'in'}, found {home / 'in' / 'report'}" in capsys.readouterr().err
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.usefixtures("few_drawn")
def test_train_then_evaluate_from_the_terminal(capsys, own_folders):
    words = ["train", "small_cnn", "--data", "drawn", "--size", "600", "--epochs", "1", "--name", "tiny"]
    assert cli.main(words) == 0
    assert (own_folders / "runs" / "tiny" / "provenance.json").is_file()
    capsys.readouterr()
    assert cli.main(["evaluate", "tiny", "--data", "drawn", "--split", "validation"]) == 0
    assert "Macro F1" in capsys.readouterr().out
    assert cli.main(["evaluate", "tiny", "--recorded", "--split", "validation", "--tta", "flip"]) == 0
    assert cli.main(["evaluate", "tiny", "--recorded", "--data", "drawn"]) == 2
    assert "60 pictures" in capsys.readouterr().out


def test_exercises_build_writes_the_exercise(tmp_path, capsys):
    import nbformat

    (tmp_path / "solutions").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title", id="title")])
    nbformat.write(notebook, tmp_path / "solutions" / "09_x.ipynb")
    folders = ["--solutions", str(tmp_path / "solutions"), "--exercises", str(tmp_path / "exercises")]
    assert cli.main(["exercises", "build", *folders]) == 0
    assert "09_x.ipynb" in capsys.readouterr().out
    assert (tmp_path / "exercises" / "09_x.ipynb").is_file()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
@pytest.mark.parametrize("words", [["recognize", "p.txt"], ["feedback", "p.csv"], ["data", "import", "p.csv"]])
def test_a_pipe_is_named_and_not_waited_for(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    os.mkfifo(words[-1])
    assert cli.main(words) == 2
    assert "found a pipe or a device" in capsys.readouterr().err


def test_pictures_in_a_folder_that_begins_with_a_tilde_are_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~nobody_x").mkdir()
    assert cli.main(["train", "small_cnn", "--data", "~nobody_x", "--name", "tilde"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
