#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""An agency's system in one file, with nothing but Python's own library: post what a file holds, and register what comes.

    client.py URL TOKEN_FILE send FILE.json...     each file is a referral, a status (it has `to`) or a record (it has `kind`)
    client.py URL TOKEN_FILE watch [--once]        print what comes, register it under a number, go on from there

TOKEN_FILE holds the token alone, or is a tokens_file as the adapter reads it: of its lines `name:token` the first counts.

A message has left you when the answer is 202: it is stored durably and will arrive once. Anything else says what to do. Try again after a
timeout or a 5xx with the same bytes: the same message is not sent twice.

How far an inbox was read stands in your home folder, a file for each URL. It moves on when a message is registered, and not before: whatever
ends the client, it goes on from there."""
import hashlib
import json
import pathlib
import sys
import time
import urllib.error
import urllib.request

TAKEN_BACK = "NSK-1107"     # by its sender, meanwhile: there is nothing to register


class Adapter:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def place(self):
        """Where it stands how far this adapter's inbox was read."""
        return pathlib.Path.home() / f".nasoka-client-{hashlib.sha256(self.url.encode()).hexdigest()[:16]}"

    def call(self, method, path, body=None):
        """(status, JSON); waits and tries again while the adapter is away or busy."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        for pause in (0.2, 1, 5, 15, None):
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method), timeout=30) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as e:
                if pause is None or (e.code < 500 and e.code != 429):
                    return e.code, problem(e)
            except ValueError:
                return 0, {"code": "no JSON", "title": "this is no answer of an adapter", "remedy": "check the URL"}
            except OSError as e:
                if pause is None:
                    sys.exit(f"{self.url} cannot be reached: {getattr(e, 'reason', e)}. Does the adapter run, and is the address right?")
            time.sleep(pause)


def problem(error):
    """What the adapter says of a refusal; of something else in its place no more than the number."""
    try:
        return dict(json.load(error))
    except (ValueError, TypeError):
        return {"code": f"HTTP {error.code}", "title": "this is no answer of an adapter", "remedy": "check the URL"}


def words(answer):
    where = f" {answer['where']}" if answer.get("where") else ""
    return f"{answer.get('code', '?')}{where}: {answer.get('detail') or answer.get('title', '')}\n  {answer.get('remedy', '')}"


def address(body):
    return "/v1/records" if "kind" in body else "/v1/statuses" if "to" in body else "/v1/referrals"


def send(adapter, files):
    failed = 0
    for name in files:
        try:
            body = dict(json.loads(pathlib.Path(name).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as e:
            failed = 1
            print(f"{name}: no file with a JSON object: {e}")
            continue
        status, answer = adapter.call("POST", address(body), body)
        if status == 202:
            print(f"{name}: {answer['msg_id']}")
        else:
            failed = 1
            print(f"{name}: {words(answer)}")
    return failed


def register(adapter, item):
    """Is it dealt with? What is refused is said, and stays."""
    if item["kind"] == "stage":
        return True
    if item["kind"] == "preview":         # it comes once more, whole, when somebody has opened it
        print(f"{item['msg_id']} from {item['from']} waits to be opened or declined: /v1/previews")
        return True
    number = f"CASE-{item['msg_id'][-12:]}"     # here your system stores it, and gives its own number: the same for the same message
    status, answer = adapter.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": number})
    if status == 200:
        print(f"{item['kind']} from {item['from']} about {item.get('referral_id')}: registered as {number}")
        return True
    print(f"{item['kind']} from {item['from']}, {item['msg_id']}: {words(answer)}")
    return answer.get("code") == TAKEN_BACK


def watch(adapter, once):
    place = adapter.place()
    after = int(place.read_text()) if place.exists() else 0
    while True:
        status, page = adapter.call("GET", f"/v1/inbox?after={after}")
        if status != 200:
            print(f"the inbox: {words(page)}")
            return 1
        for item in page["items"]:
            if not register(adapter, item):
                return 1
            after = item["cursor"]
            place.write_text(str(after))
        if once and not page["items"]:
            return 0
        time.sleep(0 if page["items"] else 2)


def token_of(file):
    try:
        lines = pathlib.Path(file).read_text("utf-8").split("\n")
    except (OSError, ValueError) as e:
        sys.exit(f"no token: {e}")
    line = next((text.strip() for text in lines if text.strip() and not text.startswith("#")), None)
    if line is None:
        sys.exit(f"no token stands in {file}")
    return line.partition(":")[2] or line


def main(url, token_file, verb, *rest):
    adapter = Adapter(url, token_of(token_file))
    return send(adapter, rest) if verb == "send" else watch(adapter, "--once" in rest)


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[3] not in ("send", "watch"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
