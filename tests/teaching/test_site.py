"""The site without Sphinx: what it keeps, and how outputs are made fit for a page."""

import hashlib
import json
import os
import re
import signal
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from emotionlab.base.errors import EmotionLabError
from emotionlab.course.files import course_source
from emotionlab.exercises.quiz import read_quiz
from emotionlab.faces import yunet
from emotionlab.teaching.site import build, front, laying, reference, running, showing, trying
from emotionlab.teaching.site.inside import describe

COURSE = course_source()


# ------------------------------------------------------------------------------------------ running


@pytest.fixture
def lesson(tmp_path):
    """Writes a course of one lesson whose cells have these sources, and gives its path."""

    def write(*cells: str, words: str = "Why.") -> Path:
        path = tmp_path / "course" / "lessons" / "00_small.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(words)])
        for number, source in enumerate(cells):
            notebook.cells.append(nbformat.v4.new_code_cell(source, id=f"cell-{number}"))
        nbformat.write(notebook, path)
        return path

    return write


def outputs(path: Path):
    return running.outputs_of(path, path.parents[1])


SMALL = (
    "import os, emotionlab as el\n"
    "print(el.data.Faces.__name__, os.listdir(os.environ['EMOTIONLAB_DATA'])"
    " if os.path.exists(os.environ['EMOTIONLAB_DATA']) else 'no data', os.getcwd())",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], label='loss'); plt.legend(); plt.title('A curve');",
)


def test_a_lesson_is_run_once_and_again_when_its_code_or_what_it_used_changes(lesson):
    path = lesson(*SMALL)
    first = outputs(path)
    assert first.fresh
    assert "Faces no data my_course/lessons" in first.outputs["cell-0"][0]["text"]
    drawn = next(out["data"] for out in first.outputs["cell-1"] if "image/png" in out.get("data", {}))
    assert drawn["text/plain"] == "Figure with lines, titled “A curve”: showing loss."

    lesson(*SMALL, words="Other words.")  # what is no code changes nothing
    second = outputs(path)
    assert not second.fresh
    assert second.outputs == first.outputs

    (kept,) = (running.settings.data_dir() / "site").iterdir()
    entry = json.loads(kept.read_text())
    assert {"__init__.py", "base/emotions.py", "data/__init__.py"} <= set(entry["used"])
    assert "live/app.py" not in entry["used"]
    entry["used"]["base/emotions.py"] = "as it was before somebody changed it"
    kept.write_text(json.dumps(entry))
    assert running._still_right(kept, entry["key"]) is None

    lesson(SMALL[0] + "\n", SMALL[1])
    notebook = nbformat.read(path, as_version=4)
    assert running._key(notebook, path) != entry["key"]


def test_a_cell_that_fails_is_named_and_nothing_is_kept(lesson):
    path = lesson("x = 1", "1 / 0")
    with pytest.raises(
        EmotionLabError, match=r"lessons/00_small.ipynb to run, found ZeroDivisionError in the cell cell-1"
    ):
        outputs(path)
    assert not (running.settings.data_dir() / "site").exists()


def test_the_reason_of_a_failed_cell_is_one_sentence(lesson):
    with pytest.raises(EmotionLabError, match=r"the cell cell-0: first second; run the notebook") as caught:
        outputs(lesson("raise ValueError('first\\n\\n   second.')"))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="signals: Windows sends them in another way")
