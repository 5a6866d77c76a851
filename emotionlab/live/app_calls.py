"""What the app does when somebody uploads, looks or presses, without the page around it.

Each method of `Calls` takes what a part of the page holds and returns the HTML that others show. Whatever is
wrong with a file becomes one message in the page; a mistake of the program itself stays an exception.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.base.pictures import decode
from emotionlab.live import app_html as show
from emotionlab.live.bundled import bundled_scene, jpeg
from emotionlab.live.frames import Live
from emotionlab.live.gate import Gate
from emotionlab.live.video import FOR_BROWSERS, check_film, recognize_video
from emotionlab.recognition.labels import group_in_words
from emotionlab.recognition.recognizer import Face, Recognizer
from emotionlab.runs import Run

PICTURE_MB, VIDEO_MB = 30, 100
"""The largest files that are taken, in megabytes (a million bytes)."""

MOST_FRAMES = 1800
"""The longest video in frames: a minute at 30 frames a second."""

_ROWS = 15  # faces of a video that the page lists


class Desk:
    """The picture that one visitor chose last. Work on an earlier one may end later: its answer is dropped."""

    def __init__(self):
        self._chosen = self._crops = None

    def look(self, find) -> tuple | None:
        """What `find()` answers, as `Calls.picture` does; None where another picture was chosen meanwhile."""
        mine = self._chosen = object()
        self._crops = None
        answer = find()
        if self._chosen is not mine:
            return None
        self._crops = answer[3]
        return answer

    def explain(self, crops: list, heat) -> str | None:
        """What `heat(crops)` answers; None where these are not, or no longer, the faces of the last picture."""
        told = heat(crops)
        return told if not crops or self._crops is crops else None


class Calls:
    """The app's functions. Safe to share between visitors: what belongs to one of them comes in as an argument.

    model: None for the shipped network, a Run, the name or folder of one, a keras.Model, or a `Recognizer`.
    detector: as for `Recognizer`; a Recognizer that is given keeps its own.
    """

    def __init__(self, model=None, detector: str = "auto"):
        self.recognizer, self.source = _recognizer_and_source(model, detector)
        self._of_votes = _learned_votes(self.source)
        self._pictures, self._films, self._one_network = Gate(), Gate(1, 3), threading.Lock()
        self._network = None

    # ------------------------------------------------------------------------------- pictures

    def picture(self, source) -> tuple[str, str, str, list]:
        """One picture, a path, bytes or None: annotated picture, bars, table, and what `heat` needs of it."""
        if source is None:
            return "", "", "", []
        try:
            with self._pictures:
                _check_bytes(source)
                return self._look(source)
        except EmotionLabError as trouble:
            return show.problem(_without_folder(trouble, source)), "", "", []

    def run_bundled(self) -> str:
        """What the callback of a picture says of the bundled one, in words. Errors come through."""
        return self._in_words(self.recognizer(jpeg(bundled_scene())))

    def example(self, name: str) -> tuple[str, str, str, list]:
        """The same for one of `EXAMPLES`."""
        return self.picture(EXAMPLES[name]())

    def _look(self, source) -> tuple[str, str, str, list]:
        found = self.recognizer(source)
        faces = list(found)
        if len(faces) > 1:  # the same numbers in picture, bars and table
            faces = [replace(face, number=i) for i, face in enumerate(faces, 1)]
        crops = [(show.named(face), face.crop) for face in faces[: show.MOST_FACES]]
        told = show.said(self._in_words(faces)) + show.picture(found.picture, faces)
        return told, show.bars(faces, self._of_votes), show.table(faces), crops

    def _in_words(self, found: list[Face]) -> str:
        if found:
            count = "1 face" if len(found) == 1 else f"{len(found)} faces"
            group = f" {group_in_words(face.emotion for face in found)}." if len(found) > 1 else ""
            return f"{count} found: {', '.join(face.text for face in found[: show.MOST_FACES])}.{group}"
        advice = self.recognizer.detector.advice
        return (
            "No face was found. Try a picture in which the face is larger, upright, well lit and seen from the front."
            + (f" {advice}" if advice else "")
        )

    def heat(self, crops: list) -> str:
        """Grad-CAM of each face that `picture` found. The first time Keras has to start, which takes seconds."""
        if not crops:
            return show.problem("There is no face to explain yet. First choose a picture in which a face is found.")
        try:
            with self._pictures:
                return self._heat(crops)
        except EmotionLabError as trouble:
            return show.problem(str(trouble))

    def _heat(self, crops: list) -> str:
        from emotionlab.explain import explainer, overlay

        with self._one_network:
            explain = explainer(self.network())
            maps, _ = explain(np.stack([crop for _, crop in crops]))
        drawn = [(words, overlay(crop, one, side=240)) for (words, crop), one in zip(crops, maps, strict=True)]
        return show.heat_maps(drawn, explain.layer)

    def network(self):
        """The keras.Model behind the recogniser. Raises RunError where nobody knows it."""
        if self.source is None:
            raise RunError(
                f"Grad-CAM needs the network itself, and of this recogniser only the name {self.recognizer.name!r} is "
                'known. Start the app with the run or the keras.Model, as in el.app("runs/mine").'
            )
        if self._network is None:
            self._network = self.source.model() if isinstance(self.source, Run) else self.source
        return self._network

    # ------------------------------------------------------------------------------- webcam, video

    def frame(self, source, live: Live | None) -> tuple[str, str, Live | None]:
        """One frame of a webcam and what is remembered of the frames before: annotated frame, bars, memory.

        Only the faces' numbers and boxes are remembered, no picture.
        """
        if source is None:
            return "", "", live
        live = live or Live(self.recognizer)
        try:
            _check_bytes(source)
            pixels = decode(source)
            found = live(pixels).shown
        except EmotionLabError as trouble:
            return show.problem(_without_folder(trouble, source)), "", live
        none = "" if found else "<p>No face found.</p>"
        return none + show.picture(pixels, found, quality=75), show.bars(found[:1], self._of_votes), live

    def video(self, path) -> Iterator[tuple[str, str | None, str | None, str | None]]:
        """One video: summary with the time line, annotated video (.mp4), table of faces and of seconds (.csv).

        Without a voice the last is None. The files go when the iterator goes on.
        """
        if path is None:
            yield show.problem("There is no video yet. First choose a file."), None, None, None
            return
        with tempfile.TemporaryDirectory(prefix="emotionlab-") as folder:
            try:
                with self._films:  # left before the answer: a visitor who leaves would keep it shut
                    answer = self._watch(path, Path(folder))
            except EmotionLabError as trouble:
                answer = show.problem(_without_folder(trouble, path)), None, None, None
            yield answer

    def _watch(self, path, folder: Path) -> tuple[str, str, str, str | None]:
        _check_length(path)
        out, csv = str(folder / "annotated.mp4"), str(folder / "faces.csv")
        table = recognize_video(path, out, csv, self.recognizer, codec=FOR_BROWSERS, most_frames=MOST_FRAMES)
        told, seconds = self._time_line(path, table, folder / "seconds.csv")
        return _about_film(table) + told, out, csv, seconds

    def _time_line(self, path, table, csv: Path) -> tuple[str, str | None]:
        """Face and voice of a film with sound on one time line: the page's part, and a table of its seconds."""
        from emotionlab.senses.timeline import about, timeline

        try:
            line = timeline(path, table)
        except (DataError, RunError) as problem:  # no sound, or no recorded network to hear it
            return show.said(f"No voice: {_without_folder(problem, path)}"), None
        line.table.to_csv(csv, index=False, encoding="utf-8")
        words = about(line).replace("\n", " ")
        return show.said(words) + show.figure(line.figure(), f"Face and voice on one time line. {words}"), str(csv)

    # ------------------------------------------------------------------------------- about

    def about(self) -> str:
        """Which network this is, what it learned from, how often it is right: HTML."""
        facts = [("Network", self.recognizer.name), *_facts(self.source)]
        facts += [
            ("Faces are found by", self.recognizer.detector.words),
            ("“Not sure”", f"where the highest probability is below {100 * self.recognizer.threshold:.0f} %"),
        ]
        if self._of_votes:
            facts.append(("Percentages", "shares of people who would choose the word: a mixture of answers"))
        return show.facts(facts)


