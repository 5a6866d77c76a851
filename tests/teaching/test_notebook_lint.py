"""Every rule of the notebook lint passes a good notebook and catches one built to break it."""

import copy
import json

import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching import notebook_lint as lint

OPENING = """# Counting faces

You will be able to

- count pictures,
- compare two counts,
- say what a count hides.

**Time:** 20 minutes.

**Builds on:** [lesson 00](00_start.ipynb).
"""
RECAP = """## Recap

| word | meaning |
|---|---|
| count | how many |
"""
ONWARD = "Now [the exercise](../exercises/01_counting.ipynb), then [lesson 02](02_more.ipynb#title)."
FIGURES = {
    "figures": [{"quote": "28,709", "expression": "survey['n']", "format": "{:,}"}],
    "cited": [{"quote": "65 ± 5 %", "source": "Goodfellow et al. 2013"}],
}


def markdown(name, source, **metadata):
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": source}


def code(name, source):
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def good_cells():
    return [
        markdown("l01-title", OPENING),
        code("l01-setup", "import emotionlab as el\n\nprint(el.settings.banner())"),
        markdown(
            "l01-count",
            "## 1.1 Count\n\nIn 2013 FER-2013 had 28,709 faces, people got 65 ± 5 % and `0.5` is code.\n\n"
            "![A tall bar for happy, a short one for disgust](images/bars.png)",
            emotionlab=FIGURES,
        ),
        code("l01-show", "len('faces')"),
        markdown("l01-recap", RECAP),
        code("l01-quiz", 'el.quiz("01");'),
        markdown("l01-onward", ONWARD),
    ]


