"""A gate for what takes the computer some time: a few at once, some more wait, and the others are told."""

import threading

from emotionlab.base.errors import EmotionLabError

AT_ONCE, WAITING = 2, 14
"""Visitors in work at once, and how many more may wait; whoever comes then is asked to try again."""


class Gate:
    """Lets a few calls work, lets some more wait, and tells the others to come back.

    Use it in a `with` statement; raises EmotionLabError where there is no room to wait.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING):
        self.size = at_once + waiting
        self._room, self._work = threading.BoundedSemaphore(self.size), threading.BoundedSemaphore(at_once)

    def __enter__(self) -> None:
        if not self._room.acquire(blocking=False):
            raise EmotionLabError(
                f"The app is busy: {self.size} others are being served or wait. Try again in a few seconds."
            )
        self._work.acquire()

    def __exit__(self, *problem) -> None:
        self._work.release()
        self._room.release()
