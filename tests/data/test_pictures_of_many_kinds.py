"""Pictures of more than 8 bits and files that are something else: read as meant, or named with the way out."""

import gzip
import io
import os
import struct

import numpy as np
import pytest
from face_files import csv_text, encoded, picture_files, pixels, write_folder, write_tar, write_zip
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngImageFile

from emotionlab.base.arrays import as_batch
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.opencv import cv2
from emotionlab.base.pictures import decode
from emotionlab.data import csv_files, read_faces

SHADES = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
SHADES[0, :2] = 0, 255
COLOUR = np.dstack([SHADES, SHADES[::-1], SHADES[:, ::-1]])


def file_of(values, ending) -> bytes:
    """A picture file of any depth, written by OpenCV, which keeps all bits; colours come red first."""
    ok, content = cv2.imencode(ending, values if values.ndim == 2 else values[..., ::-1])
    assert ok
    return content.tobytes()


# ------------------------------------------------------------------------------------------- more than 8 bits


@pytest.mark.parametrize("ending", [".png", ".tif", ".ppm"])
@pytest.mark.parametrize("picture", [SHADES, COLOUR], ids=["grey", "colour"])
def test_eight_bits_in_sixteen_are_read_as_they_are_and_sixteen_keep_their_upper_eight(picture, ending, tmp_path):
    ending = ".pgm" if ending == ".ppm" and picture.ndim == 2 else ending
    expected = decode(picture)
    for values in (picture.astype("uint16"), picture.astype("uint16") * 257):
        content = file_of(values, ending)
        np.testing.assert_array_equal(decode(content), expected)
        (tmp_path / f"p{ending}").write_bytes(content)
        np.testing.assert_array_equal(decode(tmp_path / f"p{ending}"), expected)
        with Image.open(tmp_path / f"p{ending}") as opened:
            np.testing.assert_array_equal(decode(opened), expected)


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize("picture", [SHADES, COLOUR], ids=["grey", "colour"])
def test_twelve_bits_in_sixteen_get_a_sentence_with_the_range_and_the_way_out(picture, ending):
    with pytest.raises(DataError, match=r"reach 4,080 .*holds 65,535.*12 bits.*picture // 16"):
        decode(file_of(picture.astype("uint16") * 16, ending))


def test_a_picture_of_32_bits_with_values_up_to_255_is_read_as_it_is():
    image = Image.fromarray(SHADES.astype("int32"))
    np.testing.assert_array_equal(decode(image), decode(SHADES))
    stream = io.BytesIO()
    image.save(stream, "TIFF")
    np.testing.assert_array_equal(decode(stream.getvalue()), decode(SHADES))


def tiff(planes: list[np.ndarray], meaning: int, together: bool = True, extra: int | None = None) -> bytes:
    """An uncompressed TIFF of these channels, each (height, width); meaning: of the colours, 0 where white is zero."""
    bits, count = 8 * planes[0].itemsize, len(planes)
    strips = [np.dstack(planes).tobytes()] if together else [plane.tobytes() for plane in planes]
    starts = [8 + sum(map(len, strips[:i])) for i in range(len(strips))]
    height, width = planes[0].shape
    entries = {256: width, 257: height, 258: [bits] * count, 259: 1, 262: meaning, 273: starts, 277: count, 278: height}
    entries |= {279: [len(strip) for strip in strips], 284: 1 if together else 2}
    entries |= {} if extra is None else {338: extra}
    body, rows = b"".join(strips), b""
    for number, values in sorted(entries.items()):
        values = values if isinstance(values, list) else [values]
        kind, packed = (3, struct.pack(f"<{len(values)}H", *values))
        place = packed.ljust(4, b"\0")
        if len(packed) > 4:
            place = struct.pack("<I", 8 + len(body))
            body += packed
        rows += struct.pack("<HHI", number, kind, len(values)) + place
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + struct.pack("<H", len(entries)) + rows + bytes(4)


@pytest.mark.parametrize("scale", [1, 257])
def test_a_grey_tiff_of_16_bits_in_which_white_is_zero_is_no_negative(scale):
    values = SHADES.astype("uint16") * scale
    np.testing.assert_array_equal(decode(tiff([values], meaning=1)), decode(SHADES))
    np.testing.assert_array_equal(decode(tiff([65535 - values], meaning=0)), decode(SHADES))


