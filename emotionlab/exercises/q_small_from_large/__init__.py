"""Exercise small_from_large, a small network learns from large ones: soft targets, mixtures, the loss, folds."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q_small_from_large import (
    q1_soft_targets,
    q2_mixed_targets,
    q3_loss,
    q4_out_of_fold,
    q5_as_good_as,
)

QUESTIONS = questions_of(q1_soft_targets, q2_mixed_targets, q3_loss, q4_out_of_fold, q5_as_good_as)
