"""What every test shares: folders of its own, fast mode, the real archive; and the order, and what is left out."""

import os
import sys
from pathlib import Path

import pytest

from emotionlab.base import settings

# nbformat would import this grammar of internet addresses, which takes over a second, and never use it
sys.modules.setdefault("rfc3987_syntax", None)

SLOW_FIRST = (
    "repository/test_lessons",
    "repository/test_exercise_notebooks",
    "teaching/",
    "training/",
    "exercises/",
    "browser/",
    "repository/",
)
"""Where the slow files stand. They begin first, so that at the end no process waits long for the other."""

QUICK = (
    *("data/", "evaluation/", "metrics/", "plots/", "runs/", "text/", "sound/", "senses/"),
    *("exercises/test_kit", "exercises/test_progress_record", "exercises/test_quiz", "live/test_tracking"),
    *("repository/test_environment", "repository/test_glossary", "repository/test_names", "repository/test_readme"),
    *("repository/test_rooms", "repository/test_workflows"),
)
"""Where the tests of `-m quick` stand: whole folders and files, but for what trains or reads the real FER-2013."""

TRAINS = ("text/test_text_networks", "sound/test_voice_networks")


def pytest_configure(config):
    """From the first import on TensorFlow starts as in fast mode; what is measured starts as ever."""
    if not config.getoption("benchmark_only", False):
        os.environ["EMOTIONLAB_FAST"] = "1"


def pytest_ignore_collect(collection_path, config):
    """Where only quick tests are asked for, the other files are not even imported."""
    asked = config.getoption("markexpr") == "quick" and collection_path.suffix == ".py"
    return True if asked and not _is_quick(_name(collection_path)) else None


def pytest_make_parametrize_id(val, argname):
    """Bytes go by their length: a file may hold the second in which it was made, and both processes must agree."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Slow files first, quick ones marked; a benchmark, which is what uses pytest-benchmark, runs by hand alone."""
    for item in items:
        if _is_quick(_name(item.path)) and "real_archive" not in item.fixturenames:
            item.add_marker("quick")
    if not config.getoption("benchmark_only", False):
        by_hand = [item for item in items if "benchmark" in item.fixturenames]
        if by_hand:
            config.hook.pytest_deselected(items=by_hand)
            items[:] = [item for item in items if item not in set(by_hand)]
    items.sort(key=_place)


def _place(item) -> int:
    """How early an item's file comes; the files of one place stay in the order of their names."""
    name = _name(item.path)
    return next((place for place, start in enumerate(SLOW_FIRST) if name.startswith(start)), len(SLOW_FIRST))


def _is_quick(name: str) -> bool:
    return name.startswith(QUICK) and not name.startswith(TRAINS)


def _name(path: Path) -> str:
    """Where a file of tests stands, such as "data/test_drawn.py"."""
    return path.relative_to(Path(__file__).parent).as_posix()


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch) -> Path:
    """Each test has data and run folders of its own, so none reads or leaves anything elsewhere."""
    monkeypatch.setenv("EMOTIONLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("EMOTIONLAB_FAST", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)  # messages name the same command, however tests start
    return tmp_path


@pytest.fixture(scope="session")
def real_archive() -> Path:
    """The FER-2013 archive that EMOTIONLAB_FER2013 names; without it the test is skipped aloud."""
    path = settings.fer2013_archive()
    if path is None:
        pytest.skip("real data: set EMOTIONLAB_FER2013 to a FER-2013 archive to run this test")
    if not path.exists():
        pytest.fail(f"EMOTIONLAB_FER2013 names {path}, which does not exist")
    return path


@pytest.fixture(scope="session")
def real_fer2013(real_archive, tmp_path_factory):
    """The real FER-2013 as `el.load_faces` reads it from the archive, once for all tests of both processes."""
    from face_files import read_once

    folder = tmp_path_factory.getbasetemp()  # of this process; what stands above it belongs to the whole run
    return read_once(real_archive, (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "fer2013.npz")
