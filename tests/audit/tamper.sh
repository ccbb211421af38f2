#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Thousands of alterations of one export, in one process: tests/audit/audit_tamper.c.
exec "$NASOKA_BUILD/tests/audit/audit_tamper"
