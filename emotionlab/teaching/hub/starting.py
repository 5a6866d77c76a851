"""Start a hub, after looking whether it can work: each thing that is missing is one sentence, before anything runs."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.course.files import course_source
from emotionlab.teaching.hub.choices import SHARED, Choices

CONFIG = Path(__file__).with_name("jupyterhub_config.py")

PROXY = "configurable-http-proxy"


def start_hub(choices: Choices, alone: bool = False) -> int:
    """Check what a hub needs, start it, and wait until Ctrl-C; its exit code.

    alone: to try it without accounts and without being root; one password for any name, nobody is isolated.
    Raises EmotionLabError, in one sentence, where something is missing.
    """
    check_programs()
    check_choices(choices)
    if not alone:
        check_system(choices.group)
    check_shared(settings.for_learners(SHARED))
    folder = _own_folder(Path(choices.folder))
    choices = replace(choices, folder=str(folder), hub_port=_any_port(), proxy_port=_any_port())
    if alone:
        choices = replace(choices, alone=secrets.token_urlsafe(9))
    print(_greeting(choices), flush=True)
    command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)]
    hub = subprocess.Popen(command, cwd=folder, env={**os.environ, "EMOTIONLAB_HUB": choices.as_json()})
    return wait_for(hub)


def wait_for(hub: subprocess.Popen) -> int:
    """Wait until a hub ends; its exit code. What asks this process to end, asks the hub, which stops its servers."""
    before = signal.signal(signal.SIGTERM, lambda *_: hub.terminate())
    try:
        return hub.wait()
    except KeyboardInterrupt:  # Ctrl-C reached the hub too
        return hub.wait()
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
        if hub.poll() is None:
            hub.terminate()


def _greeting(choices: Choices) -> str:
    who = f"members of the group {choices.group}, with their passwords on this system"
    if choices.alone:
        who = (
            f"anybody, with any name and the password {choices.alone}\n"
            "⚠ This is for trying it alone: everybody who logs in runs as you and can read all that you can."
        )
    return (
        f"Starting JupyterHub at http://127.0.0.1:{choices.port}/ . Press Ctrl-C here to stop.\nWho may log in: {who}"
    )


def check_programs(
    system: str = os.name, which: Callable = shutil.which, find: Callable = importlib.util.find_spec
) -> None:
    """Raises EmotionLabError on Windows, and where JupyterHub, its culler or its proxy are not installed."""
    if system == "nt":
        raise EmotionLabError(
            "Expected Linux or macOS, found Windows, where JupyterHub does not run; "
            "start the hub on another machine, or use `emotionlab lab` on each one."
        )
    missing = [name for name in ("jupyterhub", "jupyterhub_idle_culler") if find(name) is None]
    if missing:
        raise EmotionLabError(
            f"Expected the group hub, found no {' and no '.join(missing)}; run `uv sync --group hub`."
        )
    if which(PROXY) is None:
        first = "" if which("npm") else "install Node.js with npm (Debian: apt-get install npm), then "
        raise EmotionLabError(f"Expected the program {PROXY}, found none; {first}run `npm install -g {PROXY}`.")


def check_choices(choices: Choices) -> None:
    """Raises EmotionLabError for a port that is none or taken, and for too few minutes."""
    if not 1 <= choices.port <= 65535:
        raise EmotionLabError(f"Expected a port from 1 to 65535, found {choices.port}; give another --port.")
    if choices.idle < 1:
        raise EmotionLabError(f"Expected one minute of --idle at least, found {choices.idle}; give more, such as 60.")
    try:
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", choices.port))
    except OSError as problem:
        raise EmotionLabError(
            f"Expected port {choices.port} to be free, found: {problem.strerror}; give another --port."
        ) from None


def check_system(group: str) -> None:
    """Raises EmotionLabError where servers of other users cannot be started, or nobody could log in."""
    import grp

    if os.geteuid() != 0:
        raise EmotionLabError(
            "Expected to run as root, which alone can start a server as each learner, found another user; "
            "start it with sudo, or try it alone with --alone."
        )
    try:
        grp.getgrnam(group)
    except KeyError:
        raise EmotionLabError(
            f"Expected a group {group} whose members may log in, found none; "
            f"make it with `groupadd {group}`, or name another in --group."
        ) from None
    for path in (Path(sys.executable), Path(os.path.realpath(sys.executable)), course_source()):
        closed = closed_to_others(path)
        if closed:
            raise EmotionLabError(
                f"Expected {path} to be open to every learner, found {closed} closed to others; "
                "put the course into a folder that all may read, such as /opt/emotionlab, and give it a Python that "
                "all may run, such as the system's: `uv sync --group hub --python /usr/bin/python3`."
            )


def closed_to_others(path: Path) -> Path | None:
    """The first folder on the way to `path` that other users may not enter; None where the way is open."""
    way = [*reversed(path.absolute().parents), path.absolute()]
    return next((step for step in way if not step.stat().st_mode & stat.S_IXOTH), None) if path.exists() else path


def check_shared(folders: dict[str, str]) -> None:
    """Raises EmotionLabError for a shared folder that is not there, cannot be read by all or can be changed by others.

    folders: the name of an environment variable -> the folder that it names.
    """
    for name, text in folders.items():
        folder = file_path(name, text)
        if not folder.is_dir() or not folder.is_absolute():
            raise EmotionLabError(f"Expected the whole path of a folder in {name}, found {text!r}; make the folder.")
        for path in (folder, *folder.rglob("*")):
            if path.is_symlink() and not path.exists():  # a link that leads nowhere: there is nothing to read
                continue
            mode = path.stat().st_mode
            needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
            if mode & needed != needed or mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise EmotionLabError(
                    f"Expected {name} to be a folder that all may read and you alone may change, found {path} "
                    f"with {stat.filemode(mode)}; run `chmod -R u=rwX,go=rX {folder}`."
                )


def _own_folder(folder: Path) -> Path:
    """The hub's own folder, made where it is missing, closed to others."""
    folder = Path(os.path.abspath(file_path("--folder", folder)))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as problem:
        raise EmotionLabError(
            f"Expected a folder for the hub's database at {folder}, found: {problem.strerror}; give another --folder."
        ) from None
    return folder


def _any_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]
