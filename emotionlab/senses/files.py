"""`emotionlab recognize` for texts and sounds: a table with a row a line, or a row a recording. No TensorFlow."""

from pathlib import Path

from emotionlab.base.arguments import file_path
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.base.files import readable, refuse_pipe
from emotionlab.sound.reading import SOUND

TEXT = (".txt",)
MAX_TEXT_BYTES = 10_000_000
COLUMNS = ("emotion", "emotions", "confidence", "guess", *EMOTIONS, "note")


def kind_of(path) -> str | None:
    """ "text", "sound", or None for anything else; decided by the ending of the name."""
    suffix = Path(path).suffix.lower()
    return "text" if suffix in TEXT else "sound" if suffix in SOUND else None


def recognize_files(paths: list[str]):
    """A DataFrame with a row for each line of the texts, or for each sound. Columns: file, line or seconds, `COLUMNS`.

    A file that cannot be read has a row that says why in `note`; the only one raises DataError.
    Raises EmotionLabError for several kinds at once.
    """
    kinds = {kind_of(path) for path in paths}
    if len(kinds) != 1 or None in kinds:
        raise EmotionLabError(
            "Expected files of one kind, photos, texts or sounds, found several kinds; recognise one kind at a time."
        )
    return texts(paths) if kinds == {"text"} else sounds(paths)


def texts(paths: list[str]):
    """A DataFrame with a row for each line with a word in it, and one for a file of several that is no text."""
    import pandas as pd

    from emotionlab.text.reader import TextReader
    from emotionlab.text.tokens import tokenise

    read, rows = TextReader(), []
    for path in paths:
        try:
            lines = _lines(file_path("the text", path, DataError))
        except DataError as problem:
            if len(paths) == 1:
                raise
            rows.append({"file": readable(path), "note": readable(problem)})
            continue
        for number, line in enumerate(lines, 1):
            if tokenise(line):  # not so a line of dashes
                rows.append({"file": readable(path), "line": number, "text": line.strip(), **read(line).as_row()})
    if not rows:
        raise DataError(
            f"Expected a line with a word in it, found none in {', '.join(map(readable, paths))}; write one."
        )
    table = pd.DataFrame(rows, columns=["file", "line", "text", *COLUMNS])
    return table.astype({"line": "Int64"})  # whole numbers, of which some may be missing


def sounds(paths: list[str]):
    """A DataFrame with a row for each sound."""
    import pandas as pd

    from emotionlab.sound.listener import VoiceListener

    listen, rows = VoiceListener(), []
    for path in paths:
        try:
            answer = listen(path)
        except DataError as problem:
            if len(paths) == 1:
                raise
            rows.append({"file": readable(path), "note": readable(problem)})
            continue
        rows.append({"file": readable(path), "seconds": round(answer.seconds, 2), **answer.as_row()})
    return pd.DataFrame(rows, columns=["file", "seconds", *COLUMNS])


def about(table) -> str:
    """The table for a terminal: what was read, the word and its probability; below it the notes, whole."""
    names = ("file", "line", "text", "seconds", "emotion", "confidence", "guess")
    shown = table.loc[table.guess.notna(), [name for name in names if name in table]].astype(object)
    rows = [shown.where(shown.notna(), "").to_string(index=False, max_colwidth=60)] if len(shown) else []
    with_notes = table[table.note.fillna("") != ""]
    notes = [f"{_place(row)}: {row['note']}" for row in with_notes.to_dict("records")]
    return "\n".join([*rows, *notes])


def _place(row: dict) -> str:
    """The file, and of a text that was read the line."""
    import pandas as pd

    return row["file"] if pd.isna(row.get("line")) else f"{row['file']}, line {row['line']}"


def _lines(path: Path) -> list[str]:
    refuse_pipe(path, "a text")
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise DataError(f"Expected at most {MAX_TEXT_BYTES:,} bytes of text, found more in {path}; take a part.")
        text = path.read_text(encoding="utf-8-sig")
        if "\0" in text:  # UTF-16 without its mark
            raise _not_utf8(path)
        return text.splitlines()
    except OSError as problem:
        raise DataError(f"Expected a text at {path}, found none ({problem.strerror}); check the path.") from None
    except UnicodeDecodeError:
        raise _not_utf8(path) from None


def _not_utf8(path: Path) -> DataError:
    return DataError(f"Expected UTF-8 text in {path}, found other bytes; save it as UTF-8.")
