"""Work shared among a few helpers, each with a process of its own: some at a time, ended at once by Ctrl-C."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed


class Pool:
    """A few helpers that take entries of a list in turn.

    helpers: what does the work, each with a process of its own. kill: stops what a helper is at, when all is done or
    when Ctrl-C ends it. close: ends the helper after that; it may have begun again before it saw that all is over.
    `stopping` is set first, so that work which is cut short can tell.
    """

    def __init__(self, helpers: list, kill: Callable, close: Callable):
        self.helpers, self._kill, self._close = helpers, kill, close
        self.stopping = threading.Event()
        self._free: queue.Queue = queue.Queue()
        for helper in helpers:
            self._free.put(helper)

    def work(self, one: Callable, entries: Iterable[tuple], in_order: bool = False) -> Iterator:
        """What `one(helper, *entry)` returns for each entry: in the order of the entries, or as they are done."""
        threads = ThreadPoolExecutor(max(1, len(self.helpers)))
        try:
            futures = [threads.submit(self._with_a_helper, one, entry) for entry in entries]
            for future in futures if in_order else as_completed(futures):
                yield future.result()
        finally:
            self.stopping.set()
            for helper in self.helpers:
                self._kill(helper)
            threads.shutdown(cancel_futures=True)
            for helper in self.helpers:
                self._close(helper)

    def _with_a_helper(self, one: Callable, entry: tuple):
        helper = self._free.get()
        try:
            return one(helper, *entry)
        finally:
            self._free.put(helper)
