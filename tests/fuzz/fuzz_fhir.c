/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_fhir - FHIR bundles and resources. */
#include "adapters/health/sector.h"
#include "tests/fuzz/one_way.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	one_way(&health_sector, FORMAT_FHIR, "/fhir", SPAN(data, size));
	return 0;
}
