"""The old name of `emotionlab.recognition.drawing`, kept for notebooks that use it."""

import sys

from emotionlab.recognition import drawing

sys.modules[__name__] = drawing
