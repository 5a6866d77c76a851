"""The stored file: whole or not at all, checked when it is loaded."""

import errno
import json
import os

import numpy as np
import pytest
from face_files import picture_files, write_zip

from emotionlab.base import settings
from emotionlab.base.errors import DataError
from emotionlab.data import import_faces, load_faces, read_faces, store


@pytest.fixture
def archive(tmp_path):
    return write_zip(tmp_path / "archive.zip", picture_files(named=False))


def stored_files() -> list[str]:
    return sorted(p.name for p in settings.data_dir().iterdir()) if settings.data_dir().exists() else []


def test_what_was_imported_comes_back_the_same(archive):
    imported, loaded = import_faces(archive), load_faces("fer2013")
    for name, split in imported.splits().items():
        again = loaded.splits()[name]
        assert np.array_equal(split.images, again.images)
        assert np.array_equal(split.labels, again.labels)
        assert np.array_equal(split.files, again.files)
        assert again.labels.dtype == np.int64
    assert (loaded.source, loaded.notes, loaded.checksum) == (imported.source, imported.notes, imported.checksum)
    assert stored_files() == ["fer2013.npz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_class_can_share_the_stored_file(archive):
    import_faces(archive)
    assert (settings.data_dir() / stored_files()[0]).stat().st_mode & 0o444 == 0o444


def test_a_stored_file_can_be_imported_elsewhere(archive, tmp_path, monkeypatch):
    checksum = import_faces(archive).checksum
    copy = settings.data_dir() / "fer2013.npz"
    monkeypatch.setenv("EMOTIONLAB_DATA", str(tmp_path / "elsewhere"))
    assert import_faces(copy).checksum == checksum
    assert stored_files() == ["fer2013.npz"]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["_write", "load"])
@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_or_an_interruption_leaves_what_was_there(failure, step, first, archive, monkeypatch):
    if not first:
        import_faces(archive)
    before = store.path().read_bytes() if store.path().exists() else None
    faces = read_faces(archive)

    def half_way(file, *rest):
        if step == "_write":
            file.write(b"half a file")
        raise failure

    monkeypatch.setattr(store, step, half_way)
    expected = KeyboardInterrupt if isinstance(failure, KeyboardInterrupt) else DataError
    with pytest.raises(expected) as caught:
        store.save(faces)
    if expected is DataError:
        assert "No space left on device" in str(caught.value)
        assert "EMOTIONLAB_DATA" in str(caught.value)
    assert stored_files() == ([] if first else ["fer2013.npz"])
    assert settings.data_dir().exists() != first
    assert (store.path().read_bytes() if store.path().exists() else None) == before


def test_a_folder_that_is_a_file_is_refused_clearly(archive, tmp_path, monkeypatch):
    (tmp_path / "occupied").write_text("x", encoding="utf-8")
    monkeypatch.setenv("EMOTIONLAB_DATA", str(tmp_path / "occupied"))
    with pytest.raises(DataError, match="name another folder in EMOTIONLAB_DATA"):
        import_faces(archive)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_store_is_named_with_the_way_to_replace_it(damage, archive):
    import_faces(archive)
    content = store.path().read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
    damaged = {"cut": content[:middle], "flipped": flipped, "empty": b"", "text": b"no arrays"}[damage]
    store.path().write_bytes(damaged)
    with pytest.raises(DataError, match="damaged or unreadable file") as caught:
        load_faces()
    assert "emotionlab data import PATH" in str(caught.value)
    import_faces(archive)
    assert len(load_faces()) == len(picture_files())


def test_pixels_that_do_not_match_the_checksum_are_refused(archive):
    import_faces(archive)
    with np.load(store.path()) as stored:
        arrays = dict(stored)
    arrays["test_images"] = 255 - arrays["test_images"]
    np.savez_compressed(store.path(), **arrays)
    with pytest.raises(DataError, match="damaged"):
        load_faces()


def test_a_label_beyond_the_seven_classes_is_refused(archive):
    import_faces(archive)
    with np.load(store.path()) as stored:
        arrays = dict(stored)
    arrays["test_labels"] = arrays["test_labels"] + np.uint8(7)
    np.savez_compressed(store.path(), **arrays)
    with pytest.raises(DataError, match="damaged"):
        load_faces()


def test_a_store_of_another_format_is_refused(archive):
    import_faces(archive)
    with np.load(store.path()) as stored:
        arrays = dict(stored)
    about = {**json.loads(arrays["about"].tobytes()), "format": "emotionlab faces 99"}
    arrays["about"] = np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8)
    np.savez_compressed(store.path(), **arrays)
    with pytest.raises(DataError, match="import the original archive"):
        load_faces()


@pytest.mark.parametrize("name", ["checksum", "name", "source", "notes"])
def test_a_store_that_lacks_a_fact_is_refused(name, archive):
    import_faces(archive)
    with np.load(store.path()) as stored:
        arrays = dict(stored)
    about = json.loads(arrays["about"].tobytes())
    del about[name]
    arrays["about"] = np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8)
    np.savez_compressed(store.path(), **arrays)
    with pytest.raises(DataError, match="import the original archive"):
        load_faces()


@pytest.mark.parametrize("name", ["archive.zip", "fer2013.csv"])
def test_a_file_that_may_not_be_read_is_named(name, archive, monkeypatch):
    path = archive.with_name(name)
    path.write_bytes(archive.read_bytes())

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    with pytest.raises(DataError, match=f"Could not read .*{name} .Permission denied"):
        read_faces(path)
