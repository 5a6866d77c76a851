"""`python -m emotionlab.labs`: repeat the leak lab for a run, or make a record of the labs anew."""

import argparse
import sys

from emotionlab.base.errors import EmotionLabError
from emotionlab.labs import (
    checkpoints,
    distortions,
    framing,
    imagenet_weights,
    leaks,
    occlusion,
    recipes,
    records,
    speeds,
    teachers,
    threshold,
)
from emotionlab.labs.film import add_film
from emotionlab.labs.people import add_people
from emotionlab.labs.remaking import add_remake
from emotionlab.labs.senses import add_senses
from emotionlab.labs.texts import add_texts
from emotionlab.labs.voices import add_voices

MAKERS = {
    "leaks": leaks,
    "domain_shift": distortions,
    "checkpoint_choice": checkpoints,
    "recipe_search": recipes,
    "teacher_search": teachers,
}
"""Labs whose record is kept here, with the data that made it."""

OF_THE_NETWORK = {"framing": framing, "threshold": threshold, "occlusion": occlusion}
"""Labs that measure the shipped network, and keep what they find by themselves."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 2 with one sentence on stderr for what the user can mend."""
    parser = argparse.ArgumentParser(prog="python -m emotionlab.labs", description="The labs of lessons 03 and 07.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    of_run = commands.add_parser("leak", help="a run's accuracy on leaked and on clean pictures")
    of_run.add_argument("run", metavar="RUN", help="name or folder of a run on FER-2013")
    of_run.add_argument("--tta", choices=("flip", "none"), default="flip", help="default: flip")
    of_run.add_argument("--split", choices=("test", "validation"), default="test", help="default: test")
    of_run.set_defaults(command=lambda chosen: print(leaks.leak(chosen.run, chosen.tta, chosen.split).to_string()))
    for name, lab in MAKERS.items():
        maker = commands.add_parser(name, help=f"make {lab.NAME} anew (for its makers; needs FER-2013)")
        maker.set_defaults(command=lambda chosen, lab=lab: _record(lab))
    imagenet_weights.add_command(commands)
    for name, lab in OF_THE_NETWORK.items():
        maker = commands.add_parser(name, help=f"make {lab.NAME} anew (for its makers; needs FER-2013)")
        maker.set_defaults(command=lambda chosen, lab=lab: _record_network(lab))
    speed = commands.add_parser("speeds", help=f"make {speeds.NAME} anew: milliseconds a face, of each network")
    speed.set_defaults(command=lambda chosen: speeds.record())
    add_remake(commands)
    add_texts(commands)
    add_voices(commands)
    add_people(commands)
    add_senses(commands)
    add_film(commands)
    chosen = parser.parse_args(arguments)
    try:
        chosen.command(chosen)
    except EmotionLabError as problem:
        print(f"emotionlab.labs: {problem}", file=sys.stderr)
        return 2
    return 0


def _record(lab) -> None:
    from emotionlab.data import load_faces

    faces = load_faces("fer2013")
    print(f"✔ Recorded in {records.keep(lab.NAME, lab.record(faces), lab.COMMAND, faces)}")


def _record_network(lab) -> None:
    from emotionlab.data import load_faces

    lab.record(load_faces("fer2013"))
    print(f"✔ Recorded in {records.FOLDER / lab.NAME}")


if __name__ == "__main__":
    sys.exit(main())
