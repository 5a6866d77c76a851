"""What JupyterLab starts with in a learner's copy: our kernel, our settings, and the runs beside the lessons."""

import json
import os
import re
import sys
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import write_whole
from emotionlab.course.files import STATE, course_files, course_source

START_PAGE = "/lab/tree/lessons/00_start_here.ipynb"

QUIET = (
    "--LabApp.extension_manager=readonly",  # the other one asks a package index
    "--ServerApp.log_level=ERROR",
    "--LabApp.log_level=ERROR",
    "--LanguageServerManager.autodetect=False",  # it would call npm, where that is installed
)
"""Options with which JupyterLab asks nobody and says little."""


def lesson_page(number: str) -> str:
    """Where JupyterLab shows a lesson: "2" or "02" -> "/lab/tree/lessons/02_cnn_from_scratch.ipynb".

    Raises EmotionLabError when there is no such lesson.
    """
    found = (re.fullmatch(r"lessons/(\d\d)_\w+\.ipynb", name) for name in course_files(course_source()))
    pages = {match[1]: f"/lab/tree/{match[0]}" for match in found if match}
    if number.zfill(2) not in pages:
        raise EmotionLabError(
            f"Expected the number of a lesson ({', '.join(pages)}), found {number!r}; give one of them, or none for "
            "the first (a folder goes after --dir)."
        )
    return pages[number.zfill(2)]


def jupyter_environment(folder: Path, debugger: bool = True) -> dict[str, str]:
    """Environment for JupyterLab on the course in `folder`: our kernel and settings come first, runs lie in `folder`.

    debugger: whether the kernel offers one; it would listen on a port that has no password.
    """
    state = folder / STATE
    _write_kernel(state / "jupyter", debugger)
    _write_settings(state / "config")
    environment = dict(os.environ)
    environment.setdefault("EMOTIONLAB_RUNS", str(folder / "runs"))
    for name, ours in (("JUPYTER_PATH", state / "jupyter"), ("JUPYTER_CONFIG_PATH", state / "config")):
        theirs = os.environ.get(name)
        environment[name] = os.pathsep.join([str(ours), theirs] if theirs else [str(ours)])
    return environment


def _write_kernel(folder: Path, debugger: bool) -> None:
    """A kernel `python3` that is this very Python, whatever kernels the user has installed elsewhere."""
    python = [sys.executable, "-Xfrozen_modules=off"]
    _write_json(
        folder / "kernels" / "python3" / "kernel.json",
        {
            "argv": [*python, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--IPKernelApp.log_level=ERROR"],
            "display_name": "Python 3",
            "language": "python",
            "metadata": {"debugger": debugger},
        },
    )


def _write_settings(folder: Path) -> None:
    """No news and no update check: JupyterLab then asks nothing of any other machine. The glossary opens to be read."""
    overrides = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    }
    _write_json(folder / "labconfig" / "default_setting_overrides.json", overrides)


def _write_json(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(value, indent=1).encode())
