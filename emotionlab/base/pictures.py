"""Pictures in: every form that a picture comes in becomes the same array, and colour becomes grey in one way.

Training, evaluation, the recogniser and the demo all read pictures through these two functions. A second
way of decoding or of turning colour to grey is how a model that works in the notebook fails on a webcam.
"""

import io
import os

import numpy as np

from emotionlab.base.arguments import file_path, shown
from emotionlab.base.errors import DataError
from emotionlab.base.file_kinds import START, kind_of
from emotionlab.base.ranges import colours_to_eight_bits, found_and_way_out

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "JPEG2000", "ICO", "TGA")
"""What Pillow may read. Of the rest of what it knows, EPS is a program, which it would hand to Ghostscript to run."""

MAX_PIXELS = 100_000_000
"""The largest picture that is read; a phone takes 12 to 50 million pixels."""

_ORIENTATION = 0x0112  # the entry of an EXIF note that says how the camera was held
_BACKGROUND = 255  # what shows through where a picture is transparent: white, as on a page
_ROWS = 512  # laid on white at a time: a large picture would need four copies of itself
_ADDRESSES = ("http:", "https:", "ftp:", "file:", "data:")


def decode(source, channels: str = "RGB") -> np.ndarray:
    """Any picture as (H, W, 3) uint8, red first, the right way up.

    source: a path, the bytes of a file, a PIL image, or an array: (H, W), (H, W, 1), (H, W, 3) or
        (H, W, 4), whole numbers. Values up to 255 are taken as they are; of wider numbers that fill their
        type, such as 16 bits, the upper 8 are kept; transparent parts become white; a photo is turned as
        its EXIF note says.
    channels: order of the colours in an array, "RGB", or "BGR" as OpenCV has it. Files know their own.

    Raises DataError for an address on the internet, a file that is no whole picture, an array of another
    kind or range (12 bits in 16, fractions), and more than 100 million pixels.
    """
    if not isinstance(channels, str) or channels not in ("RGB", "BGR"):
        raise DataError(
            f'Expected channels "RGB" or "BGR", found {shown(channels)}; OpenCV gives "BGR", all else "RGB".'
        )
    if isinstance(source, str | os.PathLike):
        return _from_file(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return from_bytes(bytes(source), "the bytes given")
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

    if isinstance(picture, Image.Image):
        return np.asarray(picture.convert("L"))
    array = _as_whole_numbers(picture, "the array")
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise DataError(
            f"Expected a picture of shape (height, width, 3) and dtype uint8, found {shown(picture)}; "
            "read it with faces.decode first."
        )
    return np.asarray(Image.fromarray(array).convert("L"))


def _from_file(source) -> np.ndarray:
    if isinstance(source, str) and source.strip().lower().startswith(_ADDRESSES):
        raise DataError(
            f"Expected a picture on this computer, found the address {source.strip()[:80]!r}; "
            "save the picture first and give its path, because nothing is fetched from the internet here."
        )
    path = file_path("the picture", source, DataError)
    if not os.path.isfile(path):
        found = "a folder" if os.path.isdir(path) else "no file"
        raise DataError(f"Expected a picture, found {found} at {path}; give the path of a JPEG or PNG file.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"Expected a readable picture, found {error.strerror or error} at {path}; allow reading it or copy it."
        ) from error
    return from_bytes(content, str(path))


def from_bytes(content: bytes, where: str) -> np.ndarray:
    """The picture in a file's content, as `decode` gives it. where: its path or another name for it, for messages."""
    from PIL import Image

    if not content:
        raise DataError(f"Expected a picture, found nothing (0 bytes) in {where}; save or download it again.")
    try:
        with open_picture(io.BytesIO(content)) as image:
            _check_size(*image.size, where)
            deep = _is_deep(image)
            image.load()
            return _from_deep(content, image, where) if deep else _from_image(image, where)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(_too_large("more", where)) from None
    except Exception as error:  # Pillow raises nearly every kind for a file that is damaged
        raise DataError(unreadable(content, error, where)) from error


def open_picture(source):
    """A file as a PIL image that is not yet read. source: a path or an open file.

    Raises whatever Pillow does for what is no picture, which is nearly every kind of exception.
    """
    from PIL import Image

    Image.init()  # an older Pillow knows no AVIF
    return Image.open(source, formats=[name for name in FORMATS if name in Image.OPEN])


def _orientation(image) -> int:
    """How the camera was held, 1 to 8 as EXIF counts; 1, upright, where the note cannot be read."""
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # the note is damaged; the picture need not be
        return 1


def _turned(image, orientation: int):
    """A PIL image turned so that it stands upright."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def unreadable(content: bytes, error: Exception, where: str) -> str:
    """The sentence for a file that Pillow cannot read: what it is instead, or that it is damaged."""
    from PIL import Image

    kind = kind_of(content[:START]) if isinstance(error, Image.UnidentifiedImageError) else None
    if kind is not None:
        return f"Expected a whole picture (JPEG, PNG, WebP, ...), found {kind.name} in {where}; {kind.way_out}."
    is_other = isinstance(error, Image.UnidentifiedImageError)
    found = "a file of another kind" if is_other else f"damage ({' '.join(str(error).split())})"
    return (
        f"Expected a whole picture (JPEG, PNG, WebP, ...), found {found} in {where}; open it in a picture "
        "viewer to see whether it is one, and save it again."
    )


_BITS, _WHITE_IS_ZERO, _PLANES, _EXTRA, _SIGN = 258, 262, 284, 338, 339
"""Numbers of a TIFF's entries: bits of a channel, what 0 means, how the channels lie, the fourth one, signed or not."""


def _is_deep(image) -> bool:
    """Whether a colour picture has 16 bits a channel, of which Pillow would drop the lower 8, whatever they hold."""
    if image.mode not in ("RGB", "RGBA", "RGBX", "LA", "CMYK") or not getattr(image, "tile", ()):  # or is read already
        return False
    if image.format == "TIFF":
        return int(np.max(image.tag_v2.get(_BITS, 8))) > 8
    if image.format == "JPEG2000":
        return _jpeg2000_bits(image) > 8
    packings = [part for tile in image.tile for part in np.atleast_1d(np.array(tile[3], object))]
    return any(";16" in str(packing) or packing == 65535 for packing in packings)


def _jpeg2000_bits(image) -> int:
    """Bits of the first channel, from the head of the code (ISO/IEC 15444-1, A.5.1), which Pillow does not tell."""
    place = image.fp.tell()
    image.fp.seek(0)
    head = image.fp.read(START)
    image.fp.seek(place)
    begins = head.find(b"\xff\x4f\xff\x51")
    return (head[begins + 42] & 127) + 1 if 0 <= begins < len(head) - 42 else 8


def _from_deep(content: bytes, image, where: str) -> np.ndarray:
    """A colour picture of 16 bits a channel, read by OpenCV, which keeps them all."""
    from PIL import Image

    from emotionlab.base.opencv import cv2

    entries = image.tag_v2 if image.format == "TIFF" else {}
    is_read = image.mode != "CMYK" and entries.get(_PLANES, 1) == 1  # OpenCV takes others for what they are not
    values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) if is_read else None
    if values is None or values.dtype.kind != "u":
        raise DataError(
            f"Expected a picture of 8 bits a channel, found one of 16 that cannot be read in {where}; "
            "save it with 8 bits."
        )
    if values.ndim == 3 and np.max(entries.get(_EXTRA, 1)) == 0:  # the fourth channel is no transparency
        values = values[..., :3]
    return np.asarray(_turned(Image.fromarray(_from_array(values, "BGR", where)), _orientation(image)))