def test_ctrl_c_ends_the_kernel_and_leaves_the_signals_as_they_were(lesson, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    path = lesson(f"import os, signal, time\nos.kill({os.getpid()}, signal.SIGINT)\ntime.sleep(60)")
    with pytest.raises(KeyboardInterrupt):
        outputs(path)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert not list(tmp_path.glob("emotionlab_site_*"))


def test_the_fingerprint_follows_the_files_of_the_package():
    prints = running.fingerprints(["base/emotions.py", "no_such_file.py"])
    assert len(prints["base/emotions.py"]) == 64
    assert prints["no_such_file.py"] == ""


def test_a_damaged_record_of_outputs_is_as_good_as_none(tmp_path):
    for content in ("", "{}", "[1]", '{"key": "k", "used": 3}'):
        (tmp_path / "kept.json").write_text(content)
        assert running._still_right(tmp_path / "kept.json", "k") is None


def test_outputs_tell_nothing_of_the_machine_but_pictures_stay_as_they_are(tmp_path):
    home = str(Path.home())
    told = running._without_this_machine([{"text": f"{tmp_path}/data {home}/x", "image/png": f"aa{home}"}], tmp_path)
    assert told == [{"text": "my_course/data ~/x", "image/png": f"aa{home}"}]


def test_where_the_home_folder_is_the_root_slashes_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert running._without_this_machine("3 / 4, a/b", tmp_path) == "3 / 4, a/b"


# ------------------------------------------------------------------------------------------ outputs on a page

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def cell(source: str = "x", **metadata):
    return nbformat.v4.new_code_cell(source, id="c", metadata=metadata)


def picture(text: str) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": PIXEL, "text/plain": text}}


def html_of(made: list) -> str:
    return "".join(output["data"]["text/html"] for output in made)


def test_each_picture_becomes_a_file_with_its_description(tmp_path):
    made = showing.shown(cell(), [picture('A "curve" < 1'), picture("Bars")], tmp_path / "figures")
    assert 'alt="A &quot;curve&quot; &lt; 1"' in html_of(made)
    assert len(list((tmp_path / "figures").glob("*.png"))) == 2


def test_the_description_in_a_cells_metadata_comes_first(tmp_path):
    own = cell(emotionlab={"alt": ["The first.", "The second."]})
    made = html_of(showing.shown(own, [picture("<Figure>"), picture("<Figure>"), picture("A third")], tmp_path))
    assert [made.count(words) for words in ("The first.", "The second.", "A third")] == [1, 1, 1]


@pytest.mark.parametrize("text", ["", "<PIL.Image.Image image mode=L>", "[Face(box=1)]"])
def test_a_picture_without_a_description_is_refused(tmp_path, text):
    with pytest.raises(EmotionLabError, match="the cell c shows"):
        showing.shown(cell(), [picture(text)], tmp_path)
    bare = {"output_type": "display_data", "metadata": {}, "data": {"text/html": '<img src="x.png">'}}
    with pytest.raises(EmotionLabError, match="alt"):
        showing.shown(cell(), [bare], tmp_path)


def test_a_quiz_opens_its_reasons_without_a_kernel(tmp_path):
    quiz = read_quiz("01")
    made = html_of(showing.shown(cell('el.quiz("01")'), [], tmp_path))
    assert made.count("<details>") == sum(len(question.choices) for question in quiz.questions)
    assert made.count("✓ Right.") == len(quiz.questions)


def test_a_panel_says_where_it_works_and_a_full_progress_bar_says_nothing(tmp_path):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    bar = {"output_type": "display_data", "metadata": {}, "data": widget | {"text/plain": " 50%|#####     | 5/10"}}
    panel = {"output_type": "display_data", "metadata": {}, "data": widget | {"text/plain": "You: 0 faces"}}
    assert showing.shown(cell(), [bar], tmp_path) == []
    said, drawn, note = showing.shown(cell("me = el.tagger(faces)\nme"), [panel], tmp_path)
    assert said["text"] == "You: 0 faces\n"
    assert "tagger.jpg" in drawn["data"]["text/html"]
    assert "JupyterLab" in note["data"]["text/html"]
    assert showing.shown(cell("second = el.tagger(faces)"), [], tmp_path) == []  # no panel is opened


@pytest.mark.parametrize("name", ["abstention", "app", "microphone"])
def test_what_needs_a_kernel_shows_a_picture_of_itself(tmp_path, name):
    (drawn, note) = showing.shown(cell(f"panel = el.{name}()\npanel"), [], tmp_path / "figures")
    assert f'src="figures/{name}.jpg" alt="The ' in drawn["data"]["text/html"]
    assert (tmp_path / "figures" / f"{name}.jpg").stat().st_size > 10_000
    assert "In JupyterLab this cell opens" in note["data"]["text/html"]


def test_figures_are_described_by_what_they_hold():
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2)
    left.imshow(np.zeros((2, 2)))
    left.set_xlabel("a face")
    right.bar(["happy", "sad"], [1, 2])
    right.set(xlabel="Emotion", ylabel="Share of $x$")
    figure.suptitle("Two  things")
    words = describe(figure)
    plt.close(figure)
    assert words == "Figure with 1 picture and bars, titled “Two things”: Share of x over Emotion; showing a face."


