"""`emotionlab train` and `emotionlab evaluate`: make a run, and measure one."""

import argparse
import shutil

from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.base.outputs import keep_outside
from emotionlab.base.settings import runs_dir
from emotionlab.commands.data import add_data_option

RECORD = {"figures": "float16", "weights": "float16", "weights8": "int8", "head": "head"}
"""What --record may ask for, and how the run then keeps its weights (`el.train(kept_as=...)`)."""


def add_train(commands) -> None:
    """Add `emotionlab train` to the commands."""
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
    parser.add_argument("--input-size", type=int, metavar="PIXELS", help="of a backbone, from 32 on (default: 96)")
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the training pictures")
    parser.add_argument(
        "--augment", action=argparse.BooleanOptionalAction, help="change pictures at random while training, or do not"
    )
    parser.add_argument("--balance", choices=BALANCES, help="what to do about rare emotions")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all that is random")
    parser.add_argument(
        "--devices", type=int, default=1, metavar="N", help="how many devices share each batch, on JAX (default: 1)"
    )
    add_data_option(parser)
    parser.add_argument("--size", type=int, metavar="N", help="use about N pictures only, to try things out")
    parser.add_argument(
        "--record",
        nargs="?",
        const="figures",
        choices=tuple(RECORD),
        help="measure the test split too and keep the run in the package, with its weights (in 8 bits) or its head if "
        "asked (for its makers)",
    )
    parser.set_defaults(command=_train)


def _train(chosen) -> None:
    from emotionlab.models import MODELS

    if chosen.model not in MODELS:  # before the data is read, which takes a while
        raise RunError(f"Expected a network called {' or '.join(MODELS)}, found {chosen.model!r}; choose one of them.")
    recipe = recipe_of(chosen)
    if chosen.devices != 1:  # before the data is read, too
        from emotionlab.training import devices

        devices.shared_among(chosen.devices)
        devices.check_even(chosen.devices, recipe.batch_size)
    for option in ("recipe", "weights", "data"):
        keep_outside(f"--{option}", getattr(chosen, option), runs_dir() / run_name(chosen))
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
        kept_as=RECORD.get(chosen.record, "float16"),
        devices=chosen.devices,
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
    from emotionlab.runs import load_recipe, load_teachers

    name = chosen.recipe or _recipe_made_for(chosen)
    recipe = load_recipe(name)
    try:
        load_teachers(recipe)  # now: later nobody knows the file, and the data takes a while to read
    except RunError as problem:
        raise RunError(f"{str(problem).rstrip('.')} (in {name}).") from None
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
    return {"weights": weights, "input_size": 96 if chosen.input_size is None else chosen.input_size}


def _faces(chosen):
    from emotionlab.data import load_faces

    if chosen.size is not None and chosen.size < 100:
        raise EmotionLabError(f"Expected --size to be at least 100 pictures, found {chosen.size}; ask for more.")
    if chosen.data == "drawn" and chosen.size:
        return load_faces("drawn", size=chosen.size)
    faces = load_faces(chosen.data)
    return faces.sample(chosen.size) if chosen.size else faces


def add_teach(commands) -> None:
    """Add `emotionlab teach RUN` to the command line."""
    parser = commands.add_parser("teach", help="keep what a run says of the training pictures, for a smaller network")
    parser.add_argument("run", metavar="RUN", help="name or folder of a run with weights")
    parser.add_argument("--data", metavar="SOURCE", help="as the run was trained on (default: FER-2013, else drawn)")
    parser.add_argument(
        "--record", action="store_true", help="keep it beside the recorded run of this name too (for its makers)"
    )
    parser.set_defaults(command=_teach)


def _teach(chosen) -> None:
    from emotionlab.data import load_faces
    from emotionlab.runs import TEACHING, load_run, reference
    from emotionlab.training.targets import kept_opinion, teach

    run = load_run(chosen.run)
    recorded = reference.load(run.name) if chosen.record else None
    faces = load_faces(chosen.data)
    said = teach(run, faces.train)
    if recorded:
        shutil.copyfile(kept_opinion(run), recorded.folder / TEACHING)
    right = (said.argmax(axis=1) == faces.train.labels).mean()
    print(f"✔ Kept in {kept_opinion(run)}: {len(said):,} pictures, {right:.1%} as labelled. In a recipe:")
    print(f'  "teacher": "{run.name}"')


def add_evaluate(commands) -> None:
    """Add `emotionlab evaluate` to the commands."""
    parser = commands.add_parser("evaluate", help="measure a run: accuracy, F1 of each emotion, calibration")
    parser.add_argument("run", metavar="RUN", help="name or folder of a run, yours or a recorded one")
    add_data_option(parser)
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

    if chosen.recorded and chosen.data:
        raise RunError("Expected --recorded or --data, found both: recorded predictions are of the run's own pictures.")
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
