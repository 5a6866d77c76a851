"""Exercise 06, ResNet50V2: sizes through a stack, residual blocks, batch norm, two stages, a plateau."""

from emotionlab.exercises import ex06
from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q06 import q2_residual_block

QUESTIONS = (ex06.QUESTIONS[0], *questions_of(q2_residual_block), *ex06.QUESTIONS[1:])
