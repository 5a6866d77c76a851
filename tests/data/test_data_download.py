"""The download: the real `kaggle` package against a server on this machine that plays Kaggle."""

import contextlib
import errno
import json
import os
import shutil
import threading
import time
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from face_files import SIZES, picture_files, write_zip

from emotionlab.base import settings
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data import download, download_faces, load_faces, official, store

ETAG = '"version-1"'
MEBIBYTE = 2**20  # the kaggle package writes to the disk in chunks of this size


class FakeKaggle:
    """Answers as Kaggle does: a POST is sent on to the archive, which knows ranges.

    status and message: the answer to the POST, where it is not 200.
    cut_at, cuts: the byte at which the connection breaks, the first `cuts` times.
    """

    def __init__(self, archive: bytes):
        self.archive, self.status, self.message = archive, 200, ""
        self.cut_at, self.cuts = None, 0
        self.posts: list[dict] = []
        self.authorizations: list[str | None] = []
        self.ranges: list[str | None] = []


def handler_for(kaggle: FakeKaggle):
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kaggle.posts.append({"path": self.path, **json.loads(body)})
            kaggle.authorizations.append(self.headers.get("Authorization"))
            if kaggle.status != 200:
                answer = json.dumps({"code": kaggle.status, "message": kaggle.message}).encode()
                self.send_response(kaggle.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                return
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/fer2013.zip")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            asked = self.headers.get("Range")
            kaggle.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            content = kaggle.archive[start:]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Type", "application/zip")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("ETag", ETAG)
            self.send_header("Last-Modified", "Sun, 19 Jul 2020 00:00:00 GMT")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if kaggle.cuts:
                kaggle.cuts -= 1
                content = content[: kaggle.cut_at - start]
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)
            self.close_connection = True

    return Handler


