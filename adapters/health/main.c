/* SPDX-License-Identifier: EUPL-1.2 */
/* nasoka-health - the adapter of a health agency: FHIR R4 and HL7 v2. */
#include "adapters/core/adapterd.h"
#include "adapters/health/sector.h"

int
main(int argc, char **argv)
{
	return adapterd_main(argc, argv, &health_sector);
}
