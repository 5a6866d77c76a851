"""The old name of `emotionlab.base.emotions`, kept for notebooks that use it."""

import sys

from emotionlab.base import emotions

sys.modules[__name__] = emotions
