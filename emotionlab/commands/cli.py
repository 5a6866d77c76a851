"""The command line: `emotionlab lab`, `doctor`, `data`, `train`, `evaluate`, `card`, `recognize`,
`app`, `exercises`, `grade`.

Each command is a function that takes the parsed arguments and returns an exit code (None = 0).
What is slow to import is imported inside it, so that `emotionlab --help` answers at once.
"""

import argparse
import contextlib
import os
import sys

from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.base.version import VERSION
from emotionlab.commands.app import add_app
from emotionlab.commands.cards import add_card
from emotionlab.data.ferplus import add_ferplus
from emotionlab.faces.yunet import add_yunet
from emotionlab.live.video import add_recognize
from emotionlab.models.fetch import add_weights
from emotionlab.teaching.grading import add_grade
from emotionlab.training.targets import add_teach

FAILED, INTERRUPTED = 2, 130  # 130 = 128 + SIGINT, as shells count


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 2 with one sentence on stderr for what the user can mend."""
    _make_output_safe()
    try:
        chosen = build_parser().parse_args(arguments)
        code = chosen.command(chosen) or 0
        sys.stdout.flush()  # so that a closed pipe shows here and not when Python exits
        return code
    except EmotionLabError as problem:
        print(f"emotionlab: {problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nemotionlab: stopped by Ctrl-C.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as in `emotionlab data info | head -1`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def build_parser() -> argparse.ArgumentParser:
    """The parser with all its commands."""
    parser = argparse.ArgumentParser(
        prog="emotionlab",
        description="A hands-on deep-learning course on faces. Start with: emotionlab lab",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"emotionlab {VERSION}")
    parser.set_defaults(command=lambda chosen: parser.print_help())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_lab(commands)
    _add_doctor(commands)
    _add_data(commands)
    _add_train(commands)
    add_teach(commands)
    _add_evaluate(commands)
    add_card(commands)
    add_recognize(commands)
    add_app(commands)
    _add_exercises(commands)
    add_grade(commands)
    return parser


def _make_output_safe() -> None:
    """Print a question mark, not a traceback, where a console has no such sign (old Windows code pages)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


# ------------------------------------------------------------------------------------ lab, doctor


def _add_lab(commands) -> None:
    parser = commands.add_parser("lab", help="open the course in JupyterLab, in a copy of your own")
    parser.add_argument("--dir", default="my_course", metavar="FOLDER", help="your copy (default: my_course)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.add_argument("--port", type=int, metavar="N", help="where JupyterLab listens (default: 8888)")
    parser.set_defaults(command=_lab)


def _lab(chosen) -> int:
    from emotionlab.commands.lab import open_lab

    return open_lab(chosen.dir, browser=not chosen.no_browser, port=chosen.port)


def _add_doctor(commands) -> None:
    parser = commands.add_parser("doctor", help="check this computer, and say how to mend what is missing")
    parser.set_defaults(command=_doctor)


def _doctor(chosen) -> int:
    from emotionlab.commands.doctor import examine

    return examine()


# ------------------------------------------------------------------------------------------- data


def _add_data(commands) -> None:
    parser = commands.add_parser("data", help="get FER-2013, and see what is there")
    parser.set_defaults(command=lambda chosen: parser.print_help())
    parts = parser.add_subparsers(title="commands", metavar="COMMAND")

    download = parts.add_parser("download", help="download FER-2013 from Kaggle (no account needed), or RAVDESS")
    download.add_argument("data", nargs="?", choices=("fer2013", "ravdess"), default="fer2013", help="default: fer2013")
    download.add_argument("--force", action="store_true", help="download again even if it is already there")
    download.set_defaults(command=_data_download)

    importing = parts.add_parser("import", help="take FER-2013 (or RAVDESS) from a file or folder at hand")
    importing.add_argument(
        "path",
        nargs="+",
        metavar="PATH",
        help="archive.zip, an unpacked folder, fer2013.csv, train.csv, ...; for voices: ravdess PATH",
    )
    importing.set_defaults(command=_data_import)

    info = parts.add_parser("info", help="which data a lesson would use, and how many faces of each emotion")
    _add_data_option(info)
    info.set_defaults(command=_data_info)

    survey = parts.add_parser("survey", help="count the copies, leaks and conflicts in the data, as JSON")
    _add_data_option(survey)
    survey.add_argument("--record", action="store_true", help="keep the result in the package (for its makers)")
    survey.set_defaults(command=_data_survey)
    add_ferplus(parts)
    add_yunet(parts)
    add_weights(parts)


def _add_data_option(parser) -> None:
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        help='"drawn", "fer2013", or a file or folder (default: FER-2013 where it is found, else drawn faces)',
    )


