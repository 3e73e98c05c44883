"""The embedded mail server: takes every message, delivers none, and keeps each as a file that ``/mail/`` shows.

Run as ``python -m mentoring.stack.mailsink <file descriptor of a listening socket> <folder>``.
"""

import asyncio
import os
import secrets
import socket
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Keep:
    """Writes each message into ``folder``, whole or not at all, under a name that sorts by arrival."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, server, session, envelope):
        name = f"{time.time_ns():020}-{secrets.token_hex(4)}.eml"
        draft = self.folder / f".{name}"
        with draft.open("wb") as file:
            file.write(envelope.original_content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / name)
        return "250 kept"


async def serve(listening, folder):
    keep = Keep(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keep, enable_SMTPUTF8=True), sock=listening)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2]))
