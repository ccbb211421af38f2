#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# The same by curl: client.sh URL TOKEN_FILE FILE.json... posts each file, tries again while the adapter is away, and says what it answered.
# TOKEN_FILE: the token alone, or a tokens_file of the adapter, of which the first line `name:token` counts.
set -eu
url=$1 token=$(grep -v '^#' "$2" | grep -m1 . | cut -d: -f2-)
shift 2
failed=0
for file in "$@"; do
	if grep -q '"kind" *:' "$file"; then address=/v1/records
	elif grep -q '"to" *:' "$file"; then address=/v1/statuses
	else address=/v1/referrals
	fi
	answer=$(curl -sS --retry 5 --retry-connrefused -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
	    --data-binary "@$file" -w ' %{http_code}' "$url$address")
	echo "$file: $answer"
	case $answer in *' 202') ;; *) failed=1 ;; esac
done
exit $failed
