"""The report as pages that need nothing but a browser: one a learner, one a written question, a summary."""

import html
from collections import Counter
from pathlib import Path
from statistics import median

from emotionlab.base.files import write_whole
from emotionlab.exercises.verdict import OUTCOMES, Verdict, to_html
from emotionlab.teaching.grading.results import Graded, file_name
from emotionlab.teaching.grading.similar import alike

_FIELDS = tuple(Verdict.__dataclass_fields__)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; color: #1A1A1A; background: #FFFFFF; max-width: 62em; margin: 2em auto;
  padding: 0 1em; line-height: 1.5; }}
table {{ border-collapse: collapse; margin: 1em 0; }}
th, td {{ border: 1px solid #8C8C8C; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }}
td.number {{ text-align: right; }}
pre {{ background: #F4F4F4; padding: 0.6em; white-space: pre-wrap; overflow-wrap: anywhere; }}
section {{ border-top: 1px solid #8C8C8C; margin-top: 1.5em; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(title: str, body: str) -> bytes:
    """A whole page; `title` is escaped here, `body` must be already."""
    text = _PAGE.format(title=html.escape(title), body=body)
    return text.encode("utf-8", "replace")


def table(caption: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of cells that are escaped already."""
    top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )


def write_pages(results: list[Graded], out: Path, facts: dict, rubrics: dict[str, tuple[str, tuple[str, ...]]]) -> None:
    """All pages of a report. rubrics: question -> (title, rubric) of the written questions."""
    for folder in ("students", "written"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for result in results:
        name = f"{file_name(result.student, result.exercise)}.html"
        write_whole(out / "students" / name, student_page(result))
    for ident, (title, rubric) in rubrics.items():
        write_whole(out / "written" / f"{ident}.html", written_page(ident, title, rubric, results))
    write_whole(out / "summary.html", summary_page(results, facts, sorted(rubrics)))


# ----------------------------------------------------------------------------------- one learner


def student_page(result: Graded) -> bytes:
    """What one learner gets back: verdicts, messages and points, and the code that was judged."""
    heading = f"Exercise {result.exercise}: {result.student}" if result.exercise else result.student
    parts = [f"<p><b>{result.points:g} of {result.possible} points.</b> {html.escape(result.status)}.</p>"]
    if result.to_mark:
        parts.append(f"<p>{result.to_mark} written answer(s) still wait for a reader, who gives the points.</p>")
    if result.warnings:
        parts.append("<ul>" + "".join(f"<li>{html.escape(note)}</li>" for note in result.warnings) + "</ul>")
    parts += [_question(question) for question in result.questions]
    if result.output.strip():
        parts.append(f"<section><h2>What the notebook printed</h2><pre>{html.escape(result.output)}</pre></section>")
    return page(heading, "\n".join(parts))


def _question(question: dict) -> str:
    verdict = Verdict(**{name: question[name] for name in _FIELDS})
    parts = [f"<section><h2>{html.escape(question['question'])} {html.escape(question['title'])}</h2>"]
    parts.append(verdict._repr_html_())
    if question.get("marks") is not None:
        comment = to_html(question.get("comment", ""))
        parts.append(
            f"<p><b>{question['marks']:g} of {question['possible']} points</b> from your reader. {comment}</p>"
        )
    if question.get("cell_error"):
        parts.append(f"<p>Running the cell raised <code>{html.escape(question['cell_error'])}</code>.</p>")
    if question["source"]:
        parts.append(f"<details><summary>Your cell</summary><pre>{html.escape(question['source'])}</pre></details>")
    return "\n".join([*parts, "</section>"])


# ----------------------------------------------------------------------------- written questions


def written_page(ident: str, title: str, rubric: tuple[str, ...], results: list[Graded]) -> bytes:
    """Every answer to one written question, with the rubric on top, to mark them in one go."""
    parts = ["<p>Write the points into <code>marks.csv</code>, then run the same command again with "]
    parts.append("<code>--resume --marks marks.csv</code>.</p>")
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in rubric) + "</ul>")
    for result in results:
        for question in result.questions:
            if question["question"] == ident:
                parts.append(_written_answer(result.student, question))
    return page(f"{ident} {title}", "\n".join(parts))


def _written_answer(student: str, question: dict) -> str:
    symbol, word, _ = OUTCOMES[question["outcome"]]
    state = "" if question["outcome"] == "passed" else f" {symbol} {word}: {to_html(question['message'])}"
    marks = question.get("marks")
    given = "not marked yet" if marks is None else f"{marks:g} of {question['possible']} points"
    text = html.escape(question.get("written", ""))
    return f"<section><h2>{html.escape(student)}</h2><p>{given}.{state}</p><pre>{text}</pre></section>"


# --------------------------------------------------------------------------------------- summary


def summary_page(results: list[Graded], facts: dict, written: list[str]) -> bytes:
    """The teacher's page: each question, each learner, and answers to look at together."""
    parts = [f"<p>{html.escape(line)}</p>" for line in facts["notes"]]
    if written:
        links = ", ".join(f'<a href="written/{ident}.html">{ident}</a>' for ident in written)
        parts.append(f"<p>Written answers to mark by hand: {links}. Points go into <code>marks.csv</code>.</p>")
    parts.append(_questions(results))
    parts.append(_learners(results))
    parts.append(_not_taken(facts["not_taken"]))
    parts.append(_alike(results))
    return page("Summary", "\n".join(parts))


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
        share = f"{100 * counts['passed'] / len(answers):.0f} %"
        rows.append((title, share, *numbers, _misconceptions(answers), time))
    words = tuple(word for _, word, _ in OUTCOMES.values())
    head = ("Question", "Share passed", *words, "Commonest misconceptions", "Check, median")
    return table("How each question went", head, rows)


def _misconceptions(answers: list[dict]) -> str:
    wrong = [answer for answer in answers if answer["misconception"]]
    lines = []
    for name, count in Counter(answer["misconception"] for answer in wrong).most_common(3):
        message = next(answer["message"] for answer in wrong if answer["misconception"] == name)
        lines.append(f"{count} × <b>{html.escape(name)}</b>: {to_html(message[:300])}")
    return "<br>".join(lines)


def _learners(results: list[Graded]) -> str:
    rows = []
    for result in results:
        link = f"students/{file_name(result.student, result.exercise)}.html"
        points = f"{result.points:g} of {result.possible}" if result.possible else "0"
        notes = html.escape("; ".join(result.warnings))
        name = f'<a href="{link}">{html.escape(result.student)}</a>'
        time = f"{result.seconds:.1f} s"
        rows.append((name, result.exercise, points, str(result.to_mark), html.escape(result.status), notes, time))
    head = ("Learner", "Exercise", "Points", "To mark", "Status", "Notes", "Time")
    return table("Learners", head, rows)


def _not_taken(entries: list[dict]) -> str:
    if not entries:
        return "<p>Every entry of the folder is in a row.</p>"
    rows = [(html.escape(entry["name"]), html.escape(entry["reason"])) for entry in entries]
    return table("Not taken", ("Entry", "Why"), rows)


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
