"""Exercise text, emotion in words: a bag of words, macro F1 of several emotions, attention."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q_text import q1_bag, q2_macro_f1, q3_attend, q4_only_words

QUESTIONS = questions_of(q1_bag, q2_macro_f1, q3_attend, q4_only_words)
