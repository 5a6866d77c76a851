"""A corpus of bad input: each entry builds one bad file or folder and says what the error must name."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from face_files import csv_text, encoded, picture_files, pixels, train_csv_text, write_folder, write_tar, write_zip


@dataclass(frozen=True)
class BadInput:
    """`build(folder)` writes the bad input and returns its path; `words` must stand in the message."""

    name: str
    build: Callable[[Path], Path]
    words: tuple[str, ...]


CORPUS: list[BadInput] = []


def bad(*words: str):
    """Add the decorated builder to the corpus, with the words its error must contain."""

    def add(build):
        CORPUS.append(BadInput(build.__name__, build, words))
        return build

    return add


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def one_changed_row(folder: Path, change: Callable[[list[str]], list[str]]) -> Path:
    """fer2013.csv in which the fields of line 3 have been changed."""
    lines = csv_text().splitlines()
    lines[2] = ",".join(change(lines[2].split(",")))
    return text(folder / "fer2013.csv", "\n".join(lines))


def archive_with(folder: Path, **replaced: bytes) -> Path:
    """A good archive with the first picture of train/happy replaced."""
    files = picture_files()
    name = next(n for n in files if n.startswith("train/happy/"))
    return write_zip(folder / "archive.zip", {**files, name: replaced["picture"]})


# --- things that are not there, or are something else ---------------------------------------------


@bad("nothing there", "spelling")
def missing_path(folder):
    return folder / "archive.zip"


@bad("empty file", "download it again")
def empty_file(folder):
    return text(folder / "archive.zip", b"")


@bad("empty file", "download it again")
def empty_csv(folder):
    return text(folder / "fer2013.csv", b"")


@bad("nothing at all", "train/<class>/*.jpg")
def empty_folder(folder):
    (folder / "archive").mkdir()
    return folder / "archive"


@bad("nothing at all", "train/<class>/*.jpg")
def empty_zip(folder):
    return write_zip(folder / "archive.zip", {})


@bad("file of another kind", "error page")
def text_called_zip(folder):
    return text(folder / "archive.zip", "<html><body>Please sign in</body></html>")


@bad("file of another kind")
def text_called_tar(folder):
    return text(folder / "fer2013.tar.gz", "Please sign in")


@bad("2 other files", "notes.txt")
def holiday_photos(folder):
    return write_zip(folder / "photos.zip", {"notes.txt": "Sun", "beach/1.jpg": encoded(pixels(0))})


@bad("another archive archive.zip inside", "unpack it")
def nested_zip(folder):
    inner = write_zip(folder / "inner.zip", picture_files()).read_bytes()
    return write_zip(folder / "outer.zip", {"archive.zip": inner})


@bad("found the archive archive.zip", "name that file itself")
def folder_with_a_zip(folder):
    write_zip(folder / "archive.zip", picture_files())
    return folder


@bad("another one at", "import the original archive")
def npz_from_elsewhere(folder):
    np.savez(folder / "faces.npz", x=np.zeros((5, 48, 48)))
    return folder / "faces.npz"


@bad("damaged or unreadable", "again")
def text_called_npz(folder):
    return text(folder / "faces.npz", "no arrays here")


@bad("damaged or unreadable", "again")
def npz_with_pickle(folder):
    np.savez(folder / "faces.npz", about=np.array([{"format": 1}], dtype=object))
    return folder / "faces.npz"


# --- damaged archives and pictures ----------------------------------------------------------------


@bad("cut-short", "download it again")
def truncated_zip(folder):
    whole = write_zip(folder / "archive.zip", picture_files()).read_bytes()
    return text(folder / "archive.zip", whole[: len(whole) // 2])


@bad("damaged", "download it again")
def zip_with_a_flipped_byte(folder):
    path = archive_with(folder, picture=encoded(pixels(0)))
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    return text(path, bytes(content))


@bad("cut-short", "download it again")
def truncated_tar(folder):
    path = write_tar(folder / "fer2013.tar.gz", {"fer2013/fer2013.csv": csv_text()})
    return text(path, path.read_bytes()[:2000])


@bad("damaged or cut-short", "download it again")
def gzip_of_no_tar(folder):
    import gzip

    return text(folder / "fer2013.tar.gz", gzip.compress(b"no tar in here" * 100))


@bad("cannot be opened", "download the original")
def encrypted_zip(folder):
    path = write_zip(folder / "archive.zip", picture_files())
    content = path.read_bytes()
    content = content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    return text(path, content)


@bad("damaged or cut-short", "train/happy/")
def truncated_jpeg(folder):
    picture = encoded(pixels(0))
    return archive_with(folder, picture=picture[: len(picture) // 2])


@bad("damaged or cut-short", "train/happy/")
def truncated_jpeg_in_a_folder(folder):
    files = picture_files()
    name = next(n for n in files if n.startswith("train/happy/"))
    return write_folder(folder / "archive", {**files, name: files[name][:-300]})


@bad("damaged or cut-short", "train/happy/")
def text_called_jpeg(folder):
    return archive_with(folder, picture=b"this is no picture")


@bad("damaged or cut-short", "train/happy/")
def empty_jpeg(folder):
    return archive_with(folder, picture=b"")


@bad("48x48", "64x64", "train/happy/")
def large_jpeg(folder):
    return archive_with(folder, picture=encoded(np.zeros((64, 64), np.uint8)))


@bad("48x48", "64x64", "train/happy/")
def large_colour_jpeg(folder):
    return archive_with(folder, picture=encoded(np.zeros((64, 64, 3), np.uint8)))


# --- hostile archives -----------------------------------------------------------------------------


@bad("points out of it", "../../evil.jpg")
def zip_that_climbs_out(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "../../evil.jpg": b"x"})


@bad("points out of it", "/etc/evil.jpg")
def zip_with_an_absolute_path(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "/etc/evil.jpg": b"x"})


@bad("points out of it", "evil.jpg")
def zip_with_a_windows_path(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "..\\..\\evil.jpg": b"x"})


@bad("points out of it", "C:")
def zip_with_a_drive(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "C:/evil.jpg": b"x"})


@bad("points out of it", "C:")
def zip_with_a_drive_further_in(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "train/C:/Windows/evil.jpg": b"x"})


@bad("points out of it", ".. ")
def zip_that_climbs_out_on_windows_alone(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "train/.. /.. /evil.jpg": b"x"})


@bad("points out of it", "C:")
def tar_with_a_drive_behind_a_backslash(folder):
    return write_tar(folder / "fer2013.tar.gz", {"fer2013.csv": csv_text(), "x\\C:\\evil.csv": "x"})


@bad("points out of it", "../evil.csv")
def tar_that_climbs_out(folder):
    return write_tar(folder / "fer2013.tar.gz", {"fer2013.csv": csv_text(), "../evil.csv": "x"})


def tar_with(folder: Path, kind: bytes, name: str) -> Path:
    path = folder / "fer2013.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    return path


@bad("link", "fer2013.csv")
def tar_with_a_symlink(folder):
    return tar_with(folder, tarfile.SYMTYPE, "fer2013.csv")


@bad("link", "fer2013.csv")
def tar_with_a_hard_link(folder):
    return tar_with(folder, tarfile.LNKTYPE, "fer2013.csv")


@bad("device", "fer2013.csv")
def tar_with_a_pipe(folder):
    return tar_with(folder, tarfile.FIFOTYPE, "fer2013.csv")


@bad("link", "train/happy/link.jpg")
def zip_with_a_symlink(folder):
    path = write_zip(folder / "archive.zip", picture_files())
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("train/happy/link.jpg")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return path


@bad("at most 1,000,000 bytes", "train/happy/")
def zip_bomb(folder):
    return archive_with(folder, picture=bytes(20_000_000))


@bad("at most 600,000,000 bytes", "fer2013.csv")
def tar_bomb(folder):
    member = tarfile.TarInfo("fer2013.csv")
    member.size = 5_000_000_000
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(member)  # the header alone: it is refused before the data is looked for
    import gzip

    return text(folder / "fer2013.tar.gz", gzip.compress(stream.getvalue()))


def zip_packed_by(folder: Path, way: int) -> Path:
    """A zip whose one member unpacks to 20 MB and says that it has 1,000 bytes."""
    with zipfile.ZipFile(folder / "archive.zip", "w", way) as archive:
        archive.writestr("fer2013.csv", bytes(20_000_000))
    size, lie = (20_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    return text(folder / "archive.zip", (folder / "archive.zip").read_bytes().replace(size, lie))


@bad("as every zip program packs them", "bzip2")
def bzip2_bomb_in_a_zip(folder):
    return zip_packed_by(folder, zipfile.ZIP_BZIP2)


@bad("as every zip program packs them", "LZMA")
def lzma_bomb_in_a_zip(folder):
    return zip_packed_by(folder, zipfile.ZIP_LZMA)


def tar_of(folder: Path, *blocks: bytes) -> Path:
    import gzip

    return text(folder / "fer2013.tar.gz", gzip.compress(b"".join(blocks) + bytes(1024)))


def tar_header(name: str, kind: bytes, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


TABLE = tar_header("fer2013.csv", tarfile.REGTYPE, 0)


@bad("far too long", "short names")
def tar_with_a_name_without_end(folder):
    return tar_of(folder, TABLE, tar_header("x", tarfile.GNUTYPE_LONGNAME, 20_000_000), b"x" * 20_000_000, TABLE)


@bad("far too long", "short names")
def tar_that_begins_with_a_note_without_end(folder):
    note = b"20000000 comment="
    return tar_of(folder, tar_header("x", tarfile.XHDTYPE, 20_000_000), note.ljust(20_000_000, b"x"), TABLE)


@bad("far too long", "short names")
def tar_with_a_name_of_less_than_no_length(folder):
    return tar_of(folder, TABLE, tar_header("x", tarfile.GNUTYPE_LONGNAME, -512), b"x" * 2_000_000, TABLE)


@bad("far too long", "short names")
def tar_with_notes_without_end(folder):
    note = tar_header("x", tarfile.XHDTYPE, 2**17), b"131072 comment=".ljust(2**17, b"x")
    return tar_of(folder, *(*note, TABLE) * 600)


@bad("holes", "zip")
def tar_with_an_old_sparse_file(folder):
    return tar_of(folder, tar_header("fer2013.csv", tarfile.GNUTYPE_SPARSE, 0))


def noted(*records: str) -> bytes:
    """A note for the next member, as tar keeps it: each record behind its length, which counts itself."""
    content = "".join(f"{len(record) + 4} {record}\n" for record in records).encode()
    return tar_header("x", tarfile.XHDTYPE, len(content)) + content.ljust(512, b"\0")


@bad("holes", "zip")
def tar_with_a_sparse_file(folder):
    note = noted("GNU.sparse.major=1", "GNU.sparse.minor=0")
    return tar_of(folder, note, tar_header("fer2013.csv", tarfile.REGTYPE, 512), b"1\n0\n0\n".ljust(512, b"\0"))


@bad("damaged", "download it again")
def tar_with_a_broken_map_of_holes(folder):
    return tar_of(folder, noted("GNU.sparse.map=1,2,x"), TABLE)


@bad("damaged", "download it again")
def tar_that_leads_back_for_ever(folder):
    return tar_of(folder, TABLE, tar_header("fer2013.csv", tarfile.REGTYPE, -512))


@bad("damaged", "download it again")
def tar_with_a_folder_called_as_the_table(folder):
    return tar_of(folder, TABLE, tar_header("fer2013.csv", tarfile.DIRTYPE, 0))


@bad("damaged", "download it again")
def tar_xz_damaged_further_in(folder):
    import lzma

    table = csv_text().encode()
    content = lzma.compress(tar_header("fer2013.csv", tarfile.REGTYPE, len(table)) + table + bytes(2048))
    middle = len(content) // 2
    return text(folder / "fer2013.tar.xz", content[:middle] + b"x" * 50 + content[middle + 50 :])


@bad("damaged", "download it again")
def zip_whose_files_lie_before_its_beginning(folder):
    content = write_zip(folder / "archive.zip", {"fer2013.csv": csv_text()}).read_bytes()
    return text(folder / "archive.zip", before_its_beginning(content))


def before_its_beginning(content: bytes) -> bytes:
    """A zip that says that its directory begins 1,000 bytes later than it does."""
    place = int.from_bytes(content[-6:-2], "little")
    return content[:-6] + (place + 1000).to_bytes(4, "little") + content[-2:]


@bad("damaged", "download it again")
def zip_with_a_name_that_is_no_text(folder):
    path = write_zip(folder / "archive.zip", {"train/happy/é.jpg": b"x"})
    return text(path, path.read_bytes().replace("é".encode(), b"\xff\xff"))


@bad("damaged", "download it again")
def zip_with_another_name_before_the_file(folder):
    path = write_zip(folder / "archive.zip", {"é/fer2013.csv": csv_text()})
    return text(path, path.read_bytes().replace("é".encode(), b"\xff\xff", 1))


@bad("damaged", "download it again")
def zip_that_lies_about_a_size(folder):
    path = archive_with(folder, picture=bytes(900_000))
    size, lie = (900_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    return text(path, path.read_bytes().replace(size, lie))


# --- folders of pictures that are not complete ----------------------------------------------------


@bad("disgust", "train", "all seven classes")
def class_folder_missing(folder):
    files = {n: c for n, c in picture_files().items() if not n.startswith("train/disgust/")}
    return write_zip(folder / "archive.zip", files)


@bad("disgust", "test", "all seven classes")
def class_folder_missing_in_test(folder):
    files = {n: c for n, c in picture_files().items() if not n.startswith("test/disgust/")}
    return write_folder(folder / "archive", files)


@bad("contempt", "class folders called angry")
def unknown_class(folder):
    return write_zip(folder / "archive.zip", {**picture_files(), "train/contempt/1.jpg": encoded(pixels(0))})


@bad("found only train", "train and test")
def only_train(folder):
    files = {n: c for n, c in picture_files().items() if n.startswith("train/")}
    return write_folder(folder / "archive", files)


@bad("found only test", "train and test")
def only_test(folder):
    files = {n: c for n, c in picture_files().items() if n.startswith("test/")}
    return write_zip(folder / "archive.zip", files)


@bad("found 2", "one data set")
def two_data_sets(folder):
    write_folder(folder / "both", picture_files(), wrap="first")
    return write_folder(folder / "both", picture_files(), wrap="second")


# --- tables ---------------------------------------------------------------------------------------


@bad("columns emotion, pixels and Usage", "label, image")
def wrong_columns(folder):
    return text(folder / "fer2013.csv", "label,image\n0,1 2 3\n")


@bad("columns emotion, pixels and Usage")
def semicolons(folder):
    return text(folder / "fer2013.csv", csv_text().replace(",", ";"))


@bad("pixels more than once")
def duplicate_columns(folder):
    return text(folder / "fer2013.csv", csv_text("emotion,pixels,Usage,pixels"))


@bad("test.csv has no labels", "icml_face_data.csv")
def test_csv_alone(folder):
    return text(folder / "test.csv", csv_text("pixels"))


@bad("table without rows")
def header_alone(folder):
    return text(folder / "fer2013.csv", "emotion,pixels,Usage\n")


@bad("2,304 pixels", "found 2,303", "line 3")
def short_row(folder):
    return one_changed_row(folder, lambda f: [f[0], f[1].rsplit(" ", 1)[0], f[2]])


@bad("2,304 pixels", "found 4,096", "line 3")
def row_of_64x64(folder):
    return one_changed_row(folder, lambda f: [f[0], "7 " * 4096, f[2]])


@bad("2,304 pixels", "found 0", "line 3")
def row_without_pixels(folder):
    return one_changed_row(folder, lambda f: [f[0], "", f[2]])


@bad("0..255", "256", "line 3")
def pixel_too_bright(folder):
    return one_changed_row(folder, lambda f: [f[0], "256 " + f[1].split(" ", 1)[1], f[2]])


@bad("0..255", "-1", "line 3")
def pixel_below_zero(folder):
    return one_changed_row(folder, lambda f: [f[0], "-1 " + f[1].split(" ", 1)[1], f[2]])


@bad("whole numbers", "line 3")
def pixel_is_a_word(folder):
    return one_changed_row(folder, lambda f: [f[0], "black " + f[1].split(" ", 1)[1], f[2]])


@bad("whole numbers", "line 3")
def pixel_is_a_fraction(folder):
    return one_changed_row(folder, lambda f: [f[0], "0.5 " + f[1].split(" ", 1)[1], f[2]])


@bad("emotion from 0 (angry) to 6 (neutral)", "'7'", "line 3")
def label_too_high(folder):
    return one_changed_row(folder, lambda f: ["7", *f[1:]])


@bad("emotion from 0 (angry) to 6 (neutral)", "'happy'", "line 3")
def label_is_a_word(folder):
    return one_changed_row(folder, lambda f: ["happy", *f[1:]])


@bad("Training, PublicTest or PrivateTest", "'Holiday'", "line 3")
def unknown_usage(folder):
    return one_changed_row(folder, lambda f: [*f[:2], "Holiday"])


@bad("3 fields", "found 2", "line 3")
def field_missing(folder):
    return one_changed_row(folder, lambda f: f[:2])


@bad("none of PrivateTest", "all three splits")
def no_private_test(folder):
    lines = [line for line in csv_text().splitlines() if not line.endswith("PrivateTest")]
    return text(folder / "fer2013.csv", "\n".join(lines))


@bad("2,304 pixels", "line")
def cut_off_table(folder):
    whole = train_csv_text()
    return text(folder / "train.csv", whole[: len(whole) // 2])


@bad("UTF-8", "unreadable")
def table_in_utf16(folder):
    return text(folder / "fer2013.csv", csv_text().encode("utf-16"))


@bad("UTF-8", "unreadable")
def picture_called_csv(folder):
    return text(folder / "fer2013.csv", encoded(pixels(0)))


@bad("UTF-8", "unreadable")
def table_in_one_endless_line(folder):
    return text(folder / "fer2013.csv", "1 " * 200_000)


@bad("columns emotion, pixels and Usage")
def wrong_columns_in_a_zip(folder):
    return write_zip(folder / "archive.zip", {"fer2013.csv": "a,b\n1,2\n"})