def _single_channel(image) -> np.ndarray:
    """The whole numbers of a grey picture of more than 8 bits, with what Pillow leaves out of a TIFF's entries."""
    values, entries = np.asarray(image), getattr(image, "tag_v2", {})
    if image.mode == "I" and entries.get(_BITS) in (32, (32,)) and entries.get(_SIGN, 1) in (1, (1,)):
        return values.view("uint32")
    is_negative = image.mode.startswith("I;16") and entries.get(_WHITE_IS_ZERO) == 0
    return 65535 - values if is_negative else values


def _from_image(image, where: str) -> np.ndarray:
    _check_size(*image.size, where)
    if _is_deep(image):  # opened, not yet read
        image.fp.seek(0)
        return from_bytes(image.fp.read(), where)
    holds = 65535 if image.format == "PPM" else None  # which Pillow scales to 16 bits in 32
    try:
        image.load()  # Pillow turns a TIFF as it is read, and says then that it did
        image = _turned(image, _orientation(image))
        if image.mode.startswith(("I", "F")):  # 16 bits and more: Pillow would cut off instead of scaling
            return _from_array(_single_channel(image), "RGB", where, holds)
        if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
            return _without_alpha(np.asarray(image if image.mode == "RGBA" else image.convert("RGBA")))
        return np.asarray(image.convert("RGB"))
    except DataError:
        raise
    except Exception as error:  # of a picture that was opened and not yet read
        raise DataError(
            f"Expected a whole picture, found damage ({' '.join(str(error).split())}) in {where}; save it again."
        ) from error


