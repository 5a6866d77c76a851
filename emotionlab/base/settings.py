"""Every environment variable the project reads, and the folders it uses; nothing else reads them."""

import os
from pathlib import Path

import platformdirs

from emotionlab.base.errors import EmotionLabError

IMAGE_SIZE = 48
"""Height and width of a FER-2013 picture in pixels."""


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def fast() -> bool:
    """True when EMOTIONLAB_FAST=1: small subsets and few epochs, for tests and a first skim."""
    return _is_on("EMOTIONLAB_FAST")


def headless() -> bool:
    """True when EMOTIONLAB_HEADLESS=1: live cells run on a bundled picture and let errors through."""
    return _is_on("EMOTIONLAB_HEADLESS")


def on_hub() -> bool:
    """True where JupyterHub started this process, so that others may work on the same machine."""
    return bool(os.environ.get("JUPYTERHUB_USER") or os.environ.get("JUPYTERHUB_SERVICE_PREFIX"))


def _place(name: str, default: str = "") -> Path | None:
    """The path that a variable names, with ~ written out; None where there is none.

    Raises EmotionLabError for the home folder of somebody who is not there.
    """
    chosen = os.environ.get(name) or default
    try:
        return Path(chosen).expanduser() if chosen else None
    except RuntimeError:
        raise EmotionLabError(f"Expected a folder that is there in {name}, found {chosen!r}; name another.") from None


def data_dir() -> Path:
    """Folder for imported data: EMOTIONLAB_DATA, else the user's cache folder. Not created here."""
    return _place("EMOTIONLAB_DATA") or platformdirs.user_cache_path("emotionlab", False)


def runs_dir() -> Path:
    """Folder for the learner's own runs: EMOTIONLAB_RUNS, else `runs` in the working folder."""
    return _place("EMOTIONLAB_RUNS", "runs")


def keras_home() -> Path:
    """Keras' own folder, with its cache of downloaded weights: KERAS_HOME, else `.keras` in the home folder."""
    return _place("KERAS_HOME", "~/.keras")


def fer2013_archive() -> Path | None:
    """An archive of the real FER-2013 for tests that need it: EMOTIONLAB_FER2013, else None."""
    return _place("EMOTIONLAB_FER2013")


def photos() -> Path | None:
    """A folder with photos of faces for tests that need real ones: EMOTIONLAB_PHOTOS, else None."""
    return _place("EMOTIONLAB_PHOTOS")


def hub_choices() -> str:
    """What `emotionlab hub` hands to its jupyterhub_config.py, as JSON in EMOTIONLAB_HUB; "{}" without it."""
    return os.environ.get("EMOTIONLAB_HUB") or "{}"


def for_learners(names) -> dict[str, str]:
    """Those of these environment variables that are set, which a hub hands on to its learners' servers."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def dropbox() -> str:
    """The folder of the class's drop box: EMOTIONLAB_DROPBOX, else ""."""
    return os.environ.get("EMOTIONLAB_DROPBOX", "").strip()


def hub_user() -> str:
    """Whom JupyterHub says this is: JUPYTERHUB_USER, else ""."""
    return os.environ.get("JUPYTERHUB_USER", "").strip()


def open_notebook() -> str:
    """The notebook of this kernel, as the Jupyter server names it: JPY_SESSION_NAME, else ""."""
    return os.environ.get("JPY_SESSION_NAME", "").strip()


def command(words: str) -> str:
    """What to type for `emotionlab WORDS`: with "uv run" before it where `uv run` started this, or the lab it is in.

    A server of a hub inherits uv's mark too, but its learners have no uv project in their folders.
    """
    under_uv = "UV_RUN_RECURSION_DEPTH" in os.environ and not on_hub()
    return f"{'uv run ' if under_uv else ''}emotionlab {words}"


def epochs(full: int, quick: int = 2) -> int:
    """How many epochs a lesson trains: `quick` in fast mode, else `full`."""
    return quick if fast() else full


def subset(full: int, quick: int = 2000) -> int:
    """How many pictures a lesson takes: `quick` in fast mode, else `full`."""
    return quick if fast() else full


def banner() -> str:
    """One line that says whether this is the fast or the full version of a lesson."""
    if fast():
        return "⏩ Fast mode (EMOTIONLAB_FAST=1): small subsets and few epochs, so figures are rough."
    return "🐢 Full mode: every cell does its whole work. Set EMOTIONLAB_FAST=1 before starting for a quick skim."
