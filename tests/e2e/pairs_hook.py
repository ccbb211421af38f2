# SPDX-License-Identifier: EUPL-1.2
"""An HTTP server that takes what a webhook brings, and believes it only with the signature of Standard Webhooks."""
import base64
import hashlib
import hmac
import http.server
import json
import threading

SECRET = bytes(range(32))


class Hook:
    def __init__(self, port):
        self.bodies, self.faults = [], []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fault = hook.check(self.headers, body)
                if fault:
                    hook.faults.append(fault)
                else:
                    hook.bodies.append(json.loads(body))
                self.send_response(400 if fault else 202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def check(headers, body):
        """What is wrong with a call; empty if nothing."""
        said = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
        good = "v1," + base64.b64encode(hmac.digest(SECRET, said, hashlib.sha256)).decode()
        if not hmac.compare_digest(good, headers["webhook-signature"]):
            return "a call without the right signature"
        return "" if headers["Content-Type"].startswith("application/fhir+json") else f"Content-Type {headers['Content-Type']}"

    @staticmethod
    def secret(agency):
        """The secret in the agency's folder, for its adapter."""
        agency.dir.mkdir(parents=True, exist_ok=True)
        path = agency.dir / "webhook.secret"
        path.write_text("whsec_" + base64.b64encode(SECRET).decode() + "\n")
        path.chmod(0o600)
