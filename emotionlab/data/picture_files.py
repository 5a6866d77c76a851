"""FER-2013 as pictures in folders: `train/<class>/*.jpg` and `test/<class>/*.jpg`, as Kaggle has it."""

import io
from collections import Counter
from pathlib import PurePosixPath

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.file_kinds import START, kind_of
from emotionlab.base.pictures import from_bytes, grey, open_picture
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.data.dataset import Faces, Split
from emotionlab.data.sources import PICTURES, Source
from emotionlab.data.splitting import HALVES, stratified_parts

_TO_CONVERT = frozenset(
    (".heic", ".heif", ".jxl", ".pdf", ".psd", ".svg", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".rw2", ".orf")
)
"""Endings of pictures that are not read, and can be saved as JPEG."""

_SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "publictest": "validation",
    "test": "test",
    "privatetest": "test",
}
_OTHER_NAMES = {"anger": "angry", "disgusted": "disgust", "fearful": "fear", "surprised": "surprise"}
_PROGRESS_FROM = 2000  # fewer pictures are read before a progress bar could be seen

Member = tuple[int, str]
"""A picture before it is read: its label and its name in the source."""


def found_in(names) -> bool:
    """Whether any of the names is a picture in a class folder in a split folder."""
    return any(_place(name) for name in names)


def read(source: Source) -> Faces:
    """Read every picture; the class is the folder's name, the split is the folder's or the file's.

    Raises DataError where a class or a split is missing, or a picture is damaged or not 48x48.
    """
    folders = _inventory(source)
    members, notes = _three_splits(folders, source)
    notes += _notes_on_left_out(source)
    pixels = _read_pixels(source, {name for part in members.values() for _, name in part})
    splits = {name: _split(part, pixels) for name, part in members.items()}
    return Faces(**splits, name="fer2013", source=f"{source.path.name} (pictures in folders)", notes=notes)


def _split(members: list[Member], pixels: dict[str, np.ndarray]) -> Split:
    return Split(
        np.stack([pixels[name] for _, name in members]),
        np.array([label for label, _ in members], np.int64),
        np.array(["/".join(name.split("/")[-3:]) for _, name in members]),
    )


def _place(name: str) -> tuple[str, str, str] | None:
    """(wrapping folder, split, class folder) of a picture in the layout, else None."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in PICTURES or len(path.parts) < 3:
        return None
    split = _SPLIT_FOLDERS.get(path.parts[-3].lower())
    return split and ("/".join(path.parts[:-3]), split, path.parts[-2].lower())


def _inventory(source: Source) -> dict[str, list[Member]]:
    """The pictures of each split folder, sorted by label and name, with every class present."""
    folders: dict[str, list[Member]] = {}
    wrappings = set()
    for name in source.names:
        if place := _place(name):
            wrapping, split, folder = place
            wrappings.add(wrapping)
            folders.setdefault(split, []).append((_label(folder, name, source), name))
    if len(wrappings) > 1:
        raise DataError(
            f"Expected one data set, found {len(wrappings)} (in {_listed(wrappings)}) at {source.path}; "
            "name the folder of one of them."
        )
    for split, members in folders.items():
        missing = [e for i, e in enumerate(EMOTIONS) if i not in {label for label, _ in members}]
        if missing:
            left_out = " ".join(_notes_on_left_out(source)).rstrip(".")
            raise DataError(
                f"Expected pictures of all seven classes in {split}, found none of {', '.join(missing)} in "
                f"{source.path}{f' ({left_out})' if left_out else ''}; unpack or download the archive again."
            )
        members.sort()
    return folders


def _label(folder: str, name: str, source: Source) -> int:
    emotion = _OTHER_NAMES.get(folder, folder)
    if emotion not in EMOTIONS:
        raise DataError(
            f"Expected class folders called {', '.join(EMOTIONS)}, found {folder!r} ({name} in "
            f"{source.path}); rename or remove that folder."
        )
    return EMOTIONS.index(emotion)


def _three_splits(folders: dict[str, list[Member]], source: Source) -> tuple[dict[str, list[Member]], tuple[str, ...]]:
    """Train, validation and test: official where folders or file names tell, else drawn and noted."""
    held_out = [name for name in ("validation", "test") if name in folders]
    if "train" not in folders or not held_out:
        raise DataError(
            f"Expected the folders train and test, found only {_listed(folders)} in {source.path}; "
            "unpack or download the archive again."
        )
    if len(held_out) == 2:
        return {name: folders[name] for name in ("train", "validation", "test")}, ()
    members = folders[held_out[0]]
    public = [m for m in members if _is_named(m, "publictest")]
    private = [m for m in members if _is_named(m, "privatetest")]
    if public and private and len(public) + len(private) == len(members):
        return {"train": folders["train"], "validation": public, "test": private}, ()
    labels = [label for label, _ in members]
    alone = [EMOTIONS[label] for label, n in sorted(Counter(labels).items()) if n < 2]
    if alone:
        raise DataError(
            f"Expected at least 2 pictures of each emotion in {held_out[0]}, for validation and test, found "
            f"1 of {', '.join(alone)} in {source.path}; add pictures, or a folder of their own for each of the two."
        )
    halves = stratified_parts(labels, HALVES)
    validation, test = ([members[i] for i in half] for half in halves)
    note = (
        f"The file names do not tell PublicTest from PrivateTest, so the pictures in {held_out[0]} were "
        "divided into validation and test at random (stratified, seed 0): figures do not "
        "compare with published ones."
    )
    return {"train": folders["train"], "validation": validation, "test": test}, (note,)


def _is_named(member: Member, prefix: str) -> bool:
    return PurePosixPath(member[1]).name.lower().startswith(prefix)


def _read_pixels(source: Source, wanted: set[str]) -> dict[str, np.ndarray]:
    """Decode the wanted pictures in the archive's own order, because a tar is slow in any other."""
    from tqdm.auto import tqdm

    names = [name for name in source.names if name in wanted]
    quiet = len(names) < _PROGRESS_FROM
    bar = tqdm(names, desc="Reading FER-2013", unit=" pictures", disable=quiet)
    return {name: _decode(source.read(name), name, source) for name in bar}