def test_what_the_doctor_says_is_said_of_the_computer_that_built_the_page(tmp_path):
    (lesson,) = laying.notebooks(COURSE, ["00"])
    (doctor,) = [one for one in nbformat.read(lesson, as_version=4).cells if one.id == "l00-doctor"]
    assert "the computer said that built this page" in html_of(showing.shown(doctor, [], tmp_path))


# ------------------------------------------------------------------------------------------ laying


def test_every_notebook_of_the_course_has_its_page_and_no_solution_has_one():
    pages = [path.relative_to(COURSE).as_posix() for path in laying.notebooks(COURSE, [])]
    there = sorted(COURSE.glob("lessons/**/*.ipynb")) + sorted(COURSE.glob("exercises/*.ipynb"))
    assert sorted(pages) == sorted(path.relative_to(COURSE).as_posix() for path in there)
    assert pages[0] == "lessons/00_start_here.ipynb"


def test_a_notebook_that_was_never_finished_has_no_page(tmp_path):
    (tmp_path / "exercises").mkdir()
    for name in ("01_a.ipynb", ".01_a-0a1b2c3d.ipynb"):
        (tmp_path / "exercises" / name).touch()
    assert [path.name for path in laying.notebooks(tmp_path, [])] == ["01_a.ipynb"]


@pytest.fixture
def place(tmp_path):
    pages = tmp_path / "pages"
    (pages / "lessons").mkdir(parents=True)
    (pages / "lessons" / "glossary.md").touch()
    return laying.Place(COURSE, pages, tmp_path / "extra")


LINKS = "[a](glossary.md#b) [c `d`](../solutions) [e](https://x.org/y.md) ![f](images/g.png) [h](#i)"


def test_links_lead_to_a_page_or_are_plain_words(place):
    page = place.pages / "lessons" / "x.md"
    assert laying.linked(LINKS, page, place) == LINKS.replace("[c `d`](../solutions)", "c `d`")


def test_with_a_repository_links_lead_there(place):
    there = laying.Place(place.course, place.pages, place.extra, "https://github.com/a/b")
    made = laying.linked("[c](../emotionlab/__init__.py) [d](../nowhere)", place.pages / "lessons" / "x.md", there)
    assert made == "[c](https://github.com/a/b/blob/main/emotionlab/__init__.py) d"


@pytest.mark.parametrize(("only", "count"), [("00", 0), ("text", 1)])
def test_a_site_without_an_elective_has_no_page_of_one(tmp_path, only, count):
    place = laying.Place(COURSE, tmp_path / "pages", tmp_path / "extra")
    chosen = laying.notebooks(COURSE, [only])
    laying.lay_files(place, chosen)
    front.lay_front(place, chosen)
    assert (place.pages / "index.md").read_text(encoding="utf-8").count("electives/streamlit") == count


def test_an_exercise_has_its_hints_and_no_solution(place):
    (source,) = [path for path in laying.notebooks(COURSE, ["03"]) if path.parent.name == "exercises"]
    (place.pages / "exercises").mkdir()
    assert laying.lay_notebook(place, source) is False
    text = (place.pages / "exercises" / source.name).read_text()
    laid = nbformat.reads(text, as_version=4)
    hints = [one for one in laid.cells if one.id.endswith("-hints")]
    assert len(hints) == 7
    assert all(one.source.count("<details") == 3 for one in hints)
    assert "SOLUTION" not in text


