/* SPDX-License-Identifier: EUPL-1.2 */
/* main - nasoka-education. */
#include "adapters/core/adapterd.h"
#include "adapters/education/education.h"

int
main(int argc, char **argv)
{
	return adapterd_main(argc, argv, &education_sector);
}
