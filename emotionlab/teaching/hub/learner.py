"""What a hub starts for a learner, as that learner: the course is laid out, then this process becomes JupyterLab.

    python -m emotionlab.teaching.hub.learner

Others work on the same machine. So nobody but the learner may read what is written here, temporary files included,
and the kernel talks through files in a closed folder: a port would let every user of the machine listen to it.
"""

import os
import sys
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.course.files import lay_course
from emotionlab.course.jupyter import QUIET, jupyter_environment

COURSE = "my_course"


def main() -> int:
    """Lay the course and become the learner's server; 2 where that cannot be."""
    os.umask(0o077)
    home = Path.home()
    try:
        if home.stat().st_uid == os.geteuid():  # in a pod it may belong to the volume
            home.chmod(0o700)
        print(lay_course(home / COURSE), flush=True)
        environment = jupyter_environment(home / COURSE, debugger=False) | private_folders(home)
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    except (OSError, EmotionLabError) as problem:
        print(f"emotionlab: the server of {home.name} could not start: {problem}", file=sys.stderr)
        return 2
    os.execve(sys.executable, server_command(home / COURSE, sys.argv[1:]), environment)


def server_command(folder: Path, more: list[str]) -> list[str]:
    """JupyterLab as a hub runs it, on the course in `folder`. more: the options that come from the hub."""
    # a terminal is no login shell, which would forget where the command `emotionlab` is
    shell = os.environ.get("SHELL") or "/bin/sh"
    command = [
        *(sys.executable, "-m", "jupyterhub.singleuser"),
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.terminado_settings=shell_command={shell}",
        "--KernelManager.transport=ipc",
        *QUIET,
        *more,
    ]
    return [*command, "--allow-root"] if os.geteuid() == 0 else command  # in a container, to try it alone


def private_folders(home: Path) -> dict[str, str]:
    """Folders for temporary files and for the kernel's connection, which only the learner may enter.

    Their names are short: the path of a socket may have little more than a hundred characters.
    """
    folders = {"TMPDIR": home / ".tmp", "JUPYTER_RUNTIME_DIR": home / ".jupyter_run"}
    for folder in folders.values():
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    return {name: str(folder) for name, folder in folders.items()}


if __name__ == "__main__":
    sys.exit(main())
