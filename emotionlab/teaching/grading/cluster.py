"""The teacher's side of a cluster: reach a Dask scheduler, hand submissions to its workers, check what comes back.

A scheduler runs whatever it is sent, and so do its workers. So outside this computer only `tls://` with certificates
is taken. Each worker has one submission at a time. One whose worker is lost is given out again, once.
"""

import asyncio
import contextlib
import ipaddress
import json
import logging
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching.grading import remote
from emotionlab.teaching.grading.assemble import Master
from emotionlab.teaching.grading.collect import Submission
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.replies import checked_reply

FILES = ("ca.pem", "cert.pem", "key.pem")
"""What `--certificates FOLDER` has to hold."""

MOST_TRIES = 2
"""How many workers one submission may cost."""

_CONNECTING = 15  # seconds to reach the scheduler
_WITHOUT_WORKERS = 60  # seconds without a single worker: one that died is started anew in the meantime
_LATE = 360  # seconds after a submission's own limit when its worker counts as lost
_LOOK_EVERY = 0.5  # seconds between two looks at which workers are there
_SAME = ("python", "dask", "distributed", "msgpack")  # what has to be the same wherever Dask's messages are read


def check_address(address: str, certificates: str | Path | None) -> None:
    """Raise EmotionLabError unless this is an address of a scheduler that may be reached in this way."""
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and parts.path in ("", "/")
    except ValueError:
        whole = False
    if not whole:
        raise EmotionLabError(
            f"Expected --scheduler to be an address such as tls://grading.example:8786, found {address!r}; "
            "give tls://, the machine and the port."
        )
    if parts.scheme == "tcp" and not is_loopback(parts.hostname):
        raise EmotionLabError(
            f"Expected a scheduler behind tls://, found {address}, which anybody on the way can read and change; "
            'start it with certificates (INSTRUCTORS.md, "Several machines") and write tls://.'
        )
    if parts.scheme == "tls" and not certificates:
        raise EmotionLabError(
            f"Expected certificates for {address}, found none; add --certificates FOLDER with {', '.join(FILES)}."
        )
    if parts.scheme == "tcp" and certificates:
        raise EmotionLabError(f"Expected tls:// where certificates are given, found {address}; write tls://.")
    missing = [name for name in FILES if certificates and not (Path(certificates) / name).is_file()]
    if missing:
        raise EmotionLabError(
            f"Expected {', '.join(FILES)} in {certificates}, found no {' and no '.join(missing)}; "
            'make them as INSTRUCTORS.md says under "Several machines".'
        )


