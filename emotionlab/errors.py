"""The old name of `emotionlab.base.errors`, kept for notebooks that use it."""

import sys

from emotionlab.base import errors

sys.modules[__name__] = errors
