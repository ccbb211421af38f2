/* SPDX-License-Identifier: EUPL-1.2 */
/* fill - what every record of ours gets that its format left open: its case, its time, the agency's defaults. */
#ifndef ADAPTER_FILL_H
#define ADAPTER_FILL_H

#include "adapters/core/core.h"

/* Set what is absent, and say in the record that it was assumed. */
enum err fill_assume(struct adapter *a, struct record *record, const char *path, const char *value, struct why *why) MUST_USE;
enum err fill_record(struct adapter *a, struct record *record, const uint8_t case_id[16], struct why *why) MUST_USE;

#endif
