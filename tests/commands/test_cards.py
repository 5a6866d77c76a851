"""Model cards: every figure is the run's own, nothing breaks the Markdown, and no file is half written."""

import argparse
import json
import re
import shutil

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.commands import cards
from emotionlab.commands.cards import model_card, write_card
from emotionlab.evaluation import confidence_interval, percent
from emotionlab.labs import leak
from emotionlab.runs import REFERENCE_RUNS, Run, write_arrays, write_json

SECTIONS = (
    "Model details",
    "Intended use",
    "Factors: for whom does it work?",
    "Training and evaluation data",
    "Training",
    "Metrics and results",
    "Ethical considerations and the law",
    "Caveats and recommendations",
    "Sources",
)

PROVENANCE = {
    "command": "el.train(...)",
    "commit": "abc123+changes",
    "made": "2026-01-02T03:04:05+00:00",
    "seed": 3,
    "epochs_trained": 2,
    "minutes": 1.5,
    "parameters": 1234,
    "network": "small_cnn",
    "initialisation": "random",
    "precision": "float32",
    "data": {"name": "drawn", "pictures": {"train": 48, "validation": 6, "test": 6}, "checksum": "00ff"},
    "hardware": "a laptop, 2 cores, 8 GiB",
    "backend": "tensorflow",
    "versions": {"python": "3.12.0", "emotionlab": "0.1.0"},
}


def predictions(n=60, seed=0):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(7), n)
    return {"labels": rng.integers(0, 7, n), "none": probabilities.astype("float16")}


@pytest.fixture
def made(tmp_path):
    """Write a run folder as a training leaves it, with whatever differs."""

    def make(name="mine", splits=("validation",), drop=(), **known):
        folder = tmp_path / "runs" / name
        write_json(folder / "recipe.json", el.Recipe(epochs=2, seed=3).as_dict())
        write_json(folder / "history.json", {"epoch": [1, 2]})
        provenance = {key: value for key, value in (PROVENANCE | known).items() if key not in drop}
        write_json(folder / "provenance.json", provenance)
        arrays = {f"{s}_{k}": v for i, s in enumerate(splits) for k, v in predictions(seed=i).items()}
        write_arrays(folder / "predictions.npz", arrays)
        return Run(folder)

    return make


def headings(card):
    return re.findall(r"^## (.+)$", card, flags=re.MULTILINE)


def tables(card):
    """The rows of each table, as lists of cells; a pipe in a cell is written \\| and does not divide."""
    blocks = re.findall(r"(?:^\|.*\|\n?)+", card, flags=re.MULTILINE)
    return [[re.split(r"(?<!\\)\|", line)[1:-1] for line in block.strip().splitlines()] for block in blocks]


@pytest.mark.parametrize("name", el.reference.names())
def test_a_recorded_run_has_a_whole_card_with_its_own_figures(name):
    run = el.reference.load(name)
    card, report = model_card(run), run.report("test")
    assert card == model_card(name), "a name is as good as the run"
    assert tuple(headings(card)) == SECTIONS
    low, high = report.accuracy_interval
    assert f"{percent(report.accuracy)} ({percent(low)} to {percent(high)})" in card
    for k, emotion in enumerate(el.EMOTIONS):
        low, high = confidence_interval(report.confusion[k, k], report.confusion[k].sum())
        row = report.per_class.loc[emotion]
        assert f"| {emotion} | {int(row.support):,} | {row.recall:.3f} | {low:.3f} to {high:.3f} |" in card
    for text in (run.provenance["command"], run.provenance["commit"], f"{run.provenance['parameters']:,}"):
        assert text in card
    assert f"{report.ece:.3f} in 15 bins" in card
    assert "288 of 3,589 test pictures (8.0 %)" in card
    assert "For 16.3 % none of the ten chose the label" in card
    clean = leak(run, tta="none").loc["clean"]
    assert f"did not leak | as it is | {clean.pictures:,.0f} | {percent(clean.accuracy)}" in card
    assert "### Against people" in card
    assert "not legal advice" in card
    assert "Article 5(1)(f)" in card
    assert "disgust (55)" in card


