/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_xml - any bytes as a social agency's XML: at each address, from the folder, and placed. */
#include "adapters/core/xml.h"
#include "adapters/social/social.h"
#include "tests/fuzz/one_way.h"

#define MEM ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const doors[] = { "/v1/referrals", "/v1/records", NULL };	/* NULL: by folder; the length says which */
	struct arena *mem = arena_new(MEM);
	struct why why;

	if (!xml_is_likely(SPAN(data, size)) && size > 0) {	/* JSON is fuzz_social's */
		arena_free(mem);
		return 0;
	}
	one_way(&social_sector, FORMAT_XML, doors[size % 3], SPAN(data, size));
	(void)xml_is_whole(SPAN(data, size));
	why_set(&why, ERR_REQUIRED, "referral.child.ids[1].value", "x");
	social_xml_place(SPAN(data, size), "windows-1251", mem, &why);
	arena_free(mem);
	return 0;
}
