"""Several senses: face, voice and words of one moment, put together.

fuse({"face": p, "voice": q}, how="product")     # also "mean", or a Stack that was fitted
cremad_votes()                                   # people's own votes by voice, by face and by both
    ravdess_run().figures()                          # face and voice of the same clips, measured
"""

from emotionlab.senses.film import FILM
from emotionlab.senses.fusion import Stack, fuse
from emotionlab.senses.people import cremad_figures, cremad_votes
from emotionlab.senses.recorded import ravdess_run

__all__ = ["FILM", "Stack", "cremad_figures", "cremad_votes", "fuse", "ravdess_run"]
