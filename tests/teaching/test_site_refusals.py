"""What `emotionlab site` refuses, and that nothing is lost or left half-made: a sentence, and the old site stays."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands import cli
from emotionlab.teaching.site import addresses, build, laying, trying


def refused(capsys, *words: str) -> str:
    """The one sentence with which `emotionlab site` refuses."""
    assert cli.main(["site", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.fixture
def with_sphinx(monkeypatch):
    """As if the optional group were installed."""
    monkeypatch.setattr(build, "require_sphinx", lambda: None)


def new_site(out: Path, words: str) -> None:
    """Lay a site of one page where `emotionlab site` would."""
    with build.beside(out) as folder:
        (folder / "html").mkdir()
        (folder / "html" / "index.html").write_text(words)
        build.replace(out, folder / "html")


def test_a_folder_with_other_things_is_left_as_it_is(tmp_path, capsys, with_sphinx):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "found other things" in refused(capsys, "--out", str(tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path, capsys, with_sphinx):
    (tmp_path / "site").write_text("")
    assert "found the file" in refused(capsys, "--out", str(tmp_path / "site"))
    assert "Expected to write the site" in refused(capsys, "--out", str(tmp_path / "site" / "deeper"))


def test_what_somebody_laid_into_a_site_is_not_lost(tmp_path, capsys, with_sphinx):
    out = tmp_path / "site"
    new_site(out, "first")
    (out / "_static").mkdir()
    (out / "_static" / "notes.txt").write_text("my own")
    assert "such as _static/notes.txt" in refused(capsys, "--out", str(out))
    with pytest.raises(EmotionLabError, match=r"notes\.txt"):  # laid there while the second one was built
        new_site(out, "second")
    assert (out / "index.html").read_text() == "first"
    assert (out / "_static" / "notes.txt").read_text() == "my own"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("out", [".", "..", "/"])
def test_the_folder_that_one_is_in_is_refused(tmp_path, capsys, with_sphinx, monkeypatch, out):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert "in which you are" in refused(capsys, "--out", out)


@pytest.mark.skipif(os.name == "nt", reason="links: Windows lets not everybody make them")
def test_a_link_stays_and_the_site_goes_where_it_leads(tmp_path, with_sphinx, monkeypatch):
    (tmp_path / "big_disk").mkdir()
    (tmp_path / "site").symlink_to(tmp_path / "big_disk" / "site")
    monkeypatch.setattr(build, "_lay", lambda *given: None)
    monkeypatch.setattr(build, "_finish", lambda *given: None)
    monkeypatch.setattr(build, "run_sphinx", lambda place, out, doctrees: out.mkdir() or [])
    assert cli.main(["site", "--out", str(tmp_path / "site")]) == 0
    assert (tmp_path / "site").is_symlink()
    assert [path.name for path in (tmp_path / "big_disk" / "site").iterdir()] == [build.MARK]


def test_an_unknown_lesson_is_refused_and_the_known_ones_are_named(tmp_path, capsys, with_sphinx):
    said = refused(capsys, "--out", str(tmp_path / "site"), "--only", "00,77")
    assert "'77'" in said
    assert "00, 01, 02" in said


@pytest.mark.parametrize("only", ["", " ", ",", " , "])
def test_only_without_a_lesson_is_refused_and_does_not_build_all(tmp_path, capsys, with_sphinx, only):
    assert "after --only" in refused(capsys, "--out", str(tmp_path / "site"), "--only", only)


ODD_ADDRESSES = (
    *("github.com/a/b", "https://github.com/a", "file:///etc/passwd", "javascript:alert(1)//x/y"),
    *(
        "git@github.com:a/b.git",
        "ssh://git@github.com/a/b",
        "https://github.com/a/my course",
        "https://github.com/a/b#c",
    ),
    *("https://github.com/a/b/tree/main", "https://me:secret@github.com/a/b", 'https://github.com/a/b"onclick=x'),
    *("https://example.org/a/b", "https://example.org/github/b", "https://github.com/a/.git", " "),
)


@pytest.mark.parametrize("address", ODD_ADDRESSES)
def test_what_is_no_address_of_a_repository_is_refused(tmp_path, capsys, with_sphinx, address):
    assert f"found {address!r}" in refused(capsys, "--out", str(tmp_path / "site"), "--repository", address)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b/blob/main/x.py"),
        ("https://github.com/a/my.course/", "https://github.com/a/my.course/blob/main/x.py"),
        ("https://gitlab.com/github/class/b", "https://gitlab.com/github/class/b/-/blob/main/x.py"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/src/main/x.py"),
    ],
)
def test_links_into_a_repository_are_those_of_its_host(address, file):
    assert addresses.file_address(addresses.checked_repository(address), "x.py") == file


def test_without_the_group_one_sentence_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "myst_nb", None)
    said = refused(capsys, "--out", str(tmp_path / "site"))
    assert "uv run --group site" in said
    assert not (tmp_path / "site").exists()


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "page.html")
TROUBLES = (KeyboardInterrupt, EmotionLabError("a lesson failed"), FULL, shutil.Error([("a", "b", str(FULL))]))


@pytest.mark.parametrize("trouble", TROUBLES, ids=["Ctrl-C", "a lesson", "full disk", "full disk in a copy"])
def test_an_interrupted_build_leaves_the_old_site_and_nothing_else(tmp_path, capsys, with_sphinx, monkeypatch, trouble):
    out = tmp_path / "site"
    new_site(out, "the old site")

    def fail(*given):
        raise trouble

    monkeypatch.setattr(build, "_lay", fail)
    assert cli.main(["site", "--out", str(out)]) == (130 if trouble is KeyboardInterrupt else 2)
    if isinstance(trouble, OSError):
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert os.strerror(errno.ENOSPC) in said
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert (out / "index.html").read_text() == "the old site"


def test_a_new_site_takes_the_place_of_the_old_one(tmp_path):
    out = tmp_path / "site"
    for words in ("first", "second"):
        new_site(out, words)
    assert (out / "index.html").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_ctrl_c_between_the_two_renames_leaves_the_old_site(tmp_path, monkeypatch):
    out = tmp_path / "site"
    new_site(out, "first")
    rename = Path.rename

    def interrupted(self, target):
        rename(self, target)
        if self == out:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            new_site(out, "second")
    assert (out / "index.html").read_text() == "first"


@pytest.mark.parametrize("missing", ["npm", "node"])
def test_without_npm_the_site_is_built_without_the_recogniser_and_says_so(
    tmp_path, capsys, with_sphinx, monkeypatch, missing
):
    def pages_as_they_are(place, out, doctrees):
        place.pages.rename(out)
        return []

    monkeypatch.setattr(trying.shutil, "which", lambda name: None if name == missing else f"/bin/{name}")
    monkeypatch.setattr(laying, "notebooks", lambda course, only: [])
    monkeypatch.setattr(build, "run_sphinx", pages_as_they_are)
    assert cli.main(["site", "--out", str(tmp_path / "site")]) == 0
    (sentence,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("⚠"))
    assert f"{missing} is not installed, so the site is built without the recogniser" in sentence
    first = (tmp_path / "site" / "index.md").read_text(encoding="utf-8")
    assert "built without the recogniser in the page" in first
    assert "try.js" not in first
