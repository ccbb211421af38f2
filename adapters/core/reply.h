/* SPDX-License-Identifier: EUPL-1.2 */
/* reply - what the hub replies to what we submitted: accepted with its proof, to be sent later or otherwise, or refused for good. */
#ifndef ADAPTER_REPLY_H
#define ADAPTER_REPLY_H

#include "adapters/core/core.h"

/* All of the frame, or nothing: ERR_INCONSISTENT, the hub has not proven what it says; ERR_ORDER, a frame before this one is missing. */
enum err reply_accepted(struct adapter *a, const struct accepted *acc) MUST_USE;
/* What is none of ours, or goes under another hash by now, is passed over. */
enum err reply_refused(struct adapter *a, const struct refused *r) MUST_USE;

#endif
