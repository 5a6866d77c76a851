"""Readers: every form FER-2013 is met in gives the same pictures, labels and official split."""

import numpy as np
import pytest
from face_files import (
    ENDINGS,
    SIZES,
    WRITERS,
    csv_text,
    encoded,
    picture_files,
    pixels,
    table,
    train_csv_text,
    write_folder,
    write_tar,
    write_zip,
)

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data import csv_files, import_faces, load_faces, read_faces
from emotionlab.data.splitting import stratified_parts


def as_set(split) -> set[tuple[int, bytes]]:
    return {(int(label), image.tobytes()) for label, image in zip(split.labels, split.images, strict=True)}


def expected(split: str) -> set[tuple[int, bytes]]:
    return {(label, pixels(seed).tobytes()) for s, label, seed in table() if s == split}


def assert_official(faces) -> None:
    """Pixel by pixel what `table` holds, in the official split."""
    for name, split in faces.splits().items():
        assert len(split) == 7 * SIZES[name]
        assert as_set(split) == expected(name)


# --- pictures in folders --------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", ["", "archive", "a/b"])
@pytest.mark.parametrize("kind", list(WRITERS))
def test_the_kaggle_layout_is_read_from_a_folder_a_zip_and_a_tar(kind, wrap, tmp_path):
    path = WRITERS[kind](tmp_path / f"faces{ENDINGS[kind]}", picture_files(form="PNG"), wrap)
    faces = read_faces(path)
    assert_official(faces)
    assert faces.name == "fer2013"
    assert faces.test.files[0].startswith("test/angry/PrivateTest_")
    assert not any("at random" in note for note in faces.notes)


def test_every_container_gives_the_same_checksum(tmp_path):
    paths = [
        write(tmp_path / f"{kind}{len(wrap)}{ENDINGS[kind]}", picture_files(), wrap)
        for kind, write in WRITERS.items()
        for wrap in ("", "wrapped")
    ]
    assert len({read_faces(path).checksum for path in paths}) == 1


def test_jpeg_pixels_are_those_pillow_decodes(tmp_path):
    faces = read_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    for name, split in faces.splits().items():
        wanted = {label: pixels(seed) for s, label, seed in table() if s == name}
        for label, picture in wanted.items():
            same = split.images[split.labels == label].astype(int)
            assert np.abs(same - picture).max(axis=(1, 2)).min() <= 12  # JPEG at quality 95


def test_names_that_do_not_tell_public_from_private_give_a_stratified_split_said_aloud(tmp_path, capsys):
    path = write_zip(tmp_path / "archive.zip", picture_files(named=False))
    faces = load_faces(path)
    assert faces.validation.counts() == faces.test.counts() == dict.fromkeys(EMOTIONS, 2)
    assert as_set(faces.validation).isdisjoint(as_set(faces.test))
    assert len(faces.notes) == 1
    assert "at random (stratified, seed 0)" in faces.notes[0]
    assert faces.notes[0] in capsys.readouterr().out
    assert read_faces(path).checksum == faces.checksum


def test_three_named_folders_are_the_split(tmp_path):
    files = picture_files(form="PNG")
    renamed = {n.replace("test/", "validation/") if "PublicTest" in n else n: c for n, c in files.items()}
    assert_official(read_faces(write_folder(tmp_path / "faces", renamed)))


def test_class_folders_of_other_kaggle_sets_are_understood(tmp_path):
    files = picture_files(form="PNG")
    for ours, theirs in (("disgust/", "disgusted/"), ("fear/", "Fearful/"), ("surprise/", "surprised/")):
        files = {name.replace(ours, theirs): content for name, content in files.items()}
    assert_official(read_faces(write_folder(tmp_path / "faces", files)))


def test_colour_pictures_of_the_right_size_are_turned_to_grey(tmp_path):
    files = picture_files(form="PNG")
    name = next(n for n in files if n.startswith("test/happy/PrivateTest"))
    seed = int(name.rsplit("_", 1)[1].split(".")[0])
    colour = np.repeat(pixels(seed)[..., None], 3, axis=2)
    assert_official(read_faces(write_zip(tmp_path / "a.zip", {**files, name: encoded(colour, "PNG")})))