def _recognizer_and_source(model, detector: str):
    """(Recognizer, the Run or keras.Model behind it; None where nobody knows it)."""
    from emotionlab.runs import load_run, reference

    if isinstance(model, Recognizer):
        return model, _run_behind(model)
    if model is None:
        model = reference.load(reference.SHIPPED)
    elif isinstance(model, str | Path):
        model = load_run(model)
    return Recognizer(model, detector=detector), model


def _run_behind(recognizer: Recognizer) -> Run | None:
    """The run of the recogniser's name, if it gives the same probabilities: another run may have that name too."""
    from emotionlab.data.drawn import bundled_face
    from emotionlab.evaluation import with_temperature
    from emotionlab.recognition.light import LightNetwork
    from emotionlab.runs import load_run

    face = bundled_face()[None]
    with contextlib.suppress(RunError):
        run = load_run(recognizer.name)
        rows = with_temperature(LightNetwork(run).predict(face), recognizer.temperature)
        if np.allclose(rows, recognizer.classify(face), atol=1e-5):
            return run
    return None


def _learned_votes(source) -> bool:
    """Whether a run learned how ten people voted, so that its probabilities are meant as shares of people."""
    with contextlib.suppress(RunError):
        return isinstance(source, Run) and source.recipe.targets == "votes"
    return False


def _facts(source) -> list[tuple[str, str]]:
    """What is recorded about a network, as (what, how)."""
    if not isinstance(source, Run):
        return [("Learned from", "not recorded: the network was handed over without its run")]
    known = source.provenance
    data = known.get("data", {})
    facts = [("Learned from", _data_in_words(data.get("name"), data.get("pictures", {})))]
    if "parameters" in known:
        start = {"random": "random weights", "imagenet": "weights learned on ImageNet"}
        named = str(known.get("initialisation"))
        began = start.get(named, f"the {named}" if named.startswith("run ") else "weights of unknown origin")
        facts.append(("Size", f"{known['parameters']:,} parameters, trained from {began}"))
    return [*facts, ("Right", _right_in_words(source))]


