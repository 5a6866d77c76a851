"""The old name of `emotionlab.recognition.export`, kept for notebooks that use it."""

import sys

from emotionlab.recognition import export

sys.modules[__name__] = export
