"""Every record of the course made anew, in order: `python -m emotionlab.labs remake`.

Replacing the scratch network is its module, its recipe, one training with `--record weights`, and then
`remake network`, which makes all that was measured with the shipped network.
"""

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE, RECORDS
from emotionlab.base.outputs import keep_outside
from emotionlab.runs import RECIPES, Run, reference

UV = "uv run "

FILES = {
    "votes": "FER+'s table of votes",
    "weights": "the folder of the public weight files",
    "units": "a table of RAVDESS' facial action units",
}
"""Files that some records are made from, by the option that names them."""


@dataclass(frozen=True)
class Maker:
    """One record and the command that makes it.

    name: to ask for it by. group: "data", "runs", "trials", "network", "senses" or "course". command: as a person
    types it, with a name of `FILES` in braces where a file has to be named. needs: what has to be at hand, in words.
    minutes: about how long it takes on two cores.
    """

    name: str
    group: str
    command: str
    needs: str
    minutes: float


def makers() -> tuple[Maker, ...]:
    """All records in the order in which they are made: what is counted in the data, the runs, what rests on them."""
    return (
        Maker("survey", "data", f"{UV}emotionlab data survey --record", "FER-2013", 0.3),
        Maker("leaks", "data", _lab("leaks"), "FER-2013", 0.3),
        Maker("imagenet_weights", "data", _lab("imagenet_weights {weights} --record"), "FER-2013, --weights", 24),
        Maker("ferplus", "data", f"{UV}emotionlab data ferplus {{votes}} --record", "FER-2013, --votes", 0.3),
        *_of_runs(),
        Maker("speeds", "runs", _lab("speeds"), "nothing else to do for the machine", 1),
        Maker("recipe_search", "trials", _lab("recipe_search"), "FER-2013", _minutes("recipe_search.json")),
        Maker(
            "teacher_search",
            "trials",
            _lab("teacher_search"),
            "FER-2013, what the two teachers said (`emotionlab teach`)",
            _minutes("teacher_search.json"),
        ),
        Maker("checkpoint_choice", "trials", _lab("checkpoint_choice"), "FER-2013", 10),
        Maker("framing", "network", _lab("framing"), "FER-2013, YuNet, the shipped network", 3),
        Maker("domain_shift", "network", _lab("domain_shift"), "FER-2013, the shipped network", 2),
        Maker("threshold", "network", _lab("threshold"), "the shipped network's run", 0.1),
        Maker("occlusion", "network", _lab("occlusion"), "FER-2013, the shipped network", 4),
        Maker("texts", "senses", _lab("texts"), "nothing: the texts come with the package", 4),
        Maker(
            "emodb", "senses", _lab("voices emodb --no-random"), "RAVDESS, to hear the German network on English", 20
        ),
        Maker("ravdess", "senses", _lab("voices ravdess --no-random"), "RAVDESS", 54),
        Maker("face_and_voice", "senses", _lab("senses {units}"), "the record ravdess, --units", 1),
        Maker("notebook_times", "course", _TIMES, "nothing else to do for the machine", _notebook_minutes()),
    )


_TIMES = f"{UV}python -m emotionlab.teaching.times --again"


def _lab(name: str) -> str:
    return f"{UV}python -m emotionlab.labs {name}"


def _of_runs() -> list[Maker]:
    """The recorded runs: first those that nobody taught, then what the teachers among them say, then the taught."""
    runs = [reference.load(name) for name in reference.names()]
    teachers = RECIPES["taught"].teacher.split("+")
    return [
        *(_of_run(run) for run in runs if not run.recipe.teacher),
        *(
            Maker(f"teaching_{name}", "runs", f"{UV}emotionlab teach {name} --record", "FER-2013", 3)
            for name in teachers
        ),
        *(_of_run(run) for run in runs if run.recipe.teacher),
    ]


def _of_run(run: Run) -> Maker:
    made = run.provenance
    start = made.get("initialisation", "random")
    needs = "FER-2013" if start == "random" else f"FER-2013, the weights {start}"
    return Maker(run.name, "runs", made["command"], needs, made["minutes"])


