"""A learner's cells run in IPython's own kernel, in this process and without a socket.

Everything a notebook can ask of its kernel is there: magics, `get_ipython().kernel`, displays, widgets,
`await` at the top of a cell. Only the connection to a browser is missing: what is sent there is thrown away.
"""

import asyncio
import contextlib
import functools
import signal
import sys
import threading
from types import SimpleNamespace

import ipykernel.debugger
import matplotlib
import matplotlib.pyplot
from ipykernel.inprocess.ipkernel import InProcessInteractiveShell, InProcessKernel
from ipykernel.inprocess.socket import DummySocket
from ipykernel.kernelapp import IPKernelApp
from tornado.ioloop import IOLoop
from traitlets import Any

from emotionlab.exercises.capture import describe_error

# matplotlib and its pyplot are imported here, once for a whole class: nearly every notebook needs them
ipykernel.debugger._is_debugpy_available = False  # nobody steps through a submission, and it costs 0.3 s

_signal, _IGNORE, _INTERRUPT = signal.signal, signal.SIG_IGN, signal.default_int_handler


class _Nowhere(DummySocket):
    """Takes every message for a browser and keeps none."""

    def send_multipart(self, msg_parts, flags=0, copy=True, track=False):
        """Throw the message away."""


class _Kernel(InProcessKernel):
    iopub_thread = Any()
    iopub_socket = Any()

    def __init__(self, **traits):
        nowhere = _Nowhere()
        thread = SimpleNamespace(parent_thread=threading.current_thread())  # asked for when a cell awaits something
        super().__init__(iopub_socket=nowhere, shell_channel_thread=thread, **traits)


class _Application(IPKernelApp):
    """The kernel's application, which magics such as %connect_info ask, without sockets and heartbeat."""

    def init_sockets(self):
        """No socket: the network may be cut."""

    init_heartbeat = log_connection_info = init_signal = init_sockets

    def init_io(self):
        """Printed text goes where this process prints."""
        self.patch_io()

    def init_kernel(self):
        """The kernel, in this process."""
        self.kernel = _Kernel.instance(parent=self, session=self.session, profile_dir=self.profile_dir)


class Kernel:
    """A fresh kernel; one a process."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        application = _Application.instance()
        application.initialize(["--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor"])
        sys.path.insert(0, "")  # as in a notebook: a file beside it can be imported
        self._kernel = application.kernel
        self._kernel.io_loop = IOLoop.current()
        self._shell: InProcessInteractiveShell = self._kernel.shell
        _draw_inline(self._shell)
        self.names: dict = self._shell.user_ns
        self.names.update(exit=_leave, quit=_leave)

    def run(self, source: str) -> dict | None:
        """Run one cell, which SIGINT interrupts; what it raised, as `describe_error` tells it, or None."""
        streams = sys.stdout, sys.stderr
        try:
            _signal(signal.SIGINT, _INTERRUPT)
            self._loop.run_until_complete(self._kernel.do_execute(source, False, True, None, False))
            result = self._shell.last_execution_result
            error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:  # an interrupt between two lines of the kernel itself, say
            error = raised
        finally:
            with contextlib.suppress(KeyboardInterrupt):
                _signal(signal.SIGINT, _IGNORE)
            if not (hasattr(sys.stdout, "write") and hasattr(sys.stderr, "write")):  # every later cell would fail
                sys.stdout, sys.stderr = streams
        return None if error is None else _described(error)


def _draw_inline(shell) -> None:
    """A backend with windows of its own, which a learner's machine has and this one lacks, draws inline here."""
    enable = shell.enable_matplotlib

    def enable_matplotlib(gui=None):
        try:
            return enable(gui)
        except Exception:  # what is missing is told in many ways
            return enable("inline")

    shell.enable_matplotlib = enable_matplotlib
    for module, name in ((matplotlib, "use"), (matplotlib.pyplot, "switch_backend")):
        setattr(module, name, _or_stay(getattr(module, name)))


def _or_stay(choose):
    """A function that chooses a backend, and keeps the one there is where the other cannot be had."""

    @functools.wraps(choose)
    def chosen(*backend, **options):
        with contextlib.suppress(ImportError):
            choose(*backend, **options)

    return chosen


def _described(error: BaseException) -> dict:
    described = describe_error(error)
    if isinstance(error, SyntaxError) and not described["line"]:
        described |= {"line": error.lineno or 0, "code": (error.text or "").strip(), "words": error.msg or ""}
    return described | {"code": described["code"][:200]}


def _leave(code=None):
    """`exit()` ends a notebook's kernel; here it ends the cell."""
    raise SystemExit(code)
