"""The notebooks of the course: where they lie, and how they are laid out in a learner's folder."""
