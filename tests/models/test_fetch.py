"""`emotionlab data weights`: Keras' files come whole, or not at all, with one sentence."""

import dataclasses
import errno
import functools
import hashlib
import http.server
import os
import threading

import pytest

from emotionlab.commands.cli import main
from emotionlab.models import backbones, fetch

CONTENT = b"weights of a network" * 1000


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server on this machine that has one file, and a cache that is empty."""
    folder = tmp_path / "published"
    folder.mkdir()
    file = backbones.WeightFile("resnet50v2.h5", len(CONTENT), hashlib.md5(CONTENT).hexdigest())
    (folder / file.name).write_bytes(CONTENT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setitem(fetch.ADDRESSES, "resnet50v2", f"http://127.0.0.1:{running.server_port}/")
    monkeypatch.setitem(fetch.WEIGHT_FILES, "resnet50v2", file)
    yield folder / file.name
    running.shutdown()


def test_a_file_comes_whole_into_the_cache_of_keras(server, capsys):
    assert main(["data", "weights", "resnet50v2"]) == 0
    assert backbones.cache_file("resnet50v2").read_bytes() == CONTENT
    assert "el.models.resnet50v2(weights='keras') starts from it" in capsys.readouterr().out
    server.unlink()
    assert main(["data", "weights", "resnet50v2"]) == 0, "what is there is not asked for again"


def test_another_content_is_refused_and_not_kept(server, capsys):
    server.write_bytes(b"a page that says: log in first")
    assert main(["data", "weights", "resnet50v2"]) == 2
    assert "found another content" in capsys.readouterr().err
    assert not backbones.cache_file("resnet50v2").exists()


def test_a_file_of_another_size_is_refused_where_no_checksum_is_published(server, monkeypatch, capsys):
    file = dataclasses.replace(fetch.WEIGHT_FILES["resnet50v2"], md5="", size=7)
    monkeypatch.setitem(fetch.WEIGHT_FILES, "resnet50v2", file)
    assert main(["data", "weights", "resnet50v2"]) == 2
    assert "with 7 bytes, found 20,000" in capsys.readouterr().err
    assert not backbones.cache_file("resnet50v2").exists()


def test_without_a_network_one_sentence_says_what_to_do(server, monkeypatch, capsys):
    monkeypatch.setitem(fetch.ADDRESSES, "resnet50v2", "http://127.0.0.1:9/")
    assert main(["data", "weights", "resnet50v2"]) == 2
    said = capsys.readouterr().err
    assert "connect to the network and try again, or put the file into" in said
    assert "Traceback" not in said


def test_a_disk_without_room_is_said_and_no_network_asked_for(server, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pooch.retrieve", full)
    assert main(["data", "weights", "resnet50v2"]) == 2
    said = capsys.readouterr().err
    assert f"found: {os.strerror(errno.ENOSPC)}; make room in {backbones.cache_file('resnet50v2').parent}" in said
    assert "connect to the network" not in said


def test_a_network_that_keras_does_not_have_is_named(capsys):
    assert main(["data", "weights", "resnet18"]) == 2
    assert "found 'resnet18'" in capsys.readouterr().err
