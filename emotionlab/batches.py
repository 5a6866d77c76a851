"""The old name of `emotionlab.training.batches`, kept for notebooks that use it."""

import sys

from emotionlab.training import batches

sys.modules[__name__] = batches
