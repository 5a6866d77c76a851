"""Exercise 06, ResNet50V2: sizes through a stack, residual blocks, batch norm, two stages, a plateau."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q06 import (
    q1_trace,
    q2_residual_block,
    q3_sized_block,
    q4_batch_norm,
    q5_set_stage,
    q6_plateau_rates,
    q7_drifting,
)

QUESTIONS = questions_of(
    q1_trace, q2_residual_block, q3_sized_block, q4_batch_norm, q5_set_stage, q6_plateau_rates, q7_drifting
)