def _minutes(record: str) -> float:
    rows = json.loads((RECORDS / record).read_text(encoding="utf-8"))["rows"]
    # the averaged weights come out of the same training as the start
    return round(sum(row["minutes"] for row in rows if row["change"] != "averaged weights"), 1)


def _notebook_minutes() -> float:
    """How long all notebooks took that are measured."""
    measured = json.loads((RECORDS / "notebook_times.json").read_text(encoding="utf-8"))["notebooks"]
    return round(sum(entry["seconds"] for entry in measured.values()) / 60)


def add_remake(commands) -> None:
    """Add `remake` to the subcommands of `python -m emotionlab.labs`."""
    parser = commands.add_parser("remake", help="make every record anew, in order, or those that are named")
    parser.add_argument("names", nargs="*", metavar="NAME", help="records or groups, see --list (default: all)")
    parser.add_argument("--list", action="store_true", help="only say what each needs and how long it takes")
    for name, words in FILES.items():
        parser.add_argument(f"--{name}", metavar="PATH", help=words)
    parser.set_defaults(command=lambda chosen: remake(chosen.names, _named_files(chosen), only_list=chosen.list))


def _named_files(chosen) -> dict[str, str]:
    return {name: path for name in FILES if (path := getattr(chosen, name))}


def remake(names: list[str], files: dict[str, str] | None = None, only_list: bool = False) -> None:
    """Make the records or groups of these names (none: all), one after the other, each in a process of its own.

    files: paths by the names of `FILES`.
    Raises EmotionLabError for a name that there is not, and at the first record that cannot be made.
    """
    chosen = _chosen(names)
    if not only_list:
        for maker in chosen:  # all of them before the first: some take hours
            _check_files(maker, files or {})
    print(f"{len(chosen)} records, about {sum(maker.minutes for maker in chosen) / 60:.1f} hours in all:")
    for maker in chosen:
        print(f"  {maker.name}  ({maker.group}; needs {maker.needs}; {maker.minutes:g} minutes)", flush=True)
        print(f"      {_with_files(maker.command, files or {})}", flush=True)
        if not only_list:
            _make(maker, files or {})
    if not only_list:
        print(f"✔ Made anew in {RECORDS}. Now the README: {UV}python -m emotionlab.teaching.readme")


def _chosen(names: list[str]) -> list[Maker]:
    there = makers()
    known = {maker.name for maker in there} | {maker.group for maker in there}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise EmotionLabError(
            f"Expected names of records or groups, found {', '.join(unknown)}; `remake --list` shows those there are."
        )
    return [maker for maker in there if not names or {maker.name, maker.group} & set(names)]


def _with_files(command: str, files: dict[str, str]) -> str:
    return command.format(**{name: shlex.quote(files.get(name, name.upper())) for name in FILES})


def _check_files(maker: Maker, files: dict[str, str]) -> None:
    """The files that the record is made from are there, and none is a record that would be written over."""
    for name, words in FILES.items():
        if f"{{{name}}}" not in maker.command:
            continue
        if name not in files or not Path(files[name]).exists():
            raise EmotionLabError(
                f"Expected {words} for the record {maker.name}, found {files.get(name) or 'none'}; "
                f"name it with --{name}."
            )
        keep_outside(f"--{name}", files[name], PACKAGE)
        for other in files.keys() - {name}:
            if Path(files[other]).resolve() == Path(files[name]).resolve():
                raise EmotionLabError(
                    f"Expected different paths for --{name} and --{other}, found {files[name]} twice; name both."
                )


def _make(maker: Maker, files: dict[str, str]) -> None:
    words = shlex.split(_with_files(maker.command, files).removeprefix(UV))
    # this very Python, with or without uv
    program = words[1:] if words[0] == "python" else ["-m", "emotionlab", *words[1:]]
    ended = subprocess.run([sys.executable, *program]).returncode
    if ended:
        raise EmotionLabError(
            f"Expected the record {maker.name} to be made, found exit code {ended} (its own message stands above); "
            "mend that and ask for the rest by name."
        )
