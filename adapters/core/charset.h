/* SPDX-License-Identifier: EUPL-1.2 */
/* charset - the character sets that agencies' systems still use, to UTF-8 and back.
 *
 * Pure tables, no iconv: a daemon under seccomp loads no modules, and what cannot be written is refused, never replaced.
 * Known: UTF-8, US-ASCII, windows-1251, ISO-8859-5, ISO-8859-1, under the names that HL7, MIME and Windows give them.
 */
#ifndef ADAPTER_CHARSET_H
#define ADAPTER_CHARSET_H

#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define CHARSET_UTF8 "UTF-8"
#define CHARSET_ASCII "US-ASCII"
#define CHARSET_CYRILLIC "windows-1251"

/* The one name (static) of what a system calls "UNICODE UTF-8", "8859/5", "cp1251"; NULL if it is unknown here. */
const char *charset_name(const char *said);
/* `charset` as charset_name gives it. ERR_CHARSET with the line and column of the first byte that is none of its
 * characters; ERR_TOOBIG. UTF-8 and ASCII are borrowed from `in`, without a byte order mark; others lie in `mem`. */
enum err charset_decode(const char *charset, struct span in, struct arena *mem, struct span *ret_utf8, struct why *why)
	MUST_USE;
/* ERR_CHARSET with the place of the first character that `charset` does not have. */
enum err charset_encode(const char *charset, struct span utf8, struct arena *mem, struct span *ret_bytes,
			struct why *why) MUST_USE;

/* Windows calls it "Unicode": UTF-16 of either order, known by the byte order mark that it begins with. True: it is; the text, without the mark,
 * is *ret_utf8 in `mem`, or *ret_e says why not: ERR_CHARSET (half a character, U+0000), ERR_TOOBIG. False: it is something else. */
bool charset_from_utf16(struct span in, struct arena *mem, struct span *ret_utf8, enum err *ret_e, struct why *why);

#endif