def test_a_fourth_channel_without_a_meaning_is_no_transparency():
    planes = [np.ascontiguousarray(COLOUR[..., i]).astype("uint16") * 257 for i in range(3)]
    content = tiff([*planes, np.zeros_like(planes[0])], meaning=2, extra=0)
    np.testing.assert_array_equal(decode(content), COLOUR)


@pytest.mark.parametrize(("meaning", "count", "together"), [(2, 3, False), (5, 4, True)], ids=["planes", "CMYK"])
@pytest.mark.parametrize("scale", [1, 257])
def test_deep_layouts_that_would_be_read_as_something_else_are_refused(meaning, count, together, scale):
    planes = [np.ascontiguousarray(COLOUR[..., i % 3]).astype("uint16") * scale for i in range(count)]
    with pytest.raises(DataError, match=r"found one of 16 that cannot be read in .*; save it with 8 bits"):
        decode(tiff(planes, meaning, together))


def test_whole_numbers_of_32_bits_without_a_sign_keep_their_upper_eight():
    values = SHADES.astype("uint32") * 0x01010101
    np.testing.assert_array_equal(decode(tiff([values], meaning=1)), decode(SHADES))


@pytest.mark.parametrize("picture", [SHADES, COLOUR], ids=["grey", "colour"])
def test_a_jpeg_2000_of_sixteen_bits_is_read_as_meant(picture):
    large = picture.repeat(4, 0).repeat(4, 1)
    for values in (large.astype("uint16"), large.astype("uint16") * 257):
        whole = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]  # nothing is rounded away
        content = cv2.imencode(".jp2", values if values.ndim == 2 else values[..., ::-1], whole)[1].tobytes()
        np.testing.assert_array_equal(decode(content), decode(large))


def test_a_deep_picture_that_was_opened_from_bytes_is_read_as_from_a_file():
    content = file_of(COLOUR.astype("uint16"), ".png")
    np.testing.assert_array_equal(decode(Image.open(io.BytesIO(content))), COLOUR)


def test_transparency_of_sixteen_bits_has_a_range_of_its_own():
    opaque = np.dstack([COLOUR.astype("uint16"), np.full(SHADES.shape, 65535, "uint16")])
    np.testing.assert_array_equal(decode(opaque), COLOUR)
    np.testing.assert_array_equal(decode(cv2.imencode(".png", opaque[..., [2, 1, 0, 3]])[1].tobytes()), COLOUR)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.sampled_from(["uint8", "uint16", "uint32", "uint64", "int16", "int32", "int64", ">u2"]),
    st.integers(-1000, 2**63 - 1) | st.integers(0, 70000) | st.just(255),
)
def test_whole_numbers_are_read_scaled_or_refused_and_never_turn_black(kind, largest):
    holds = int(np.iinfo(kind).max)
    largest = max(min(largest, holds), int(np.iinfo(kind).min))
    picture = np.array([[0, largest]]).astype(kind)
    try:
        read = decode(picture)[0, 1, 0]
    except DataError:
        assert largest < 0 or 255 < largest <= holds // 2
        return
    if largest <= 255:
        assert read == largest
    else:
        assert read == largest >> (holds.bit_length() - 8) >= 128 - (kind[0] == "i")


@pytest.mark.parametrize(
    ("values", "way_out"),
    [
        (SHADES / 255, r"\(255 \* picture\)"),
        (SHADES / 127.5 - 1, r"\(picture \+ 1\) \* 127\.5"),
        ((SHADES - SHADES.mean()) / SHADES.std(), "std"),
        (SHADES - 128.0, r"picture \+ 128"),
        (SHADES.astype("float32"), "round"),
        (SHADES * 257.0, "257"),
        (np.full((4, 4), np.nan), "NaN"),
        (SHADES * 1j, "real"),
    ],
)
def test_fractions_are_told_what_to_do_from_the_range_they_have(values, way_out):
    with pytest.raises(DataError, match=way_out):
        decode(values)


def test_a_batch_is_told_the_same():
    images = np.random.default_rng(0).random((3, 48, 48))
    with pytest.raises(DataError, match="multiply by 255: 255 \\* images"):
        as_batch(images)
    with pytest.raises(DataError, match=r"\(images \+ 1\) \* 127\.5"):
        as_batch(images * 2 - 1)
    with pytest.raises(DataError, match="std"):
        as_batch((images - 0.5) * 4)


# ------------------------------------------------------------------------------------------- files of another kind


