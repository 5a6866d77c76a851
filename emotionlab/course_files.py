"""The old name of `emotionlab.course.files`, kept for notebooks that use it."""

import sys

from emotionlab.course import files

sys.modules[__name__] = files