def _data_download(chosen) -> None:
    if chosen.data == "ravdess":
        from emotionlab.sound.ravdess import download_ravdess

        return _say_voices_stored(download_ravdess(force=chosen.force))
    from emotionlab.data import download_faces

    _say_stored(download_faces(force=chosen.force))


def _data_import(chosen) -> None:
    if len(chosen.path) == 2 and chosen.path[0] == "ravdess":
        from emotionlab.sound.ravdess import import_ravdess

        return _say_voices_stored(import_ravdess(chosen.path[1]))
    if len(chosen.path) > 1:
        raise EmotionLabError(
            f"Expected one PATH, or ravdess and a PATH, found {' '.join(chosen.path)!r}; quote a path with spaces."
        )
    from emotionlab.data import import_faces

    _say_stored(import_faces(chosen.path[0]))


def _say_voices_stored(voices) -> None:
    from emotionlab.sound import ravdess

    print(f"✔ {len(voices):,} recordings are ready in {ravdess.path()}: el.load_voices('ravdess').")


def _say_stored(faces) -> None:
    from emotionlab.data import store

    for note in faces.notes:
        print(f"Note: {note}")
    print(f"✔ {len(faces):,} pictures are ready in {store.path()}. Every lesson uses them from now on.")


def _data_info(chosen) -> None:
    import pandas as pd

    from emotionlab.base import settings
    from emotionlab.data import load_faces

    print(f"Data folder: {settings.data_dir()}")
    faces = load_faces(chosen.data)
    counts = pd.DataFrame({name: split.counts() for name, split in faces.splits().items()})
    counts.loc["all"] = counts.sum()
    print(counts.to_string(formatters={name: "{:,}".format for name in counts}))


def _data_survey(chosen) -> None:
    import json

    from emotionlab.data import load_faces, survey
    from emotionlab.data.surveying import record

    with contextlib.redirect_stdout(sys.stderr):  # so that stdout is JSON and nothing else
        faces = load_faces(chosen.data)
    if not chosen.record:
        print(json.dumps(survey(faces), indent=2))
        return
    if faces.name != "fer2013":
        raise EmotionLabError(
            f"Expected the real FER-2013 for a survey to keep, found {faces.name} faces; run `emotionlab data import`."
        )
    print(f"✔ Recorded in {record(faces)}")


# --------------------------------------------------------------------------------- train, evaluate