def _from_array(source, channels: str, where: str = "the array", holds: int | None = None) -> np.ndarray:
    array = _as_whole_numbers(source, where)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)) or array.size == 0:
        raise DataError(
            f"Expected one picture of shape (height, width) or (height, width, 1, 3 or 4), found {array.shape}; "
            "pass one picture at a time, with its channels last."
        )
    _check_size(array.shape[1], array.shape[0], where)
    array = colours_to_eight_bits(array, f"in {where}", holds)
    if array.ndim == 2 or array.shape[2] == 1:
        return np.repeat(array.reshape(*array.shape[:2], 1), 3, axis=2)
    if channels == "BGR":
        array = array[..., [2, 1, 0, 3][: array.shape[2]]]
    return _without_alpha(array) if array.shape[2] == 4 else np.ascontiguousarray(array)


def _as_whole_numbers(source, where: str) -> np.ndarray:
    """An array of whole numbers (or of True and False), or a DataError that says what to do with what it holds."""
    try:
        array = np.asarray(source)
    except Exception:  # rows of different lengths, an object that refuses
        array = np.empty(0, object)
    if array.dtype.kind in "fc":
        found, why, expression = found_and_way_out(array)
        raise DataError(
            f"Expected a picture of whole numbers in 0..255, found {found} as {array.dtype} in {where}; "
            f"{why}: ({expression}).round().astype('uint8')."
        )
    if array.dtype.kind not in "uib":
        raise DataError(
            f"Expected a picture as a path, bytes, a PIL image or an array of whole numbers, found {shown(source)}; "
            "pass one of these."
        )
    return array


def _without_alpha(rgba: np.ndarray) -> np.ndarray:
    """Lay a transparent picture on white, with Pillow, which rounds the same on every machine."""
    from PIL import Image

    laid = np.empty((*rgba.shape[:2], 3), np.uint8)
    for top in range(0, len(rgba), _ROWS):
        image = Image.fromarray(np.ascontiguousarray(rgba[top : top + _ROWS]))
        page = Image.new("RGBA", image.size, (_BACKGROUND,) * 4)
        laid[top : top + _ROWS] = np.asarray(Image.alpha_composite(page, image).convert("RGB"))
    return laid


def _check_size(width: int, height: int, where: str) -> None:
    if width * height > MAX_PIXELS:
        raise DataError(_too_large(f"{width} x {height}", where))


def _too_large(found: str, where: str) -> str:
    return f"Expected at most {MAX_PIXELS:,} pixels, found {found} in {where}; make the picture smaller and try again."
