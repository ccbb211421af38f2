# SPDX-License-Identifier: EUPL-1.2
"""The doors of an agency's system in its adapter's configuration: YAML whose {http_port}, {out_port}, {dir} and {folder} Agency fills in."""

HTTP = """in:
  http: {{ listen: "127.0.0.1:{http_port}", tokens_file: {dir}/tokens }}
"""
POLLED = HTTP + "out: {{ polling: true }}\n"


def egress(door, format=None, receipts=None):
    """What goes out goes by one door in one format, receipts by `receipts` (the same door)."""
    shape = f", format: {format}" if format else ""
    return f"""egress:
  referrals: {{{{ door: {door}{shape} }}}}
  statuses: {{{{ door: {door}{shape} }}}}
  receipts: {{{{ door: {receipts or door}{shape if not receipts else ""} }}}}
"""


def polling(format=None):
    """A system that posts over HTTP and asks for what is there."""
    return POLLED + egress("polling", format)


def webhook(format=None, receipts=None, path="nasoka", timeout="2s", retry="min: 200ms, max: 1s"):
    """A system that posts over HTTP and is called at {out_port}."""
    return HTTP + f"""out:
  webhook: {{{{ url: "http://127.0.0.1:{{out_port}}/{path}", secret_file: {{dir}}/webhook.secret, allowed_hosts: [127.0.0.1], timeout: {timeout} }}}}
""" + egress("webhook", format, receipts) + f"retry: {{{{ {retry} }}}}\n"
