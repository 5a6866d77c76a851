"""The old name of `emotionlab.exercises.q06.q5_set_stage`: learners' notebooks import `small_backbone` from here."""

from emotionlab.exercises.q06.q5_set_stage import small_backbone as small_backbone