@pytest.mark.parametrize("name", el.reference.names())
def test_every_table_of_a_card_has_as_many_cells_in_each_row(name):
    found = tables(model_card(name))
    assert len(found) >= 4
    for rows in found:
        assert len({len(row) for row in rows}) == 1, rows
        assert not any(cell.strip() in ("", "nan", "None") for row in rows for cell in row)


def test_a_learners_run_says_that_the_test_pictures_were_not_measured(made):
    card = model_card(made())
    assert "**The test pictures were not measured.**" in card
    assert 'el.evaluate("mine", faces.test)' in card
    assert "### Each word, validation pictures" in card
    assert "| test pictures |" not in card
    assert "No person is shown" in card
    assert "pixel for pixel" not in card, "leaks of FER-2013 are no matter of drawn faces"
    assert "Against people" not in card
    assert "with changes that were not committed" in card


def test_a_run_with_test_predictions_reports_them(made):
    card = model_card(made(splits=("validation", "test")))
    assert "not measured.**" not in card.split("## Metrics")[1]
    assert "### Each word, test pictures" in card


def test_a_run_without_predictions_has_a_card_too(made):
    assert "nothing to report" in model_card(made(splits=()))


def test_what_is_not_recorded_is_called_so(made):
    card = model_card(made(drop=tuple(PROVENANCE)))
    assert card.count("not recorded") >= 8
    assert "None" not in card


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("random", "this is not transfer learning"),
        ("imagenet", "weights learned on ImageNet"),
        ("my_weights.h5", "weights from the file `my_weights.h5`"),
    ],
)
def test_the_start_of_the_training_is_labelled(made, start, words):
    card = model_card(made(initialisation=start))
    assert words in card
    assert ("only under that name" in card) == (start == "random")


def test_a_part_of_fer2013_is_told_from_the_whole(made):
    card = model_card(made(data={"name": "fer2013", "pictures": {"train": 100, "validation": 9}, "checksum": "1"}))
    assert "used other numbers of pictures" in card
    assert "Against people" not in card, "its pictures are not those of the recorded votes"


def test_a_class_without_pictures_has_no_interval(made):
    run = made()
    labels = np.zeros(20, int)
    write_arrays(
        run.folder / "predictions.npz", {"validation_labels": labels, "validation_none": np.full((20, 7), 1 / 7)}
    )
    card = model_card(run)
    assert "| fear | 0 | 0.000 | no picture |" in card
    assert "fear (0)" in card


NASTY = "my|run_*bold*_[x](http://evil) <img src=x> # `code`"


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"data": {"name": "drawn", "pictures": ["a"]}}, "pictures that are no"),
        ({"data": {"name": "drawn", "pictures": None}}, "pictures that are no"),
        ({"data": {"name": "drawn", "pictures": {"train": "many"}}}, "pictures that are no"),
        ({"network": ["a"], "initialisation": "imagenet"}, "a network that is no name"),
    ],
)
def test_a_provenance_that_somebody_changed_is_one_sentence(made, wrong, found):
    with pytest.raises(RunError, match=found):
        model_card(made(**wrong))


