"""The old name of `emotionlab.base.settings`, kept for notebooks that use it."""

import sys

from emotionlab.base import settings

sys.modules[__name__] = settings
