"""Damaged and hostile .npz files: each reader gives its one sentence, and none fills the memory."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from bad_files import before_its_beginning

from emotionlab.base.archives import load_arrays
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.base.files import read_arrays
from emotionlab.data import store
from emotionlab.exercises.capture import unpack
from emotionlab.models import weights
from emotionlab.sound import packed
from emotionlab.teaching.grading.run import unpack_safely

LARGE = 30_000_000


def npz(compressed: bool = True) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, x=np.arange(1000))
    return file.getvalue()


def with_an_odd_header() -> bytes:
    """An array that is stored, and so large that NumPy reads its description before zip's checksum."""
    file = io.BytesIO()
    np.savez(file, x=np.arange(5000))
    return file.getvalue().replace(b"(5000,)", b"(5000,{")


def with_flags(flags: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An .npz whose directory and member say these flags and this way of packing."""
    content = bytearray(npz())
    start = content.index(b"PK\x01\x02")
    content[start + 8 : start + 12] = flags.to_bytes(2, "little") + method.to_bytes(2, "little")
    content[6:10] = flags.to_bytes(2, "little") + method.to_bytes(2, "little")
    return bytes(content)


def bomb(way: int) -> bytes:
    """A zip whose one member unpacks to `LARGE` bytes and says that it has 1,000."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as archive:
        archive.writestr("x.npy", bytes(LARGE))
    return file.getvalue().replace(LARGE.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(5))
    return file.getvalue()


DAMAGED = {
    "encrypted": with_flags(flags=1),
    "unknown method": with_flags(method=99),
    "bzip2": bomb(zipfile.ZIP_BZIP2),
    "LZMA": bomb(zipfile.ZIP_LZMA),
    "no array": bomb(zipfile.ZIP_DEFLATED),
    "an npy": npy(),
    "cut": npz()[:-30],
    "flipped": npz(False).replace(np.arange(500, 510).tobytes(), bytes(80)),
    "an odd header": with_an_odd_header(),
    "before its beginning": before_its_beginning(npz()),
    "empty": b"",
    "text": b"no arrays",
}

READERS = {
    "run": (read_arrays, RunError),
    "faces": (store.load, DataError),
    "weights": (lambda path: weights.read(path, "vgg16"), weights.WeightsError),
    "voices": (packed.read, DataError),
    "record": (lambda path: unpack(path.read_bytes()), EmotionLabError),
    "record of a learner": (lambda path: unpack_safely(path.read_bytes()), EmotionLabError),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_npz_is_one_sentence(reader, damage, tmp_path):
    read, error = READERS[reader]
    (tmp_path / "x.npz").write_bytes(DAMAGED[damage])
    with pytest.raises(error, match=r"^Expected ") as caught:
        read(tmp_path / "x.npz")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["bzip2", "LZMA", "no array"])
def test_no_npz_fills_the_memory(damage):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"no arrays|packed otherwise"):
            load_arrays(io.BytesIO(DAMAGED[damage]))
        assert tracemalloc.get_traced_memory()[1] < LARGE / 10
    finally:
        tracemalloc.stop()


def test_more_arrays_than_allowed_are_refused_before_they_are_unpacked():
    with pytest.raises(ValueError, match="more than 5,000 bytes"):
        load_arrays(io.BytesIO(npz()), at_most=5_000)


@pytest.mark.parametrize("compressed", [True, False])
def test_arrays_come_back_from_a_path_and_from_an_open_file(compressed, tmp_path):
    (tmp_path / "x.npz").write_bytes(npz(compressed))
    for file in (tmp_path / "x.npz", io.BytesIO(npz(compressed))):
        assert np.array_equal(load_arrays(file)["x"], np.arange(1000))
