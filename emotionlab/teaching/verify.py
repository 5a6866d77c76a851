"""`emotionlab exercises verify`: is every check right, complete, and able to catch a mistake?

For each question its bank (right and wrong answers, the stub) and mutants of the model solution go
through the same check as a learner's answer. Then: do exercises/ and solutions/ belong together, and
does each notebook run?
"""

import re
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed
from emotionlab.exercises import exercise, module_name, numbers
from emotionlab.exercises.answers import run_cell
from emotionlab.exercises.compare import matches
from emotionlab.exercises.engine import SEED, Bank, Question
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.teaching.belonging import sync_problems
from emotionlab.teaching.blindspots import PREFIX, Blindspot, blindspots
from emotionlab.teaching.mutants import Mutant, mutants
from emotionlab.teaching.pool import Pool
from emotionlab.teaching.release import remove_solution
from emotionlab.teaching.trials import Bench, Trial

RIGHT, WRONG = 2, 4
"""How many other styles and how many named wrong answers a bank must have."""

SEEDS = (SEED, 1, 2, 3, 4)
"""Seeds of the hidden inputs on which a good style must agree with the model solution."""

_TIGHT = {"float32": (1e-5, 1e-6)}
_TIGHT_DOUBLE = (1e-9, 1e-12)  # rtol and atol

_COLUMNS = (
    "Question",
    "Right styles",
    "Wrong caught",
    "Mutants",
    "Caught",
    "Same",
    "Explained",
    "Survived",
    "Blind spots",
    "",
)


@dataclass
class Result:
    """What was found about one question.

    right, wrong: (as they must be, all) of the bank's answers, the model solution among the right.
    made: mutants tried. caught: judged anything but passed, or without an end. same: the check observes
    what it observes of the model solution. explained, survivors: passed and behave otherwise, with and
    without a reason in the bank. blind: losses of information tried; noticed: judged anything but passed;
    blind_explained: passed, with a reason. problems: all that makes the question fail, one sentence each.
    """

    question: str
    right: tuple[int, int] = (0, 0)
    wrong: tuple[int, int] = (0, 0)
    made: int = 0
    caught: int = 0
    same: int = 0
    explained: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    blind: int = 0
    noticed: int = 0
    blind_explained: int = 0
    problems: list[str] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        """The cells of the printed table."""
        found = (self.made, self.caught, self.same, self.explained, len(self.survivors))
        counts = tuple(map(str, found)) if self.made else ("-",) * len(found)
        of = (f"{done} of {total}" for done, total in (self.right, self.wrong))
        seen = f"{self.noticed} of {self.blind}" if self.blind else "-"
        return (self.question, *of, *counts, seen, "✘ see below" if self.problems else "✔")


# --------------------------------------------------------------------------------- one question


def verify_question(
    bench: Bench,
    question: Question,
    made: Iterable[Mutant] = (),
    step: Callable = lambda: None,
    spots: Iterable[Blindspot] | None = None,
) -> Result:
    """Try the bank of a question, all mutants of its model solution and its blind spots.

    step: called after each answer. spots: None where blind spots are not looked for.
    """
    result = Result(question.id, problems=bank_problems(question) + yardstick_problems(question))

    def attempt(source: str) -> Trial:
        trial = bench.attempt(question.id, source, True)
        step()
        return trial

    _try_right_answers(question, result, attempt)
    _try_wrong_answers(question, result, attempt)
    if any(problem.startswith("the model solution") for problem in result.problems):
        return result  # its mutants would say nothing
    verify_mutants(bench, question, made, True, result, step)
    if spots is not None and question.kind != "written":
        _try_blindspots(bench, question, list(spots), result, step)
    return result


def _try_blindspots(bench: Bench, question: Question, spots: list, result: Result, step: Callable) -> None:
    """Count what the check notices, and list what it passes without a reason in the bank."""
    used = set()
    for spot in spots:
        result.blind += 1
        trial = bench.attempt(question.id, spot.source)
        pattern = explanation(question.bank, spot.name)
        if trial.outcome == "broken check":
            result.problems.append(f"{spot.name}: {trial.message}")
        elif trial.outcome != "passed":
            result.noticed += 1
        elif pattern:
            result.blind_explained += 1
            used.add(pattern)
        else:
            result.problems.append(f"not noticed: {spot.name}")
        step()
    if not spots:
        result.problems.append("no loss of information could be tried: the check may be blind to any")
    stale = {name for name in _explained(question) if name.startswith(PREFIX)} - used
    result.problems += [f"the bank explains {name!r}, and the check notices it" for name in sorted(stale)]


def _explained(question: Question) -> set[str]:
    return {name for names in question.bank.explained.values() for name in names}