def _add_train(commands) -> None:
    from emotionlab.models import MODELS
    from emotionlab.runs.recipes import BALANCES, RECIPES

    parser = commands.add_parser(
        "train",
        help="train a network and keep the run",
        description="Train a network and keep the run. Stopped with Ctrl-C, the same command resumes it.",
    )
    parser.add_argument("model", metavar="MODEL", help=f"the network: {' or '.join(MODELS)}")
    parser.add_argument(
        "--recipe",
        metavar="RECIPE",
        help=f"{', '.join(RECIPES)}, or a JSON file (default: the one made for the network)",
    )
    parser.add_argument(
        "--name", help="name of the run (default: my_ and the network's name; for a backbone, its start)"
    )
    parser.add_argument(
        "--weights",
        metavar="WEIGHTS",
        help='of a backbone: "imagenet" (default), "keras" (from its cache), "random", or a weight file',
    )
    parser.add_argument("--input-size", type=int, metavar="PIXELS", help="of a backbone: 48, 96 (default), 160 or 192")
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the training pictures")
    parser.add_argument(
        "--augment", action=argparse.BooleanOptionalAction, help="change pictures at random while training, or do not"
    )
    parser.add_argument("--balance", choices=BALANCES, help="what to do about rare emotions")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all that is random")
    _add_data_option(parser)
    parser.add_argument("--size", type=int, metavar="N", help="use about N pictures only, to try things out")
    parser.add_argument(
        "--record",
        nargs="?",
        const="figures",
        choices=("figures", "weights", "weights8"),
        help="measure the test split too and keep the run in the package, with its weights (in 8 bits) if asked (for "
        "its makers)",
    )
    parser.set_defaults(command=_train)


def _train(chosen) -> None:
    from emotionlab.models import MODELS

    if chosen.model not in MODELS:  # before the data is read, which takes a while
        raise RunError(f"Expected a network called {' or '.join(MODELS)}, found {chosen.model!r}; choose one of them.")
    recipe = recipe_of(chosen)
    faces = _faces(chosen)
    if chosen.record and (faces.name != "fer2013" or chosen.size):
        raise RunError(
            f"Expected the whole FER-2013 for a run to record, found {len(faces):,} {faces.name} faces; "
            "import FER-2013 and leave out --size."
        )
    from emotionlab import training
    from emotionlab.runs import reference

    run = training.train_by_name(
        chosen.model,
        recipe,
        faces,
        run_name(chosen),
        record=bool(chosen.record),
        bits=8 if chosen.record == "weights8" else 16,
        **_backbone_options(chosen),
    )
    if chosen.record == "figures":  # what the network looked at, since its weights are not kept
        from emotionlab.explain import record_grid

        record_grid(run.model(), run.folder / "gradcam.npz")
    if chosen.record:
        run = reference.add(run, with_weights=chosen.record != "figures")
    print(run.report("validation"))
    print(f"\n✔ Kept in {run.folder}. On the test pictures: emotionlab evaluate {run.name}")


def recipe_of(chosen):
    """The `Recipe` that the options of `emotionlab train` describe."""
    from emotionlab.runs.recipes import load_recipe

    recipe = load_recipe(chosen.recipe or _recipe_made_for(chosen))
    if chosen.augment:
        recipe = recipe.augmented()
    elif chosen.augment is False:
        recipe = recipe.without_augmentation()
    options = {key: getattr(chosen, key) for key in ("epochs", "balance", "seed")}
    return recipe.but(**{key: value for key, value in options.items() if value is not None})


def _recipe_made_for(chosen) -> str:
    from emotionlab.models import BACKBONES
    from emotionlab.runs.recipes import RECIPES

    if chosen.model in BACKBONES:
        recipe = "from_random" if chosen.weights == "random" else "fine_tuned"
        own = f"{recipe}_{chosen.model}"  # VGG16 has no batch norm: high rates make its loss explode
        return own if own in RECIPES else recipe
    return chosen.model if chosen.model in RECIPES else "augmented"


def run_name(chosen) -> str:
    """The name given with --name, else one that tells the network, and for a backbone how it started."""
    from emotionlab.models import BACKBONES

    if chosen.name or chosen.model not in BACKBONES:
        return chosen.name or f"my_{chosen.model}"
    start = chosen.weights if chosen.weights == "random" else "imagenet"
    return f"{'' if chosen.record else 'my_'}{chosen.model}_{start}"


def _backbone_options(chosen) -> dict:
    from emotionlab.models import BACKBONES

    given = {"--weights": chosen.weights, "--input-size": chosen.input_size}
    if chosen.model not in BACKBONES:
        wrong = [option for option, value in given.items() if value is not None]
        if wrong:
            raise RunError(
                f"Expected {' and '.join(wrong)} for a backbone ({', '.join(BACKBONES)}) only, found it for "
                f"{chosen.model}; leave it out."
            )
        return {}
    weights = None if chosen.weights == "random" else chosen.weights or "imagenet"
    return {"weights": weights, "input_size": chosen.input_size or 96}


