"""Exercise 04, reading a confusion matrix: count it, score it, average it, doubt it, calibrate, stay silent."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q04 import (
    q1_confusion,
    q2_class_scores,
    q3_f1_averages,
    q4_wilson_interval,
    q5_calibration_error,
    q6_answer_or_pass,
    q7_which_would_you_ship,
)

QUESTIONS = questions_of(
    q1_confusion,
    q2_class_scores,
    q3_f1_averages,
    q4_wilson_interval,
    q5_calibration_error,
    q6_answer_or_pass,
    q7_which_would_you_ship,
)
