"""Grade a class in one command: `emotionlab grade SUBMISSIONS --out REPORT`.

collect.py accounts for every entry (who.py reads names, handed.py opens files); single.py does the whole of one
submission: assemble.py lays its cells out, workers.py and run.py have worker.py, supervise.py and learner.py run them
in a kernel (kernel.py, behind isolation.py and limits.py) and judge the records. results.py keeps each result,
summary.py, pages.py and tables.py write the report (paper.py and tables.js are what its pages are made of), marks.py
takes in what a reader gave to written answers. from_box.py reads a drop box, back.py gives the pages back, heatmap.py
lays several reports side by side. cluster.py hands submissions to other machines, where remote.py has them graded;
replies.py checks what they send.
"""


def add_grade(commands) -> None:
    """Add the command `grade` to the command line."""
    parser = commands.add_parser(
        "grade",
        help="grade the notebooks of a class (for teachers)",
        description="Grade the exercise notebooks of a class. Points are formative: the solutions are public.",
    )
    parser.add_argument("submissions", metavar="SUBMISSIONS", help="a folder for each learner, or one flat folder")
    parser.add_argument("--out", required=True, metavar="REPORT", help="folder for the report")
    parser.add_argument("--exercise", metavar="NN", help="only this exercise (default: every one that was handed in)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many run at once (default: 1)")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="grade on the machines of a Dask cluster, such as tls://host:8786"
    )
    parser.add_argument(
        "--certificates", metavar="FOLDER", help="for tls://, a folder with ca.pem, cert.pem and key.pem"
    )
    parser.add_argument("--student", metavar="ID", help="only this learner, as the folder or file is called")
    parser.add_argument(
        "--timeout",
        type=float,
        default=120,
        metavar="S",
        help="seconds for one answer; a submission has four times that (default: 120)",
    )
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run into REPORT has graded")
    parser.add_argument("--marks", metavar="FILE", help="take in the marks of written answers: a filled-in marks.csv")
    parser.add_argument("--seed", type=int, metavar="N", help="other hidden inputs than those of the notebooks")
    parser.set_defaults(command=_grade)


def _grade(chosen) -> None:
    from emotionlab.exercises.engine import SEED
    from emotionlab.teaching.grading.grade import grade

    grade(
        chosen.submissions,
        chosen.out,
        exercise=chosen.exercise or "",
        jobs=chosen.jobs,
        student=chosen.student or "",
        timeout=chosen.timeout,
        resume=chosen.resume,
        marks=chosen.marks,
        seed=SEED if chosen.seed is None else chosen.seed,
        scheduler=chosen.scheduler or "",
        certificates=chosen.certificates,
    )