@pytest.fixture
def kaggle(tmp_path, monkeypatch):
    """A fake Kaggle that serves a small archive; no account, and no waiting between attempts."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "home" / "kaggle"))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(official, "COUNTS", {name: dict.fromkeys(EMOTIONS, size) for name, size in SIZES.items()})
    ballast = np.random.default_rng(0).bytes(3 * MEBIBYTE)  # does not compress
    archive = write_zip(tmp_path / "made.zip", {"about.bin": ballast, **picture_files()})
    fake = FakeKaggle(archive.read_bytes())
    with serving(fake, monkeypatch):
        yield fake


@contextlib.contextmanager
def serving(fake: FakeKaggle, monkeypatch):
    from kagglesdk import kaggle_env

    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(fake))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, url)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def left_behind() -> list[str]:
    folder = settings.data_dir()
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")) if folder.exists() else []


def test_without_an_account_the_public_data_set_is_downloaded_checked_and_stored(kaggle, capsys):
    faces = download_faces()
    assert kaggle.posts[0]["path"] == "/v1/datasets.DatasetApiService/DownloadDataset"
    assert (kaggle.posts[0]["ownerSlug"], kaggle.posts[0]["datasetSlug"]) == ("msambare", "fer2013")
    assert kaggle.authorizations == [None]
    assert left_behind() == ["fer2013.npz"]
    assert load_faces().checksum == faces.checksum
    assert faces.source == "Kaggle data set msambare/fer2013 (pictures in folders)"
    printed = capsys.readouterr()
    assert "100%" in printed.err  # the progress bar


def test_a_second_download_finds_the_first(kaggle, capsys):
    first = download_faces()
    second = download_faces()
    assert second.checksum == first.checksum
    assert len(kaggle.posts) == 1
    assert "already" in capsys.readouterr().out
    download_faces(force=True)
    assert len(kaggle.posts) == 2


def test_a_damaged_store_is_downloaded_again(kaggle):
    download_faces()
    store.path().write_bytes(b"damaged")
    download_faces()
    assert len(kaggle.posts) == 2
    assert len(load_faces()) == 49


def test_a_connection_that_breaks_is_taken_up_where_it_broke(kaggle):
    kaggle.cut_at, kaggle.cuts = int(1.5 * MEBIBYTE), 2
    download_faces()
    assert kaggle.ranges[0] is None
    assert kaggle.ranges[1:] == [f"bytes={MEBIBYTE}-"] * 2
    assert left_behind() == ["fer2013.npz"]


def test_a_download_that_broke_off_is_continued_by_the_next_call(kaggle):
    kaggle.cut_at, kaggle.cuts = int(1.5 * MEBIBYTE), 99
    with pytest.raises(DataError, match="continues where it stopped"):
        download_faces()
    assert "download/fer2013.zip" in left_behind()
    assert not store.path().exists()
    kaggle.cuts, before = 0, len(kaggle.ranges)
    download_faces()
    assert kaggle.ranges[before:] == [None, f"bytes={MEBIBYTE}-"]
    assert left_behind() == ["fer2013.npz"]


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (401, "Unauthorized", ("401", "KAGGLE_API_TOKEN", "none is needed")),
        (403, "Permission denied", ("403", "kaggle auth login")),
        (403, "You must accept the rules first", ("rules are not accepted", "accept them")),
        (404, "Not found", ("404", "no longer there")),
        (429, "Too many requests", ("429", "wait a few minutes")),
        (500, "Backend error", ("500", "Backend error", "try again later")),
    ],
)
def test_a_refusal_by_kaggle_gets_one_clear_sentence_and_leaves_nothing_behind(status, message, words, kaggle):
    kaggle.status, kaggle.message = status, message
    with pytest.raises(DataError) as caught:
        download_faces()
    for word in words:
        assert word in str(caught.value)
    assert "https://www.kaggle.com/datasets/msambare/fer2013" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not settings.data_dir().exists()


def test_without_a_network_the_error_names_the_way_by_hand(kaggle, monkeypatch):
    from kagglesdk import kaggle_env

    nobody = "http://127.0.0.1:9"  # the discard port: nothing answers there
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, nobody)
    with pytest.raises(DataError, match="no network connection") as caught:
        download_faces()
    assert "emotionlab data import archive.zip" in str(caught.value)
    assert not settings.data_dir().exists()


def test_an_archive_with_other_counts_is_refused_and_not_stored(kaggle, tmp_path):
    files = picture_files()
    files.pop(next(n for n in files if n.startswith("test/fear/PrivateTest")))
    kaggle.archive = write_zip(tmp_path / "short.zip", files).read_bytes()
    with pytest.raises(DataError, match="Expected 2 fear pictures in test, found 1"):
        download_faces()
    assert not settings.data_dir().exists()


@pytest.mark.parametrize("archive", [b"<html>Sign in</html>", b"PK\x03\x04 and no more"])
def test_something_else_than_an_archive_is_refused_and_not_kept(archive, kaggle):
    kaggle.archive = archive
    with pytest.raises(DataError, match="Expected a"):
        download_faces()
    assert not settings.data_dir().exists()


def test_a_disk_that_is_nearly_full_is_named_before_a_byte_is_fetched(kaggle, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 5 * 10**6, 5 * 10**6))
    with pytest.raises(DataError, match="found 5 MB") as caught:
        download_faces()
    assert "EMOTIONLAB_DATA" in str(caught.value)
    assert kaggle.posts == []


def test_a_disk_that_fills_up_on_the_way_leaves_nothing_behind(kaggle, monkeypatch):
    def full(*args, **kwargs):
        folder = Path(kwargs["path"])
        (folder / "fer2013.zip").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download._kaggle(), "dataset_download_files", full)
    with pytest.raises(DataError, match="found a full disk"):
        download_faces()
    assert not settings.data_dir().exists()


def test_a_second_download_at_once_leaves_the_first_alone(kaggle):
    fcntl = pytest.importorskip("fcntl")
    folder = settings.data_dir() / "download"
    folder.mkdir(parents=True)
    (folder / "fer2013.zip").write_bytes(b"the half that the first has fetched")
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(DataError, match="another download there that still runs"):
            download_faces()
    finally:
        os.close(handle)
    assert kaggle.posts == []
    assert (folder / "fer2013.zip").read_bytes() == b"the half that the first has fetched"
    download_faces()
    assert left_behind() == ["fer2013.npz"]


def test_a_download_removes_its_own_archive_and_nothing_else(kaggle):
    folder = settings.data_dir() / "download"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("somebody's own", encoding="utf-8")
    download_faces()
    assert left_behind() == ["download", "download/notes.txt", "fer2013.npz"]


def test_a_kaggle_package_that_ends_the_program_on_import_is_caught(monkeypatch):
    import builtins

    real = builtins.__import__

    def no_kaggle(name, *args, **kwargs):
        if name == "kaggle":
            raise SystemExit(1)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_kaggle)
    with pytest.raises(DataError, match="update it"):
        download._kaggle()


def test_the_real_archive_passes_through_the_whole_download(real_archive, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving(FakeKaggle(real_archive.read_bytes()), monkeypatch):
        faces = download_faces()
    assert len(faces) == 35887
    assert left_behind() == ["fer2013.npz"]
