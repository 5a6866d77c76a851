"""What runs live in a notebook: the expression playground and the webcam."""
