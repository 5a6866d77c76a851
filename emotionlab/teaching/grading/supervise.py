"""Watch one learner's process: its time cell by cell, its memory, its processes, what it prints and what it sends.

The tokens are made here, after the learner's process was started. Where the system can fork, this is a process
of its own that ends with the submission, so the worker, from which later learners are forked, never holds one.
"""

import contextlib
import hashlib
import hmac
import os
import queue
import secrets
import threading
import time
from dataclasses import dataclass, field

from emotionlab.teaching.grading import limits
from emotionlab.teaching.grading.messages import Channel, Garbled
from emotionlab.teaching.grading.starting import Started, start

LOOK_EVERY = 0.2
"""Seconds between two looks at memory and processes."""

GRACE = 3.0
"""Seconds that an interrupted cell has to end by itself."""

_FLOOD = 64 * 2**20  # bytes of printed output after which a submission is stopped
_MOST_MESSAGES = 5_000
_MOST_LOOKS = {True: 8, False: 1}  # at one answer: while cells run, and at the end


def supervise(job: dict, grader: Channel) -> bool:
    """Run one job to its end, whichever that is, and report it. False when something is left over."""
    started = start(job, grader)
    messages: queue.Queue = queue.Queue(1000)
    printed = Printed(job["limits"]["output"])
    threads = [
        threading.Thread(target=_listen, args=(started.channel, messages), daemon=True),
        threading.Thread(target=printed.read, args=(started.output,), daemon=True),
    ]
    for thread in threads:
        thread.start()
    begin = time.monotonic()
    with contextlib.suppress(OSError):
        started.channel.send("job", **{name: value for name, value in job.items() if name != "kind"})
    watch = Watch(job, started, grader, begin + job["budget"])
    ended = watch.follow(messages, printed)
    started.kill()
    code = started.wait()
    while any(thread.is_alive() for thread in threads) and time.monotonic() < begin + job["budget"] + 5:
        with contextlib.suppress(queue.Empty):  # a listener that waits for room ends too
            messages.get_nowait()
        threads[0].join(timeout=0.01), threads[1].join(timeout=0.01)
    clean = not any(thread.is_alive() for thread in threads)
    seconds = time.monotonic() - begin
    grader.send("end", ended=ended, code=code, output=printed.text(), seconds=seconds)
    return clean


@dataclass
class _Doing:
    """What the learner's process is at: a cell, or a look at an answer that a cell asked for."""

    what: int | str
    until: float
    begin: float
    interrupted: float = 0.0


