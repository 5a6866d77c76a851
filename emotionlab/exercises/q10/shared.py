"""What questions 10.1 and 10.3 share: how a function that returns a number is called."""

from emotionlab.exercises.compare import call_each


def call_for_numbers(answer, cases):
    """As `call_each`; a whole number such as 0 is as good as 0.0."""
    observed = call_each(answer, cases)
    for found in observed["returned"]:
        if found["kind"] == "number" and found["dtype"].startswith(("int", "uint")):
            found |= {"value": float(found["value"]), "dtype": "float", "type": "float"}
    return observed
