"""README's tables of what was measured on texts, voices and several senses, made from the records and nothing else."""


def texts_table() -> str:
    """Each model on GoEmotions' official test texts, several emotions at once, beside the linear model."""
    from emotionlab.text import difference, recorded

    linear = recorded.load("linear").report()
    rows = [
        ("Model", "Parameters", "Macro F1, test (95 % interval)", "More than the linear model", "Minutes", "Command")
    ]
    for name in recorded.names():
        run, report = recorded.load(name), recorded.load(name).report()
        gain = "" if name == "linear" else _signed(*difference(report, linear))
        made = run.provenance
        figure = f"{report.macro_f1:.3f} {_interval(*report.macro_f1_interval())}"
        minutes = f"{made['minutes']:.1f}"
        rows.append((name, f"{made['parameters']:,}", figure, gain, minutes, f"`{made['command']}`"))
    return markdown(rows)


def voices_table() -> str:
    """Unweighted average recall over five folds: split by speaker, and at random, which leaks."""
    from emotionlab.sound import recorded

    names = {"cnn": "network", "baseline": "mean and deviation of the bands, linear"}
    rows = [("Data", "Model", "Split by speaker, mean (deviation)", "Random split", "Parameters", "Minutes", "Command")]
    for data in recorded.names():
        run = recorded.load(data)
        table, made = run.table(), run.provenance
        for model, told in names.items():
            by_speaker = f"{table[model]['mean']:.3f} ({table[model]['std']:.3f})"
            drawn = f"{table[model + '_random']['mean']:.3f}" if model + "_random" in table else "not measured"
            cost = (f"{made['parameters']:,}", f"{made['minutes']:.0f}") if model == "cnn" else ("", "")
            rows.append((data, told, by_speaker, drawn, *cost, f"`{made['command']}`"))
    return markdown(rows)


def senses_table() -> str:
    """Face and voice of RAVDESS' clips, each alone and together, five folds by actor."""
    from emotionlab.senses import ravdess_run

    run = ravdess_run()
    rows = [("Way", "Accuracy, seven emotions (95 % interval over actors)", "More than the better sense")]
    for way, row in run.figures().iterrows():
        gain = "" if way in ("face", "voice") else _signed(*run.gain(way))
        rows.append((way, f"{100 * row.accuracy:.1f} % ({100 * row.low:.1f} to {100 * row.high:.1f})", gain))
    return markdown(rows)


def _signed(value: float, interval: tuple[float, float]) -> str:
    return f"{100 * value:+.1f} points ({100 * interval[0]:+.1f} to {100 * interval[1]:+.1f})"


def _interval(low: float, high: float) -> str:
    return f"({low:.3f} to {high:.3f})"


def markdown(rows: list[tuple]) -> str:
    """Rows as a Markdown table; the first one is its head."""
    rows.insert(1, ("---",) * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


SENSES = {"texts": texts_table, "voices": voices_table, "senses": senses_table}
"""What stands between the marks of each name."""
