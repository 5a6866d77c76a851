"""Small data sets in every form FER-2013 is met in, written by the tests that read them."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.files import whole_file
from emotionlab.data import Faces, read_faces
from emotionlab.data.dataset import Split

PREFIX = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}
SIZES = {"train": 3, "validation": 2, "test": 2}
"""Pictures of each class in each split."""


def pixels(seed: int) -> np.ndarray:
    """A 48x48 picture of smooth grey patches, different for each seed."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 6), dtype=np.uint8)
    return np.kron(patches, np.ones((8, 8), dtype=np.uint8))


def encoded(image: np.ndarray, form: str = "JPEG") -> bytes:
    """The bytes of a picture file; (H, W) is grey, (H, W, 3) is colour."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, form, quality=95)
    return stream.getvalue()


def table() -> list[tuple[str, int, int]]:
    """(split, label, seed of the picture) for every picture, in a mixed-up order."""
    rows = [(s, label, n) for s, size in SIZES.items() for label in range(7) for n in range(size)]
    rows = [(s, label, seed) for seed, (s, label, _) in enumerate(rows)]
    return [rows[i] for i in np.random.default_rng(1).permutation(len(rows))]


def picture_files(named: bool = True, form: str = "JPEG") -> dict[str, bytes]:
    """The Kaggle archive's files. named: the file names tell PublicTest from PrivateTest."""
    files = {}
    for split, label, seed in table():
        folder = "train" if split == "train" else "test"
        name = f"{PREFIX[split]}_{seed}" if named else f"im{seed}"
        ending = "jpg" if form == "JPEG" else "png"
        files[f"{folder}/{EMOTIONS[label]}/{name}.{ending}"] = encoded(pixels(seed), form)
    return files


def csv_text(columns: str = "emotion,pixels,Usage", rows: list[tuple[str, int, int]] | None = None) -> str:
    """The same pictures as a table with the columns named, spaces and all, in `columns`."""
    lines = [columns]
    for split, label, seed in table() if rows is None else rows:
        fields = {"emotion": str(label), "usage": PREFIX[split], "pixels": " ".join(map(str, pixels(seed).flat))}
        lines.append(",".join(fields[c.strip().lower()] for c in columns.split(",")))
    return "\n".join(lines) + "\n"


def train_csv_text() -> str:
    """The competition's train.csv: enough rows of each class for a three-way split."""
    return csv_text("emotion,pixels", [("train", label, 100 * label + n) for n in range(10) for label in range(7)])


def write_folder(path: Path, files: dict[str, bytes | str], wrap: str = "") -> Path:
    """Write files below `path`; `wrap` puts a folder round them."""
    for name, content in files.items():
        target = path / wrap / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def write_zip(path: Path, files: dict[str, bytes | str], wrap: str = "") -> Path:
    """Write files into a zip; `wrap` puts a folder round them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{wrap}/{name}" if wrap else name, content)
    return path


def write_tar(path: Path, files: dict[str, bytes | str], wrap: str = "") -> Path:
    """Write files into a tar.gz; `wrap` puts a folder round them."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            content = content.encode("utf-8") if isinstance(content, str) else content
            member = tarfile.TarInfo(f"{wrap}/{name}" if wrap else name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


WRITERS = {"folder": write_folder, "zip": write_zip, "tar": write_tar}
ENDINGS = {"folder": "", "zip": ".zip", "tar": ".tar.gz"}


def read_once(archive: Path, kept: Path) -> Faces:
    """The faces in `archive`, decoded by whoever asks first; the others find them in the file `kept`."""
    if not kept.exists():
        faces = read_faces(archive)
        about = {"name": faces.name, "source": faces.source, "notes": faces.notes, "checksum": faces.checksum}
        arrays = {
            f"{name} {part}": made for name, split in faces.splits().items() for part, made in vars(split).items()
        }
        with whole_file(kept) as temporary:
            np.savez(temporary, about=json.dumps(about), **arrays)
        return faces
    with np.load(kept) as arrays:
        about = json.loads(str(arrays["about"]))
        splits = {name: Split(*(arrays[f"{name} {part}"] for part in ("images", "labels", "files"))) for name in PREFIX}
    return Faces(**splits, **about | {"notes": tuple(about["notes"])})