def verify_mutants(
    bench: Bench,
    question: Question,
    made: Iterable[Mutant],
    whole: bool = True,
    result: Result | None = None,
    step: Callable = lambda: None,
) -> Result:
    """Try mutants of the model solution of a question.

    whole: these are all of them, so that an explanation in the bank that fits none is a problem too.
    result: where to write what is found; None for a new one. step: called after each.
    """
    result, used = result or Result(question.id), set()
    for mutant in made:
        result.made += 1
        used.add(_sort_in(result, question.bank, mutant, bench.attempt(question.id, mutant.source)))
        step()
    stale = {name for name in _explained(question) if not name.startswith(PREFIX)} - used
    if whole and result.made:
        result.problems += [f"the bank explains {name!r}, and no survivor is called so" for name in sorted(stale)]
    return result


def steps(question: Question, made: Iterable[Mutant] = (), spots: Iterable[Blindspot] | None = None) -> int:
    """How many answers `verify_question` tries."""
    return 2 + len(question.bank.right) + len(question.bank.wrong) + len(list(made)) + len(list(spots or ()))


def bank_problems(question: Question) -> list[str]:
    """What the bank of a question lacks."""
    bank, found = question.bank, []
    if len(bank.right) < RIGHT:
        found.append(f"the bank has {len(bank.right)} other right styles; {RIGHT} or more are needed")
    if len(bank.wrong) < WRONG:
        found.append(f"the bank has {len(bank.wrong)} wrong answers; {WRONG} or more are needed")
    found += [
        f"wrong answer {name}: the bank says no words of its message" for name in bank.wrong if not bank.wrong[name][1]
    ]
    return found


def yardstick_problems(question: Question) -> list[str]:
    """Where answers are compared with the model solution: no other style agrees with it to the last digits.

    A slip in the solution would be the measure of every answer. So one good style at least, which was written
    independently, must return the same on every seed, up to rounding.
    """
    sources = sorted(question.bank.right.values(), key=lambda source: "keras" in source)  # what is done soonest first
    if question.correct is None or any(_agrees(question, source) for source in sources):
        return []
    return ["no good style returns what the model solution returns, up to rounding, on every seed"]


def _agrees(question: Question, source: str) -> bool:
    answer = run_cell(source, question.answer)
    for seed in SEEDS:
        returned = question.observation(answer, seed).get("returned", [])
        wanted = [question.correct(*case) for case in question.inputs(seed)]
        if len(returned) != len(wanted) or not all(
            matches(found, value, *_TIGHT.get(found.get("dtype"), _TIGHT_DOUBLE))
            for found, value in zip(returned, wanted, strict=True)
        ):
            return False
    return True


def _try_right_answers(question: Question, result: Result, attempt: Callable[[str], Trial]) -> None:
    sources = {"the model solution": question.solution} | {
        f"right answer {n}": s for n, s in question.bank.right.items()
    }
    passed = 0
    for name, source in sources.items():
        trial = attempt(source)
        passed += trial.outcome == "passed"
        if trial.outcome != "passed":
            result.problems.append(f"{name} must pass and is {trial.outcome}: {trial.message}")
    result.right = (passed, len(sources))
    stub = attempt(remove_solution(question.source.strip("\n")))
    if stub.outcome != "not_attempted" and question.kind != "written":
        result.problems.append(f"the stub must be not_attempted and is {stub.outcome}: {stub.message}")


def _try_wrong_answers(question: Question, result: Result, attempt: Callable[[str], Trial]) -> None:
    caught = 0
    for name, (source, words) in question.bank.wrong.items():
        trial = attempt(source)
        ident = question.bank.ids.get(name, trial.misconception)
        fine = trial.outcome == "failed" and words in trial.message and bool(ident) and trial.misconception == ident
        caught += fine
        if not fine:
            wanted = f"must fail with {words!r} in its message and the id {ident or '(any)'}"
            found = f"{trial.outcome}, id {trial.misconception or '(none)'}: {trial.message}"
            result.problems.append(f"wrong answer {name} {wanted} and is {found}")
    result.wrong = (caught, len(question.bank.wrong))


def _sort_in(result: Result, bank: Bank, mutant: Mutant, trial: Trial) -> str:
    """Count one mutant by what became of it; the name in the bank that explains it, or ""."""
    if trial.outcome == "broken check":
        result.problems.append(f"mutant {mutant.name!r}: {trial.message}")
    elif trial.outcome != "passed":
        result.caught += 1
    elif trial.same:
        result.same += 1
    elif pattern := explanation(bank, mutant.name):
        result.explained += 1
        return pattern
    else:
        result.survivors.append(mutant)
        result.problems.append(
            f"survived: {mutant.kind}, {mutant.name}\n    without: {mutant.before}\n    with:    {mutant.after}"
        )
    return ""


