"""From a picture to faces with probabilities: the recogniser, what it draws, and its network without Keras."""