def test_what_operating_systems_leave_behind_is_ignored(tmp_path):
    junk = {
        "__MACOSX/train/happy/._1.png": b"x",
        "train/happy/.DS_Store": b"x",
        "train/happy/Thumbs.db": b"x",
        "train/happy/._2.png": b"x",
    }
    files = {**picture_files(form="PNG"), **junk}
    assert_official(read_faces(write_zip(tmp_path / "a.zip", files)))
    assert_official(read_faces(write_folder(tmp_path / "faces", files)))


def test_reading_from_a_folder_writes_nothing_in_it(tmp_path):
    folder = write_folder(tmp_path / "faces", picture_files())
    before = sorted(folder.rglob("*"))
    load_faces(folder)
    assert sorted(folder.rglob("*")) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["faces"]


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("fer2013.csv", "emotion,pixels,Usage"),
        ("icml_face_data.csv", "emotion, Usage, pixels"),
        ("renamed.csv", "Emotion,Pixels,usage"),
    ],
)
@pytest.mark.parametrize("kind", ["plain", *WRITERS])
def test_tables_with_a_usage_column_give_the_official_split(name, columns, kind, tmp_path):
    content = csv_text(columns)
    if kind == "plain":
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
    else:
        path = WRITERS[kind](tmp_path / f"data{ENDINGS[kind]}", {name: content, "README": "about"}, "fer2013")
    faces = read_faces(path)
    assert_official(faces)
    assert faces.train.files[0].startswith(f"{name} row ")


@pytest.mark.parametrize("change", ["bom", "crlf", "quotes", "spaces", "blank lines", "columns without a name"])
def test_harmless_differences_between_tables_do_not_matter(change, tmp_path):
    content = csv_text()
    if change == "bom":
        content = "\ufeff" + content
    elif change == "crlf":
        content = content.replace("\n", "\r\n")
    elif change == "quotes":
        content = "\n".join(",".join(f'"{f}"' for f in line.split(",")) for line in content.splitlines())
    elif change == "spaces":
        content = content.replace(",", " , ")
    elif change == "columns without a name":
        content = content.replace("\n", ",,\n")
    else:
        content = content.replace("\n", "\n\n")
    (tmp_path / "fer2013.csv").write_bytes(content.encode("utf-8"))
    assert_official(read_faces(tmp_path / "fer2013.csv"))


def test_a_table_in_utf_16_is_told_to_be_other_than_utf_8(tmp_path):
    for encoding in ("utf-16-le", "utf-16-be"):
        (tmp_path / "fer2013.csv").write_bytes(csv_text().encode(encoding))
        with pytest.raises(DataError, match=r"UTF-8 text, found other bytes in .*fer2013\.csv; save it as UTF-8\."):
            read_faces(tmp_path / "fer2013.csv")


def test_train_csv_alone_gives_a_stratified_three_way_split_said_aloud(tmp_path):
    (tmp_path / "train.csv").write_text(train_csv_text(), encoding="utf-8")
    faces = read_faces(tmp_path / "train.csv")
    assert [s.counts() for s in faces.splits().values()] == [dict.fromkeys(EMOTIONS, n) for n in (8, 1, 1)]
    assert "80:10:10 at random (stratified, seed 0)" in faces.notes[0]
    together = np.concatenate([split.files for split in faces.splits().values()])
    assert len(set(together)) == 70
    assert read_faces(tmp_path / "train.csv").checksum == faces.checksum


@pytest.mark.parametrize("kind", list(WRITERS))
def test_the_competition_files_without_the_full_table_fall_back_to_train_csv(kind, tmp_path):
    files = {"train.csv": train_csv_text(), "test.csv": csv_text("pixels"), "example_submission.csv": "0\n"}
    faces = read_faces(WRITERS[kind](tmp_path / f"fer{ENDINGS[kind]}", files))
    assert len(faces) == 70
    assert "80:10:10" in faces.notes[0]


def test_the_competition_archive_is_read_from_its_full_table(tmp_path):
    files = {
        "example_submission.csv": "0\n",
        "fer2013.tar.gz": write_tar(tmp_path / "inner.tar.gz", {"fer2013/fer2013.csv": csv_text()}).read_bytes(),
        "icml_face_data.csv": csv_text("emotion, Usage, pixels"),
        "test.csv": csv_text("pixels"),
        "train.csv": train_csv_text(),
    }
    assert_official(read_faces(write_zip(tmp_path / "competition.zip", files)))
    assert_official(read_faces(write_folder(tmp_path / "competition", files)))


