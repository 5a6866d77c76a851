"""A mistake gets one sentence, exit code 2 and nothing half-done; the advice leads out of it."""

import json
import shutil
from pathlib import Path

import pytest
import scenes
from PIL import Image

import emotionlab as el
from emotionlab import cli
from emotionlab.base.backend import keras
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.runs import REFERENCE_RUNS, Run, write_json

CASES = Path(__file__).parents[1] / "cases"


def refused(capsys, *words) -> str:
    """The one sentence of a command that ends with exit code 2."""
    assert cli.main([str(word) for word in words]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("emotionlab: ")
    assert len(said.splitlines()) == 1
    return said


# ------------------------------------------------------------------------------------------- recipes


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("negative_rate.json", "learning_rate to be a number of at least 0, found -1"),
        ("text_epochs.json", "epochs to be a whole number from 0 to 1000000, found '3' (a text); write 3 without"),
    ],
)
def test_a_recipe_with_a_wrong_entry_is_one_sentence_and_leaves_no_run(case, words, capsys, own_folders):
    said = refused(capsys, "train", "small_cnn", "--data", "drawn", "--size", "200", "--recipe", CASES / case)
    assert words in said
    assert case in said
    assert not (own_folders / "runs").exists()


@pytest.mark.parametrize(
    "entry",
    [
        {"epochs": 2.5},
        {"epochs": None},
        {"epochs": True},
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": "0.1"},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"cosine": "no"},
        {"flip": 1},
        {"label_smoothing": 2},
        {"weight_decay": -1e-3},
        {"rotation": [9]},
        {"zoom": 1.0},
        {"crop": 7},
        {"crop": 96},
        {"erasing": -0.1},
        {"mixup": -1},
        {"balance": "weight"},
        {"optimizer": 3},
        {"unfreeze_from": None},
        {"seed": -1},
        {"epoch": 3},
    ],
)
def test_every_entry_of_a_recipe_is_checked_and_named(entry, tmp_path):
    (name,) = entry
    (tmp_path / "recipe.json").write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(RunError, match=rf"{name}.*recipe\.json"):
        _load(tmp_path / "recipe.json")
    with pytest.raises(RunError, match=name):
        el.Recipe().but(**entry)


def _load(path):
    from emotionlab.runs.recipes import load_recipe

    return load_recipe(path)


@pytest.mark.parametrize("content", ["[]", "3", "{not json", "", "[" * 100_000, '{"epochs": 1'])
def test_a_file_that_holds_no_recipe_is_refused(content, tmp_path):
    path = tmp_path / "odd.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=r"odd\.json"):
        _load(path)


# ------------------------------------------------------------------------------------------- inputs that would go


@pytest.mark.parametrize("option", ["--recipe", "--data", "--weights"])
def test_a_run_is_not_made_over_what_it_is_made_from(option, capsys, own_folders):
    run = own_folders / "runs" / "x"
    write_json(run / "recipe.json", el.Recipe(epochs=1).as_dict())
    before = (run / "recipe.json").read_bytes()
    network = "vgg16" if option == "--weights" else "small_cnn"
    said = refused(capsys, "train", network, option, run / "recipe.json", "--name", "x")
    assert f"Expected {option} outside" in said
    assert "copy it to another place" in said
    assert (run / "recipe.json").read_bytes() == before
    assert [path.name for path in run.iterdir()] == ["recipe.json"]


def test_a_record_is_not_made_from_what_it_replaces(capsys, tmp_path):
    from emotionlab.base.files import RECORDS
    from emotionlab.labs.__main__ import main

    record = RECORDS / "ferplus_matrix.json"
    before = record.read_bytes()
    assert "Expected --data outside" in refused(capsys, "data", "survey", "--record", "--data", record)
    assert "Expected VOTES outside" in refused(capsys, "data", "ferplus", record, "--record")
    assert main(["remake", "ferplus", "--votes", str(record)]) == 2
    assert "Expected --votes outside" in capsys.readouterr().err
    (tmp_path / "one").mkdir()
    same = [str(tmp_path / "one")] * 2
    assert main(["remake", "ferplus", "imagenet_weights", "--votes", same[0], "--weights", same[1]]) == 2
    assert "Expected different paths for" in capsys.readouterr().err
    assert record.read_bytes() == before


# ------------------------------------------------------------------------------------------- films


