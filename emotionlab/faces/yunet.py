"""The file of the face detector YuNet, which comes with the package."""

import hashlib
from pathlib import Path

from emotionlab.base.errors import DataError

NAME = "face_detection_yunet_2023mar.onnx"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"

PACKAGED = Path(__file__).with_name(NAME)
"""From OpenCV's model zoo; 232,589 bytes, MIT licence (Shiqi Yu and others). The site lays it beside its pages."""


def yunet_path() -> Path:
    """Where the file lies: inside the package."""
    return PACKAGED


def read_yunet() -> bytes:
    """The file's content. Raises DataError where it is missing or is not the file it should be."""
    path = yunet_path()
    found = "none"
    if path.is_file():
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == SHA256:
            return content
        found = "another or a damaged file"
    raise DataError(
        f"Expected the face detector YuNet at {path}, found {found}; install the package again, or use "
        'detector="haar", which needs no file.'
    )


def download_yunet() -> Path:
    """The path of YuNet's file. It once had to be fetched, and comes with the package now: nothing is fetched."""
    return yunet_path()


def add_yunet(parts) -> None:
    """Add `yunet` to the subcommands of `emotionlab data`: older texts name it."""
    parser = parts.add_parser("yunet", help="nothing to do: the face detector YuNet comes with the course")
    parser.set_defaults(command=lambda chosen: print("✔ YuNet is there already: it comes with the course."))
