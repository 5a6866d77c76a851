"""What every test shares: folders of its own, fast mode, the real archive; and the order, and what is left out."""

from pathlib import Path

import pytest

from emotionlab.base import settings

SLOW_FIRST = (
    "repository/test_lessons",
    "repository/test_handed_out",
    "repository/test_solutions",
    "teaching/",
    "training/",
    "exercises/",
    "browser/",
    "repository/",
)
"""Where the slow files stand. They begin first, so that at the end no process waits long for the other."""


def pytest_collection_modifyitems(config, items):
    """Slow files first; a benchmark, which is whatever uses pytest-benchmark, runs by hand alone."""
    if not config.getoption("benchmark_only", False):
        by_hand = [item for item in items if "benchmark" in getattr(item, "fixturenames", ())]
        if by_hand:
            config.hook.pytest_deselected(items=by_hand)
            items[:] = [item for item in items if item not in set(by_hand)]
    items.sort(key=_place)


def _place(item) -> int:
    """How early an item's file comes; the files of one place stay in the order of their names."""
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    return next((place for place, start in enumerate(SLOW_FIRST) if name.startswith(start)), len(SLOW_FIRST))


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch) -> Path:
    """Each test has data and run folders of its own, so none reads or leaves anything elsewhere."""
    monkeypatch.setenv("EMOTIONLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("EMOTIONLAB_FAST", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
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
