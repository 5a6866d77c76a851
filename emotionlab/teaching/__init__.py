"""Tools for people who write or teach the course; a learner never needs them."""
