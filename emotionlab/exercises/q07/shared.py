"""What the questions 7.4 and 7.5 share."""


def normalised(p):
    """Each row of `p` divided by its sum."""
    return p / p.sum(axis=-1, keepdims=True)
