#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""An agency's system in one file, with nothing but Python's own library: post what a file holds, and register what comes.

    client.py URL TOKEN_FILE send FILE.json...     each file is a referral, a status (it has `to`) or a record (it has `kind`)
    client.py URL TOKEN_FILE watch [--once]        print what comes, register it under a number, go on from there

A message has left you when the answer is 202: it is stored durably and will arrive once. Anything else says what to do. Try again after a
timeout or a 5xx with the same bytes: the same message is not sent twice."""
import json
import pathlib
import sys
import time
import urllib.error
import urllib.request

PLACE = pathlib.Path.home() / ".nasoka-client-after"    # how far the inbox was read


class Adapter:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

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
                    return e.code, json.load(e)
            except OSError:
                if pause is None:
                    raise
            time.sleep(pause)


def address(body):
    return "/v1/records" if "kind" in body else "/v1/statuses" if "to" in body else "/v1/referrals"


def send(adapter, files):
    failed = 0
    for name in files:
        body = json.loads(pathlib.Path(name).read_text("utf-8"))
        status, answer = adapter.call("POST", address(body), body)
        if status == 202:
            print(f"{name}: {answer['msg_id']}")
        else:
            failed = 1
            print(f"{name}: {answer['code']} {answer.get('where', '')}: {answer.get('detail', answer['title'])}\n  {answer['remedy']}")
    return failed


def watch(adapter, once):
    after = int(PLACE.read_text()) if PLACE.exists() else 0
    while True:
        page = adapter.call("GET", f"/v1/inbox?after={after}")[1]
        for item in page["items"]:
            if item["kind"] != "stage":
                number = f"CASE-{item['cursor']}"     # here your system stores it, and gives its own number
                adapter.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": number})
                print(f"{item['kind']} from {item['from']} about {item.get('referral_id')}: registered as {number}")
            after = item["cursor"]
            PLACE.write_text(str(after))
        if once and not page["items"]:
            return 0
        time.sleep(0 if page["items"] else 2)


def main(url, token_file, verb, *rest):
    adapter = Adapter(url, pathlib.Path(token_file).read_text("utf-8").split()[0])
    return send(adapter, rest) if verb == "send" else watch(adapter, "--once" in rest)


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[3] not in ("send", "watch"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
