"""The picture of results in README.md, drawn from the recorded runs: `python -m emotionlab.teaching.pictures`."""

from pathlib import Path

import matplotlib.pyplot as plt

from emotionlab.plots import plot_ablation, plot_confusion
from emotionlab.runs import reference

PICTURE = Path(__file__).parents[2] / "lessons" / "images" / "results.png"


def draw(path: Path = PICTURE) -> Path:
    """Draw the best network's confusion matrix beside the accuracy of every recorded run; returns the path."""
    reports = {name: reference.load(name).report("test") for name in reference.names()}
    by_accuracy = dict(sorted(reports.items(), key=lambda item: item[1].accuracy))
    size = (15, 1.4 + 0.36 * len(reports))
    figure, (left, right) = plt.subplots(1, 2, figsize=size, width_ratios=[1, 0.9], layout="constrained")
    plot_confusion(reports[reference.SHIPPED], ax=left, say=False)
    plot_ablation(by_accuracy, ax=right, title="Recorded runs on FER-2013, test accuracy", say=False)
    figure.savefig(path, dpi=90)
    plt.close(figure)
    return path


if __name__ == "__main__":
    print(f"✔ {draw()}")
