#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Must show 4: Go's sumdb/note and sumdb/tlog verify checkpoints, inclusion and consistency of our export. Debian's packages, no network.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GO111MODULE=off GOPATH=$work/go:/usr/share/gocode GOCACHE=$work/cache GOFLAGS='' GOPROXY=off
go build -o "$work/sumdb" "$NASOKA_ROOT/tests/e2e/go/sumdb.go"
"$NASOKA_BUILD/tests/audit/audit_write" "$work/export" 400
"$NASOKA_BIN/nasoka-audit" verify "$work/export" --trust "$work/export.trust" >&2
"$NASOKA_BIN/nasoka-audit" prove "$work/export" leaf:517 --trust "$work/export.trust" --out "$work/517.tlog-proof" >&2
"$work/sumdb" "$work/export" "$work/export.vkey" "$work/517.tlog-proof"
