"""A real SMTP server for tests, which takes mail or misbehaves as its script says."""

import logging
import socket
import time
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

DROP = "drop the connection"
logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells of every command


class _Server(SMTP):
    async def smtp_DATA(self, arg):
        reply = self.event_handler.scripted("data", self.envelope)
        if reply == DROP:
            await self.push("354 Go ahead")
            self.transport.abort()
        elif reply:
            await self.push(reply)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self):
        return _Server(self.handler, hostname="sink.example.org")


class Sink:
    """``script[address] = (stage, reply)``: at the stage (rcpt, data or dot) answer with the reply, or DROP.

    ``slow`` is how many seconds it takes to answer after a message is in; ``on_message`` is called with the address
    at that moment, when the message has arrived and the sender does not know it yet.
    """

    def __init__(self):
        self.script, self.raw, self.connections = {}, [], 0
        self.slow, self.on_message = 0, None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self):
        self._controller.start()

    def stop(self):
        self._controller.stop(no_assert=True)

    @property
    def addresses(self):
        return [address for address, _ in self.raw]

    @property
    def messages(self):
        return [message_from_bytes(content, policy=default) for _, content in self.raw]

    def scripted(self, stage, envelope):
        at, reply = self.script.get(envelope.rcpt_tos[0], (None, None))
        return reply if at == stage else None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        envelope.rcpt_tos.append(address)
        reply = self.scripted("rcpt", envelope)
        if reply == DROP:
            server.transport.abort()
        return reply if reply and reply != DROP else "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = self.scripted("dot", envelope)
        if reply and reply != DROP:
            return reply
        self.raw += [(address, envelope.original_content) for address in envelope.rcpt_tos]
        if self.on_message:
            self.on_message(envelope.rcpt_tos[0])
        if reply == DROP:
            server.transport.abort()
        time.sleep(self.slow)  # one thread serves all, as a busy server would
        return "250 Taken"