@pytest.mark.parametrize(
    ("start", "named"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC.*save as JPEG"),
        (b"\x00\x00\x00\x18ftyphevm\x00\x00\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif2\x00\x00\x00\x00", "HEIC"),
        (b"IIRO\x08\x00\x00\x00", "raw photo"),
        (b"II\xbc\x01\x08\x00\x00\x00", "JPEG XR"),
        (b'<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b"<!DOCTYPE svg PUBLIC>\n<svg>", "SVG"),
        (b"II*\0\n\0\0\0\1\0\2", "a file of another kind|damage"),
        (b"%PDF-1.7\n", "a PDF.*save as JPEG"),
        (b"8BPS\x00\x01", "Photoshop"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 48 48\n%%EndComments\nshowpage\n", "PostScript.*save as JPEG"),
        (b"\xc5\xd0\xd3\xc6\x1e\x00\x00\x00", "PostScript"),
        (b"\x00\x00\x01\xb3\x03\x00\x30\x13", "a film"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", "a film"),
        (b"PK\x03\x04abc", "zip"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b'<?xml version="1.0"?><svg>', "SVG"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x93NUMPY\x01\x00", "NumPy"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_name(start, named, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(start + bytes(2000))
    with pytest.raises(DataError, match=named) as problem:
        decode(path)
    assert str(path) in str(problem.value)


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for Ghostscript")
def test_a_postscript_drawing_is_never_run(tmp_path, monkeypatch):
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was_run\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    drawing = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 48 48\n%%EndComments\nshowpage\n"
    archive = write_zip(tmp_path / "a.zip", picture_files() | {"train/happy/Training_99.jpg": drawing})
    for read in (lambda: decode(drawing), lambda: read_faces(archive)):
        with pytest.raises(DataError, match="PostScript"):
            read()
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize("error", [RuntimeError, NotImplementedError, struct.error, ZeroDivisionError])
def test_whatever_pillow_raises_for_a_damaged_picture_becomes_one_sentence(monkeypatch, error):
    def load(self):
        raise error("no such thing")

    monkeypatch.setattr(PngImageFile, "load", load)
    with pytest.raises(DataError, match=r"found damage \(no such thing\)"):
        decode(encoded(COLOUR, "PNG"))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_a_damaged_exif_note_does_not_hide_the_picture(form):
    stream = io.BytesIO()
    Image.fromarray(COLOUR).save(stream, form, exif=b"Exif\0\0no such note")
    assert decode(stream.getvalue()).shape == COLOUR.shape


def test_a_photo_is_turned_even_if_other_entries_of_its_note_are_odd():
    width_as_a_word = struct.pack(">HHI4s", 0x0100, 2, 4, b"big")
    turned = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    note = b"Exif\0\0MM" + struct.pack(">HIH", 42, 8, 2) + width_as_a_word + turned + bytes(4)
    stream = io.BytesIO()
    Image.fromarray(COLOUR).save(stream, "PNG", exif=note)
    assert np.array_equal(decode(stream.getvalue()), np.rot90(COLOUR, -1))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_way_to_hold_a_camera_is_turned_upright(orientation, form):
    note = Image.Exif()
    note[0x0112] = orientation
    stream = io.BytesIO()
    Image.fromarray(COLOUR).save(stream, form, exif=note)
    png = io.BytesIO()
    Image.fromarray(COLOUR).save(png, "PNG", exif=note)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(png)))
    assert np.array_equal(decode(stream.getvalue()), upright)
    assert np.array_equal(decode(Image.open(stream)), upright)


# ------------------------------------------------------------------------------------------- folders of pictures


def with_endings(ending, form, files=None):
    """The Kaggle archive's files in another form."""
    files = files or picture_files()
    return {name.replace(".jpg", ending): re_encoded(content, form) for name, content in files.items()}


def re_encoded(content: bytes, form: str) -> bytes:
    options = {"lossless": True} if form == "WEBP" else {}
    stream = io.BytesIO()
    Image.open(io.BytesIO(content)).save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("ending", "form"),
    [(".png", "PNG"), (".BMP", "BMP"), (".webp", "WEBP"), (".tif", "TIFF"), (".jfif", "JPEG"), (".gif", "GIF")],
)
def test_every_form_that_pillow_reads_is_read(tmp_path, ending, form):
    jpeg = read_faces(write_folder(tmp_path / "jpeg", picture_files()))
    other = read_faces(write_folder(tmp_path / "other", with_endings(ending, form)))
    assert len(other) == len(jpeg)
    assert np.abs(other.train.images.astype(int) - jpeg.train.images).max() <= (40 if form == "JPEG" else 1)


def test_what_is_left_out_is_named_and_counted(tmp_path):
    more = {
        "train/happy/a.heic": b"x",
        "train/happy/b.heic": b"x",
        "test/sad/notes.txt": b"x",
        "train/deep/er/c.jpg": encoded(pixels(1)),
        "extra/d.jpg": encoded(pixels(2)),
    }
    for read in (
        write_folder(tmp_path / "folder", picture_files() | more),
        write_zip(tmp_path / "a.zip", picture_files() | more),
    ):
        faces = read_faces(read)
        assert len(faces) == len(picture_files())
        said = " ".join(faces.notes)
        assert "3 files that cannot be read as pictures (2 .heic, 1 .txt)" in said
        assert "save them as JPEG" in said
        assert "2 files outside the folders" in said


def test_a_folder_of_photos_in_another_form_only_says_so(tmp_path):
    files = {name.replace(".jpg", ".heic"): b"x" for name in picture_files()}
    with pytest.raises(DataError, match=r"\.heic"):
        read_faces(write_folder(tmp_path / "f", files))


def test_a_class_whose_pictures_cannot_be_read_is_told_why_it_is_missing(tmp_path):
    files = {name.replace(".jpg", ".heic") if "/sad/" in name else name: c for name, c in picture_files().items()}
    with pytest.raises(DataError, match=r"none of sad.*\.heic.*JPEG"):
        read_faces(write_folder(tmp_path / "f", files))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_a_pipe_among_the_pictures_is_named_and_not_waited_for(tmp_path):
    folder = write_folder(tmp_path / "f", picture_files())
    os.mkfifo(folder / "train" / "happy" / "pipe.jpg")
    (folder / "test" / "sad" / "link.jpg").symlink_to(folder / "train" / "happy" / "pipe.jpg")
    faces = read_faces(folder)
    assert len(faces) == len(picture_files())
    assert "train/happy/pipe.jpg (a pipe or a device)" in " ".join(faces.notes)
    assert "test/sad/link.jpg (a pipe or a device)" in " ".join(faces.notes)


def test_a_zip_with_backslashes_as_some_packers_of_windows_write_it_is_read(tmp_path):
    files = {name.replace("/", "\\"): content for name, content in picture_files().items()}
    path = write_zip(tmp_path / "a.zip", {"train\\": b"", **files})
    assert read_faces(path).checksum == read_faces(write_zip(tmp_path / "b.zip", picture_files())).checksum


@pytest.mark.parametrize(("start", "named"), [(b"Rar!\x1a\x07", "a RAR"), (b"7z\xbc\xaf\x27\x1c", "a 7-Zip")])
def test_an_archive_that_is_not_unpacked_here_is_named(tmp_path, start, named):
    (tmp_path / "a.zip").write_bytes(start + bytes(100))
    with pytest.raises(DataError, match=f"{named} archive.*unpack it"):
        read_faces(tmp_path / "a.zip")


@pytest.mark.parametrize("write", [write_zip, write_tar])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_the_last_counts_as_when_an_archive_is_unpacked(tmp_path, write):
    name = next(iter(picture_files()))
    packed = tmp_path / ("a.zip" if write is write_zip else "a.tar.gz")
    write(packed, Twice(picture_files(), name, encoded(pixels(99))))
    unpacked = write_folder(tmp_path / "f", picture_files() | {name: encoded(pixels(99))})
    assert read_faces(packed).checksum == read_faces(unpacked).checksum


class Twice(dict):
    """Files of which one is packed a second time, with other content."""

    def __init__(self, files, name, content):
        super().__init__(files)
        self.again = (name, content)

    def items(self):
        return [*super().items(), self.again]


@pytest.mark.skipif(os.name == "nt", reason="Windows gives links to administrators only")
def test_links_are_followed_within_the_folder_and_named_where_they_lead_out(tmp_path):
    folder = write_folder(tmp_path / "f", picture_files())
    (folder / "train" / "happy").rename(folder / "joy")
    (folder / "train" / "happy").symlink_to(folder / "joy")
    (folder / "train" / "sad" / "round").symlink_to(folder)
    (folder / "test" / "sad" / "broken.jpg").symlink_to(tmp_path / "nothing.jpg")
    (tmp_path / "far.jpg").write_bytes(encoded(pixels(3)))
    (folder / "test" / "sad" / "far.jpg").symlink_to(tmp_path / "far.jpg")
    faces = read_faces(folder)
    assert len(faces) == len(picture_files())
    said = " ".join(faces.notes)
    assert "train/sad/round (a link to a folder round it)" in said
    assert "broken.jpg (a link that leads nowhere)" in said
    assert "far.jpg (a link that leads out of the folder)" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows gives links to administrators only")
def test_a_class_behind_a_link_that_leads_out_is_told_why_it_is_missing(tmp_path):
    folder = write_folder(tmp_path / "f", picture_files())
    (folder / "train" / "happy").rename(tmp_path / "joy")
    (folder / "train" / "happy").symlink_to(tmp_path / "joy")
    with pytest.raises(DataError, match=r"none of happy.*train/happy \(a link that leads out"):
        read_faces(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may open every folder")
def test_a_folder_that_cannot_be_opened_is_named(tmp_path):
    folder = write_folder(tmp_path / "f", picture_files() | {"train/happy/more/x.jpg": b"x"})
    (folder / "train" / "happy" / "more").chmod(0)
    assert "train/happy/more (Permission denied)" in " ".join(read_faces(folder).notes)


def test_one_picture_a_class_gets_a_sentence(tmp_path):
    files = {f"{split}/{emotion}/1.jpg": encoded(pixels(1)) for split in ("train", "test") for emotion in EMOTIONS}
    with pytest.raises(DataError, match="at least 2 pictures of each emotion in test"):
        read_faces(write_folder(tmp_path / "f", files))
    (tmp_path / "t").mkdir()
    table = tmp_path / "t" / "train.csv"
    table.write_text(csv_text("emotion,pixels", [("train", label, label) for label in range(7)]), encoding="utf-8")
    with pytest.raises(DataError, match=r"at least 8 rows of each emotion.*1 of angry"):
        read_faces(table)


# ------------------------------------------------------------------------------------------- fer2013.csv.gz


@pytest.mark.parametrize("place", ["alone", "folder", "zip"])
def test_a_packed_table_is_read(tmp_path, place):
    content = gzip.compress(csv_text().encode())
    if place == "zip":
        path = write_zip(tmp_path / "a.zip", {"fer2013.csv.gz": content})
    else:
        path = write_folder(tmp_path / "f", {"fer2013.csv.gz": content})
        path = path / "fer2013.csv.gz" if place == "alone" else path
    plain = tmp_path / "fer2013.csv"
    plain.write_text(csv_text(), encoding="utf-8")
    packed, expected = read_faces(path), read_faces(plain)
    assert packed.checksum == expected.checksum
    assert packed.train.files.tolist() == expected.train.files.tolist()


@pytest.mark.parametrize("place", ["alone", "folder"])
def test_a_damaged_and_a_hostile_packed_table_are_refused(tmp_path, monkeypatch, place):
    from emotionlab.data import sources

    content = gzip.compress(csv_text().encode())
    path = tmp_path / "fer2013.csv.gz"
    given = path if place == "alone" else tmp_path
    for damaged in (content[: len(content) // 2], b"no gzip at all", content[:40] + b"xxxx" + content[44:]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="found a damaged" if place == "folder" else r"fer2013\.csv\.gz"):
            read_faces(given)
    monkeypatch.setattr(sources, "MAX_CSV_BYTES", 10_000)
    path.write_bytes(content)
    with pytest.raises(DataError, match="at most 10,000 bytes"):
        read_faces(given)


def test_a_large_transparent_picture_is_laid_on_white_in_parts_as_in_one():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (1300, 7, 4)).astype("uint8")
    page = Image.new("RGBA", (7, 1300), (255, 255, 255, 255))
    whole = np.asarray(Image.alpha_composite(page, Image.fromarray(pixels)).convert("RGB"))
    assert np.array_equal(decode(pixels), whole)
    assert np.array_equal(decode(Image.fromarray(pixels)), whole)


def test_a_table_of_many_columns_is_refused_at_once():
    head = b"a," * 100_000 + b"\n"
    with pytest.raises(DataError, match="Expected each column once") as refused:
        csv_files.read(io.BytesIO(head), "x.csv", "x", "x.csv")
    assert len(str(refused.value)) < 300