@pytest.fixture
def course(tmp_path):
    """A course of three lessons whose second, 01_counting, is the one under test."""
    for file in ("lessons/00_start.ipynb", "lessons/02_more.ipynb", "lessons/images/bars.png"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for folder in ("exercises", "solutions"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "01_counting.ipynb").touch()
    (tmp_path / "README.md").touch()
    return tmp_path


def write(course, cells, folder="lessons", **changes):
    raw = {
        "cells": copy.deepcopy(cells),
        "metadata": {
            "kernelspec": dict(lint.KERNELSPEC),
            "language_info": dict(lint.LANGUAGE_INFO),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = course / folder / "01_counting.ipynb"
    path.write_text(json.dumps(raw | changes), encoding="utf-8")
    return path


def replaced(name, **changes):
    """The good cells, one of them with other contents."""
    return [cell | changes if cell["id"] == name else cell for cell in good_cells()]


def without(name):
    return [cell for cell in good_cells() if cell["id"] != name]


def sentences(path):
    return [finding.sentence for finding in lint.lint(path)]


def assert_only(path, rule, words):
    """`rule` finds what `words` says, and no other rule finds anything."""
    notebook = lint.read_notebook(path)
    found = list(rule(notebook))
    assert found, f"{rule.__name__} found nothing"
    assert any(words in finding.sentence for finding in found), [f.sentence for f in found]
    assert lint.lint(path) == found


def test_a_good_lesson_has_no_findings(course):
    assert lint.lint(write(course, good_cells())) == []


BROKEN = {
    "outputs": (
        lint.check_no_outputs,
        lambda: replaced("l01-show", outputs=[{"output_type": "stream", "name": "stdout", "text": "5"}]),
        "carries outputs",
    ),
    "execution count": (
        lint.check_no_counts,
        lambda: replaced("l01-show", execution_count=3),
        "execution count",
    ),
    "cell metadata": (
        lint.check_metadata,
        lambda: replaced("l01-show", metadata={"execution": {"iopub.status.busy": "2026"}}),
        "carries execution",
    ),
    "capital in id": (
        lint.check_ids,
        lambda: replaced("l01-show", id="L01_Show"),
        "lowercase letters",
    ),
    "random id": (lint.check_ids, lambda: replaced("l01-show", id="3fa85f64"), "looks random"),
    "skip comment": (
        lint.check_no_skipping,
        lambda: replaced("l01-show", source="# NBVAL_SKIP\n1"),
        "must run",
    ),
    "skip tag": (
        lint.check_no_skipping,
        lambda: replaced("l01-show", metadata={"tags": ["nbval-skip"]}),
        "must run",
    ),
    "two titles": (
        lint.check_one_title,
        lambda: replaced("l01-onward", source="# Another\n\n" + ONWARD),
        "found 2",
    ),
    "no alt text": (
        lint.check_images,
        lambda: replaced("l01-onward", source=ONWARD + "\n![](images/bars.png)"),
        "no alt text",
    ),
    "html without alt": (
        lint.check_images,
        lambda: replaced("l01-onward", source=ONWARD + '\n<img src="images/bars.png" width="9">'),
        "no alt text",
    ),
    "missing image": (
        lint.check_images,
        lambda: replaced("l01-onward", source=ONWARD + "\n![Bars](images/none.png)"),
        "leads to no file",
    ),
    "remote image": (
        lint.check_images,
        lambda: replaced("l01-onward", source=ONWARD + "\n![Bars](https://example.org/x.png)"),
        "not a local file",
    ),
    "dead link": (
        lint.check_links,
        lambda: replaced("l01-onward", source=ONWARD + " [x](07_none.ipynb)"),
        "leads to no file",
    ),
    "dead html link": (
        lint.check_links,
        lambda: replaced("l01-onward", source=ONWARD + ' <a href="07_none.ipynb">x</a>'),
        "leads to no file",
    ),
    "link out of the copy": (
        lint.check_links,
        lambda: replaced("l01-onward", source=ONWARD + " [x](../README.md)"),
        "learner's copy",
    ),
    "percentage": (
        lint.check_figures,
        lambda: replaced("l01-onward", source=ONWARD + " It is 66 % right."),
        "'66 %'",
    ),
    "words for a percentage": (
        lint.check_figures,
        lambda: replaced("l01-onward", source=ONWARD + " It is 66 percent right."),
        "'66 percent'",
    ),
    "decimal": (
        lint.check_figures,
        lambda: replaced("l01-onward", source=ONWARD + " A recall of .62."),
        "'.62'",
    ),
    "large number": (
        lint.check_figures,
        lambda: replaced("l01-onward", source=ONWARD + " Of 3,589 pictures."),
        "'3,589'",
    ),
    "large number, no comma": (
        lint.check_figures,
        lambda: replaced("l01-onward", source=ONWARD + " Of 3589 pictures."),
        "'3589'",
    ),
    "quote inside a longer number": (
        lint.check_figures,
        lambda: replaced(
            "l01-onward",
            source=ONWARD + " Of 65.4 %.",
            metadata={"emotionlab": {"cited": [{"quote": "65", "source": "x"}]}},
        ),
        "does not occur",
    ),
    "quote that is not there": (
        lint.check_figures,
        lambda: replaced(
            "l01-onward",
            metadata={"emotionlab": {"figures": [{"quote": "12 %", "expression": "12"}]}},
        ),
        "does not occur",
    ),
    "figure without source": (
        lint.check_figures,
        lambda: replaced(
            "l01-onward",
            source=ONWARD + " Some 12 of them.",
            metadata={"emotionlab": {"figures": [{"quote": "12"}]}},
        ),
        "needs a quote",
    ),
    "two bullets": (
        lint.check_opening,
        lambda: replaced("l01-title", source=OPENING.replace("- compare two counts,\n", "")),
        "found 2",
    ),
    "no time": (
        lint.check_opening,
        lambda: replaced("l01-title", source=OPENING.replace("**Time:** 20 minutes.", "")),
        '"Time:"',
    ),
    "no builds on": (
        lint.check_opening,
        lambda: replaced("l01-title", source=OPENING.split("**Builds on")[0]),
        '"Builds on:"',
    ),
    "no banner": (
        lint.check_banner,
        lambda: replaced("l01-setup", source="import emotionlab as el"),
        "banner()",
    ),
    "too many code cells": (
        lint.check_code_size,
        lambda: (
            good_cells()[:2]
            + [cell for i in range(24) for cell in (markdown(f"l01-why-{i}", "Why."), code(f"l01-do-{i}", "1"))]
            + good_cells()[2:]
        ),
        "at most 25 code cells",
    ),
    "long code cell": (
        lint.check_code_size,
        lambda: replaced("l01-show", source="\n".join(["1"] * 16)),
        "at most 15 lines",
    ),
    "wide line of code": (
        lint.check_code_columns,
        lambda: replaced("l01-show", source="x = 1\n" + "y" * 101),
        "found one of 101",
    ),
    "code without prose": (
        lint.check_prose_before_code,
        lambda: [*good_cells()[:2], code("l01-bare", "1"), *good_cells()[2:]],
        "Markdown cell before",
    ),
    "no recap": (
        lint.check_ending,
        lambda: replaced("l01-recap", source=RECAP.replace("## Recap", "## End")),
        '"Recap"',
    ),
    "no recap table": (
        lint.check_ending,
        lambda: replaced("l01-recap", source="## Recap\n\nNothing."),
        "table",
    ),
    "no quiz": (lint.check_ending, lambda: without("l01-quiz"), "el.quiz"),
    "quiz of another lesson": (
        lint.check_ending,
        lambda: replaced("l01-quiz", source='el.quiz("02")'),
        'el.quiz("01")',
    ),
    "no exercise link": (
        lint.check_ending,
        lambda: replaced("l01-onward", source="Then [lesson 02](02_more.ipynb)."),
        "../exercises/01_counting.ipynb",
    ),
    "no next lesson": (
        lint.check_ending,
        lambda: replaced("l01-onward", source="[The exercise](../exercises/01_counting.ipynb)."),
        "02_more.ipynb",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_rule_catches_the_notebook_built_to_break_it(course, case):
    rule, cells, words = BROKEN[case]
    assert_only(write(course, cells()), rule, words)


def test_the_cases_above_cover_every_rule_but_the_format():
    assert {case[0] for case in BROKEN.values()} == {*lint.RULES, *lint.LESSON_RULES} - {lint.check_format}


def test_notebook_metadata_of_a_machine_is_found(course):
    metadata = {
        "kernelspec": {"name": "conda-env", "display_name": "Mine", "language": "python"},
        "language_info": {"name": "python", "version": "3.12.1"},
        "colab": {},
    }
    path = write(course, good_cells(), metadata=metadata)
    found = " ".join(sentences(path))
    assert "conda-env" in found
    assert "language_info" in found
    assert "colab" in found


def test_an_older_format_is_found(course):
    assert "4.4" in " ".join(sentences(write(course, good_cells(), nbformat_minor=4)))


def test_a_notebook_against_its_schema_is_found(course):
    broken = write(course, replaced("l01-show", outputs="none"))
    assert any("breaks its own format" in sentence for sentence in sentences(broken))


def test_an_id_used_twice_is_found(course):
    path = write(course, [*good_cells(), markdown("l01-title", "Again.")])
    assert any("used twice" in sentence for sentence in sentences(path))


def test_a_missing_title_and_a_title_in_a_later_cell_are_found(course):
    late = [markdown("l01-hello", "Hello."), *good_cells()]
    assert any("first cell" in sentence for sentence in sentences(write(course, late)))
    none = replaced("l01-title", source=OPENING.replace("# Counting", "## Counting"))
    assert any("found 0" in sentence for sentence in sentences(write(course, none)))


@pytest.mark.parametrize(
    "text",
    [
        "Pixels lie in 0..255, on 48x48, a batch is (N,48,48,1), in 1978 and in FER-2013.",
        "`accuracy = 0.66`, $p = 0.05$ and $$0.5 \\cdot 1234$$",
        "```python\nx = 0.25  # not a heading, 12 %\n```",
        "[a paper](https://doi.org/10.1177/1529100619832930), doi 10.1177/1529100619832930",
        "### 4.2 A heading's number, and 999 of them",
        '<img src="images/bars.png" alt="bars" width="62.5%">',
    ],
)
def test_what_is_no_quoted_figure_needs_no_source(course, text):
    assert lint.lint(write(course, replaced("l01-onward", source=f"{ONWARD}\n\n{text}"))) == []


def test_a_comment_in_a_code_block_is_no_title(course):
    text = f"{ONWARD}\n\n```python\n# Counting\n```"
    assert lint.lint(write(course, replaced("l01-onward", source=text))) == []


def test_lesson_rules_do_not_bind_exercises(course):
    cells = [markdown("e01-title", "# Exercise 01"), code("e01-a", "1"), code("e01-b", "2")]
    for folder in ("exercises", "solutions"):
        assert lint.lint(write(course, cells, folder)) == []
    assert lint.lint(write(course, cells, "lessons")) != []


def test_an_elective_with_an_exercise_is_a_lesson_and_leads_to_it(course):
    path = course / "lessons" / "electives" / "words.ipynb"
    assert lint.kind_of(path) == "page"
    (course / "exercises" / "words.ipynb").write_text("{}", encoding="utf-8")
    assert lint.kind_of(path) == "lesson"
    notebook = lint.Notebook(path, {"cells": []}, "lesson")
    assert lint.expected_links(notebook) == {"../../exercises/words.ipynb"}


def test_a_line_of_code_may_have_100_columns_in_a_lesson_and_in_an_elective_but_no_more(course):
    (course / "lessons" / "electives").mkdir()
    for columns, found in ((100, 0), (101, 1)):
        cells = [markdown("ship-title", "# Shipping"), code("ship-wide", "y" * columns)]
        assert len(lint.lint(write(course, cells, "lessons/electives"), kind="page")) == found
        assert len(lint.lint(write(course, replaced("l01-show", source="y" * columns)))) == found


def test_common_rules_bind_exercises(course):
    cells = [markdown("e01-title", "# Exercise 01\n\n66 % [x](none.md)"), code("E", "1")]
    found = " ".join(sentences(write(course, cells, "exercises")))
    assert "'66 %'" in found
    assert "none.md" in found
    assert "'E'" in found


def test_figures_are_recomputed(course):
    notebook = lint.read_notebook(write(course, good_cells()))
    assert lint.recompute_figures(notebook, {"survey": {"n": 28709}}) == []
    [wrong] = lint.recompute_figures(notebook, {"survey": {"n": 28710}})
    assert wrong.cell == "l01-count"
    assert "28,710" in wrong.sentence
    [broken] = lint.recompute_figures(notebook, {"survey": {}})
    assert "KeyError" in broken.sentence


def test_a_finding_names_notebook_cell_and_what_is_wrong(course, capsys):
    path = write(course, replaced("l01-show", execution_count=3))
    assert lint.main([str(path)]) == 1
    out = capsys.readouterr().out
    assert "lessons/01_counting.ipynb [l01-show]: The cell carries an execution count" in out


def test_fix_removes_what_running_leaves_and_keeps_the_rest(course, capsys):
    cells = replaced(
        "l01-show",
        execution_count=3,
        metadata={"execution": {}, "tags": ["wide"]},
        outputs=[{"output_type": "stream", "name": "stdout", "text": ["5"]}],
    )
    path = write(course, cells, metadata={"kernelspec": {"name": "mine"}, "widgets": {}})
    assert lint.main(["--fix", str(path)]) == 0
    after = lint.read_notebook(path)
    assert [c["source"] for c in after.cells] == [c["source"] for c in good_cells()]
    assert after.cells[2]["metadata"] == {"emotionlab": FIGURES}
    assert after.cells[3]["metadata"] == {"tags": ["wide"]}
    assert lint.strip(path) is False


def test_a_clean_folder_exits_with_0_and_says_how_many(course, capsys):
    write(course, good_cells())
    assert lint.main([str(course / "lessons" / "01_counting.ipynb")]) == 0
    assert "1 notebooks, no findings" in capsys.readouterr().out


def test_a_notebook_that_was_never_finished_is_not_read(course):
    path = write(course, good_cells())
    (path.parent / ".01_counting-0a1b2c3d.ipynb").write_text("{ cut off", encoding="utf-8")
    assert path in (found := lint.find_notebooks([course]))
    assert not any(one.name.startswith(".") for one in found)


def test_a_wrong_path_and_a_file_that_is_no_notebook_are_one_sentence(course, capsys):
    assert lint.main([str(course / "nowhere")]) == 2
    assert "found nothing" in capsys.readouterr().err
    with pytest.raises(EmotionLabError, match="Expected a Jupyter notebook"):
        lint.read_notebook(course / "lessons" / "images" / "bars.png")