def _decode(content: bytes, name: str, source: Source) -> np.ndarray:
    """One picture as (48, 48) uint8; colour is turned to grey, another size is refused."""
    from PIL import UnidentifiedImageError

    try:
        with open_picture(io.BytesIO(content)) as picture:
            if picture.size != (IMAGE_SIZE, IMAGE_SIZE):
                raise DataError(
                    f"Expected pictures of 48x48 pixels, found {picture.width}x{picture.height} in {name} of "
                    f"{source.path}; this is not FER-2013 as published, download it again."
                )
            if picture.mode == "L" and not {"exif", "transparency"} & picture.info.keys():  # as nearly all are
                return grey(picture)
        return grey(from_bytes(content, f"{name} of {source.path}"))
    except DataError:
        raise
    except Exception as error:  # Pillow raises nearly every kind for a file that is damaged
        kind = kind_of(content[:START]) if isinstance(error, UnidentifiedImageError) else None
        if kind is not None and kind.name != "text":
            raise DataError(
                f"Expected a picture, found {kind.name} called {name} in {source.path}; {kind.way_out}."
            ) from error
        raise DataError(
            f"Expected a whole picture, found a damaged or cut-short one called {name} in {source.path}; "
            "unpack or download the archive again."
        ) from error


# ------------------------------------------------------------------------- what is left out, named and counted


def _notes_on_left_out(source: Source) -> tuple[str, ...]:
    """One sentence for each kind of file that lies there and is not read; none where all is read."""
    others = [name for name in source.names if not _place(name)]
    no_pictures = [name for name in others if _split_of(name) and PurePosixPath(name).suffix.lower() not in PICTURES]
    elsewhere = [name for name in others if PurePosixPath(name).suffix.lower() in PICTURES]
    notes = []
    if no_pictures:
        convert = any(PurePosixPath(name).suffix.lower() in _TO_CONVERT for name in no_pictures)
        advice = "; save them as JPEG to use them" if convert else ""
        notes.append(
            f"Left out {_files(no_pictures)} that cannot be read as pictures ({counted(no_pictures)}), such as "
            f"{no_pictures[0]}{advice}."
        )
    if elsewhere:
        notes.append(
            f"Left out {_files(elsewhere)} outside the folders train/<class> and test/<class> "
            f"({counted(elsewhere)}), such as {elsewhere[0]}."
        )
    if source.left_out:
        notes.append(f"Left out {_files(source.left_out)} more: {_first(source.left_out)}.")
    return tuple(notes)


def links_of(source: Source) -> str:
    """What a source left out, as part of a sentence: empty where it is nothing."""
    return f" (left out: {_first(source.left_out)})" if source.left_out else ""


def counted(names) -> str:
    """How many files have which ending, such as "12 .heic, 1 .txt"; the most frequent first."""
    endings = Counter(PurePosixPath(name).suffix.lower() or "without an ending" for name in names)
    return _first([f"{n:,} {ending}" for ending, n in endings.most_common()])


def _split_of(name: str) -> str | None:
    """The split in whose folder a file lies, at any depth."""
    return next((_SPLIT_FOLDERS[part.lower()] for part in PurePosixPath(name).parts[:-1] if _is_split(part)), None)


def _is_split(folder: str) -> bool:
    return folder.lower() in _SPLIT_FOLDERS


def _files(names) -> str:
    return "1 file" if len(names) == 1 else f"{len(names):,} files"


def _first(words) -> str:
    """The first few, and how many more there are."""
    return ", ".join(words[:5]) + (f" and {len(words) - 5:,} more" if len(words) > 5 else "")


def _listed(names) -> str:
    return ", ".join(sorted(name or "its top folder" for name in names))
