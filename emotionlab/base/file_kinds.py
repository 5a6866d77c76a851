"""What a file is, told from its first bytes: a name can say anything."""

from pathlib import Path
from typing import NamedTuple

START = 4096
"""So many bytes from the beginning are enough for `kind_of`."""


class Kind(NamedTuple):
    """name: what to call it, such as "a HEIC photo". way_out: what to do with it where a picture was expected."""

    name: str
    way_out: str
    is_film: bool = False


_AS_JPEG = "save as JPEG"
_PHOTO = f"open it in a picture viewer and {_AS_JPEG}"
_DRAWING = f"open it in a drawing program, export it and {_AS_JPEG}"
_FILM = Kind("a film", "give a film alone, as in `emotionlab recognize film.mp4`, or use el.recognize_video", True)
_HEIC = Kind("a HEIC photo, as phones take them,", _PHOTO)

_STARTS = (
    (b"%PDF", Kind("a PDF", f"open it, export the page and {_AS_JPEG}")),
    (b"%!PS", Kind("a PostScript drawing", _DRAWING)),
    (b"\xc5\xd0\xd3\xc6", Kind("a PostScript drawing", _DRAWING)),
    (b"8BPS", Kind("a Photoshop file", f"open it in a picture program and {_AS_JPEG}")),
    (b"gimp xcf", Kind("a GIMP file", f"open it in GIMP, export it and {_AS_JPEG}")),
    (b"\xff\x0a", Kind("a JPEG XL picture", _PHOTO)),
    (b"\x00\x00\x00\x0cJXL ", Kind("a JPEG XL picture", _PHOTO)),
    (b"v/1\x01", Kind("an OpenEXR picture", _PHOTO)),
    (b"#?RADIANCE", Kind("an HDR picture", _PHOTO)),
    *(
        (start, Kind("a camera's raw photo", _PHOTO))
        for start in (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb")
    ),
    (b"II\xbc\x01", Kind("a JPEG XR picture", _PHOTO)),
    (b"\x93NUMPY", Kind("a NumPy array", "pass what numpy.load reads from it")),
    (b"\x89HDF", Kind("an HDF5 file", "pass the array that it holds")),
    (b"\x1aE\xdf\xa3", _FILM),
    (b"FLV\x01", _FILM),
    (b"\x00\x00\x01\xba", _FILM),
    (b"\x00\x00\x01\xb3", _FILM),
    (b"0&\xb2u\x8ef\xcf\x11", _FILM),
    (b"PK\x03\x04", Kind("a zip archive (or an office document)", "take the picture out of it")),
    (b"Rar!", Kind("a RAR archive", "take the picture out of it")),
    (b"7z\xbc\xaf", Kind("a 7-Zip archive", "take the picture out of it")),
    (b"\x1f\x8b", Kind("a gzip archive", "unpack it first")),
    (b"\xd0\xcf\x11\xe0", Kind("an office document", f"copy the picture out of it and {_AS_JPEG}")),
)
_HEIF_BRANDS = (
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"heif", b"mif1", b"mif2", b"miaf", b"msf1"),
)
_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")


def kind_of(start: bytes) -> Kind | None:
    """What a file is that begins with these bytes; None for pictures that are read here, and for the unknown."""
    for signature, kind in _STARTS:
        if start.startswith(signature):
            return kind
    if start[:4] == b"RIFF" and start[8:12] == b"AVI ":
        return _FILM
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
        return _HEIC
    if start[4:8] == b"ftyp" and start[8:12] in (b"avif", b"avis"):
        return Kind("an AVIF picture", _PHOTO)
    if start[4:8] == b"ftyp" and start[8:11] == b"crx":
        return Kind("a camera's raw photo", _PHOTO)
    if start[4:8] in _MP4_BOXES:
        return _FILM
    if start[128:132] == b"DICM":
        return Kind("a DICOM picture", f"open it in a medical viewer and {_AS_JPEG}")
    return _text_kind(start)


def _text_kind(start: bytes) -> Kind | None:
    """Web pages and drawings in XML; other text."""
    if start.startswith((b"II*\0", b"MM\0*")):  # a TIFF of which only the first bytes are left looks like one
        return None
    words = start[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if words.startswith((b"<!doctype html", b"<html")):
        return Kind("a web page", "save the picture itself: open it alone in the browser first")
    if words.startswith((b"<svg", b"<!doctype svg")) or (
        words.startswith((b"<?xml", b"<!--")) and b"<svg" in start[:START].lower()
    ):
        return Kind("an SVG drawing", _DRAWING)
    if words.startswith(b"version https://git-lfs"):
        return Kind("a pointer of Git LFS, not the file itself,", "fetch the file with: git lfs pull")
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return Kind("text", "give the picture itself") if (text and text.isprintable()) or "\n" in text[:200] else None


def is_cut_off(path: Path, start: bytes) -> bool:
    """Whether a film ends before it should: its index is missing, or it is shorter than it says itself.

    Reads the heads of an MP4's or MOV's boxes (ISO/IEC 14496-12, section 4.2), or the length in an AVI.
    """
    size = path.stat().st_size
    if start[:4] == b"RIFF":
        return int.from_bytes(start[4:8], "little") + 8 > size
    if start[4:8] not in _MP4_BOXES:
        return False
    place = 0
    with path.open("rb") as file:
        while place + 8 <= size:
            file.seek(place)
            head = file.read(16)
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:  # the length stands behind the name, in 64 bits
                length = int.from_bytes(head[8:16], "big")
            if name == b"moov":
                return place + length > size
            if length < 8:  # 0: to the end of the file
                break
            place += length
    return True
