"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent, death_signal):
    """Ask the kernel to send this process ``death_signal`` when ``parent`` (a process id) ends, however it ends."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it ended before we asked
            os.kill(os.getpid(), signal.SIGKILL)


def spawn(argv, *, env=None, output=None, account=None, death_signal=signal.SIGTERM, pass_fds=()):
    """Start a program in a session of its own: Ctrl-C reaches only us, and what it starts can be ended with it."""
    parent = os.getpid()
    return subprocess.Popen(
        [str(part) for part in argv],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        start_new_session=True,
        pass_fds=pass_fds,
        # After the change of account, which would undo it.
        preexec_fn=lambda: die_with_parent(parent, death_signal),
        **({**account.options(), "cwd": "/"} if account else {}),
    )


def send(process, signal_number):
    """Send a signal, if there still is someone to send it to."""
    if process.poll() is None:
        process.send_signal(signal_number)


def wait_for(processes, seconds):
    """Wait until all have ended, or that many seconds, in all, have passed."""
    deadline = time.monotonic() + seconds
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))


def kill_group(process):
    """End what is left of a process and of those it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(ready, process, seconds, otherwise):
    """Ask ``ready()`` again and again until it says yes.

    When the process ends or that many seconds have passed, what is left of it is killed and ``otherwise`` raised.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            kill_group(process)
            raise otherwise
        time.sleep(0.05)
