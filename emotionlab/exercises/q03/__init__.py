"""Exercise 03, augmentation and imbalance: mirror, weigh, smooth, augment, schedule, oversample."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q03 import (
    q1_mirror,
    q2_balanced_weights,
    q3_smooth,
    q4_build_augmentation,
    q5_learning_rate,
    q6_oversample,
    q7_which_augmentation,
)

QUESTIONS = questions_of(
    q1_mirror,
    q2_balanced_weights,
    q3_smooth,
    q4_build_augmentation,
    q5_learning_rate,
    q6_oversample,
    q7_which_augmentation,
)
