"""The process that runs one learner's code and records what the answers do.

There is no Jupyter kernel in it: IPython runs the cells, as it does inside the kernel, so magics, a
last expression and errors behave as in the notebook. That saves a second a submission, needs no
socket (the network may be cut off), and lets the process be forked from one that has imported Keras.

`observe` runs here, beside the learner's code; no verdict is made here. Each record goes out through
a connection that was opened before, signed with a token that arrives only when its check begins. So
nothing that a learner prints, returns or prepares can be taken for a record.

What this is not: a sandbox for malice. Code in the same process can walk its frames, find the
connection and the token, and lie. Who can do that can also copy the published solution.
"""

import contextlib
import hashlib
import hmac
import io
import os
import sys
import tempfile
import time

from emotionlab.exercises import exercise
from emotionlab.exercises.capture import describe_error, pack
from emotionlab.exercises.engine import Question
from emotionlab.teaching.grading import limits
from emotionlab.teaching.grading.messages import Channel


def main(channel: Channel) -> None:
    """Take a job, run its steps, send what happens, and end this process."""
    job, _ = channel.receive()
    _settle(job["folder"])
    limits.die_with_parent()
    limits.apply(limits.Limits(**job["limits"]))
    questions = {question.id: question for question in exercise(job["exercise"]).questions}
    shell = _shell()
    errors: dict[str, dict] = {}
    for step in job["steps"]:
        channel.send("starting", step=step["id"], question=step["question"])
        channel.receive()  # "go": the grader knows now whose fault it is if this process ends here
        if step["kind"] == "run":
            error = _run(shell, step["source"])
            if error:
                errors[step["question"]] = error
            channel.send("ran", step=step["id"], question=step["question"], error=error)
        else:
            question = questions[step["question"]]
            _observe(channel, question, shell.user_ns, errors.get(question.id))
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    channel.send("done")
    os._exit(0)


def _settle(folder: str) -> None:
    """Work in a temporary folder, with an empty home and none of the teacher's data."""
    home = os.path.join(folder, "home")
    work = os.path.join(folder, "work")
    for path in (home, work):
        os.makedirs(path, exist_ok=True)
    for name in ("HOME", "USERPROFILE"):
        os.environ[name] = home
    for name in ("IPYTHONDIR", "MPLCONFIGDIR"):
        os.environ[name] = os.path.join(folder, "settings")
    for name in ("TMPDIR", "TEMP", "TMP", "EMOTIONLAB_RUNS"):
        os.environ[name] = work
    os.environ["EMOTIONLAB_DATA"] = os.path.join(home, "data")
    os.chdir(work)
    tempfile.tempdir = None  # so that TMPDIR is read again
    sys.argv = ["notebook"]
    sys.dont_write_bytecode = True


def _shell():
    """IPython without history, colours or a terminal."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.user_ns.update(exit=_leave, quit=_leave)
    return shell


def _leave(code=None):
    """`exit()` ends a notebook's kernel; here it ends the cell."""
    raise SystemExit(code)


def _run(shell, source: str) -> dict | None:
    """Run one cell; what it raised, as `describe_error` tells it, or None."""
    try:
        result = shell.run_cell(source, store_history=False)
    except BaseException as error:  # IPython itself gave up, as for a KeyboardInterrupt
        return describe_error(error)
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return None
    described = describe_error(error)
    if isinstance(error, SyntaxError) and not described["line"]:
        described |= {"line": error.lineno or 0, "code": (error.text or "").strip(), "words": error.msg or ""}
    return described | {"code": described["code"][:200]}


def _observe(channel: Channel, question: Question, namespace: dict, error: dict | None) -> None:
    """Ask for the token of this question, observe the answer, and send the signed record."""
    channel.send("ask", question=question.id)
    reply, token = channel.receive()
    begin = time.perf_counter()
    record = _record(question, namespace, reply["seed"], error)
    payload = _packed(record, reply["seed"])
    signature = hmac.new(token, payload, hashlib.sha256).hexdigest()
    seconds = time.perf_counter() - begin
    channel.send("observed", payload, question=question.id, signature=signature, seconds=seconds)


def _record(question: Question, namespace: dict, seed: int, error: dict | None) -> dict:
    if question.answer not in namespace:
        if error:
            return {"seed": seed, "state": "error", "error": error}
        return {"seed": seed, "state": "not_attempted", "missing": question.answer}
    try:
        return question.observation(namespace[question.answer], seed)
    except BaseException as raised:  # sys.exit() inside the answer, say
        return {"seed": seed, "state": "error", "error": describe_error(raised)}


def _packed(record: dict, seed: int) -> bytes:
    try:
        return pack(record)
    except Exception as raised:
        return pack({"seed": seed, "state": "error", "error": describe_error(raised)})


def _own_channel() -> Channel:
    """Where there is no `fork`: take standard input and output for the conversation, away from the learner."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    sys.stdin = io.TextIOWrapper(os.fdopen(os.dup(0), "rb"))
    return Channel(reader, writer)


if __name__ == "__main__":
    main(_own_channel())
