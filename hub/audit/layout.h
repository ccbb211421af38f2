/* SPDX-License-Identifier: EUPL-1.2 */
/* layout - the names of an export's files: C2SP tlog-tiles for the tree, and our own parts beside it (DESIGN.md). Pure. */
#ifndef AUDIT_LAYOUT_H
#define AUDIT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#define LAYOUT_BLOCK 256u	/* leaves of a bundle, hashes of a tile */
#define LAYOUT_LEVELS 8u	/* of tiles: eight of the tree each */
#define LAYOUT_NAME_MAX 64

#define LAYOUT_FORMAT "format"
#define LAYOUT_FORMAT_TEXT "nasoka export v1\n"
#define LAYOUT_CHECKPOINT "checkpoint"

/* Each writes the name to `to` and gives it back. `width`: how many items the file holds, LAYOUT_BLOCK or less. */
const char *layout_tile(unsigned level, uint64_t n, unsigned width, char to[static LAYOUT_NAME_MAX]);
const char *layout_entries(uint64_t n, unsigned width, char to[static LAYOUT_NAME_MAX]);
const char *layout_details(uint64_t n, unsigned width, char to[static LAYOUT_NAME_MAX]);
const char *layout_checkpoints(uint64_t n, char to[static LAYOUT_NAME_MAX]);
const char *layout_message(uint64_t leaf, bool is_body, char to[static LAYOUT_NAME_MAX]);
const char *layout_directory(uint64_t version, char to[static LAYOUT_NAME_MAX]);
const char *layout_sheet(uint64_t leaf, char to[static LAYOUT_NAME_MAX]);

/* Leaves of bundle `n` in a log of `size`; 0: there is no such bundle. */
unsigned layout_width(uint64_t n, uint64_t size);

#endif