def test_a_folder_with_the_competition_tar_is_read_from_it(tmp_path):
    folder = write_folder(tmp_path / "competition", {"train.csv": train_csv_text(), "test.csv": csv_text("pixels")})
    write_tar(folder / "fer2013.tar.gz", {"fer2013/fer2013.csv": csv_text()})
    assert_official(read_faces(folder))


@pytest.mark.parametrize("named", ["train.csv", "test.csv"])
def test_the_full_table_beside_train_or_test_is_taken_and_said_aloud(named, tmp_path):
    folder = write_folder(
        tmp_path, {"train.csv": train_csv_text(), "test.csv": csv_text("pixels"), "fer2013.csv": csv_text()}
    )
    faces = read_faces(folder / named)
    assert_official(faces)
    assert faces.notes[0].startswith(f"fer2013.csv was read in place of {named}")


def test_pixels_of_a_row_stay_in_reading_order():
    row = np.arange(2304) % 256
    image = csv_files._image(" ".join(map(str, row)), "line 2")
    assert image[0, :3].tolist() == [0, 1, 2]
    assert image[1, 0] == 48
    assert image.dtype == np.uint8


# --- what is decided on the way -------------------------------------------------------------------


def test_stratified_parts_hold_each_index_once_in_the_asked_proportion():
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    parts = stratified_parts(labels, (0.8, 0.1, 0.1))
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(160))
    assert [np.bincount(labels[part]).tolist() for part in parts] == [[80, 40, 8], [10, 5, 1], [10, 5, 1]]
    assert not np.array_equal(parts[1], stratified_parts(labels, (0.8, 0.1, 0.1), seed=1)[1])


def test_counts_other_than_the_published_ones_are_noted(tmp_path):
    faces = read_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    assert faces.notes == (
        "The counts are not those of FER-2013 as published: it has 3,995 angry pictures in train, found 3 here.",
    )


def test_the_source_names_the_file_and_not_the_folders_of_this_machine(tmp_path, monkeypatch):
    write_folder(tmp_path / "faces", picture_files())
    monkeypatch.chdir(tmp_path / "faces")
    assert read_faces(".").source == "faces (pictures in folders)"
    assert str(tmp_path) not in import_faces(write_zip(tmp_path / "a.zip", {"fer2013.csv": csv_text()})).source


# --- load_faces -----------------------------------------------------------------------------------


def test_without_fer2013_drawn_faces_are_loaded_and_the_line_says_how_to_get_it(capsys):
    faces = load_faces(size=70)
    printed = capsys.readouterr().out
    assert faces.name == "drawn"
    assert len(faces) == 70
    assert printed.count("\n") == 1
    assert "Drawn faces: 70 pictures" in printed
    assert "emotionlab data download" in printed


def test_an_imported_fer2013_is_loaded_by_default_and_drawn_faces_on_request(tmp_path, capsys):
    import_faces(write_zip(tmp_path / "archive.zip", picture_files(named=False)))
    capsys.readouterr()
    faces = load_faces()
    printed = capsys.readouterr().out
    assert faces.name == "fer2013"
    assert len(faces) == len(picture_files())
    assert printed.startswith("📷 FER-2013: 49 photographs (21 train, 14 validation, 14 test)")
    assert 'el.load_faces("drawn")' in printed
    assert "at random" in printed
    assert load_faces("drawn", size=70).name == "drawn"


def test_loading_from_a_path_stores_nothing(tmp_path):
    load_faces(write_zip(tmp_path / "archive.zip", picture_files()))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["archive.zip"]


def test_asking_for_a_missing_fer2013_says_how_to_get_it():
    with pytest.raises(DataError, match="emotionlab data download"):
        load_faces("fer2013")


# --- the real data --------------------------------------------------------------------------------


def test_the_real_archive_holds_the_published_counts(real_fer2013):
    from emotionlab.data.official import COUNTS

    assert {name: split.counts() for name, split in real_fer2013.splits().items()} == COUNTS
    assert real_fer2013.notes == ()
