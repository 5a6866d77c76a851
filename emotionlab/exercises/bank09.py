"""Answers that prove the checks of exercise 09 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "ask a lawyer and read the card " * 12

_COPIED_TASK = """
Three customers ask for the network. A school wants to show its teachers which pupils are bored or angry. A maker of
camera apps wants to take the picture when everybody smiles. A museum wants a mirror that tells visitors the word for
the face they pull, and keeps nothing. For each, I say which article or recital of the AI Act applies: all of them.
"""

_COPIED_RUBRIC = """
School: names Article 5(1)(f), inferring emotions in education, as prohibited, and says no. Camera app: tells detecting
a smile from inferring happiness, with recital 18. Museum: asks what is inferred and who is exposed, and informs them,
with a condition or two. Uses the card: at least two of label noise, a recall with its interval, groups not measured.
"""


def _returning(head: str, *lines: str) -> str:
    """A function as source text: its head and the lines of its body."""
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)]) + "\n"


def _plurality(*lines: str) -> str:
    return _returning("plurality(votes)", *lines)


def _agreement(
    nobody="np.mean(own == 0)", tagger="np.mean(own / votes.sum(axis=1))", plurality="np.mean(wins / winners)", times=""
) -> str:
    return _returning(
        "label_agreement(votes, labels)",
        "own = votes[np.arange(len(votes)), labels]",
        "most = votes.max(axis=1)",
        "wins, winners = own == most, (votes == most[:, None]).sum(axis=1)",
        f"return {times}{nobody}, {times}{tagger}, {times}{plurality}",
    )


def _ceiling(
    best="np.mean(votes.max(axis=1) / n)", two="np.mean((votes * (votes - 1)).sum(axis=1) / (n * (n - 1)))"
) -> str:
    return _returning("ceiling(votes)", "n = votes.sum(axis=1)", f"return {best}, {two}")


def _alarms(*lines: str) -> str:
    return _returning("right_alarms(recall, false_alarms, base)", *lines)


def _gap(seen="labels == emotion", found="predictions == emotion", half=None, n="part.sum()", gap="p[1] - p[0]") -> str:
    half = half or "1.96 * np.sqrt(p[0] * (1 - p[0]) / n[0] + p[1] * (1 - p[1]) / n[1])"
    return _returning(
        "recall_gap(labels, predictions, group, emotion)",
        "p, n = [], []",
        "for members in (~group, group):",
        f"    part = ({seen}) & members",
        f"    p.append(np.mean(({found})[part]))",
        f"    n.append({n})",
        f"gap = {gap}",
        f"half = {half}",
        "return gap, gap - half, gap + half",
    )


def _thresholds(others="~angry & ~group", members="~angry & group", q="1 - rate") -> str:
    return _returning(
        "equal_alarms(scores, angry, group, rate)",
        f"return np.quantile(scores[{others}], {q}), np.quantile(scores[{members}], {q})",
    )


BANK = {
    "9.1": Bank(
        right={
            "loop": _plurality(
                "winners = []",
                "for row in votes:",
                "    places = np.flatnonzero(row == row.max())",
                "    winners.append(places[0] if len(places) == 1 else -1)",
                "return np.array(winners)",
            ),
            "sorted": _plurality(
                "ordered = np.sort(votes, axis=1)",
                "winner = np.argmax(votes, axis=1)",
                "winner[ordered[:, -1] == ordered[:, -2]] = -1",
                "return winner",
            ),
            "from_both_ends": _plurality(
                "first = votes.argmax(axis=1)",
                "last = votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1)",
                "return np.where(first == last, first, -1)",
            ),
        },
        wrong={
            "first_of_a_tie": (_plurality("return votes.argmax(axis=1)"), "first of the winners"),
            "last_of_a_tie": (_plurality("return 9 - votes[:, ::-1].argmax(axis=1)"), "last of the winners"),
            "majority_asked_for": (
                _plurality("return np.where(votes.max(axis=1) > 5, votes.argmax(axis=1), -1)"),
                "more than half",
            ),
            "tie_anywhere": (
                _plurality(
                    "tied = [len(set(row[row > 0])) < (row > 0).sum() for row in votes]",
                    "return np.where(tied, -1, votes.argmax(axis=1))",
                ),
                "for the first place",
            ),
            "seven_columns_only": (
                _plurality(
                    "votes = votes[:, :7]",
                    "clear = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) == 1",
                    "return np.where(clear, votes.argmax(axis=1), -1)",
                ),
                "last three columns",
            ),
            "votes_for_the_winner": (
                _plurality(
                    "most = votes.max(axis=1)",
                    "return np.where((votes == most[:, None]).sum(axis=1) == 1, most, -1)",
                ),
                "column number",
            ),
            "tie_of_zeros": (
                _plurality(
                    "winner = votes.argmax(axis=1)",
                    "for i, row in enumerate(votes):",
                    "    if len(set(row)) < len(row):",
                    "        winner[i] = -1",
                    "return winner",
                ),
                "for the first place",
            ),
            "one_maximum_for_all": (
                _plurality("return np.where((votes == votes.max()).sum(axis=1) > 1, -1, votes.argmax(axis=1))"),
                "of the whole table",
            ),
            "one_maximum_for_all_clear": (
                _plurality("return np.where((votes == votes.max()).sum(axis=1) == 1, votes.argmax(axis=1), -1)"),
                "of the whole table",
            ),
            "columns_sorted": (
                _plurality(
                    "ordered = np.sort(votes, axis=1)",
                    "return np.where(ordered[:, -1] == ordered[:, -2], -1, ordered.argmax(axis=1))",
                ),
                "its column is lost",
            ),
            "ties_of_two_only": (
                _plurality(
                    "winners = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1)",
                    "return np.where(winners == 2, -1, votes.argmax(axis=1))",
                ),
                "three or more",
            ),
            "most_votes": (_plurality("return votes.max(axis=1)"), "column number"),
            "argmax_down_the_columns": (_plurality("return votes.argmax(axis=0)"), "down each column"),
            "axes_exchanged": (
                _plurality(
                    "clear = (votes == votes.max(axis=0)).sum(axis=0) == 1",
                    "return np.where(clear, votes.argmax(axis=0), -1)",
                ),
                "down each column",
            ),
        },
    ),
    "9.2": Bank(
        right={
            "take_along_axis": _returning(
                "label_agreement(votes, labels)",
                "shares = votes / votes.sum(axis=1, keepdims=True)",
                "own = np.take_along_axis(shares, labels[:, None], axis=1)[:, 0]",
                "top = shares == shares.max(axis=1, keepdims=True)",
                "credit = top[np.arange(len(labels)), labels] / top.sum(axis=1)",
                "return float((own == 0).mean()), float(own.mean()), float(credit.mean())",
            ),
            "loop": _returning(
                "label_agreement(votes, labels)",
                "nobody = chance = credit = 0",
                "for row, label in zip(votes, labels):",
                "    nobody += row[label] == 0",
                "    chance += row[label] / row.sum()",
                "    if row[label] == row.max():",
                "        credit += 1 / (row == row.max()).sum()",
                "n = len(labels)",
                "return nobody / n, chance / n, credit / n",
            ),
        },
        wrong={
            "not_the_winner_for_nobody": (_agreement(nobody="np.mean(~wins)"), "does not win the vote"),
            "divided_by_ten": (_agreement(tagger="np.mean(own / 10)"), "divides by ten"),
            "pooled_votes": (_agreement(tagger="own.sum() / votes.sum()"), "counts more"),
            "ties_kept": (_agreement(plurality="np.mean(wins)"), "full agreement"),
            "ties_lost": (_agreement(plurality="np.mean(wins & (winners == 1))"), "as disagreement"),
            "ties_left_out": (_agreement(plurality="np.mean(wins[winners == 1])"), "denominator"),
            "first_of_a_tie": (_agreement(plurality="np.mean(votes.argmax(axis=1) == labels)"), "to `argmax`"),
            "credit_for_every_tie": (_agreement(plurality="np.mean(1 / winners)"), "to every picture"),
            "somebody_for_nobody": (_agreement(nobody="np.mean(own != 0)"), "whose label got none"),
            "all_labels_for_each": (
                _returning(
                    "label_agreement(votes, labels)",
                    "own = votes[:, labels]",
                    "top = votes == votes.max(axis=1, keepdims=True)",
                    "won = top[:, labels] / top.sum(axis=1)",
                    "return np.mean(own == 0), np.mean(own / votes.sum(axis=1)), np.mean(won)",
                ),
                "the columns of all labels",
            ),
            "sums": (
                _agreement("np.sum(own == 0)", "np.sum(own / votes.sum(axis=1))", "np.sum(wins / winners)"),
                "sums over the pictures",
            ),
            "another_order": (
                _agreement(nobody="np.mean(own / votes.sum(axis=1))", tagger="np.mean(own == 0)"),
                "in another order",
            ),
            "per_cent": (_agreement(times="100 * "), "per cents"),
        },
    ),
    "9.3": Bank(
        right={
            "loop": _returning(
                "ceiling(votes)",
                "best, pairs = [], []",
                "for row in votes:",
                "    people = np.repeat(np.arange(10), row)",
                "    best.append(np.bincount(people).max() / len(people))",
                "    same = people[:, None] == people[None, :]",
                "    pairs.append((same.sum() - len(people)) / (len(people) * (len(people) - 1)))",
                "return float(np.mean(best)), float(np.mean(pairs))",
            ),
            "shares": _ceiling(
                best="(votes / n[:, None]).max(axis=1).mean()",
                two="np.mean(((votes / n[:, None]) ** 2).sum(axis=1) * n / (n - 1) - 1 / (n - 1))",
            ),
        },
        wrong={
            "drawn_twice": (_ceiling(two="np.mean(((votes / n[:, None]) ** 2).sum(axis=1))"), "agrees with herself"),
            "one_answer_for_all": (_ceiling(best="(votes / n[:, None]).mean(axis=0).max()"), "its own best answer"),
            "pooled_votes": (
                _ceiling(
                    best="votes.max(axis=1).sum() / n.sum()",
                    two="(votes * (votes - 1)).sum() / (n * (n - 1)).sum()",
                ),
                "all votes by all votes",
            ),
            "majorities_counted": (_ceiling(best="np.mean(votes.max(axis=1) > n / 2)"), "clear majority"),
            "half_of_the_pairs": (
                _ceiling(two="np.mean((votes * (votes - 1) / 2).sum(axis=1) / (n * (n - 1)))"),
                "half of what",
            ),
            "divided_by_ten": (_ceiling(best="np.mean(votes.max(axis=1) / 10)"), "divide by ten"),
            "both_divided_by_ten": (
                _ceiling("np.mean(votes.max(axis=1) / 10)", "np.mean((votes * (votes - 1)).sum(axis=1) / (10 * 9))"),
                "divide by ten",
            ),
            "pairs_of_the_winner": (
                _ceiling(two="np.mean(votes.max(axis=1) * (votes.max(axis=1) - 1) / (n * (n - 1)))"),
                "the most frequent answer",
            ),
            "without_brackets": (
                _ceiling(two="np.mean((votes * (votes - 1)).sum(axis=1) / n * (n - 1))"),
                "is no share",
            ),
            "seven_columns_only": (
                _ceiling(best="np.mean(votes[:, :7].max(axis=1) / n)"),
                "last three answers",
            ),
            "not_averaged": (
                _ceiling("votes.max(axis=1) / n", "(votes * (votes - 1)).sum(axis=1) / (n * (n - 1))"),
                "for each picture",
            ),
            "exchanged": (
                _returning(
                    "ceiling(votes)",
                    "n = votes.sum(axis=1)",
                    "two = np.mean((votes * (votes - 1)).sum(axis=1) / (n * (n - 1)))",
                    "return two, np.mean(votes.max(axis=1) / n)",
                ),
                "exchanged",
            ),
        },
    ),
    "9.4": Bank(
        right={
            "counts": _alarms(
                "right, wrong = 1000 * base * recall, 1000 * (1 - base) * false_alarms",
                "if right + wrong == 0:",
                "    return 0.0",
                "return right / (right + wrong)",
            ),
            "whole_zero": _alarms(
                "alarms = recall * base + false_alarms * (1 - base)",
                "return recall * base / alarms if alarms else 0",
            ),
            "odds": _alarms(
                "if recall * base == 0:",
                "    return 0.0",
                "return 1 / (1 + false_alarms * (1 - base) / (recall * base))",
            ),
        },
        wrong={
            "base_rate_forgotten": (
                _alarms("right, wrong = recall * base, false_alarms * base", "return right / (right + wrong or 1)"),
                "plays no part",
            ),
            "recall_again": (_alarms("return recall"), "This is the recall"),
            "others_not_weighted": (
                _alarms("both = recall * base + false_alarms", "return recall * base / both if both else 0.0"),
                "1 - base",
            ),
            "shares_exchanged": (
                _alarms(
                    "right, wrong = recall * (1 - base), false_alarms * base",
                    "return right / (right + wrong) if right + wrong else 0.0",
                ),
                "are exchanged",
            ),
            "wrong_alarms": (
                _alarms(
                    "right, wrong = recall * base, false_alarms * (1 - base)",
                    "return wrong / (right + wrong) if right + wrong else 0.0",
                ),
                "that are *wrong*",
            ),
            "base_rate_forgotten_and_no_care": (
                _alarms("return recall / (recall + false_alarms)"),
                "plays no part",
            ),
            "zero_by_zero": (
                _alarms("return recall * base / (recall * base + false_alarms * (1 - base))"),
                "divides 0 by 0",
            ),
            "asked_for_the_wrong_zero": (
                _alarms("right = recall * base", "return right / (right + false_alarms * (1 - base)) if base else 0"),
                "divides 0 by 0",
            ),
            "zero_without_false_alarms": (
                _alarms(
                    "if false_alarms == 0:",
                    "    return 0",
                    "return recall * base / (recall * base + false_alarms * (1 - base))",
                ),
                "Expected 1 for the arguments (0.6, 0, 0.01)",
            ),
            "share_of_all_faces": (_alarms("return recall * base"), "a share of all faces"),
            "right_by_wrong": (
                _alarms("wrong = false_alarms * (1 - base)", "return recall * base / wrong if wrong else 0.0"),
                "divided by the wrong ones",
            ),
            "missed_for_false": (
                _alarms(
                    "right, wrong = recall * base, (1 - recall) * (1 - base)",
                    "return right / (right + wrong) if right + wrong else 0.0",
                ),
                "from 1 - recall",
            ),
            "per_cent": (
                _alarms(
                    "right, wrong = recall * base, false_alarms * (1 - base)",
                    "return 100 * right / (right + wrong) if right + wrong else 0.0",
                ),
                "per cents",
            ),
            "share_of_alarms": (
                _alarms("return recall * base + false_alarms * (1 - base)"),
                "an alarm at all",
            ),
        },
    ),
    "9.5": Bank(
        right={
            "loop": _gap(),
            "counts": _returning(
                "recall_gap(labels, predictions, group, emotion)",
                "def share(members):",
                "    n = np.count_nonzero((labels == emotion) & members)",
                "    hits = np.count_nonzero((labels == emotion) & members & (predictions == emotion))",
                "    return hits / n, (hits / n) * (1 - hits / n) / n",
                "",
                "(p1, v1), (p0, v0) = share(group), share(~group)",
                "spread = 1.96 * (v0 + v1) ** 0.5",
                "return p1 - p0, p1 - p0 - spread, p1 - p0 + spread",
            ),
            "confusion_matrices": _returning(
                "recall_gap(labels, predictions, group, emotion)",
                "from sklearn.metrics import confusion_matrix",
                "def row(g):",
                "    return confusion_matrix(labels[g], predictions[g], labels=range(7))[emotion]",
                "",
                "(p1, n1), (p0, n0) = ((row(g)[emotion] / row(g).sum(), row(g).sum()) for g in (group, ~group))",
                "half = 1.96 * np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)",
                "return p1 - p0, p1 - p0 - half, p1 - p0 + half",
            ),
        },
        wrong={
            "turned_round": (_gap(gap="p[0] - p[1]"), "turned round"),
            "sign_dropped": (_gap(gap="abs(p[1] - p[0])"), "sign of the gap was dropped"),
            "against_all": (
                _gap().replace("(~group, group)", "(np.ones(len(group), bool), group)"),
                "itself included",
            ),
            "no_face_counted": (
                _gap().replace("(labels == emotion) & members", "members & labels == emotion"),
                "No face was counted",
            ),
            "no_brackets": (_gap().replace("(labels == emotion)", "labels == emotion"), "Brackets are missing"),
            "half_width": (_gap().replace("return gap, gap - half, gap + half", "return gap, half"), "the two ends"),
            "ends_exchanged": (
                _gap().replace("return gap, gap - half, gap + half", "return gap, gap + half, gap - half"),
                "lower one first",
            ),
            "no_root": (
                _gap(half="1.96 * (p[0] * (1 - p[0]) / n[0] + p[1] * (1 - p[1]) / n[1])"),
                "root is missing",
            ),
            "no_root_and_no_brackets": (
                _gap(half="1.96 * p[1] * (1 - p[1]) / n[1] + p[0] * (1 - p[0]) / n[0]"),
                "root is missing",
            ),
            "accuracy_for_recall": (_gap(seen="labels >= 0", found="predictions == labels"), "accuracies"),
            "divided_by_the_group": (
                _gap(seen="labels >= 0", found="(predictions == labels) & (labels == emotion)"),
                "all faces of each group",
            ),
            "precision_for_recall": (
                _gap(seen="predictions == emotion", found="labels == emotion"),
                "gives the precision",
            ),
            "halves_added": (
                _gap(
                    half="1.96 * (np.sqrt(p[0] * (1 - p[0]) / n[0]) + np.sqrt(p[1] * (1 - p[1]) / n[1]))",
                ),
                "partly cancel",
            ),
            "one_standard_error": (
                _gap(half="np.sqrt(p[0] * (1 - p[0]) / n[0] + p[1] * (1 - p[1]) / n[1])"),
                "no factor 1.96",
            ),
            "whole_group_counted": (_gap(n="members.sum()"), "all pictures of each group"),
        },
    ),
    "9.6": Bank(
        right={
            "percentile": _returning(
                "equal_alarms(scores, angry, group, rate)",
                "calm = ~angry",
                "return [np.percentile(scores[calm & g], 100 - 100 * rate) for g in (~group, group)]",
            ),
            "sorted": _returning(
                "equal_alarms(scores, angry, group, rate)",
                "def highest(part):",
                "    ordered = sorted(part, reverse=True)",
                "    return ordered[max(0, int(rate * len(ordered)) - 1)]",
                "",
                "return highest(scores[~angry & ~group]), highest(scores[~angry & group])",
            ),
        },
        wrong={
            "one_threshold_for_all": (_thresholds("~angry", "~angry"), "one threshold"),
            "groups_exchanged": (_thresholds("~angry & group", "~angry & ~group"), "are exchanged"),
            "angry_faces_counted": (_thresholds("~group", "group"), "angry ones included"),
            "recall_made_equal": (_thresholds("angry & ~group", "angry & group"), "makes the recall equal"),
            "upside_down": (_thresholds(q="rate"), "turned round"),
            "rate_as_threshold": (
                _returning("equal_alarms(scores, angry, group, rate)", "return 1 - rate, 1 - rate"),
                "taken for the threshold",
            ),
            "median": (_thresholds(q="0.5"), "of the calm faces of each group"),
            "share_for_per_cent": (
                _thresholds().replace("np.quantile", "np.percentile"),
                "counts from 0 to 100",
            ),
            "no_alarms": (
                _returning("equal_alarms(scores, angry, group, rate)", "return 1.0, 1.0"),
                "No calm face raises an alarm",
            ),
        },
    ),
    "9.7": Bank(
        right={
            "own_words": """
answer_9_7 = '''
I send the school away. Reading feelings off pupils is banned since February 2025, see 5(1)(f), and the card lists
education under uses that are ruled out; besides, the votes show how shaky even the word sad is. For the photo app I see
no problem: a grin is a visible movement, recital 18, and nobody claims that the person is glad. Before shipping I want
the recall for older people and for beards, because the card says groups were never measured. The mirror is a toy people
choose. Put up a sign, say that nothing is kept, and let it answer "not sure" often. I am no lawyer.
'''
""",
            "list": """
answer_9_7 = (
    "School - refused: emotions of students, Art. 5 (1) f, no medical purpose. Card: half of single taggers disagree. "
    "Camera - accepted: detects smiles, infers nothing (recital 18); happy has the narrowest interval and best recall. "
    "Mirror - accepted with a notice at the entrance (Art. 50), no storage, wording about expressions only, and an "
    "abstention threshold chosen on validation data. All three should be seen by someone from the legal department."
)
""",
        },
        wrong={
            "too_short": ('answer_9_7 = "No, yes, yes: the law says so."', "at least 40 words"),
            "not_a_text": ("answer_9_7 = {'school': False, 'app': True}", "Expected a text in quotes"),
            "repeated_words": (f"answer_9_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_9_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_9_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
