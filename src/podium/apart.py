"""A process beside the server's own, for long computations that a live conference must not feel."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Final

_NICE: Final = 5


def one_process() -> Executor:
    """It starts when first asked, and takes one task after the other."""
    # Spawned, not forked: the server has threads, and the engine's sockets are not for a child.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin)


def _begin() -> None:
    """In the new process. The server ends it; should the server be killed, it ends itself. It
    yields to the server, whose packets are due now."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(0)

        threading.Thread(target=follow, daemon=True).start()
