/* SPDX-License-Identifier: EUPL-1.2 */
/* file_view - a file as JSON for our system: what it is, and how far it came; and its bytes. */
#ifndef ADAPTER_FILE_VIEW_H
#define ADAPTER_FILE_VIEW_H

#include "adapters/core/core.h"
#include "adapters/core/filebook.h"

/* 202: a file of ours was taken. */
enum err file_view_taken(struct adapter *a, const struct file *f, struct arena *mem, struct native *ret_answer) MUST_USE;
/* The file that `id` names, a message id of any of its parts, ours or another's. ERR_NOTFOUND, ERR_FILE_PARTS, ERR_GONE. */
enum err file_view_answer(struct adapter *a, const char *id, struct arena *mem, struct native *ret_answer, struct why *why) MUST_USE;
/* Its bytes: of one that came here. */
enum err file_view_bytes(struct adapter *a, const char *id, struct arena *mem, struct native *ret_answer, struct why *why) MUST_USE;

#endif
