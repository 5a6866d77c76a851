"""Several senses: face, voice and words of one moment, put together.

fuse({"face": p, "voice": q}, how="product")     # also "mean", or a Stack that was fitted
cremad_votes()                                   # people's own votes by voice, by face and by both
"""

from emotionlab.senses.fusion import Stack, fuse
from emotionlab.senses.people import cremad_figures, cremad_votes

__all__ = ["Stack", "cremad_figures", "cremad_votes", "fuse"]
