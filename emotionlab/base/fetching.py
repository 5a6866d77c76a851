"""Fetching a published file, on request only: checked, and kept whole or not at all."""

from pathlib import Path

from emotionlab.base.errors import DataError

SECONDS = 60
"""How long an answer may take to begin."""


def fetch(address: str, path: Path, checksum: str, what: str, by_hand: str) -> Path:
    """Fetch `address` to `path` with a progress bar, compare it with its checksum, and return the path.

    checksum: such as "sha256:8f23..." or "md5:bc69...". what: the file's name in words. by_hand: what a person can do
    instead, which ends each sentence. A file that is there already and has this checksum is not fetched again.
    Raises DataError without a network, for another file than the one expected, and where it cannot be written.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")
    bar = pooch.HTTPDownloader(progressbar=True, timeout=SECONDS)
    try:
        pooch.retrieve(address, checksum, fname=path.name, path=path.parent, downloader=bar)
    except (requests.exceptions.RequestException, TimeoutError, ConnectionError) as problem:
        raise DataError(
            f"Expected to fetch {what} from {address}, found no way to it ({_reason(problem)}); connect to a network "
            f"and try again, {by_hand}."
        ) from None
    except ValueError:  # the checksum is another one; what came was deleted
        raise DataError(f"Expected {what} from {address}, found another file; try later, {by_hand}.") from None
    except OSError as problem:
        raise DataError(
            f"Could not write {path} ({problem.strerror or problem}): expected a folder you may write to; free some "
            f"space, or name another folder in EMOTIONLAB_DATA, {by_hand}."
        ) from None
    return path


def _reason(problem: Exception) -> str:
    """The innermost reason of requests' long sentences."""
    words = str(problem).strip() or type(problem).__name__
    return words.rsplit("Caused by ", 1)[-1].split("(", 1)[0].strip() or type(problem).__name__
