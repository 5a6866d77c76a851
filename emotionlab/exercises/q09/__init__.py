"""Exercise 09, responsible use: count votes, doubt labels, weigh alarms, compare groups, judge proposed uses."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q09 import (
    q1_plurality,
    q2_label_agreement,
    q3_ceiling,
    q4_right_alarms,
    q5_recall_gap,
    q6_equal_alarms,
    q7_three_customers,
)

QUESTIONS = questions_of(
    q1_plurality,
    q2_label_agreement,
    q3_ceiling,
    q4_right_alarms,
    q5_recall_gap,
    q6_equal_alarms,
    q7_three_customers,
)
