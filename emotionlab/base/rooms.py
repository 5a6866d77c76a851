"""The rooms of the package, from the ground up: a room imports only from rooms that stand before it."""

ROOMS = (
    "base",
    "data",
    "models",
    "faces",
    "metrics",
    "runs",
    "training",
    "evaluation",
    "explain",
    "recognition",
    "plots",
    "text",
    "sound",
    "senses",
    "exercises",
    "live",
    "course",
    "labs",
    "teaching",
    "commands",
)
