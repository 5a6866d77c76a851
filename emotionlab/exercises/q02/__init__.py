"""Exercise 02, a CNN from scratch: count parameters, convolve, pool, softmax, cross-entropy, build, read a curve."""

from emotionlab.exercises import ex02
from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q02 import q1_count_parameters

QUESTIONS = (*questions_of(q1_count_parameters), *ex02.QUESTIONS)
