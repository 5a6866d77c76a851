"""Fifty visitors of the app for a minute, on the loopback: is every request answered, or refused with a clear message?

    uv run python tests/benchmarks/load_app.py                  # fifty clients, 60 seconds
    uv run python tests/benchmarks/load_app.py --clients 5 --seconds 10

Each visitor uploads a picture of 640 x 480 with one drawn face, waits for the answer and starts again; every tenth
picture is a text file. Prints the figures; the exit code is 1 where a request got neither an answer nor a message.
"""

import argparse
import collections
import os
import platform
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# this is a script: pytest, which would add the folder of the tests, does not start it
sys.path[:0] = [str(Path(__file__).parents[1] / "support"), str(Path(__file__).parents[2])]

import scenes  # noqa: E402
from app_client import Visitor  # noqa: E402
from app_server import running_app  # noqa: E402

from emotionlab.live.bundled import jpeg  # noqa: E402

ANSWERED, REFUSED, TOLD, FAILED = "answered", "refused with a message", "bad file told", "FAILED"


@dataclass
class Outcome:
    """One request: what came of it, and the seconds it took."""

    kind: str
    seconds: float
    detail: str = ""


def main() -> int:
    chosen = _arguments()
    picture = jpeg(scenes.scene())
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder), chosen.detector) as server:
        end = time.monotonic() + chosen.seconds
        visitors = [
            threading.Thread(target=_visit, args=(number, server.address, picture, end, outcomes), daemon=True)
            for number in range(chosen.clients)
        ]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join(chosen.seconds + 300)
        stuck = sum(visitor.is_alive() for visitor in visitors)
        alive = server.process.poll() is None and Visitor(server.address).http.get("/").is_success
    _report(chosen, outcomes, stuck, alive)
    return int(stuck > 0 or not alive or any(outcome.kind == FAILED for outcome in outcomes))


def _arguments():
    parser = argparse.ArgumentParser(description="Load the app on the loopback.")
    parser.add_argument("--clients", type=int, default=50, choices=range(1, 201), metavar="1..200")
    parser.add_argument("--seconds", type=int, default=60, choices=range(1, 301), metavar="1..300")
    parser.add_argument("--detector", default="haar", choices=("haar", "yunet", "auto"))
    return parser.parse_args()


def _visit(number: int, address: str, picture: bytes, end: float, outcomes: list[Outcome]) -> None:
    """One visitor until the end. number: of the visitor; it decides which of its files is a bad one."""
    visitor = Visitor(address)
    while time.monotonic() < end:
        number += 1
        outcomes.append(_once(visitor, b"dear diary" if number % 10 == 0 else picture))
        if outcomes[-1].kind == REFUSED:
            time.sleep(1.0)  # "try again in a few seconds"
    visitor.close()


def _once(visitor: Visitor, content: bytes) -> Outcome:
    began = time.monotonic()
    try:
        page = visitor.look(visitor.upload("picture.jpg", content))[0]
    except Exception as trouble:
        return Outcome(FAILED, time.monotonic() - began, f"{type(trouble).__name__}: {trouble}"[:200])
    kinds = {"1 face found": ANSWERED, "The app is busy": REFUSED, "give the picture itself": TOLD}
    kind = next((kind for words, kind in kinds.items() if words in page), FAILED)
    return Outcome(kind, time.monotonic() - began, page[:200] if kind == FAILED else "")


def _report(chosen, outcomes: list[Outcome], stuck: int, alive: bool) -> None:

    print(
        f"{chosen.clients} clients, {chosen.seconds} s, {chosen.detector}; {platform.machine()}, {os.cpu_count()} cores"
    )
    print(f"requests: {len(outcomes):,} ({len(outcomes) / chosen.seconds:.1f} a second)")
    for kind, count in collections.Counter(outcome.kind for outcome in outcomes).most_common():
        seconds = [outcome.seconds for outcome in outcomes if outcome.kind == kind]
        middle, slow, worst = np.percentile(seconds, [50, 95, 100])
        print(f"  {kind}: {count:,}; seconds: median {middle:.2f}, 95 % within {slow:.2f}, longest {worst:.2f}")
    for detail, count in collections.Counter(o.detail for o in outcomes if o.kind == FAILED).most_common(5):
        print(f"  {count} x {detail}")
    print(f"visitors still waiting at the end: {stuck}; the app answers afterwards: {'yes' if alive else 'NO'}")


if __name__ == "__main__":
    sys.exit(main())
