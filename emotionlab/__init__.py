"""EmotionLab: the small package behind a hands-on course on facial-expression recognition.

`import emotionlab as el` takes milliseconds: TensorFlow, OpenCV, matplotlib and the rest are
imported when a name that needs them is first used (module `__getattr__`, PEP 562).
"""

import importlib

from emotionlab.emotions import EMOTIONS

__version__ = "0.1.0"

_HOME = {
    "load_faces": "emotionlab.data",
    "Faces": "emotionlab.data",
    "Split": "emotionlab.data",
    "find_duplicates": "emotionlab.data",
    "RECIPES": "emotionlab.recipes",
    "Recipe": "emotionlab.recipes",
    "Run": "emotionlab.runs",
    "load_run": "emotionlab.runs",
    "train": "emotionlab.training",
    "features": "emotionlab.frozen",
    "train_head": "emotionlab.frozen",
    "augmentation": "emotionlab.training",
    "class_weights": "emotionlab.batches",
    "evaluate": "emotionlab.evaluation",
    "Report": "emotionlab.evaluation",
    "compare": "emotionlab.evaluation",
    "abstention": "emotionlab.evaluation",
    "plot_faces": "emotionlab.plots",
    "plot_counts": "emotionlab.plots",
    "plot_history": "emotionlab.plots",
    "plot_confusion": "emotionlab.plots",
    "plot_calibration": "emotionlab.plots",
    "plot_probabilities": "emotionlab.plots",
    "plot_ablation": "emotionlab.plots",
    "plot_votes": "emotionlab.plots_ferplus",
    "model_card": "emotionlab.cards",
    "plot_tradeoff": "emotionlab.plots_comparison",
    "plot_agreement": "emotionlab.plots_comparison",
    "plot_coverage": "emotionlab.plots_comparison",
    "grad_cam": "emotionlab.explain",
    "occlusion": "emotionlab.explain",
    "plot_gradcam": "emotionlab.plots_explain",
    "plot_occlusion": "emotionlab.plots_explain",
    "plot_recorded_gradcam": "emotionlab.plots_explain",
    "playground": "emotionlab.live.playground",
    "Recognizer": "emotionlab.recognizer",
    "recognize_video": "emotionlab.live.video",
    "webcam": "emotionlab.live.webcam",
    "camera": "emotionlab.live.camera",
    "app": "emotionlab.live.app",
    "load_texts": "emotionlab.text",
    "TextReader": "emotionlab.text",
    "quiz": "emotionlab.exercises.quiz",
    "exercise": "emotionlab.exercises",
    "tagger": "emotionlab.exercises.tagger",
}
_MODULES = (
    "data",
    "emotions",
    "errors",
    "evaluation",
    "exercises",
    "explain",
    "faces",
    "labs",
    "models",
    "plots",
    "reference",
    "settings",
    "text",
    "training",
)

__all__ = ["EMOTIONS", *_HOME, *_MODULES]


def __getattr__(name: str):
    if name in _MODULES:
        return importlib.import_module(f"emotionlab.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"emotionlab has no name {name!r}; it offers: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
