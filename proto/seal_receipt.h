/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_receipt - what a receipt says under seal, as bytes (PROTOCOL.md 4.7). For the seal_ files. */
#ifndef PROTO_SEAL_RECEIPT_H
#define PROTO_SEAL_RECEIPT_H

#include "proto/seal.h"

enum err receipt_encode(const struct receipt_detail *detail, struct arena *mem, struct span *ret_bytes) MUST_USE;	/* ERR_TOOBIG */
/* Only what receipt_encode writes. ERR_FORMAT, ERR_TOOBIG. */
enum err receipt_decode(struct span bytes, struct arena *mem, struct receipt_detail *ret_detail) MUST_USE;

#endif
