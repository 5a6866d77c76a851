"""Old name: the notebook of exercise 06 imports `small_backbone` from here."""

from emotionlab.exercises.q06.q5_set_stage import small_backbone as small_backbone
