"""Exercise mixed, several emotions at once: shares of votes, cross-entropy against them, naming several."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q_mixed import q1_shares, q2_cross_entropy, q3_at_least_two, q4_sixty_percent_sad

QUESTIONS = questions_of(q1_shares, q2_cross_entropy, q3_at_least_two, q4_sixty_percent_sad)
