"""What questions 9.1, 9.2 and 9.3 share: votes of people about pictures."""

import numpy as np


def ballots(rng, n, people=10):
    """Votes (n, 10) of `people` people: pictures on which they agree, and pictures on which they are torn."""
    chances = np.concatenate([rng.dirichlet(np.full(10, 0.15), n // 2), rng.dirichlet(np.ones(10), n - n // 2)])
    return np.array([rng.multinomial(people, chance) for chance in chances])
