"""What a machine of a cluster does: grade one submission in a limited process of its own, and answer in JSON.

This module runs inside a Dask worker, a learner's code never does: it runs where `Worker` (workers.py) puts it,
behind the same limits as on one machine. A job and its answer are bytes. No name of a learner travels.
"""

import base64
import hashlib
import json
import os
import threading
from dataclasses import asdict
from multiprocessing.util import Finalize

from emotionlab.base.files import PACKAGE
from emotionlab.base.version import VERSION
from emotionlab.teaching.grading import limits as limiting
from emotionlab.teaching.grading.assemble import Master, masters
from emotionlab.teaching.grading.collect import Submission
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.reading import Cell, Notebook
from emotionlab.teaching.grading.replies import FIELDS
from emotionlab.teaching.grading.run import Worker, WorkerFailed
from emotionlab.teaching.grading.single import alone, checks_of

CERTIFICATES = PACKAGE.parent / "certificates"
"""Where INSTRUCTORS.md has a machine keep its key; no submission sees that folder."""

_ONE_AT_A_TIME = threading.Lock()
_workers: dict[bool, Worker] = {}  # by `fork`; it stays, so that Keras is imported once
_known: dict[str, Master] = {}


def judge(known: dict[str, Master]) -> str:
    """A checksum of all that judges here: version, modules, libraries, and the notebooks that learners got."""
    notebooks = {number: [cell.source for cell in master.cells] for number, master in known.items()}
    return hashlib.sha256(json.dumps([VERSION, checks_of(""), notebooks]).encode("utf-8")).hexdigest()


def about(limits: dict) -> str:
    """This machine, as JSON: its judge, what holds here, and whether the network is cut."""
    allowed = Limits(**limits)
    held, cut = limiting.describe_limits(allowed), limiting.cuts_network()
    return json.dumps({"judge": judge(_masters()), "held": held, "network_cut": cut, "process": os.getpid()})


def pack_job(submission: Submission, judged_by: str, limits: Limits, seed: int, fork: bool) -> bytes:
    """What a machine needs to grade a submission: its cells and files, and how to judge them. Nobody's name."""
    return json.dumps(
        {
            "exercise": submission.exercise,
            "cells": [asdict(cell) for cell in submission.notebook.cells],
            "beside": [[name, base64.b64encode(content).decode("ascii")] for name, content in submission.beside],
            "judge": judged_by,
            "limits": limits.to_dict(),
            "seed": seed,
            "fork": fork,
        }
    ).encode("utf-8")


def grade_job(job: bytes) -> bytes:
    """The result of one job, as JSON; {"refused": reason} where this machine cannot grade. Raises nothing."""
    try:
        with _ONE_AT_A_TIME:
            return json.dumps(_grade(json.loads(job))).encode("utf-8")
    except WorkerFailed as problem:
        return _refusal(str(problem))
    except Exception as problem:
        return _refusal(f"{type(problem).__name__}: {problem!s:.200}")


def _grade(job: dict) -> dict:
    if judge(_masters()) != job["judge"]:
        return {"refused": "it has another version of the course, of Python or of a library"}
    notebook = Notebook(tuple(Cell(**cell | {"tags": tuple(cell["tags"])}) for cell in job["cells"]))
    beside = tuple((name, base64.b64decode(content)) for name, content in job["beside"])
    submission = Submission("", job["exercise"], notebook=notebook, beside=beside)
    result = asdict(alone(submission, _masters(), _worker(job["fork"]), Limits(**job["limits"]), job["seed"]))
    return {name: result[name] for name in FIELDS}


def _refusal(reason: str) -> bytes:
    return json.dumps({"refused": reason}).encode("utf-8")


def _masters() -> dict[str, Master]:
    if not _known:
        _known.update(masters())
    return _known


def _worker(fork: bool) -> Worker:
    if fork not in _workers:
        _workers[fork] = Worker(fork, hide=(CERTIFICATES,))
        Finalize(_workers[fork], _workers[fork].stop, exitpriority=10)
    return _workers[fork]
