"""Exercise 01, faces as data: look at the arrays, count, set a baseline, normalise, split, find copies."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q01 import (
    q1_describe,
    q2_class_counts,
    q3_majority_accuracy,
    q4_normalise,
    q5_stratified_split,
    q6_find_copies,
    q7_what_a_label_says,
)

QUESTIONS = questions_of(
    q1_describe,
    q2_class_counts,
    q3_majority_accuracy,
    q4_normalise,
    q5_stratified_split,
    q6_find_copies,
    q7_what_a_label_says,
)
