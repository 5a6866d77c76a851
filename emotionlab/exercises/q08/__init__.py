"""Exercise 08, what the network sees: a class map, its overlay, occlusion, regions, a sanity check, failures."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q08 import (
    q1_class_map,
    q2_overlay,
    q3_occlusion_map,
    q4_importance,
    q5_rank_correlation,
    q6_worst_mistakes,
    q7_what_it_does_not_show,
)

QUESTIONS = questions_of(
    q1_class_map,
    q2_overlay,
    q3_occlusion_map,
    q4_importance,
    q5_rank_correlation,
    q6_worst_mistakes,
    q7_what_it_does_not_show,
)