def test_an_empty_film_and_one_without_its_index_are_called_so(tmp_path, capsys):
    (tmp_path / "zero.mp4").write_bytes(b"")
    assert "the file is empty" in refused(capsys, "recognize", tmp_path / "zero.mp4")
    said = refused(capsys, "recognize", CASES / "nomoov.mp4", "--out", tmp_path / "out.mp4")
    assert "the film is cut off (its index is missing)" in said
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("letters", ["mp4v", "MJPG"])
def test_a_film_that_breaks_off_before_its_first_picture_is_called_cut_off(tmp_path, letters):
    from scenes import write_film as write

    path = write(tmp_path / ("a.mp4" if letters == "mp4v" else "a.avi"), [scenes.scene()] * 12, letters=letters)
    content = path.read_bytes()
    path.write_bytes(content[: 200 if letters == "MJPG" else len(content) // 2])
    with pytest.raises(DataError, match="cut off"):
        el.recognize_video(path, progress=False)


def test_a_pdf_called_mp4_is_called_a_pdf(tmp_path):
    (tmp_path / "talk.mp4").write_bytes(b"%PDF-1.7\n" + bytes(3000))
    with pytest.raises(DataError, match="a PDF"):
        el.recognize_video(tmp_path / "talk.mp4")


def test_a_phone_photo_is_named_on_the_command_line(capsys):
    assert cli.main(["recognize", str(CASES / "phone.heic")]) == 2
    said = capsys.readouterr().out
    assert "HEIC" in said
    assert "save as JPEG" in said


# ------------------------------------------------------------------------------------------- outputs


@pytest.fixture
def photo(tmp_path):
    Image.fromarray(scenes.scene()).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.mark.parametrize("way", ["itself", "a detour", "a link"])
def test_no_output_is_written_over_an_input(photo, tmp_path, capsys, way):
    other = photo
    if way == "a detour":
        other = tmp_path / ".." / tmp_path.name / "a.png"
    if way == "a link":
        other = tmp_path / "link.png"
        try:
            other.hardlink_to(photo)
        except OSError:
            pytest.skip("no links here")
    before = photo.read_bytes()
    for option in ("--csv", "--out"):
        assert "a.png" in refused(capsys, "recognize", photo, option, other)
        assert photo.read_bytes() == before


def test_two_outputs_are_never_one_file(photo, tmp_path, capsys):
    both = tmp_path / "both.png"
    assert "two names" in refused(capsys, "recognize", photo, "--csv", both, "--out", both)
    assert not both.exists()
    (tmp_path / "out").mkdir()
    other = shutil.copy(photo, tmp_path / "b.png")
    said = refused(capsys, "recognize", photo, other, "--csv", tmp_path / "out" / "a.png", "--out", tmp_path / "out")
    assert "two names" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_photos_whose_names_differ_in_capitals_alone_become_two_pictures(photo, tmp_path):
    out = tmp_path / "out"
    for folder in (tmp_path / "one", tmp_path / "two", out):
        folder.mkdir()
    photos = [shutil.copy(photo, tmp_path / name) for name in ("one/IMG.png", "two/img.png")]
    assert cli.main(["recognize", *map(str, photos), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["IMG.png", "img_2.png"]


def test_a_film_and_its_two_outputs_are_kept_apart(tmp_path, capsys):
    from scenes import write_film as write

    film = write(tmp_path / "film.avi", [scenes.scene()] * 2)
    before = film.read_bytes()
    for words in (["--csv", film], ["--out", film], ["--csv", tmp_path / "o.avi", "--out", tmp_path / "o.avi"]):
        refused(capsys, "recognize", film, *words)
    assert film.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["film.avi"]


def test_a_place_that_cannot_be_written_is_said_before_the_work(photo, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(el.Recognizer, "__call__", lambda *_: pytest.fail("the work had begun"))
    refused(capsys, "recognize", photo, "--csv", tmp_path / "no" / "t.csv")
    refused(capsys, "recognize", photo, "--csv", tmp_path)
    refused(capsys, "recognize", photo, photo, "--out", tmp_path / "no")


def test_a_card_is_never_written_over_a_file_of_its_run(capsys, own_folders):
    run = shutil.copytree(REFERENCE_RUNS / "plain", own_folders / "runs" / "mine")
    said = refused(capsys, "card", "mine", "--out", run / "provenance.json", "--force")
    assert "provenance.json" in said
    assert json.loads((run / "provenance.json").read_text(encoding="utf-8"))


def test_exercises_are_never_written_over_their_solutions(tmp_path, capsys):
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title", id="title")])
    nbformat.write(notebook, tmp_path / "90_x.ipynb")
    before = (tmp_path / "90_x.ipynb").read_bytes()
    said = refused(capsys, "exercises", "build", "--solutions", tmp_path, "--exercises", tmp_path)
    assert "90_x.ipynb" in said
    assert (tmp_path / "90_x.ipynb").read_bytes() == before


# ------------------------------------------------------------------------------------------- networks


def network(shape=(48, 48, 1), outputs=7, activation=None):
    layers = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(outputs, activation, name="logits")]
    return keras.Sequential(layers, name="odd")


@pytest.fixture(scope="module")
def faces():
    return el.load_faces("drawn", size=60)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"shape": (96, 96, 1)}, r"input shape \(96, 96, 1\)"),
        ({"shape": (48, 48, 3)}, r"input shape \(48, 48, 3\)"),
        ({"outputs": 6}, "7 outputs"),
        ({"activation": "sigmoid"}, "sigmoid at the end"),
        ({"activation": "softmax"}, "softmax at the end"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_everywhere(wrong, words, faces, own_folders):
    model = network(**wrong)
    for use in (
        lambda: el.evaluate(model, faces.test),
        lambda: el.Recognizer(model, detector="haar"),
        lambda: el.train(model, faces, el.Recipe(epochs=1), name="mine"),
        lambda: el.grad_cam(model, faces.test.images),
        lambda: el.occlusion(model, faces.test.images),
        lambda: el.playground(model),
    ):
        with pytest.raises(EmotionLabError, match=words):
            use()
    assert not (own_folders / "runs" / "mine").exists()


def test_a_run_whose_network_takes_other_pictures_is_refused(own_folders):
    folder = own_folders / "runs" / "large"
    shutil.copytree(REFERENCE_RUNS / "scratch_cnn", folder)
    path = folder / "architecture.json"
    path.write_text(json.dumps(_resized(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    with pytest.raises(RunError, match=r"\(96, 96, 1\)"):
        el.Recognizer("large", detector="haar")


def _resized(value):
    """The architecture for pictures of 96 x 96 pixels."""
    if isinstance(value, dict):
        return {key: [None, 96, 96, 1] if key == "batch_shape" else _resized(one) for key, one in value.items()}
    return [_resized(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_an_empty_split_is_named(faces, part):
    import dataclasses

    empty = dataclasses.replace(faces, **{part: faces.test.take(slice(0, 0))})
    with pytest.raises(EmotionLabError, match=f"{part} to hold pictures"):
        el.train(network(), empty, el.Recipe(epochs=1))
    with pytest.raises(EmotionLabError, match="split to hold pictures"):
        el.evaluate(network(), empty.splits()[part])


def test_one_picture_is_no_list_of_pictures():
    with pytest.raises(EmotionLabError, match=r"'one\.png'.*brackets"):
        el.Recognizer(detector="haar").files("one.png")


# ------------------------------------------------------------------------------------------- runs


@pytest.fixture
def finished(own_folders):
    return Run(shutil.copytree(REFERENCE_RUNS / "scratch_cnn", own_folders / "runs" / "mine"))


USES = {
    "recipe.json": lambda run: el.load_run(run.name).recipe,
    "history.json": lambda run: run.history,
    "predictions.npz": lambda run: run.report(),
    "weights.npz": lambda run: run.model(),
    "architecture.json": lambda run: run.model(),
}


@pytest.mark.parametrize("missing", USES)
@pytest.mark.parametrize("damage", ["missing", "empty", "other"])
def test_a_finished_run_that_lost_a_file_is_told_a_way_out(finished, missing, damage):
    path = finished.folder / missing
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else b"[1, 2]")
    with pytest.raises(RunError) as problem:
        USES[missing](finished)
    said = str(problem.value)
    assert missing in said or "recipe" in said
    assert "delete the folder" in said or missing == "recipe.json"
    assert "resume" not in said


def test_training_over_a_damaged_run_leads_out_too(finished, faces):
    (finished.folder / "provenance.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="delete the folder"):
        el.train(network(), faces, finished.recipe, name="mine")
    (finished.folder / "provenance.json").write_text("no JSON", encoding="utf-8")
    with pytest.raises(RunError, match="delete the folder"):
        el.train(network(), faces, finished.recipe, name="mine")


def test_a_run_that_cannot_be_written_is_said_in_one_sentence(faces, own_folders, monkeypatch):
    (own_folders / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(own_folders / "file"))
    with pytest.raises(RunError, match="EMOTIONLAB_RUNS"):
        el.train(network(), faces, el.Recipe(epochs=1), name="mine")


def test_a_shipped_run_that_lost_a_file_asks_for_a_new_installation(monkeypatch, tmp_path):
    from emotionlab.runs import run as runs

    monkeypatch.setattr(runs, "REFERENCE_RUNS", tmp_path)
    write_json(tmp_path / "shipped" / "recipe.json", el.Recipe().as_dict())
    write_json(tmp_path / "shipped" / "provenance.json", {})
    with pytest.raises(RunError, match="install emotionlab again"):
        runs.Run(tmp_path / "shipped").history  # noqa: B018