def explanation(bank: Bank, name: str) -> str:
    """The name in `bank.explained` that fits a mutant's, "…" standing for any text; "" when none does."""
    for pattern in (pattern for names in bank.explained.values() for pattern in names):
        if re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), name):
            return pattern
    return ""


# ------------------------------------------------------------------------------------ all of it


def verify(
    wanted: str = "",
    with_notebooks: bool = True,
    with_mutants: bool = True,
    solutions: str | Path = "solutions",
    exercises: str | Path = "exercises",
    jobs: int = 1,
) -> bool:
    """Verify one exercise ("03") or all, print what was found, and say whether all of it is right.

    jobs: questions that are tried at the same time.
    Raises EmotionLabError when there is no such exercise, no folder of solutions, or jobs is below 1.
    """
    if jobs < 1:
        raise EmotionLabError(f"Expected --jobs to be 1 or more, found {jobs}; give a number of processes.")
    chosen = [exercise(wanted).number] if wanted else numbers()
    solutions, exercises = Path(solutions), Path(exercises)
    if not listed(solutions, "*.ipynb"):
        raise EmotionLabError(f"Expected solution notebooks (*.ipynb) in {solutions}, found none; check the path.")
    results = verify_questions(chosen, with_mutants, jobs)
    problems = [f"{result.question}: {problem}" for result in results for problem in result.problems]
    problems += [f"exercise {name} is missing" for name in written_in(solutions) if not wanted and name not in chosen]
    problems += sync_problems(solutions, exercises, chosen)
    if with_notebooks:
        from emotionlab.teaching.notebook_runs import run_problems

        problems += run_problems(solutions, exercises, chosen)
    _say(results, problems)
    return not problems


def written_in(solutions: Path) -> list[str]:
    """The exercises that have a solution notebook, such as ["01", "02", "text"]."""
    return sorted(exercise_of_file(path.name) for path in listed(solutions, "*.ipynb"))


def verify_questions(chosen: list[str], with_mutants: bool = True, jobs: int = 1) -> list[Result]:
    """A Result for each question of the chosen exercises, with a progress bar; the table grows as they come."""
    from tqdm import tqdm

    todo = [
        (
            number,
            question,
            _mutants_of(question) if with_mutants else [],
            blindspots(question) if with_mutants else None,
        )
        for number in chosen
        for question in exercise(number).questions
    ]
    results = []
    print(_line(_COLUMNS))
    with tqdm(total=sum(steps(*entry[1:]) for entry in todo), unit="answer", disable=None) as bar:
        for result in _in_parallel(todo, jobs, bar.update):
            results.append(result)
            bar.set_description(result.question)
            bar.write(_line(result.row()))
            sys.stdout.flush()
    return results


def _in_parallel(todo: list[tuple], jobs: int, step: Callable) -> Iterable[Result]:
    """The results in the order of `todo`, `jobs` questions at a time; Ctrl-C ends the answers being tried."""
    pool = Pool([Bench() for _ in range(jobs)], kill=Bench.close, close=Bench.close)

    def one_step() -> None:
        if pool.stopping.is_set():
            raise CancelledError
        step()

    def one(bench: Bench, number: str, question: Question, made: list[Mutant], spots: list[Blindspot] | None) -> Result:
        bench.module = module_name(number)
        return verify_question(bench, question, made, one_step, spots)

    return pool.work(one, todo, in_order=True)


def _mutants_of(question: Question) -> list[Mutant]:
    return [] if question.kind == "written" else mutants(question.solution)


def _line(cells: Iterable[str]) -> str:
    widths = (8, 12, 12, 7, 6, 5, 9, 8, 11, 0)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _say(results: list[Result], problems: list[str]) -> None:
    for problem in problems:
        print(f"✘ {problem}")
    made, same = sum(result.made for result in results), sum(result.same for result in results)
    explained, survived = sum(r.explained for r in results), sum(len(r.survivors) for r in results)
    if made:
        rate = survived / max(made - same, 1)
        print(
            f"{made:,} mutants; {same:,} behave the same on the hidden inputs; of the others {survived:,} survived "
            f"unexplained ({rate:.2%}) and {explained:,} with a reason."
        )
    tried, noticed = sum(result.blind for result in results), sum(result.noticed for result in results)
    if tried:
        reasons = sum(result.blind_explained for result in results)
        print(f"{tried:,} blind spots tried; {noticed:,} were noticed and {reasons:,} pass with a reason.")
    print(
        f"✘ {len(problems)} problems in {len(results)} questions"
        if problems
        else f"✔ {len(results)} questions, no problem"
    )
