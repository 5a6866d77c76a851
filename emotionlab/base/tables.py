"""The rows of a CSV file that somebody may have damaged."""

import csv
from collections.abc import Iterator
from pathlib import Path

from emotionlab.base.errors import EmotionLabError


def table_rows(reader, path: Path, kind: type[EmotionLabError]) -> Iterator[tuple[int, list | dict]]:
    """Yield (line in which it ends, row) for each row of a csv.reader or csv.DictReader of the file `path`.

    Raises `kind`, naming the line in which a row begins, for one that the reader cannot read.
    """
    begin = 1
    try:
        if isinstance(reader, csv.DictReader) and reader.fieldnames:  # reads the first line
            begin = reader.line_num + 1
        for row in reader:
            yield reader.line_num, row
            begin = reader.line_num + 1
    except csv.Error as error:
        raise kind(
            f"Expected a table in {path}, found a row from line {begin:,} on that cannot be read ({error}: a quotation "
            "mark that is not closed?); mend that line."
        ) from None
