/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_social - any bytes as the social sector's JSON: at each address and from the folder. */
#include "adapters/social/social.h"
#include "tests/fuzz/one_way.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const doors[] = { "/v1/referrals", "/v1/statuses", "/v1/records", NULL };	/* NULL: by folder; the length says which */

	one_way(&social_sector, FORMAT_JSON, doors[size % 4], SPAN(data, size));
	return 0;
}
