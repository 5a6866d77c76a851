"""Small experiments on what makes a figure lie (lesson 07), and on what makes it better (lesson 03).

| question                                               | the name                                   |
|--------------------------------------------------------|--------------------------------------------|
| better on test pictures that leaked into training?     | `leak`                                     |
| what does choosing the epoch on the test "gain"?       | `checkpoint_choice`, `checkpoint_gain`     |
| what do other pictures cost?                           | `shifts`, `domain_shift`                   |
| and on the real FER-2013?                              | `recorded_domain_shift`                    |
| what was each change to the recipe worth?              | `recipe_search`                            |
| what are votes and larger networks worth as teachers?  | `teacher_search`                           |

What is recorded on the real FER-2013 holds counts and indices, no pixels. `python -m emotionlab.labs`
says how each record is made anew.
"""

from emotionlab.labs.checkpoints import checkpoint_choice, checkpoint_gain, checkpoint_history
from emotionlab.labs.distortions import domain_shift, recorded_domain_shift, shifts
from emotionlab.labs.leaks import leak
from emotionlab.labs.recipes import recipe_search
from emotionlab.labs.teachers import teacher_search

__all__ = [
    "checkpoint_choice",
    "checkpoint_gain",
    "checkpoint_history",
    "domain_shift",
    "leak",
    "recipe_search",
    "recorded_domain_shift",
    "shifts",
    "teacher_search",
]
