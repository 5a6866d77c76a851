"""The report as pages that need nothing but a browser: one a learner, one a written question."""

import html

from emotionlab.exercises.verdict import OUTCOMES, Verdict, points_of, to_html
from emotionlab.teaching.grading.paper import page
from emotionlab.teaching.grading.results import Graded

_FIELDS = tuple(Verdict.__dataclass_fields__)

# ----------------------------------------------------------------------------------- one learner


def student_page(result: Graded) -> bytes:
    """What one learner gets back: verdicts, messages and points, and the code that was judged."""
    heading = f"Exercise {result.exercise}: {result.student}" if result.exercise else result.student
    parts = [f"<p><b>{points_of(result.points, result.possible)}.</b> {html.escape(result.status)}.</p>"]
    if result.to_mark:
        waiting = (
            "1 written answer still waits" if result.to_mark == 1 else f"{result.to_mark} written answers still wait"
        )
        parts.append(f"<p>{waiting} for a reader, who gives the points.</p>")
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
        parts.append(f"<p><b>{points_of(question['marks'], question['possible'])}</b> from your reader. {comment}</p>")
    if question.get("cell_error"):
        parts.append(f"<p>Running the cell raised <code>{html.escape(question['cell_error'])}</code>.</p>")
    if question["source"]:
        parts.append(f"<details><summary>Your cell</summary><pre>{html.escape(question['source'])}</pre></details>")
    return "\n".join([*parts, "</section>"])


# ----------------------------------------------------------------------------- written questions


def written_page(ident: str, title: str, rubric: tuple[str, ...], results: list[Graded]) -> bytes:
    """Every answer to one written question, with the rubric on top, to mark them in one go."""
    answers = [(one.student, answer) for one in results for answer in one.questions if answer["question"] == ident]
    possible = max((answer["possible"] for _, answer in answers), default=0)
    parts = [
        f"<p>Write the points, 0 to {possible}, into <code>marks.csv</code> of this report, then run the same command "
        "again with <code>--resume --marks REPORT/marks.csv</code>, where REPORT is the report's folder.</p>"
    ]
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in rubric) + "</ul>")
    parts += [_written_answer(student, answer) for student, answer in answers]
    return page(f"{ident} {title}", "\n".join(parts))


def _written_answer(student: str, question: dict) -> str:
    symbol, word, _ = OUTCOMES[question["outcome"]]
    state = "" if question["outcome"] == "passed" else f" {symbol} {word}: {to_html(question['message'])}"
    marks = question.get("marks")
    given = "not marked yet" if marks is None else points_of(marks, question["possible"])
    text = html.escape(question.get("written", ""))
    return f"<section><h2>{html.escape(student)}</h2><p>{given}.{state}</p><pre>{text}</pre></section>"
