# SPDX-License-Identifier: EUPL-1.2
"""A second peer of the protocol, written from proto/PROTOCOL.md, its schema and its tables, and never from the C."""
