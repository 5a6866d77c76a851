"""Exercise 02, a CNN from scratch: count parameters, convolve, pool, softmax, cross-entropy, build, read a curve."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q02 import (
    q1_count_parameters,
    q2_convolve,
    q3_max_pool,
    q4_softmax,
    q5_cross_entropy,
    q6_build_model,
    q7_learning_curve,
)

QUESTIONS = questions_of(
    q1_count_parameters, q2_convolve, q3_max_pool, q4_softmax, q5_cross_entropy, q6_build_model, q7_learning_curve
)
