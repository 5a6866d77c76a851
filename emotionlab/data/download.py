"""FER-2013 from Kaggle, without an account: the public data set `msambare/fer2013`."""

import contextlib
import errno
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.errors import DataError
from emotionlab.base.locks import lock
from emotionlab.data import loading, store
from emotionlab.data.dataset import Faces
from emotionlab.data.official import first_difference

DATASET = "msambare/fer2013"
PAGE = f"https://www.kaggle.com/datasets/{DATASET}"
_NEEDED_BYTES = 250_000_000  # the archive (about 64 MB), the stored file (about 80 MB), room to spare


def _by_hand() -> str:
    return f"or download it in a browser from {PAGE} and run `{settings.command('data import archive.zip')}`"


def download_faces(force: bool = False) -> Faces:
    """Download FER-2013, check the count of every class and split, and keep it in the data folder.

    force: download again even if it is already there.
    A download that broke off is continued by the next call. Raises DataError without a network,
    where Kaggle refuses, where the disk is full, where another download is at work, or where the counts are not
    the published ones.
    """
    if not force and (stored := _stored()):
        print(f"FER-2013 is already at {store.path()}; nothing was downloaded.")
        return stored
    folder = settings.data_dir() / "download"
    _check_room(folder)
    try:
        with store.made_if_missing(folder), _alone(folder):
            archive = _fetch(folder)
            try:
                faces = _checked(archive)
                store.save(faces)
            finally:  # damaged or stored: in both cases the archive is of no further use
                _discard(archive)
    except OSError as error:
        raise DataError(_disk_problem(folder, error)) from error
    return faces


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the folder: two downloads would write into one archive, and the first to end would take it away."""
    if os.name != "posix":  # Windows opens no folders, and has no such locks
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        if not lock(handle, wait=False):
            raise DataError(
                f"Expected to download into {folder} alone, found another download there that still runs; wait until "
                f"it has ended, and run `{settings.command('data download')}` again."
            )
        yield
    finally:
        os.close(handle)


def _discard(archive: Path) -> None:
    """Remove the archive and the note that `kaggle` keeps beside it, and the folder if nothing else is in it."""
    with contextlib.suppress(OSError):
        for path in archive.parent.glob(f"{archive.name}*"):
            path.unlink(missing_ok=True)
        archive.parent.rmdir()


def _stored() -> Faces | None:
    """What an earlier download or import left, unless it is missing or damaged."""
    with contextlib.suppress(DataError):
        return store.load(store.path()) if store.path().exists() else None


def _checked(archive: Path) -> Faces:
    faces = loading.read_faces(archive)
    if different := first_difference(faces):
        raise DataError(
            f"Expected {different}, in the archive from Kaggle: it is not FER-2013 as published; try again, "
            f"{_by_hand()}."
        )
    return replace(faces, source=f"Kaggle data set {DATASET} (pictures in folders)")


def _fetch(folder: Path) -> Path:
    """Let the `kaggle` package download the archive into `folder`; it shows progress and resumes."""
    import requests
    import urllib3

    api = _kaggle()
    print(f"Downloading FER-2013 from {PAGE} (about 64 MB).")
    archive = folder / f"{DATASET.split('/')[1]}.zip"
    try:
        api.dataset_download_files(DATASET, path=str(folder), quiet=False, force=False)
    except requests.exceptions.HTTPError as error:
        raise DataError(_refusal(error)) from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, TimeoutError) as error:
        raise DataError(
            f"Expected an answer from Kaggle, found no network connection ({type(error).__name__}); connect and "
            f"run `{settings.command('data download')}` again (it continues where it stopped), {_by_hand()}."
        ) from error
    except OSError:
        _discard(archive)
        raise
    except ValueError as error:  # a size that does not match: the kaggle package's own check
        _discard(archive)
        raise DataError(
            f"Expected a whole archive from Kaggle, found a broken download ({error}); "
            f"run `{settings.command('data download')}` again, {_by_hand()}."
        ) from error
    return archive


def _kaggle():
    """The `kaggle` package's API object, ready to use with or without an account.

    `import kaggle` looks for an account, prints help where there is none and, in some versions,
    ends the program. A public data set needs none, so all of that is silenced here.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import kaggle
    except (Exception, SystemExit) as error:
        raise DataError(
            f"Expected the kaggle package to start without an account, found that it stopped "
            f"({type(error).__name__}: {error}); update it, {_by_hand()}."
        ) from error
    return kaggle.api


def _refusal(error) -> str:
    """One sentence for an answer that Kaggle gives in place of the archive."""
    status = error.response.status_code if error.response is not None else 0
    said = " ".join(str(error).split())[:200]
    if status == 401:
        return (
            f"Expected Kaggle to serve a public data set, found that it refused the credentials on this machine "
            f"(401: {said}); remove or renew KAGGLE_API_TOKEN or the files in ~/.kaggle (none is needed), {_by_hand()}."
        )
    if status == 403 and "rule" in said.lower():
        return (
            f"Expected Kaggle to serve the data set, found that its rules are not accepted (403: {said}); "
            f"sign in at {PAGE}, accept them and try again, {_by_hand()}."
        )
    if status == 403:
        return (
            f"Expected Kaggle to serve the data set, found that it is not allowed from here (403: {said}); "
            f"sign in with `kaggle auth login` and try again, {_by_hand()}."
        )
    if status == 404:
        return f"Expected the data set {DATASET} on Kaggle, found that it is no longer there (404); look at {PAGE}."
    if status == 429:
        return (
            f"Expected Kaggle to serve the data set, found too many requests (429); wait a few minutes, {_by_hand()}."
        )
    return f"Expected Kaggle to serve the data set, found an error ({status}: {said}); try again later, {_by_hand()}."


def _disk_problem(folder: Path, error: OSError) -> str:
    found = "a full disk" if error.errno == errno.ENOSPC else f"an error ({error.strerror or error})"
    return (
        f"Expected to write about 64 MB to {folder}, found {found}; free some space, or name another folder "
        "in EMOTIONLAB_DATA."
    )


def _check_room(folder: Path) -> None:
    """Refuse before a byte is fetched where the disk would be full half-way."""
    existing = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(existing).free
    if free < _NEEDED_BYTES:
        raise DataError(
            f"Expected at least {_NEEDED_BYTES // 10**6} MB of free disk space for {folder}, found "
            f"{free // 10**6} MB; free some space, or name another folder in EMOTIONLAB_DATA."
        )
