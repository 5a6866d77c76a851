"""Exercise 10, the webcam demo: overlap, crop, frames a second, mean over time, steady labels, who is who."""

from emotionlab.exercises.kit import questions_of
from emotionlab.exercises.q10 import (
    q1_overlap,
    q2_square_crop,
    q3_frame_rate,
    q4_mean_over_time,
    q5_steady_labels,
    q6_match_faces,
    q7_two_people,
)

QUESTIONS = questions_of(
    q1_overlap,
    q2_square_crop,
    q3_frame_rate,
    q4_mean_over_time,
    q5_steady_labels,
    q6_match_faces,
    q7_two_people,
)