def is_loopback(host: str) -> bool:
    """Whether a name or number can only be this computer."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


@dataclass
class _InWork:
    """One submission at one worker."""

    place: int
    job: bytes
    future: object
    until: float


@dataclass
class Cluster:
    """A reached cluster. held: what holds on its machines, a line for each kind. Use it in a `with` block."""

    client: object
    limits: Limits
    known: dict[str, Master]
    held: list[str] = field(default_factory=list)
    network_cut: bool = True
    refused: dict[str, str] = field(default_factory=dict)  # worker -> why it grades nothing
    news: threading.Event = field(default_factory=threading.Event)  # set when an answer is there

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.client.close(timeout=5)

    def workers(self) -> list[str]:
        """The addresses of the workers that are there now. Raises EmotionLabError when the scheduler has gone."""
        try:
            there = self.client.sync(self.client.scheduler.identity, n_workers=-1)["workers"]
        except Exception:
            raise _gone() from None
        return sorted(set(there) - set(self.refused))

    def grade(self, todo: list[tuple[int, Submission]], seed: int, fork: bool = True) -> Iterator[tuple[int, dict]]:
        """Yield (place, fields of the result) as they come, each place once. Raises EmotionLabError."""
        judged_by = remote.judge(self.known)
        exercises = {place: submission.exercise for place, submission in todo}
        waiting = deque((place, submission) for place, submission in todo)
        again: deque[tuple[int, bytes]] = deque()
        lost: dict[int, int] = {}
        running: dict[str, _InWork] = {}
        last_seen = time.monotonic()
        try:
            while waiting or again or running:
                there = self.workers()
                last_seen = self._patience(there, last_seen)
                for worker in there:
                    if worker not in running and (again or waiting):
                        if again:
                            place, job = again.popleft()
                        else:
                            place, submission = waiting.popleft()
                            job = remote.pack_job(submission, judged_by, self.limits, seed, fork)
                        running[worker] = self._hand_out(worker, place, job)
                for worker in self._ended(running, there):
                    work = running.pop(worker)
                    fields = self._reply(worker, work, exercises[work.place])
                    if fields is None and worker not in self.refused:
                        lost[work.place] = lost.get(work.place, 0) + 1
                    if fields is None and lost.get(work.place, 0) < MOST_TRIES:
                        again.append((work.place, work.job))
                    else:
                        yield work.place, fields or _lost(lost[work.place])
        finally:
            for work in running.values():
                with contextlib.suppress(Exception):
                    work.future.cancel()

    def _patience(self, there: list[str], last_seen: float) -> float:
        """When a worker was last seen. Raises EmotionLabError when that is too long ago."""
        now = time.monotonic()
        if there:
            return now
        if self.refused:
            raise EmotionLabError(_why_refused(self.refused) + " What is graded is kept: go on with --resume.")
        if now - last_seen > _WITHOUT_WORKERS:
            raise EmotionLabError(
                f"Expected workers at the scheduler, found none for {_WITHOUT_WORKERS} seconds; start some, then go on "
                "with --resume: what is graded is kept."
            )
        time.sleep(_LOOK_EVERY)
        return last_seen

    def _hand_out(self, worker: str, place: int, job: bytes) -> _InWork:
        future = self.client.submit(remote.grade_job, job, workers=[worker], pure=False, retries=0)
        future.add_done_callback(lambda _: self.news.set())
        return _InWork(place, job, future, time.monotonic() + self.limits.total + _LATE)

    def _ended(self, running: dict[str, _InWork], there: list[str]) -> list[str]:
        """Workers whose submission has an answer, or none will come; waits a moment for the first."""
        self.news.wait(_LOOK_EVERY)
        self.news.clear()
        now = time.monotonic()
        return [w for w, work in running.items() if work.future.done() or w not in there or now > work.until]

    def _reply(self, worker: str, work: _InWork, exercise: str) -> dict | None:
        """The checked result of a worker; None where it was lost, sent something else, or refused."""
        sent = b""
        with contextlib.suppress(Exception):
            if work.future.done():
                sent = work.future.result(timeout=60)
        with contextlib.suppress(Exception):
            work.future.cancel()
        reason = _refusal_in(sent)
        if reason:
            self.refused[worker] = reason
            return None
        return checked_reply(sent, self.known[exercise].exercise.questions)


def connect(address: str, certificates: str | Path | None, limits: Limits, known: dict[str, Master]) -> Cluster:
    """Reach a scheduler, and see that it and its workers are what this course needs. Raises EmotionLabError."""
    check_address(address, certificates)
    distributed = _distributed()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it would tell in pages what is said in one sentence
    security = _security(distributed, certificates)
    try:
        with ThreadPoolExecutor(1) as aside:  # an event loop of its own, wherever this is called
            aside.submit(asyncio.run, _greet(address, security)).result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are compared below, in a sentence
            client = distributed.Client(
                address, timeout=_CONNECTING, security=security, set_as_default=False, name="emotionlab-grade"
            )
    except Exception as problem:
        cause = " ".join(str(problem).split())[:150] or type(problem).__name__
        raise EmotionLabError(
            f"Expected a Dask scheduler at {address}, found none that answers ({cause}); start `dask scheduler` there, "
            "with certificates of the same authority and the same version of distributed."
        ) from None
    cluster = Cluster(client, limits, known)
    try:
        _check_versions(client, address)
        _check_machines(cluster, address)
    except BaseException:
        cluster.__exit__()
        raise
    return cluster


async def _greet(address: str, security) -> None:
    """Ask whether a scheduler is there, with patience that ends: Dask's client would wait for what stays silent."""
    from distributed.core import rpc

    connection = security.get_connection_args("client") if security else {}
    async with asyncio.timeout(_CONNECTING):
        async with rpc(address, connection_args=connection, timeout=_CONNECTING) as scheduler:
            told = await scheduler.identity()
    if told.get("type") != "Scheduler":
        raise ConnectionError("what answers is no scheduler")