def _data_in_words(name: str | None, pictures: dict) -> str:
    count = f"{pictures['train']:,} " if "train" in pictures else ""
    return {
        "fer2013": f"FER-2013 (Goodfellow et al. 2013): {count}small grey photos found by image search, whose people "
        "were not asked and whose labels are often disputed",
        "drawn": f"{count}faces drawn by a program; how it does on photos is not known",
    }.get(name, f"{count}pictures called {name!r}" if name else "not recorded")


def _right_in_words(run: Run) -> str:
    from emotionlab.evaluation import percent

    for split, words in (("test", "test pictures"), ("validation", "validation pictures")):
        with contextlib.suppress(RunError):
            report = run.report(split)
            return f"on {percent(report.accuracy)} of {len(report):,} {words}; on your pictures nobody has measured it"
    return "not measured"


# ------------------------------------------------------------------------------------------- checks


def _check_bytes(source) -> None:
    if isinstance(source, str | Path) and Path(source).is_file() and Path(source).stat().st_size > PICTURE_MB * 10**6:
        found = Path(source).stat().st_size / 10**6
        raise DataError(
            f"Expected a picture of at most {PICTURE_MB} MB, found {found:.0f} MB; save it smaller or as a JPEG."
        )


def _check_length(path) -> None:
    """Raise DataError for a video that would keep the app busy for long; a bad file is told by who reads it."""
    from emotionlab.base.opencv import cv2

    if not os.path.isfile(path):  # the app keeps no upload for longer than ten minutes
        raise DataError("Expected the video that you chose, found that it was removed meanwhile; choose it again.")
    if Path(path).stat().st_size > VIDEO_MB * 10**6:
        raise DataError(f"Expected a video of at most {VIDEO_MB} MB; cut it or save it smaller.")
    check_film(path)
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        count = max(0, int(video.get(cv2.CAP_PROP_FRAME_COUNT)))
        if count == 0:  # some files, such as those that a browser records, do not say
            while count <= MOST_FRAMES and video.grab():
                count += 1
    finally:
        video.release()
    if count > MOST_FRAMES:
        raise DataError(
            f"Expected a video of at most {MOST_FRAMES:,} frames (a minute), found more; cut it, or use "
            "“emotionlab recognize” in a terminal, which takes any length."
        )


def _without_folder(trouble: Exception, source) -> str:
    """The message, with the name of an uploaded file in place of the temporary folder it lies in."""
    text = str(trouble)
    return text.replace(str(source), Path(source).name) if isinstance(source, str | Path) else text


def _about_film(table) -> str:
    """A sentence and a row for each face of a video."""
    if table.empty:
        return show.said("No face was found in any frame.")
    rows = []
    faces = table.groupby("face")
    for number, seen in sorted(faces, key=lambda pair: -len(pair[1]))[:_ROWS]:
        shares = seen.emotion.value_counts(normalize=True)
        told = ", ".join(f"{emotion} {share:.0%}" for emotion, share in shares.items())
        rows.append((str(number), told, f"{seen.seconds.min():.1f}", f"{seen.seconds.max():.1f}", f"{len(seen):,}"))
    count = "1 face was" if len(faces) == 1 else f"{len(faces)} faces were"
    more = f" The {_ROWS} seen longest are listed." if len(faces) > _ROWS else ""
    head = ("face", "labels, share of its frames", "first seen (s)", "last seen (s)", "frames")
    sentence = f"{count} followed over {table.frame.nunique():,} frames with a face.{more}"
    return show.said(sentence) + show.wide_table("Faces of the video", head, rows)


# ------------------------------------------------------------------------------------------- examples


def _two_faces() -> np.ndarray:
    from emotionlab.base.opencv import cv2
    from emotionlab.data.drawn import EMOTION_UNITS, draw_face

    scene = np.full((480, 720), 60, np.uint8)
    for left, emotion, who in ((70, "happy", 4), (410, "surprise", 11)):
        face = draw_face(EMOTION_UNITS[emotion], who, scale=1.08, exposure=1.3)
        scene[120:360, left : left + 240] = cv2.resize(face, (240, 240), interpolation=cv2.INTER_CUBIC)
    return np.repeat(scene[..., None], 3, axis=2)


def _no_face() -> np.ndarray:
    light = np.linspace(60, 200, 640, dtype=np.float32) + np.linspace(0, 40, 480, dtype=np.float32)[:, None]
    return np.repeat(light.astype(np.uint8)[..., None], 3, axis=2)


EXAMPLES = {"One drawn face": bundled_scene, "Two drawn faces": _two_faces, "An empty wall": _no_face}
"""Pictures for a first try, made by this package: they show no person."""
