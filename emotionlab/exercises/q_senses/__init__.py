"""Exercise senses, several senses: the product of two judges, what a stack reads, errors in common."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q_senses import q1_product, q2_log_features, q3_err_together, q4_nearly_certain

QUESTIONS = questions_of(q1_product, q2_log_features, q3_err_together, q4_nearly_certain)
