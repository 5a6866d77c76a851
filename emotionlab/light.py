"""The old name of `emotionlab.recognition.light`, kept for notebooks that use it."""

import sys

from emotionlab.recognition import light

sys.modules[__name__] = light
