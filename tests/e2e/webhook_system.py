# SPDX-License-Identifier: EUPL-1.2
"""An agency's own system behind a webhook: an HTTP or HTTPS server that answers as a plan says, notes every call, and believes none
without the signature of Standard Webhooks, which it works out for itself."""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import subprocess
import threading
import time

SECRET = hashlib.sha256(b"a secret of the tests").digest()
SKEW_S = 60


def write_secret(agency):
    """The secret in the agency's folder, for its adapter."""
    agency.dir.mkdir(parents=True, exist_ok=True)
    path = agency.dir / "webhook.secret"
    path.write_text("whsec_" + base64.b64encode(SECRET).decode() + "\n")
    path.chmod(0o600)
    return path


def certificate(folder, name="cert"):
    """A self-signed certificate for 127.0.0.1 and its key, as paths."""
    folder.mkdir(parents=True, exist_ok=True)
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    f"/CN={name}.example", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True,
                   capture_output=True)
    key.chmod(0o600)
    return cert, key


class Call:
    def __init__(self, headers, body):
        self.at, self.id, self.body = time.monotonic(), headers["webhook-id"], body
        self.item = json.loads(body)
        own = self.item.get("nasoka", self.item)    # OSCaR's and Primero's shapes have it behind theirs
        self.number, self.kind = own.get("referral_id"), own["kind"]
        self.fault = self.check(headers)

    def check(self, headers):
        """What is wrong with the call; empty if nothing."""
        stamp = headers["webhook-timestamp"]
        expected = base64.b64encode(hmac.new(SECRET, f"{self.id}.{stamp}.".encode() + self.body, hashlib.sha256).digest()).decode()
        if f"v1,{expected}" not in headers["webhook-signature"].split(" "):
            return "a wrong signature"
        if abs(int(stamp) - time.time()) > SKEW_S:
            return f"a timestamp of {stamp}"
        if "." in self.id or headers["Content-Type"] != "application/json":
            return f"id {self.id}, Content-Type {headers['Content-Type']}"
        return ""


class System:
    """`plan`, by number: what to do with the calls that bring that referral, one after the other; the last goes on for ever. By kind and
    number: with those of that kind about it.

    A word: a status with "case N" as 201 with that number, "number N" with it as a JSON number, "NNN" as that status without a body,
    "redirect" to `elsewhere`; "stall" answers nothing, "slow N" answers with that number only when all others are through, "half"
    breaks off in the middle, "flood" never stops, "nonsense" is no HTTP."""

    def __init__(self, port, plan, cert=None, elsewhere=None):
        self.calls, self.plan, self.lock, self.elsewhere = [], plan, threading.Lock(), elsewhere
        self.slow = threading.Event()
        system = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                call = Call(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                system.answer(self, system.note(call))

            def do_GET(self):
                system.note(None)
                self.send_error(404)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 64

            def handle_error(self, request, address):
                """A client that went away is what some of the tests are about."""

        self.server = Server(("127.0.0.1", port), Handler)
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*cert)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def note(self, call):
        with self.lock:
            self.calls.append(call)
            words = call and self.plan.get(call.number if call.kind in ("referral", "preview") else (call.kind, call.number))
            if not words:
                return "202"
            return words.pop(0) if len(words) > 1 else words[0]

    def about(self, number, kind="referral"):
        with self.lock:
            return [c for c in self.calls if c and c.number == number and c.kind == kind]

    def say(self, handler, status, body=b"", more=()):
        handler.send_response(status)
        for name, value in more:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def answer(self, handler, word):
        word, _, detail = word.partition(" ")
        if word in ("case", "number", "slow"):
            if word == "slow":
                self.slow.wait(30)
            body = json.dumps({"case_no": int(detail) if word == "number" else detail}, ensure_ascii=False).encode()
            self.say(handler, 201, body, [("Content-Type", "application/json; charset=utf-8")])
        elif word == "redirect":
            self.say(handler, 307, more=[("Location", self.elsewhere)])
        elif word.isdigit():
            self.say(handler, int(word))
        else:
            self.misbehave(handler, word)

    def misbehave(self, handler, word):
        out = handler.wfile
        handler.close_connection = True
        if word == "stall":
            time.sleep(5)
        elif word == "half":
            out.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"case_no\": \"h")
        elif word == "flood":
            out.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n")
            for _ in range(99):
                out.write(bytes(65536))
        elif word == "nonsense":
            out.write(b"MSH|^~\\&|A|B\r\n\r\n")
        else:
            raise ValueError(word)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
