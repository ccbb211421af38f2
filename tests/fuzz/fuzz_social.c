/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_social - the social sector's JSON: referrals and statuses. */
#include "adapters/social/social.h"
#include "tests/fuzz/one_way.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	one_way(&social_sector, FORMAT_JSON, "/v1/referrals", SPAN(data, size));
	one_way(&social_sector, FORMAT_JSON, "/v1/statuses", SPAN(data, size));
	return 0;
}
