"""EmotionLab: the small package behind a hands-on course on facial-expression recognition.

`import emotionlab as el` takes milliseconds: TensorFlow, OpenCV, matplotlib and the rest are
imported when a name that needs them is first used (module `__getattr__`, PEP 562).

To read it in one sitting: models/scratch, training/loop, metrics/predicting, metrics/scoring, explain/gradcam,
faces/detectors, faces/cropping, recognition/recognizer. CONTRIBUTING.md names the lesson that derives each.
"""

import importlib

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.version import VERSION

__version__ = VERSION

_HOME = {
    "load_faces": "emotionlab.data",
    "Faces": "emotionlab.data",
    "Split": "emotionlab.data",
    "find_duplicates": "emotionlab.data",
    "RECIPES": "emotionlab.runs.recipes",
    "Recipe": "emotionlab.runs.recipes",
    "Run": "emotionlab.runs",
    "load_run": "emotionlab.runs",
    "train": "emotionlab.live.learning",
    "features": "emotionlab.training.frozen",
    "train_head": "emotionlab.training.frozen",
    "augmentation": "emotionlab.training",
    "class_weights": "emotionlab.training.batches",
    "evaluate": "emotionlab.evaluation",
    "Report": "emotionlab.evaluation",
    "compare": "emotionlab.evaluation",
    "abstention": "emotionlab.live.abstention",
    "plot_faces": "emotionlab.plots",
    "plot_counts": "emotionlab.plots",
    "plot_history": "emotionlab.plots",
    "plot_confusion": "emotionlab.plots",
    "plot_calibration": "emotionlab.plots",
    "plot_probabilities": "emotionlab.plots",
    "plot_ablation": "emotionlab.plots",
    "plot_votes": "emotionlab.plots.votes",
    "model_card": "emotionlab.commands.cards",
    "plot_tradeoff": "emotionlab.plots.comparison",
    "plot_agreement": "emotionlab.plots.comparison",
    "plot_coverage": "emotionlab.plots.comparison",
    "grad_cam": "emotionlab.explain",
    "occlusion": "emotionlab.explain",
    "plot_gradcam": "emotionlab.plots.explain",
    "plot_occlusion": "emotionlab.plots.explain",
    "plot_recorded_gradcam": "emotionlab.plots.explain",
    "playground": "emotionlab.live.playground",
    "Recognizer": "emotionlab.recognition.recognizer",
    "recognize_video": "emotionlab.live.video",
    "webcam": "emotionlab.live.webcam",
    "camera": "emotionlab.live.camera",
    "microphone": "emotionlab.live.microphone",
    "app": "emotionlab.live.app",
    "load_texts": "emotionlab.text",
    "TextReader": "emotionlab.text",
    "load_voices": "emotionlab.sound",
    "VoiceListener": "emotionlab.sound",
    "quiz": "emotionlab.exercises.quiz",
    "exercise": "emotionlab.exercises",
    "tagger": "emotionlab.exercises.tagger",
}
_MODULES = {
    "data": "emotionlab.data",
    "emotions": "emotionlab.base.emotions",
    "errors": "emotionlab.base.errors",
    "evaluation": "emotionlab.evaluation",
    "exercises": "emotionlab.exercises",
    "explain": "emotionlab.explain",
    "faces": "emotionlab.faces",
    "labs": "emotionlab.labs",
    "models": "emotionlab.models",
    "plots": "emotionlab.plots",
    "reference": "emotionlab.runs.reference",
    "senses": "emotionlab.senses",
    "settings": "emotionlab.base.settings",
    "sound": "emotionlab.sound",
    "text": "emotionlab.text",
    "training": "emotionlab.training",
}

__all__ = ["EMOTIONS", *_HOME, *_MODULES]


def __getattr__(name: str):
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"emotionlab has no name {name!r}; it offers: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
