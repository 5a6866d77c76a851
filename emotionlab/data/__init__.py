"""Pictures of faces with labels: FER-2013 in every form it is met in, and drawn faces in its place.

| what you want                          | the name                        |
|----------------------------------------|---------------------------------|
| a data set to work with                | `load_faces`                    |
| FER-2013 from a file or folder         | `read_faces`, `import_faces`    |
| FER-2013 from Kaggle                   | `download_faces`                |
| pictures that occur more than once     | `find_duplicates`               |
| the figures that describe a data set   | `survey`                        |
"""

import importlib

from emotionlab.base.arrays import as_batch
from emotionlab.data.dataset import Faces, Split
from emotionlab.data.loading import import_faces, load_faces, read_faces

_HOME = {
    "Duplicates": "emotionlab.data.duplicates",
    "download_faces": "emotionlab.data.download",
    "draw_face": "emotionlab.data.drawn",
    "draw_faces": "emotionlab.data.drawn",
    "find_duplicates": "emotionlab.data.duplicates",
    "survey": "emotionlab.data.surveying",
}

__all__ = ["Faces", "Split", "as_batch", "import_faces", "load_faces", "read_faces", *_HOME]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"emotionlab.data has no name {name!r}; it offers: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
