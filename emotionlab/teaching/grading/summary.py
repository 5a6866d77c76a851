"""The teacher's page about a class: each question, each misconception, each learner, and what was not taken."""

import html
import io
import re
import tokenize
from collections import Counter
from pathlib import Path
from statistics import median

from emotionlab.exercises.verdict import OUTCOMES, to_html
from emotionlab.teaching.grading.pages import student_page, written_page
from emotionlab.teaching.grading.paper import page, table
from emotionlab.teaching.grading.results import Graded, file_name, waits, write_part, writing
from emotionlab.teaching.grading.similar import alike


def write_pages(results: list[Graded], out: Path, facts: dict, rubrics: dict[str, tuple[str, tuple[str, ...]]]) -> None:
    """All pages of a report. rubrics: question -> (title, rubric) of the written questions.

    Raises EmotionLabError.
    """
    for folder in ("students", "written"):
        with writing(out / folder):
            (out / folder).mkdir(parents=True, exist_ok=True)
    for result in results:
        name = f"{file_name(result.student, result.exercise)}.html"
        write_part(out / "students" / name, student_page(result))
    for ident, (title, rubric) in rubrics.items():
        write_part(out / "written" / f"{ident}.html", written_page(ident, title, rubric, results))
    write_part(out / "summary.html", summary_page(results, facts, sorted(rubrics)))


def summary_page(results: list[Graded], facts: dict, written: list[str]) -> bytes:
    """The teacher's page. It sorts and filters where a browser runs its script, and is whole where none does."""
    parts = [f"<p>{html.escape(line)}</p>" for line in facts["notes"]]
    answered = {one["question"] for result in results for one in result.questions if one["outcome"] == "passed"}
    written = [ident for ident in written if ident in answered]
    if written:
        links = ", ".join(f'<a href="written/{ident}.html">{ident}</a>' for ident in written)
        parts.append(f"<p>Written answers to mark by hand: {links}. Points go into <code>marks.csv</code>.</p>")
    wrong = _wrong_answers(results)
    parts.append(_questions(results))
    parts.append(_misconceptions(wrong, results))
    parts.append(_filters(results, list(wrong)))
    parts.append(_learners(results, list(wrong)))
    parts.append(_not_taken(facts["not_taken"]))
    parts.append(_alike(results))
    return page("Summary", "\n".join(parts), width=95, with_script=True)


# ------------------------------------------------------------------------------------- questions


def _questions(results: list[Graded]) -> str:
    by_question: dict[str, list[dict]] = {}
    for result in results:
        for question in result.questions:
            by_question.setdefault(question["question"], []).append(question)
    rows = []
    for ident, answers in sorted(by_question.items()):
        counts = Counter(answer["outcome"] for answer in answers)
        numbers = tuple(str(counts[outcome]) for outcome in OUTCOMES)
        seconds = [answer["seconds"] for answer in answers if answer["seconds"]]
        time = f"{median(seconds):.2f} s" if seconds else ""
        title = html.escape(f"{ident} {answers[0]['title']}")
        share = f"{100 * counts['passed'] / len(answers):.0f} %" + (" *" if any(map(waits, answers)) else "")
        rows.append((title, share, *numbers, time))
    words = tuple(word for _, word, _ in OUTCOMES.values())
    about = "How each question went (*: a written answer that is long enough counts as passed until it is marked)"
    return table(about, ("Question", "Share passed", *words, "Check, median"), rows)


# -------------------------------------------------------------------------------- misconceptions


def _wrong_answers(results: list[Graded]) -> dict[tuple[str, str], list[dict]]:
    """Question and misconception -> the answers that showed it; the commonest first."""
    found: dict[tuple[str, str], list[dict]] = {}
    for result in results:
        for question in result.questions:
            if question["misconception"]:
                found.setdefault((question["question"], question["misconception"]), []).append(question)
    return dict(sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0])))


def _misconceptions(wrong: dict[tuple[str, str], list[dict]], results: list[Graded]) -> str:
    if not wrong:
        return "<p>No answer showed a misconception that has a name.</p>"
    # "ada_lovelace7" as a whole, and "ada" and "lovelace": a learner may sign with either
    names = {word for result in results for word in re.findall(r"\w{3,}", result.student)}
    names |= {word for result in results for word in re.findall(r"[^\W\d_]{3,}", result.student)}
    rows = []
    for (ident, name), answers in wrong.items():
        sources = [source for answer in answers if (source := anonymous(answer["source"], names))]
        example = min(sources, key=lambda source: (len(source), source), default="")
        shown = f"<details><summary>An example</summary><pre>{html.escape(example)}</pre></details>" if example else ""
        message = f'<div class="note">{to_html(answers[0]["message"][:300])}</div>'
        rows.append((html.escape(ident), html.escape(name), str(len(answers)), message, shown))
    head = ("Question", "Misconception", "How many", "What they were told", "One answer, without its name")
    return table("Misconceptions", head, rows)


