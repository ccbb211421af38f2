/* SPDX-License-Identifier: EUPL-1.2 */
/* nasoka-social - the adapter of a social agency. */
#include "adapters/core/adapterd.h"
#include "adapters/social/social.h"

int
main(int argc, char **argv)
{
	return adapterd_main(argc, argv, &social_sector);
}
