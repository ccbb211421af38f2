# SPDX-License-Identifier: EUPL-1.2
"""A mail server that we did not write (aiosmtpd), with STARTTLS and a password, which keeps what it is given. It may be told to refuse
so many mails first."""
import email
import email.policy
import ssl
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "nasoka-test", "a-password-of-the-tests"


class Box:
    def __init__(self, refusals):
        self.refusals, self.mails, self.lock = refusals, [], threading.Lock()

    async def handle_DATA(self, server, session, envelope):
        with self.lock:
            if self.refusals:
                self.refusals -= 1
                return "451 come again"
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            mail.is_tls = session.ssl is not None
            mail.user = getattr(session.auth_data, "login", b"").decode()
            mail.rcpts = envelope.rcpt_tos
            self.mails.append(mail)
        return "250 taken"


class Server:
    def __init__(self, port, cert, key, refusals=0):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.box = Box(refusals)
        self.controller = Controller(self.box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
                                     auth_required=True, auth_require_tls=True, authenticator=self.judge)
        self.controller.start()

    @staticmethod
    def judge(server, session, envelope, mechanism, auth_data):
        good = isinstance(auth_data, LoginPassword) and (auth_data.login, auth_data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, auth_data=auth_data)

    @property
    def mails(self):
        with self.box.lock:
            return list(self.box.mails)

    def stop(self):
        self.controller.stop()