@dataclass
class Watch:
    """The state of one run, and the clock of each cell."""

    job: dict
    started: Started
    grader: Channel
    deadline: float
    doing: list[_Doing] = field(default_factory=list)
    tokens: dict[str, bytes] = field(default_factory=dict)
    looks: dict[tuple[str, bool], int] = field(default_factory=dict)
    all_looked_at: bool = False
    flooded: bool = False

    def follow(self, messages: queue.Queue, printed) -> str:
        """Pass messages on until the end: "finished", "left", "time", "memory", "processes", "output", "garbled"."""
        next_look, count = 0.0, 0
        while True:
            try:
                message = messages.get(timeout=LOOK_EVERY / 4)
            except queue.Empty:
                message = ()
            now = time.monotonic()
            if message is None or message == "garbled" or count > _MOST_MESSAGES:
                return "finished" if self.all_looked_at else "garbled" if message else "left"
            if message:
                count += 1
                if message[0]["kind"] == "done":
                    return "finished"
                self._take(*message)
            if self.flooded:
                return "garbled"
            if self._out_of_time(now):
                return "finished" if self.all_looked_at else "time"
            if printed.size > _FLOOD:
                return "output"
            if now > next_look:
                next_look = now + LOOK_EVERY
                if too_much := limits.over_the_limit(self.job["limits"]):
                    return too_much

    def _out_of_time(self, now: float) -> bool:
        """Interrupt what runs too long; True when even that does not end it, or all time is used up."""
        if now > self.deadline:
            return True
        if not self.doing or now <= self.doing[-1].until:
            return False
        top = self.doing[-1]
        if not top.interrupted:
            top.interrupted = now
            self.started.interrupt()
            return False
        return now > top.interrupted + GRACE

    def _take(self, fields: dict, payload: bytes) -> None:
        """One message of the learner's process. What makes no sense at this point is passed over."""
        kind, now = fields["kind"], time.monotonic()
        place, question, number = fields.get("place"), fields.get("question"), fields.get("number")
        at = self.doing[0].what if self.doing else None
        if kind == "cell" and at is None and type(place) is int and 0 <= place < len(self.job["cells"]):
            self.doing = [_Doing(place, now + self.job["cells"][place]["seconds"], now)]
            self.grader.send("cell", place=place)
            self._reply("go", number)
        elif kind == "ran" and at is not None and place == at:
            interrupted = bool(self.doing[0].interrupted)
            error = fields.get("error") if isinstance(fields.get("error"), dict) else None
            self.grader.send("ran", place=place, error=error, interrupted=interrupted)
            self.doing = []
        elif kind == "looked" and at is None:
            self.all_looked_at, self.doing = True, [_Doing("comparing", now + 5, now)]
            self.grader.send("looked")
        elif not isinstance(question, str) or question not in self.job["questions"]:
            return
        elif kind == "look":
            self._begin_look(question, number, now)
        elif kind == "observed":
            self._end_look(fields, payload, now)
        elif kind == "alike":
            self.grader.send("alike", question=question, mark=str(fields.get("mark"))[:64])

    def _begin_look(self, question: str, number, now: float) -> None:
        when = question, bool(self.doing)
        self.looks[when] = self.looks.get(when, 0) + 1
        if self.looks[when] > _MOST_LOOKS[bool(self.doing)]:
            self._reply("enough", number)
            return
        self.tokens[question] = secrets.token_bytes(32)
        self.doing.append(_Doing(question, now + self.job["limits"]["seconds"], now))
        self.grader.send("look", question=question)
        self._reply("token", number, self.tokens[question], seed=self.job["seed"])

    def _end_look(self, fields: dict, payload: bytes, now: float) -> None:
        question = fields["question"]
        token = self.tokens.pop(question, b"")  # good for one record
        expected = hmac.new(token, payload, hashlib.sha256).hexdigest()
        if not token or not hmac.compare_digest(expected, str(fields.get("signature"))):
            self._reply("seen", fields.get("number"))
            return
        look = self.doing.pop() if self.doing and self.doing[-1].what == question else None
        if self.doing and look:  # the cell that asked does not pay for the look
            self.doing[-1].until += now - look.begin
        interrupted = bool(look and look.interrupted)
        more = {name: fields.get(name) is True for name in ("at_the_end", "other")}
        more |= {"interrupted": interrupted, "seconds": _number(fields.get("seconds"))}
        self.grader.send("observed", b"" if interrupted else payload, question=question, **more)
        self._reply("seen", fields.get("number"))

    def _reply(self, kind: str, number, payload: bytes = b"", **fields) -> None:
        """Answer a message by its number: what a cell asked for itself takes no other answer's place."""
        try:
            self.started.channel.send(kind, payload, number=number if isinstance(number, int) else 0, **fields)
        except BlockingIOError:  # it asks and does not read the answers
            self.flooded = True
        except OSError:  # it has ended: the next message says so
            pass


def _number(value) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e6 else 0.0


def _listen(channel: Channel, messages: queue.Queue) -> None:
    try:
        while (message := channel.receive()) is not None:
            messages.put(message)
    except (Garbled, RecursionError):
        messages.put("garbled")
    messages.put(None)


class Printed:
    """Reads all that a process prints and keeps the beginning."""

    def __init__(self, keep: int):
        self.keep, self.size, self._kept = keep, 0, b""

    def read(self, file) -> None:
        """Read to the end of `file`."""
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(file.fileno(), 65536):
                self.size += len(part)
                self._kept += part[: max(0, 4 * self.keep - len(self._kept))]

    def text(self) -> str:
        """The first characters, and how much was left out."""
        text = self._kept.decode("utf-8", "replace")
        if self.size <= 4 * self.keep and len(text) <= self.keep:
            return text
        return f"{text[: self.keep]}\n[cut off: {self.size:,} bytes were printed in all]"
