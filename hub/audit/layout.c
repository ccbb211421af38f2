/* SPDX-License-Identifier: EUPL-1.2 */
/* layout - numbers are written as tlog-tiles has them: groups of three digits, all but the last with an x. */
#include "hub/audit/layout.h"

#include <stdio.h>
#include <string.h>

/* "x001/x234/067" */
static void
add_number(char *to, uint64_t n)
{
	char groups[7][4];
	unsigned count = 0;
	size_t at = strlen(to);

	do {
		(void)snprintf(groups[count++], sizeof(groups[0]), "%03u", (unsigned)(n % 1000));
		n /= 1000;
	} while (n > 0);
	while (count-- > 0)
		at += (size_t)snprintf(to + at, LAYOUT_NAME_MAX - at, count > 0 ? "x%s/" : "%s", groups[count]);
}

static const char *
bundle(const char *folder, uint64_t n, unsigned width, char *to)
{
	size_t at;

	(void)snprintf(to, LAYOUT_NAME_MAX, "%s/", folder);
	add_number(to, n);
	at = strlen(to);
	if (width < LAYOUT_BLOCK)
		(void)snprintf(to + at, LAYOUT_NAME_MAX - at, ".p/%u", width);
	return to;
}

const char *
layout_tile(unsigned level, uint64_t n, unsigned width, char to[static LAYOUT_NAME_MAX])
{
	char folder[16];

	(void)snprintf(folder, sizeof(folder), "tile/%u", level);
	return bundle(folder, n, width, to);
}

const char *
layout_entries(uint64_t n, unsigned width, char to[static LAYOUT_NAME_MAX])
{
	return bundle("tile/entries", n, width, to);
}

const char *
layout_details(uint64_t n, unsigned width, char to[static LAYOUT_NAME_MAX])
{
	return bundle("detail", n, width, to);
}

const char *
layout_checkpoints(uint64_t n, char to[static LAYOUT_NAME_MAX])
{
	return bundle("checkpoints", n, LAYOUT_BLOCK, to);
}

const char *
layout_message(uint64_t leaf, bool is_body, char to[static LAYOUT_NAME_MAX])
{
	size_t at;

	bundle("message", leaf, LAYOUT_BLOCK, to);
	at = strlen(to);
	(void)snprintf(to + at, LAYOUT_NAME_MAX - at, "%s", is_body ? ".body" : ".head");
	return to;
}

const char *
layout_directory(uint64_t version, char to[static LAYOUT_NAME_MAX])
{
	(void)snprintf(to, LAYOUT_NAME_MAX, "directory/%llu", (unsigned long long)version);
	return to;
}

const char *
layout_sheet(uint64_t leaf, char to[static LAYOUT_NAME_MAX])
{
	(void)snprintf(to, LAYOUT_NAME_MAX, "sheet/%llu", (unsigned long long)leaf);
	return to;
}

unsigned
layout_width(uint64_t n, uint64_t size)
{
	uint64_t first = n * LAYOUT_BLOCK;

	if (first >= size)
		return 0;
	return size - first < LAYOUT_BLOCK ? (unsigned)(size - first) : LAYOUT_BLOCK;
}
