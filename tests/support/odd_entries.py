"""A folder as it comes: entries of every odd kind among the submissions, and who accounts for them."""

import json
import os
import zipfile
from pathlib import Path

import submissions

from emotionlab.base.files import readable


def text_of(notebook: dict | None = None) -> str:
    return json.dumps(notebook or submissions.solved())


def odd_entries(folder) -> int:
    """Entries of every odd kind; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {
        "essay.pdf": b"%PDF-1.7 ...",
        "page.html": b"<!DOCTYPE html><html>sign in</html>",
        "answer.py": b"def f():\n    return 1\n",
        "notes.txt": b"I was ill\n",
        "nothing.dat": b"",
        "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(40),
        "old.zip": b"PK\x03\x04 cut off",
        "login.ipynb": b"<!DOCTYPE html><html>sign in</html>",
        "scan.ipynb": b"%PDF-1.7 ...",
        "table.json": b'{"a": 1}',
        "empty.ipynb": b"",
        ".DS_Store": b"\0\0\0\1Bud1",
        "._ada.ipynb": b"\0\5\x16\7",
        ".hidden.ipynb": text_of().encode(),
        "hw": text_of().encode(),
    }
    for name, content in plain.items():
        (folder / name).write_bytes(content)
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("a.ipynb", text_of()), archive.writestr("b.ipynb", text_of())
    with zipfile.ZipFile(folder / "climbs.zip", "w") as archive:
        archive.writestr("../a.ipynb", text_of())
    with zipfile.ZipFile(folder / "none.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    submissions.write(folder / ".ada", submissions.solved())
    (folder / "pdf only").mkdir()
    (folder / "pdf only" / "essay.pdf").write_bytes(b"%PDF-1.7 ...")
    (folder / "zipped").mkdir()
    with zipfile.ZipFile(folder / "zipped" / "hw.zip", "w") as archive:
        archive.writestr("a.ipynb", text_of())
    (folder / "a.ipynb").mkdir()
    made = len(plain) + 3 + 4
    try:
        (folder / "linked").symlink_to(folder / "zipped", target_is_directory=True)
        made += 1
    except OSError:
        pass
    return made


def deep(folder, levels: int) -> None:
    """Folders in folders: more than a path can name."""
    before = os.getcwd()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    try:
        for _ in range(levels):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(before)


def unaccounted(folder: Path, report: Path) -> list[str]:
    """Entries of `folder` that the report does not account for; [] when it adds up.

    Each is a row's file, an earlier attempt that a row names, or a line of "not taken" with a reason.
    """
    stored = json.loads((report / "grades.json").read_text(encoding="utf-8"))
    files = {Path(result["file"]).parts[0] for result in stored["results"] if result["file"]}
    notes = "; ".join(note for result in stored["results"] for note in result["warnings"])
    refused = {line["name"] for line in stored["not_taken"] if line["reason"]}
    missing = []
    for name in map(readable, os.listdir(folder)):
        kind = stored["entries"].get(name)
        told = {"row": name in files, "earlier": name in notes}.get(kind, name in refused)
        missing += [] if told else [f"{name} ({kind})"]
    return missing + ["a count"] * (len(stored["entries"]) != len(os.listdir(folder)))