def test_the_page_of_names_has_them_all_with_their_words():
    import emotionlab as el

    page = reference.names_page()
    for name in (*el._HOME, *el._MODULES):
        assert f"\n### el.{name}\n" in page
    assert "el.webcam(model=None, smooth=0.5, width=640, mirror=True)" in page
    assert "imported, else drawn faces; &quot;drawn&quot; or" in page  # an indented line goes on with the one above
    assert "Finds the faces in a picture and says how each looks." in page
    assert "<tr><td>a data set to work with</td><td><code>load_faces</code></td></tr>" in page
    assert "|---" not in page


@pytest.mark.parametrize(
    ("only", "first"),
    [("00,01", "lessons/00_start_here.html"), ("02", "lessons/02_cnn_from_scratch.html"), ("text", None)],
)
def test_the_first_page_leads_to_the_first_lesson_that_is_there(place, only, first):
    front.lay_front(place, laying.notebooks(COURSE, only.split(",")))
    page = (place.pages / "index.md").read_text(encoding="utf-8")
    assert re.findall(r'Read first:</strong> <a href="(.+?)">', page) == ([first] if first else [])


def test_the_icon_is_a_small_picture(tmp_path):
    front.lay_icon(tmp_path)
    with Image.open(tmp_path / "favicon.ico") as icon:
        assert (icon.format, icon.size) == ("ICO", (48, 48))


def test_without_a_repository_no_page_offers_binder_or_colab():
    assert "launch_buttons" not in build.theme("")
    assert set(build.theme("https://github.com/a/b")["launch_buttons"]) >= {"binderhub_url", "colab_url"}
    assert "colab_url" not in build.theme("https://gitlab.com/a/b")["launch_buttons"]


# ------------------------------------------------------------------------------------------ the recogniser in the page

SCRIPT = Path(trying.__file__).with_name("try") / "try.js"


def test_files_that_npm_fetched_once_need_it_no_more(monkeypatch):
    monkeypatch.setattr(trying.shutil, "which", lambda name: None)
    kept = running.settings.data_dir() / "site" / trying.RUNTIME.replace("@", "-")
    kept.mkdir(parents=True)
    for name in trying.FILES:
        assert trying.missing_program() == "npm"
        (kept / name).touch()
    assert trying.missing_program() == ""
    assert trying.runtime_files() == kept


def test_where_npm_can_fetch_nothing_its_reason_is_told(tmp_path, monkeypatch):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error no network' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(trying.shutil, "which", lambda name: str(npm))
    with pytest.raises(EmotionLabError, match="npm error no network"):
        trying.runtime_files()
    assert list((running.settings.data_dir() / "site").iterdir()) == []


def test_the_script_is_short_plain_and_names_no_other_machine():
    for path in (*SCRIPT.parent.iterdir(), *SCRIPT.parents[1].glob("static/*"), *SCRIPT.parents[1].glob("*.html")):
        assert "://" not in path.read_text(encoding="utf-8"), path
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 400


def test_the_detector_in_the_package_is_the_one_whose_checksum_stands_there():
    assert hashlib.sha256(yunet.PACKAGED.read_bytes()).hexdigest() == yunet.SHA256


def test_the_page_computes_with_the_numbers_of_the_python_side():
    recognize = trying.recogniser()
    numbers = json.loads(json.dumps(trying.page_settings(recognize)))
    assert numbers["temperature"] == recognize.temperature
    assert numbers["threshold"] == recognize.threshold
    assert numbers["tracker"] == {"smooth": 0.5, "keep": 0.6, "lead": 0.08, "overlap": 0.2}
    for name, (content, _) in trying.pictures().items():
        assert len(recognize(content)) == (2 if name == "two.jpg" else 1), name


def test_the_detectors_graph_takes_pictures_of_any_size_and_computes_the_same():
    onnxruntime = pytest.importorskip("onnxruntime")
    content = yunet.PACKAGED.read_bytes()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    fixed, free = (onnxruntime.InferenceSession(c, options) for c in (content, trying.of_any_size(content)))
    picture = np.random.default_rng(0).uniform(0, 255, (1, 3, 640, 640)).astype("float32")
    for one, other in zip(fixed.run(None, {"input": picture}), free.run(None, {"input": picture}), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert free.run(["cls_8"], {"input": picture[:, :, :256, :320]})[0].shape == (1, 32 * 40, 1)
