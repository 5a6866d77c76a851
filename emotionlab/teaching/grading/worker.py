"""A worker: imports what an exercise needs once, then has each submission supervised by a copy of itself.

So Keras is imported once for a whole class. This process runs nothing of a learner's, and knows no token.
Where the system cannot fork, it supervises itself and each learner's process is started afresh.
"""

import importlib
import os
import traceback

from emotionlab.teaching.grading import isolation, learner, limits, starting
from emotionlab.teaching.grading.messages import Channel
from emotionlab.teaching.grading.supervise import supervise


def main() -> None:
    """Serve jobs from standard input until it ends."""
    channel = _private_channel()
    isolation.adopt_orphans()
    isolation.hide_memory()
    while (message := channel.receive()) is not None:
        fields, _ = message
        if fields["kind"] == "prepare":
            for module in fields["modules"]:
                importlib.import_module(module)
            learner.keep_drawn_faces(fields["faces"])
            channel.send("ready")
        elif not _in_a_copy(fields, channel):
            os._exit(3)  # something of the learner's cannot be ended: the grader starts a new worker


def _in_a_copy(job: dict, channel: Channel) -> bool:
    """Have the job supervised in a process of its own; False when that did not end as it should."""
    hide = job.pop("hide")  # the learner's process has no use for these names
    if not starting.can_fork(job):
        return supervise(job, channel)
    pid = os.fork()
    if pid == 0:
        try:
            isolation.die_with_parent()
            isolation.adopt_orphans()  # a copy does not inherit it
            if isolation.enter_own_tree():
                isolation.close_the_disk(job["folder"], job["limits"]["disk"], limits.kept(), hide)
            isolation.hide_memory()
            os._exit(0 if supervise(job, channel) else 4)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(5)
    return os.waitpid(pid, 0)[1] == 0


def _private_channel() -> Channel:
    """Keep standard input and output for the grader; nothing that is imported may write there."""
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"), trusted=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    return channel


if __name__ == "__main__":
    main()