def _distributed():
    try:
        import distributed
    except ImportError:
        raise EmotionLabError(
            "Expected the package distributed for --scheduler, found it missing; "
            "run `uv sync --group cluster`, or `pip install distributed cryptography`."
        ) from None
    return distributed


def _security(distributed, certificates: str | Path | None):
    if not certificates:
        return None
    authority, certificate, key = (str(Path(certificates) / name) for name in FILES)
    try:
        security = distributed.Security(
            require_encryption=True, tls_ca_file=authority, tls_client_cert=certificate, tls_client_key=key
        )
        security.get_connection_args("client")  # reads the files
    except Exception as problem:
        raise EmotionLabError(
            f"Expected certificates and their key in PEM format in {certificates}, found what cannot be read "
            f'({problem!s:.100}); make them as INSTRUCTORS.md says under "Several machines".'
        ) from None
    return security


def _check_versions(client, address: str) -> None:
    try:
        told = client.get_versions(check=False)
    except Exception:
        raise _gone() from None
    ours = _versions(told["client"])
    others = {f"the scheduler {address}": _versions(told["scheduler"])}
    others |= {f"the worker {worker}": _versions(versions) for worker, versions in told["workers"].items()}
    for who, theirs in others.items():
        for package in _SAME:
            if theirs.get(package) != ours.get(package):
                raise EmotionLabError(
                    f"Expected {package} {ours.get(package)} as here, found {theirs.get(package)} at {who}; "
                    "install the same version there, and start it again."
                )


def _versions(told: dict) -> dict[str, str]:
    found = dict(told.get("packages") or {})
    return {
        name: ".".join(str(version).split(".")[:2]) if name == "python" else version for name, version in found.items()
    }


def _check_machines(cluster: Cluster, address: str) -> None:
    """Ask every worker what it is: the same judge, and reached in no other way than the scheduler."""
    end = time.monotonic() + _CONNECTING
    while not (there := cluster.workers()) and time.monotonic() < end:
        time.sleep(_LOOK_EVERY)
    if not there:
        raise EmotionLabError(
            f"Expected workers at {address}, found none; start `dask worker` on each machine, then grade again."
        )
    in_the_open = [worker for worker in there if not worker.startswith("tls://") and not is_loopback(_host(worker))]
    if in_the_open:
        raise EmotionLabError(
            f"Expected every worker behind tls:// or on this computer, found {in_the_open[0]}; start it with "
            "certificates."
        )
    answers = cluster.client.run(remote.about, cluster.limits.to_dict(), workers=there, on_error="return")
    judged_by, held, cut = remote.judge(cluster.known), [], True
    for worker, answer in answers.items():
        try:
            told = json.loads(answer)
            if told["judge"] != judged_by:
                cluster.refused[worker] = "it has another version of the course, of Python or of a library"
            held, cut = [*held, str(told["held"])[:500]], cut and told["network_cut"] is True
        except (TypeError, ValueError, KeyError):
            cluster.refused[worker] = f"it cannot use the course ({type(answer).__name__}: {answer!s:.100})"
    if cluster.refused:
        raise EmotionLabError(_why_refused(cluster.refused))
    cluster.held, cluster.network_cut = sorted(set(held)), cut


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _refusal_in(sent) -> str:
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        return str(json.loads(sent).get("refused") or "")[:300]
    return ""


def _why_refused(refused: dict[str, str]) -> str:
    worker, reason = next(iter(refused.items()))
    return (
        f"Expected workers with the same course as here, found of {worker} that {reason}; "
        "install the same version of everything there, and start it again."
    )


def _gone() -> EmotionLabError:
    return EmotionLabError(
        "Expected the scheduler to go on answering, found that it has gone; start it and its workers again, then go on "
        "with --resume: what is graded is kept."
    )


def _lost(times: int) -> dict:
    return {
        "status": f"not graded: {times} workers were lost on it, or sent no result; grade it on one machine, alone",
        "warnings": [],
        "questions": None,
        "output": "",
        "seconds": 0.0,
    }
