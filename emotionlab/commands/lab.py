"""`emotionlab lab`: a copy of the course, and JupyterLab open on its first page, on this machine only."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.course.files import lay_course
from emotionlab.course.jupyter import QUIET, START_PAGE, jupyter_environment, lesson_page

HOST = "127.0.0.1"
PORT = 8888

_PATIENCE = 300  # seconds until JupyterLab must answer; a first start on a slow or busy disk can take a minute
_GRACE = 10  # seconds it gets to close its kernels


def open_lab(
    folder: str | Path = "my_course", browser: bool = True, port: int | None = None, lesson: str = "00"
) -> int:
    """Lay the course into `folder`, run JupyterLab on it until Ctrl-C, and return the exit code.

    port: where JupyterLab listens (default 8888); the next free one when it is taken.
    lesson: the number of the lesson that is opened.
    Raises EmotionLabError when there is no such lesson, the folder cannot be used, no port is free or JupyterLab does
    not start.
    """
    page = lesson_page(lesson)
    folder = Path(os.path.abspath(file_path("the folder of the course", folder)))
    wanted = PORT if port is None else port
    port = free_port(wanted)  # a number that is no port is refused before anything is written
    print(f"Your copy of the course: {folder}")
    print(lay_course(folder), flush=True)
    if wanted not in (0, port):
        print(f"Port {wanted} is taken; port {port} is used instead.", flush=True)
    _warn_of_another(folder)
    token = secrets.token_hex(24)
    command = lab_command(folder, port, browser, page)
    return _run_until_stopped(command, lab_environment(folder, token), port, token, page)


def _warn_of_another(folder: Path) -> None:
    """Say so where a JupyterLab has this copy open already."""
    from jupyter_core.paths import jupyter_runtime_dir

    if not list(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        return  # no server runs, and the import below takes a second
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server["root_dir"]) == folder:
            print(
                f"⚠ Another JupyterLab has this copy open already, on port {server['port']}. Work in one of the two: "
                "each overwrites what the other saved.",
                flush=True,
            )


def free_port(first: int = PORT) -> int:
    """The first port from `first` to `first + 49` that nothing listens on; 0 asks for any.

    Raises EmotionLabError for a number that is no port and when none is free.
    """
    if not 0 <= first <= 65535:
        raise EmotionLabError(f"Expected a port from 1 to 65535, found {first}; give another --port.")
    for port in range(first, min(first + 50, 65536)):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)) as server:
            return server.getsockname()[1]
    raise EmotionLabError(
        f"Expected a free port from {first} on, found none that may be used; give another --port, such as 9000."
    )


def lab_command(folder: Path, port: int, browser: bool = True, page: str = START_PAGE) -> list[str]:
    """The command that starts JupyterLab in `folder`, with the Python that is running now; `page` opens first."""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.base_url=/",
        "--ServerApp.allow_remote_access=False",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url={page}",
        *QUIET,
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # usual in a container
        command.append("--allow-root")
    return command if browser else [*command, "--no-browser"]


def lab_environment(folder: Path, token: str) -> dict[str, str]:
    """Environment for JupyterLab: our kernel and settings come first, and the runs lie in the course folder.

    The token travels here, since other users can read a command line but not an environment.
    """
    return jupyter_environment(folder) | {"JUPYTER_TOKEN": token}


def _run_until_stopped(command: list[str], environment: dict[str, str], port: int, token: str, page: str) -> int:
    """Start JupyterLab, say when it answers, wait; on Ctrl-C shut it down and return 0."""
    print("Starting JupyterLab ...", flush=True)
    # In a group of its own, so that Ctrl-C reaches this process alone and the end has one order of events.
    group = {"process_group": 0} if os.name == "posix" else {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **group)
    with ending_signals_interrupt():
        try:
            if _becomes_ready(server, port, token):
                print(
                    "✔ JupyterLab is running, for this machine only:\n\n"
                    f"    http://{HOST}:{port}{page}?token={token}\n\n"
                    "Leave this window open while you work. Press Ctrl-C here to stop.",
                    flush=True,
                )
            code = server.wait()
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the clean end short
            print("\nStopping JupyterLab ...", flush=True)
            _stop(server, port, token)
            print(f"✔ Stopped. `{settings.command('lab')}` opens your copy of the course again.", flush=True)
            return 0
        finally:
            if server.poll() is None:
                server.kill()
    if code:
        raise EmotionLabError(
            f"Expected JupyterLab to run until it is stopped, found that it ended with code {code}; "
            "the lines above say why."
        )
    return 0  # ended from its own menu: File, Shut Down


@contextlib.contextmanager
def ending_signals_interrupt():
    """Inside, a closed terminal or a polite kill ends things as Ctrl-C does, and leaves nothing behind.

    Whoever starts a command with `nohup` wants it to outlive its terminal, and gets that.
    """

    def interrupt(number, frame):
        raise KeyboardInterrupt

    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        known.remove(signal.SIGHUP)
    before = {one: signal.signal(one, interrupt) for one in known}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _becomes_ready(server: subprocess.Popen, port: int, token: str) -> bool:
    """True as soon as JupyterLab answers, False if it ends. Raises EmotionLabError if it does neither in time."""
    deadline = time.monotonic() + _PATIENCE
    while server.poll() is None:
        with contextlib.suppress(OSError):
            _ask(port, token, "/api/status")
            return True
        if time.monotonic() > deadline:
            raise EmotionLabError(
                f"Expected JupyterLab to answer within {_PATIENCE} seconds, found silence; "
                f"run `{settings.command('doctor')}`, then try again."
            )
        time.sleep(0.2)
    return False


def _stop(server: subprocess.Popen, port: int, token: str) -> None:
    """Ask JupyterLab to shut down with its kernels (the same way on every system); insist if it lingers."""
    try:
        _ask(port, token, "/api/shutdown", method="POST")
    except OSError:  # not up yet, or already gone
        server.terminate()
    for insist in (server.terminate, server.kill):
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_GRACE)
            return
        insist()
    server.wait()


def _ask(port: int, token: str, path: str, method: str = "GET") -> None:
    """One request to the server. Raises OSError (which URLError is) when it is not answered with success."""
    request = urllib.request.Request(
        f"http://{HOST}:{port}{path}", method=method, headers={"Authorization": f"token {token}"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy for our own machine
    with direct.open(request, timeout=5):
        pass