def _faces(chosen):
    from emotionlab.data import load_faces

    if chosen.size is not None and chosen.size < 100:
        raise EmotionLabError(f"Expected --size to be at least 100 pictures, found {chosen.size}; ask for more.")
    if chosen.data == "drawn" and chosen.size:
        return load_faces("drawn", size=chosen.size)
    faces = load_faces(chosen.data)
    return faces.sample(chosen.size) if chosen.size else faces


def _add_evaluate(commands) -> None:
    parser = commands.add_parser("evaluate", help="measure a run: accuracy, F1 of each emotion, calibration")
    parser.add_argument("run", metavar="RUN", help="name or folder of a run, yours or a recorded one")
    _add_data_option(parser)
    parser.add_argument("--split", choices=("test", "validation"), default="test", help="default: test")
    parser.add_argument(
        "--tta",
        choices=("none", "flip", "flip_shift"),
        default="none",
        help="average over mirrored (and shifted) versions of each picture (default: none)",
    )
    parser.add_argument("--recorded", action="store_true", help="read the recorded predictions, measure nothing anew")
    parser.set_defaults(command=_evaluate)


def _evaluate(chosen) -> None:
    from emotionlab.runs import load_run

    run = load_run(chosen.run)
    if chosen.recorded:
        print(run.report(chosen.split, chosen.tta))
        return
    from emotionlab.data import load_faces
    from emotionlab.evaluation import evaluate

    faces = load_faces(chosen.data)
    trained_on = run.data.get("name", "unknown")
    if trained_on != faces.name:
        print(f"⚠ {run.name} was trained on {trained_on} faces and is measured on {faces.name} ones here.")
    print(evaluate(run, faces.splits()[chosen.split], tta=chosen.tta))


# -------------------------------------------------------------------------------------- exercises


def _add_exercises(commands) -> None:
    parser = commands.add_parser("exercises", help="make the exercises from their solutions (for teachers)")
    parser.set_defaults(command=lambda chosen: parser.print_help())
    parts = parser.add_subparsers(title="commands", metavar="COMMAND")
    build = parts.add_parser("build", help="write exercises/ and answers.json from solutions/")
    build.add_argument("--solutions", default="solutions", metavar="FOLDER", help="default: solutions")
    build.add_argument("--exercises", default="exercises", metavar="FOLDER", help="default: exercises")
    build.set_defaults(command=_exercises_build)
    verify = parts.add_parser("verify", help="try every check on its bank and on mutants of its solution")
    verify.add_argument("--exercise", default="", metavar="NN", help="only this exercise, such as 03 (default: all)")
    verify.add_argument("--jobs", type=int, default=1, metavar="N", help="how many are tried at once (default: 1)")
    verify.add_argument("--no-notebooks", action="store_true", help="do not run the notebooks")
    verify.add_argument("--no-mutants", action="store_true", help="leave the mutants out: only the banks")
    verify.add_argument("--solutions", default="solutions", metavar="FOLDER", help="default: solutions")
    verify.add_argument("--exercises", default="exercises", metavar="FOLDER", help="default: exercises")
    verify.set_defaults(command=_exercises_verify)


def _exercises_build(chosen) -> None:
    from emotionlab.teaching.release import build

    for path in build(chosen.solutions, chosen.exercises):
        print(f"✔ {path}")


def _exercises_verify(chosen) -> int:
    from emotionlab.teaching.verify import verify

    right = verify(
        chosen.exercise,
        with_notebooks=not chosen.no_notebooks,
        with_mutants=not chosen.no_mutants,
        solutions=chosen.solutions,
        exercises=chosen.exercises,
        jobs=chosen.jobs,
    )
    return 0 if right else 1
