"""The file of the face detector YuNet: where it lies, and how it is fetched once, on request."""

import hashlib
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.errors import DataError
from emotionlab.base.fetching import fetch

NAME = "face_detection_yunet_2023mar.onnx"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
ADDRESS = f"https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/{NAME}"
"""OpenCV's model zoo; 232,589 bytes, MIT licence (Shiqi Yu and others)."""

PACKAGED = Path(__file__).with_name(NAME)
"""The same file inside the package: the site lays it beside its pages."""


def yunet_path() -> Path:
    """Where the file is looked for: under its own name in the data folder."""
    return settings.data_dir() / NAME


def read_yunet() -> bytes:
    """The file's content. Raises DataError where it is missing or is not the file it should be."""
    path = yunet_path()
    try:
        content = path.read_bytes()
    except OSError:
        raise DataError(
            f"Expected the face detector YuNet at {path}, found none; fetch it with `emotionlab data yunet`, "
            'or use detector="haar", which needs no file.'
        ) from None
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(
            f"Expected the face detector YuNet at {path}, found another or a damaged file; delete it and run "
            "`emotionlab data yunet`."
        )
    return content


def download_yunet() -> Path:
    """Fetch YuNet (0.2 MB) from OpenCV's model zoo into the data folder, check it and return its path.

    Nothing is fetched where it is already there. Raises DataError without a network, or when what came
    is not the file whose checksum stands here.
    """
    path = yunet_path()
    by_hand = f"or download {ADDRESS} in a browser and put it at {path}"
    return fetch(ADDRESS, path, f"sha256:{SHA256}", "the face detector YuNet", by_hand)


def add_yunet(parts) -> None:
    """Add `yunet` to the subcommands of `emotionlab data`."""
    parser = parts.add_parser("yunet", help="fetch the better face detector, YuNet (0.2 MB)")
    parser.set_defaults(command=lambda chosen: print(f"✔ YuNet is at {download_yunet()}."))
