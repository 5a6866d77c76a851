"""Bad input: each file of the corpus gets one clear sentence and leaves nothing behind."""

import tarfile
from pathlib import Path

import pytest
from bad_files import CORPUS
from face_files import picture_files, write_folder, write_tar, write_zip

from emotionlab.base import settings
from emotionlab.base.errors import DataError
from emotionlab.data import import_faces, load_faces, read_faces, sources


def everything_below(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(p.relative_to(folder)), p.stat().st_size) for p in folder.rglob("*"))


def test_the_corpus_is_large_and_each_entry_has_its_own_name():
    assert len(CORPUS) >= 20
    assert len({entry.name for entry in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)
def test_bad_input_gets_one_clear_sentence_and_leaves_nothing_behind(entry, tmp_path):
    folder = tmp_path / "bad"
    folder.mkdir()
    path = entry.build(folder)
    before = everything_below(tmp_path)
    with pytest.raises(DataError) as caught:
        import_faces(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(("Expected", "Could not"))
    assert path.name in message
    for words in entry.words:
        assert words in message
    assert everything_below(tmp_path) == before
    assert not settings.data_dir().exists()


@pytest.mark.parametrize("entry", CORPUS[:3], ids=lambda entry: entry.name)
def test_a_failed_import_leaves_the_stored_data_as_it_was(entry, tmp_path):
    import_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    before = everything_below(settings.data_dir())
    folder = tmp_path / "bad"
    folder.mkdir()
    with pytest.raises(DataError):
        import_faces(entry.build(folder))
    assert everything_below(settings.data_dir()) == before
    assert len(load_faces("fer2013")) == len(picture_files())


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 10)
    for path in (
        write_zip(tmp_path / "archive.zip", picture_files()),
        write_folder(tmp_path / "folder", picture_files()),
    ):
        with pytest.raises(DataError, match="at most 10 files"):
            read_faces(path)


def test_too_many_folders_in_a_tar_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 10)
    with tarfile.open(tmp_path / "archive.tar.gz", "w:gz") as archive:
        for number in range(20):
            member = tarfile.TarInfo(f"folder{number}")
            member.type = tarfile.DIRTYPE
            archive.addfile(member)
    with pytest.raises(DataError, match="at most 10 files"):
        read_faces(tmp_path / "archive.tar.gz")


def test_a_mistake_while_an_archive_is_read_is_not_hidden(tmp_path):
    path = write_zip(tmp_path / "archive.zip", {"x.txt": "x"})
    for mistake in (RuntimeError("a mistake"), ValueError("a mistake"), OSError(28, "No space left on device")):
        with pytest.raises(type(mistake)) as caught, sources.open_source(path):
            raise mistake
        assert caught.value is mistake


def test_a_tar_is_read_where_python_names_its_methods_otherwise(tmp_path, monkeypatch):
    monkeypatch.delattr(sources._Member, "_proc_member")
    monkeypatch.delattr(sources._Member, "_proc_gnusparse_10")
    assert len(read_faces(write_tar(tmp_path / "archive.tar.gz", picture_files()))) == len(picture_files())


def test_too_much_in_all_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 10_000)
    with pytest.raises(DataError, match="at most 10,000 bytes in all"):
        read_faces(write_zip(tmp_path / "archive.zip", picture_files()))


def test_a_large_picture_in_a_folder_is_refused_before_it_is_read_whole(tmp_path):
    files = picture_files()
    name = next(iter(files))
    folder = write_folder(tmp_path / "folder", {**files, name: bytes(2_000_000)})
    with pytest.raises(DataError, match="at most 1,000,000 bytes"):
        read_faces(folder)
