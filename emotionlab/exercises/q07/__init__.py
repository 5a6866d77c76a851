"""Exercise 07, choosing a model: leaks, McNemar, paired bootstrap, ensemble, temperature, Pareto, decision."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q07 import (
    q1_accuracy_apart,
    q2_mcnemar,
    q3_difference_interval,
    q4_ensemble,
    q5_calibrate,
    q6_pareto,
    q7_your_decision,
)

QUESTIONS = questions_of(
    q1_accuracy_apart,
    q2_mcnemar,
    q3_difference_interval,
    q4_ensemble,
    q5_calibrate,
    q6_pareto,
    q7_your_decision,
)
