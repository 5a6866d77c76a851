"""The notebooks with their outputs: run once, and again only when their code or what they use has changed.

What a notebook showed is kept in the folder `site` of the data folder, with the checksum of its code cells and of each
file of the package that it used. Where all of these are as they were, the outputs are taken from there.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat

from emotionlab.base import settings
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE, write_whole
from emotionlab.teaching.notebook_runs import client_of, copied_beside, run_through
from emotionlab.teaching.site.inside import USED

CELL_TIMEOUT = 3600
"""Seconds that one cell may take in full mode."""

_LIBRARIES = ("keras", "matplotlib", "numpy", "opencv-python-headless", "pandas", "scikit-learn", "tensorflow")
_CALL = "__import__('emotionlab.teaching.site.inside', fromlist=['begin']).{}()"


@dataclass(frozen=True)
class Shown:
    """What a notebook showed. outputs: id of each code cell -> its outputs. fresh: whether it was run just now."""

    outputs: dict[str, list]
    fresh: bool


def outputs_of(path: Path, course: Path, again: bool = False) -> Shown:
    """The outputs of the notebook `path`, which lies below `course`. again: run it whatever is kept.

    Raises EmotionLabError when a cell fails: the sentence names the notebook, the cell and the error.
    """
    notebook, fast = nbformat.read(path, as_version=4), settings.fast()
    if not again and (found := _still_right(_kept_path(path.relative_to(course), fast), _key(notebook, path))):
        return Shown(found, fresh=False)
    folder = Path(tempfile.mkdtemp(prefix="emotionlab_site_"))
    try:
        home, watched = copied_beside(path, course, folder), with_calls(notebook)
        client = client_of(watched, home, timeout=CELL_TIMEOUT)
        run_through(client, path.relative_to(course).as_posix(), folder, fast)
        return Shown(keep(path, course, watched, folder, fast), fresh=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def with_calls(notebook) -> nbformat.NotebookNode:
    """The notebook with a cell that calls `inside.begin` before its own cells, and `inside.end` behind them."""
    whole = nbformat.from_dict(notebook)
    whole.cells = [_call("begin"), *notebook.cells, _call("end")]
    return whole


def keep(path: Path, course: Path, ran, folder: Path, fast: bool) -> dict[str, list]:
    """Keep what the notebook `path` showed, and return the outputs of each of its code cells.

    ran: the notebook of `with_calls`, run in a copy of the course in `folder`. fast: in fast mode or in full.
    """
    used = next(out["data"][USED] for out in ran.cells[-1].outputs if USED in out.get("data", {}))
    shown = {cell.id: cell.outputs for cell in ran.cells[1:-1] if cell.cell_type == "code"}
    outputs, kept = _without_this_machine(shown, folder), _kept_path(path.relative_to(course), fast)
    key = _key(nbformat.read(path, as_version=4), path)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, json.dumps({"key": key, "used": fingerprints(used), "outputs": outputs}).encode())
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to keep what {path.name} showed in {kept.parent}, found: {problem.strerror or problem}; free "
            "some space, or choose another folder with EMOTIONLAB_DATA."
        ) from None
    return outputs


def fingerprints(used: list[str]) -> dict[str, str]:
    """Checksum of each of these files of the package; "" for one that is not there any more."""
    found = ((name, PACKAGE / name) for name in used)
    return {name: _checksum(path.read_bytes()) if path.is_file() else "" for name, path in found}


def _kept_path(relative: Path, fast: bool) -> Path:
    mode = "fast" if fast else "full"
    return settings.data_dir() / "site" / f"{'-'.join(relative.with_suffix('').parts)}.{mode}.json"


def _key(notebook, path: Path) -> str:
    """Checksum of what a run depends on beside the package: the code, the programs beside it, the libraries."""
    code = [(cell.id, cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    beside = [(file.name, _checksum(file.read_bytes())) for file in sorted(path.parent.glob("*.py"))]
    libraries = [(name, version(name)) for name in _LIBRARIES]
    return _checksum(json.dumps([code, beside, libraries, sys.version_info[:2]]).encode())


def _still_right(kept: Path, key: str) -> dict[str, list] | None:
    try:
        entry = json.loads(kept.read_bytes())
        right = entry["key"] == key and entry["used"] == fingerprints(list(entry["used"]))
        return entry["outputs"] if right else None
    except (OSError, ValueError, KeyError, TypeError):  # none, or a damaged one: then the notebook is run
        return None


def _call(name: str):
    cell = nbformat.v4.new_code_cell(_CALL.format(name))
    cell.id = f"site-{name}"
    return cell


def _without_this_machine(outputs, folder: Path):
    """The outputs without the folders of the machine that made them; pictures (base64) stay as they are."""
    if isinstance(outputs, dict):
        told = {key: value for key, value in outputs.items() if not key.startswith("image/")}
        return outputs | {key: _without_this_machine(value, folder) for key, value in told.items()}
    if isinstance(outputs, list):
        return [_without_this_machine(one, folder) for one in outputs]
    if isinstance(outputs, str):
        own = ((folder / "course", "my_course"), (folder, "my_course"))
        places = (*own, (PACKAGE.parent, "emotionlab"), (sys.prefix, "python"), (Path.home(), "~"))
        for place, name in places:
            if place != Path("/"):  # the home of a user without one
                outputs = outputs.replace(str(place), name)
    return outputs


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
