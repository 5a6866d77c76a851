"""A training run is a folder: what decided it, what came of it, and where it came from.

| what you want                              | where it stands |
|--------------------------------------------|-----------------|
| all that decides a training                | `recipes`       |
| a run on disk, its own or a recorded one   | `run`           |
| command, commit, versions, hardware        | `provenance`    |
| the runs recorded on the real FER-2013     | `reference`     |
"""

from emotionlab.base.files import read_arrays, write_arrays, write_json
from emotionlab.runs.recipes import RECIPES, Recipe, load_recipe, recipe_from_dict
from emotionlab.runs.run import FILES, REFERENCE_RUNS, TEACHING, Run, load_run, load_teachers, run_names

__all__ = [
    "FILES",
    "RECIPES",
    "REFERENCE_RUNS",
    "TEACHING",
    "Recipe",
    "Run",
    "load_recipe",
    "load_run",
    "load_teachers",
    "read_arrays",
    "recipe_from_dict",
    "run_names",
    "write_arrays",
    "write_json",
]
