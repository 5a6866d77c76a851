"""Exercise 05, transfer learning: three channels, preprocessing, freezing, caching, a head, fine-tuning."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q05 import (
    q1_to_three_channels,
    q2_for_vgg,
    q3_freeze_and_count,
    q4_cached_features,
    q5_train_head,
    q6_fine_tune,
    q7_does_it_fail,
)

QUESTIONS = questions_of(
    q1_to_three_channels,
    q2_for_vgg,
    q3_freeze_and_count,
    q4_cached_features,
    q5_train_head,
    q6_fine_tune,
    q7_does_it_fail,
)