def test_markdown_in_names_and_values_is_shown_not_obeyed(made):
    nasty = PROVENANCE | {
        "hardware": NASTY,
        "command": "emotionlab train `whoami` | tee\n# x",
        "versions": {"python": "3.1|4", "<script>": "1."},
        "network": "a``b",
        "data": {"name": "# mine <b>", "pictures": {"train|x": 5}, "checksum": "`"},
    }
    card = model_card(made("a|b_c [d]", **nasty))
    assert "<script>" not in card
    assert "<img" not in card
    assert not re.search(r"(?<!\\)\]\(", card), "no link"
    assert headings(card) == headings(model_card(made()))
    for rows in tables(card):
        assert len({len(row) for row in rows}) == 1, rows
    assert "`` emotionlab train `whoami` \\| tee # x ``" not in card  # no padding where none is needed
    assert "``emotionlab train `whoami` \\| tee # x``" in card
    assert card.startswith("# Model card: a\\|b\\_c \\[d\\]\n")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.1.0", "0.1.0"),
        ("57.6 minutes", "57.6 minutes"),
        ("1. first", "1\\. first"),
        ("- point", "\\- point"),
        ("2026-01-02", "2026-01-02"),
        ("a\n\n# b", "a \\# b"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_text_keeps_its_looks(value, shown):
    assert cards._text(value) == shown


def test_a_card_is_markdown_that_renders_with_its_tables_and_headings():
    mistune = pytest.importorskip("mistune")
    html = mistune.create_markdown(plugins=["table"])(model_card("scratch_cnn"))
    assert html.count("<table>") == 4
    assert html.count("<h2>") == len(SECTIONS)
    assert html.count("<h1>") == 1


# ---- Writing it -----------------------------------------------------------------------------------


def command(*arguments):
    parser = argparse.ArgumentParser()
    cards.add_card(parser.add_subparsers())
    chosen = parser.parse_args(["card", *map(str, arguments)])
    return chosen.command(chosen)


def test_the_command_prints_the_card_and_nothing_else(capsys):
    command("plain")
    assert capsys.readouterr().out == model_card("plain")


def test_the_command_writes_a_file_and_does_not_write_over_it(tmp_path, capsys):
    path = tmp_path / "card ü.md"
    command("plain", "--out", path)
    assert path.read_text(encoding="utf-8") == model_card("plain")
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(EmotionLabError, match=r"found one.*--force"):
        command("plain", "--out", path)
    assert path.read_text(encoding="utf-8") == "mine"
    command("plain", "--out", path, "--force")
    assert path.read_text(encoding="utf-8") == model_card("plain")
    assert [p.name for p in tmp_path.iterdir()] == ["card ü.md"]


@pytest.mark.parametrize("where", ["", "no/such/folder/card.md"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, where):
    with pytest.raises(EmotionLabError, match="file name for the card"):
        write_card("plain", tmp_path / where)


def test_nothing_half_written_is_left_when_the_disk_refuses(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(EmotionLabError, match="No space left"):
        write_card("plain", tmp_path / "card.md")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_there_or_not_whole_is_named(tmp_path):
    with pytest.raises(RunError, match="no run called 'nothing'"):
        write_card("nothing", tmp_path / "card.md")
    broken = tmp_path / "broken"
    shutil.copytree(REFERENCE_RUNS / "plain", broken)
    (broken / "predictions.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(RunError, match=r"predictions\.npz"):
        write_card(broken, tmp_path / "card.md")
    (broken / "provenance.json").write_text(json.dumps(PROVENANCE)[:40], encoding="utf-8")
    with pytest.raises(RunError, match=r"provenance\.json"):
        model_card(Run(broken))
    assert not (tmp_path / "card.md").exists()


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("text", lambda: f"{el.text.recorded.load('attention').report().macro_f1:.3f}"),
        ("voice", lambda: f"{el.sound.recorded.load('emodb').table()['cnn']['mean']:.3f}"),
    ],
)
def test_the_networks_for_words_and_voices_have_cards_with_their_own_figures(name, figure, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(tmp_path / "runs"))
    text = cards.model_card(name)
    assert text.startswith(f"# Model card: {name}\n")
    assert figure() in text
    for heading in ("Intended use", "Factors", "Metrics and results", "the law", "Caveats", "Sources"):
        assert re.search(rf"^## .*{heading}", text, re.M)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    path = cards.write_card(name, tmp_path / "card.md")
    assert path.read_text(encoding="utf-8") == text
    (tmp_path / "runs" / name).mkdir(parents=True)
    with pytest.raises(RunError):  # a run of one's own with that name goes first
        cards.model_card(name)