def anonymous(source: str, names: set[str]) -> str:
    """An answer without its comments, and without what learners are called."""
    lines = io.StringIO(source).readlines()  # as `tokenize` counts them: a form feed ends no line
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        tokens = []
        lines = [line.split("#")[0].rstrip() + "\n" for line in lines]  # it does not compile: rather too much goes
    for token in reversed([token for token in tokens if token.type == tokenize.COMMENT]):
        line, start, end = token.start[0] - 1, token.start[1], token.end[1]
        lines[line] = lines[line][:start].rstrip() + lines[line][end:]
    text = "".join(line for line in lines if line.strip())
    if names:
        text = re.sub(rf"\b(?:{'|'.join(sorted(map(re.escape, names)))})\b", "…", text, flags=re.I)
    return text.strip()


# -------------------------------------------------------------------------------------- learners

_STATES = {"": "everybody", "late": "late", "graded": "graded", "ungraded": "not graded", "untaken": "not taken"}


def _filters(results: list[Graded], wrong: list[tuple[str, str]]) -> str:
    """The form that filters the rows below; the script shows it."""
    questions = sorted({question["question"] for result in results for question in result.questions})
    asked = {"": "any", **{ident: f"{ident} not passed" for ident in questions}}
    mistakes = {"": "any", **{f"m{number}": f"{ident} {name}" for number, (ident, name) in enumerate(wrong)}}
    return (
        '<h2>Learners</h2><form id="filters" hidden aria-label="Which learners are shown">'
        '<label>Name or note <input type="search" name="words"></label>'
        f"{_choice('Who', 'state', _STATES)}{_choice('Question', 'question', asked)}"
        f"{_choice('Misconception', 'misconception', mistakes)}"
        '<button type="reset">Show all</button></form><p id="said" class="screen" role="status"></p>'
    )


def _choice(label: str, name: str, choices: dict[str, str]) -> str:
    options = "".join(
        f'<option value="{html.escape(key)}">{html.escape(word)}</option>' for key, word in choices.items()
    )
    return f'<label>{label} <select name="{name}">{options}</select></label>'


def _learners(results: list[Graded], wrong: list[tuple[str, str]]) -> str:
    numbers = {key: f"m{number}" for number, key in enumerate(wrong)}
    rows, marks = [], []
    for result in results:
        link = f"students/{file_name(result.student, result.exercise)}.html"
        points = f"{result.points:g} of {result.possible}" if result.possible else "0"
        notes = f'<div class="note">{html.escape("; ".join(result.warnings))}</div>' if result.warnings else ""
        name = f'<a href="{link}">{html.escape(result.student)}</a>'
        left = [question for question in result.questions if question["outcome"] != "passed"]
        told = ", ".join(f"{question['question']} {OUTCOMES[question['outcome']][0]}" for question in left)
        time = f"{result.seconds:.1f} s"
        row = (name, result.exercise, points, html.escape(told), str(result.to_mark))
        rows.append((*row, html.escape(result.status), notes, time))
        state = [
            "ungraded" if result.status.startswith("not graded") else "graded",
            *(["late"] if is_late(result) else []),
        ]
        mistakes = [numbers[key] for one in left if (key := (one["question"], one["misconception"])) in numbers]
        marks.append(_marks(state, [question["question"] for question in left], mistakes))
    head = ("Learner", "Exercise", "Points", "Not passed", "To mark", "Status", "Notes", "Time")
    signs = ", ".join(f"{symbol} {word.lower()}" for key, (symbol, word, _) in OUTCOMES.items() if key != "passed")
    return table(f"Learners (in “Not passed”: {signs})", head, rows, marks)


def _marks(state: list[str], left: list[str], mistakes: list[str]) -> str:
    words = {"state": state, "open": left, "wrong": mistakes}
    return "".join(f' data-{name}="{html.escape(" ".join(values))}"' for name, values in words.items())


def is_late(result: Graded) -> bool:
    """True where the drop box or the platform says that the work came late."""
    return any(note.startswith(("late: ", "late, ")) for note in result.warnings)


def _not_taken(entries: list[dict]) -> str:
    if not entries:
        return "<p>Every entry of the folder is in a row.</p>"
    rows = [(html.escape(entry["name"]), html.escape(entry["reason"])) for entry in entries]
    return table("Not taken", ("Entry", "Why"), rows, [_marks(["untaken"], [], [])] * len(rows))


def _alike(results: list[Graded]) -> str:
    groups = alike(results)
    if not groups:
        return "<p>No two longer answers are the same after renaming.</p>"
    rows = [(exercise, ident, html.escape(", ".join(who))) for exercise, ident, who in groups]
    hint = (
        "<p>The same after renaming is a reason to look, not a verdict: people learn together, solutions are public, "
        "and some questions have one natural answer.</p>"
    )
    return hint + table("Answers that are the same after renaming", ("Exercise", "Question", "Learners"), rows)
