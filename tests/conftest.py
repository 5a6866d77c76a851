"""Fixtures that every test shares: its own data and run folders, fast mode, the real archive."""

from pathlib import Path

import pytest

from emotionlab.base import settings


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
