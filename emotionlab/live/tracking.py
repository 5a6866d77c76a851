"""Which face is which from frame to frame, and a label that does not flicker.

A face of this frame is the face of the last one whose box, moved on at the speed it had, overlaps it most.
Its probabilities are averaged over time, and its label changes only when another emotion is clearly ahead.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from emotionlab.base.arguments import number, share
from emotionlab.base.emotions import EMOTIONS
from emotionlab.faces import Box
from emotionlab.recognition.recognizer import NOT_SURE, Face


@dataclass
class _Track:
    """What is remembered of one face."""

    number: int
    box: Box
    seen: float
    probabilities: np.ndarray
    emotion: str
    speed: tuple[float, float] = (0.0, 0.0)  # pixels a second

    def box_at(self, seconds: float, keep: float) -> Box:
        """Where the box should be by now; after more than `keep` seconds its speed says nothing any more."""
        passed = seconds - self.seen
        if passed > keep:
            return self.box
        return replace(self.box, x=self.box.x + self.speed[0] * passed, y=self.box.y + self.speed[1] * passed)


class Tracker:
    """Links faces over time. Call `update` with the faces of each frame and the frame's time.

    smooth: time constant of the mean in seconds: a change shows to 63 % after this long. 0: no smoothing.
    keep: for how many seconds a face may be out of sight and still be the same one. A face that both of two frames
        show, one after the other, is never out of sight, however far apart the frames are.
    threshold: confidence from which an emotion is shown; below it the label is "not sure".
    lead: by how much another emotion must be ahead of the one shown before the label changes, and by how
        much the one shown may fall below the threshold.
    overlap: least intersection over union of a face with the place where it is expected.
    """

    def __init__(self, smooth=0.5, keep=0.6, threshold=0.5, lead=0.08, overlap=0.2):
        self.smooth, self.keep = (number(*pair, at_least=0) for pair in (("smooth", smooth), ("keep", keep)))
        self.threshold, self.lead = share("threshold", threshold), share("lead", lead)
        self.overlap = share("overlap", overlap)
        self.reset()

    def reset(self) -> None:
        """Forget every face, as at the start of another video."""
        self._tracks: list[_Track] = []
        self._next = 1
        self._now = -math.inf

    def update(self, faces: list[Face], seconds: float) -> list[Face]:
        """The same faces in the same order, each with its number, its mean probabilities and its steady label.

        seconds: the frame's time on any clock; steps may be irregular. Time that runs backwards starts anew.
        """
        if seconds < self._now:
            self.reset()
        before, self._now = self._now, seconds
        self._tracks = [each for each in self._tracks if each.seen == before or seconds - each.seen <= self.keep]
        partners = self._partners([face.box for face in faces], seconds)
        told = [self._told(face, partners.get(i), seconds) for i, face in enumerate(faces)]
        # what this frame did not show, either, need not be remembered
        self._tracks = [each for each in self._tracks if seconds - each.seen <= self.keep]
        return told

    def _partners(self, boxes: list[Box], seconds: float) -> dict[int, _Track]:
        """For the index of each box the track it continues, so that the sum of overlaps is greatest."""
        if not boxes or not self._tracks:
            return {}
        from scipy.optimize import linear_sum_assignment

        expected = [track.box_at(seconds, self.keep) for track in self._tracks]
        overlaps = np.array([[box.overlap(other) for other in expected] for box in boxes])
        pairs = zip(*linear_sum_assignment(overlaps, maximize=True), strict=True)
        return {int(i): self._tracks[j] for i, j in pairs if overlaps[i, j] >= self.overlap}

    def _told(self, face: Face, track: _Track | None, seconds: float) -> Face:
        if track is None:
            emotion = self._label(NOT_SURE, face.probabilities)
            track = _Track(self._next, face.box, seconds, face.probabilities, emotion)
            self._next += 1
            self._tracks.append(track)
        else:
            self._continue(track, face, seconds)
        # a label that stays for a while may be behind another emotion by now: the number is its own
        sure = track.emotion != NOT_SURE
        of_label = track.probabilities[EMOTIONS.index(track.emotion)] if sure else track.probabilities.max()
        return replace(
            face,
            number=track.number,
            emotion=track.emotion,
            confidence=float(of_label),
            probabilities=track.probabilities,
        )

    def _continue(self, track: _Track, face: Face, seconds: float) -> None:
        passed = seconds - track.seen
        new = 1 - math.exp(-passed / self.smooth) if self.smooth > 0 else 1.0
        track.probabilities = (track.probabilities + new * (face.probabilities - track.probabilities)).astype("float32")
        track.emotion = self._label(track.emotion, track.probabilities)
        if passed > 0:
            (x1, y1), (x2, y2) = track.box.centre, face.box.centre
            now = ((x2 - x1) / passed, (y2 - y1) / passed)
            # half of the old speed: one box that sits askew does not send the face off
            track.speed = tuple((old + fresh) / 2 for old, fresh in zip(track.speed, now, strict=True))
        track.box, track.seen = face.box, seconds

    def _label(self, shown: str, probabilities: np.ndarray) -> str:
        """The label to show after `shown`: it changes only when it should."""
        best = int(probabilities.argmax())
        if shown == NOT_SURE:
            return EMOTIONS[best] if probabilities[best] >= self.threshold else NOT_SURE
        before = float(probabilities[EMOTIONS.index(shown)])
        if probabilities[best] - before < self.lead:
            return shown if before >= self.threshold - self.lead else NOT_SURE
        return EMOTIONS[best] if probabilities[best] >= self.threshold else NOT_SURE
