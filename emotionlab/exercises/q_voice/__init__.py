"""Exercise voice, emotion in a voice: pieces of a wave, unweighted average recall, a split by speaker."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q_voice import q1_pieces, q2_uar, q3_rows_of_fold, q4_it_hears_stress

QUESTIONS = questions_of(q1_pieces, q2_uar, q3_rows_of_fold, q4_it_hears_stress)
