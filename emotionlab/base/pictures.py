"""Pictures in: every form that a picture comes in becomes the same array, and colour becomes grey in one way.

Training, evaluation, the recogniser and the demo all read pictures through these two functions. A second
way of decoding or of turning colour to grey is how a model that works in the notebook fails on a webcam.
"""

import io
import os
from pathlib import Path

import numpy as np

from emotionlab.base.errors import DataError

MAX_PIXELS = 100_000_000
"""The largest picture that is read; a phone takes 12 to 50 million pixels."""

_BACKGROUND = 255  # what shows through where a picture is transparent: white, as on a page
_ADDRESSES = ("http:", "https:", "ftp:", "file:", "data:")


def decode(source, channels: str = "RGB") -> np.ndarray:
    """Any picture as (H, W, 3) uint8, red first, the right way up.

    source: a path, the bytes of a file, a PIL image, or an array: (H, W), (H, W, 1), (H, W, 3) or
        (H, W, 4), uint8 or uint16. Of 16 bits the upper 8 are kept; transparent parts become white; a
        photo is turned as its EXIF note says.
    channels: order of the colours in an array, "RGB", or "BGR" as OpenCV has it. Files know their own.

    Raises DataError for an address on the internet, a file that is no whole picture, an array of another
    kind, and more than 100 million pixels.
    """
    if channels not in ("RGB", "BGR"):
        raise DataError(f'Expected channels "RGB" or "BGR", found {channels!r}; OpenCV gives "BGR", all else "RGB".')
    if isinstance(source, str | os.PathLike):
        return _from_file(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return _from_bytes(bytes(source), "the bytes given")
    from PIL import Image

    if isinstance(source, Image.Image):
        return _from_image(source, "the PIL image")
    return _from_array(source, channels)


def grey(picture) -> np.ndarray:
    """Turn a picture, (H, W, 3) uint8 red first or a PIL image, to grey (H, W) uint8.

    Luma of ITU-R BT.601 as Pillow computes it: 0.299 red + 0.587 green + 0.114 blue, rounded.
    A picture whose three colours are equal keeps its values exactly.
    """
    from PIL import Image

    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    return np.asarray(image.convert("L"))


def _from_file(source) -> np.ndarray:
    if isinstance(source, str) and source.strip().lower().startswith(_ADDRESSES):
        raise DataError(
            f"Expected a picture on this computer, found the address {source.strip()[:80]!r}; "
            "save the picture first and give its path, because nothing is fetched from the internet here."
        )
    path = Path(source).expanduser()
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no file"
        raise DataError(f"Expected a picture, found {found} at {path}; give the path of a JPEG or PNG file.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"Expected a readable picture, found {error.strerror or error} at {path}.") from error
    return _from_bytes(content, str(path))


def _from_bytes(content: bytes, where: str) -> np.ndarray:
    from PIL import Image, ImageOps

    if not content:
        raise DataError(f"Expected a picture, found nothing (0 bytes) in {where}; save or download it again.")
    try:
        with Image.open(io.BytesIO(content)) as image:
            _check_size(*image.size, where)
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return _from_image(image, where, upright=True)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(_too_large("more", where)) from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.UnidentifiedImageError) as error:
        found = "a file of another kind" if isinstance(error, Image.UnidentifiedImageError) else f"damage ({error})"
        raise DataError(
            f"Expected a whole picture (JPEG, PNG, WebP, ...), found {found} in {where}; open it in a picture "
            "viewer to see whether it is one, and save it again."
        ) from error


def _from_image(image, where: str, upright: bool = False) -> np.ndarray:
    from PIL import ImageOps

    _check_size(*image.size, where)
    try:
        if not upright:
            image = ImageOps.exif_transpose(image)
        if image.mode.startswith(("I", "F")):  # 16 bits and more: Pillow would cut off instead of scaling
            return _from_array(np.asarray(image), "RGB")
        if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
            return _without_alpha(np.asarray(image.convert("RGBA")))
        return np.asarray(image.convert("RGB"))
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"Expected a whole picture, found damage ({error}) in {where}; save it again.") from error


def _from_array(source, channels: str) -> np.ndarray:
    array = np.asarray(source)
    if array.dtype.kind not in "ui" or array.dtype not in (np.uint8, np.uint16, np.int32):
        raise DataError(
            f"Expected a picture as a path, bytes, a PIL image or whole numbers (uint8 or uint16), found "
            f"{type(source).__name__} of {array.dtype}; numbers in 0..1 become a picture with "
            "(255 * picture).round().astype('uint8')."
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)) or array.size == 0:
        raise DataError(
            f"Expected one picture of shape (height, width) or (height, width, 1, 3 or 4), found {array.shape}; "
            "pass one picture at a time, with its channels last."
        )
    _check_size(array.shape[1], array.shape[0], "the array")
    if array.dtype != np.uint8:
        array = (np.clip(array, 0, 65535) >> 8).astype(np.uint8)
    if array.ndim == 2 or array.shape[2] == 1:
        return np.repeat(array.reshape(*array.shape[:2], 1), 3, axis=2)
    if channels == "BGR":
        array = array[..., [2, 1, 0, 3][: array.shape[2]]]
    return _without_alpha(array) if array.shape[2] == 4 else np.ascontiguousarray(array)


def _without_alpha(rgba: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on white, with Pillow, which rounds the same on every machine."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(rgba))
    page = Image.new("RGBA", image.size, (_BACKGROUND,) * 4)
    return np.asarray(Image.alpha_composite(page, image).convert("RGB"))


def _check_size(width: int, height: int, where: str) -> None:
    if width * height > MAX_PIXELS:
        raise DataError(_too_large(f"{width} x {height}", where))


def _too_large(found: str, where: str) -> str:
    return f"Expected at most {MAX_PIXELS:,} pixels, found {found} in {where}; make the picture smaller and try again."
