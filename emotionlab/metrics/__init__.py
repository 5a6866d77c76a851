"""From pictures to probabilities (`predicting`), from probabilities to figures (`scoring`). Knows no runs."""
