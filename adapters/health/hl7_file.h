/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_file - files within a message: an OBX of type ED is one, its bytes in base64, its kind in two components.
 *
 * Pure. What a file may be says the record's list of media types.
 */
#ifndef HEALTH_HL7_FILE_H
#define HEALTH_HL7_FILE_H

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

/* ED.2 (table 0191) and ED.3 of a media type; "application" and "octet-stream" if it is none of ours. */
void hl7_file_type(const char *media_type, const char **ret_type, const char **ret_subtype);
/* And back, by ED.2 and ED.3 as systems write them ("AP" and "PDF", "image" and "jpeg"), else by the ending of a name. NULL: none. */
const char *hl7_file_media(const char *type, const char *subtype, const char *name);
const char *hl7_file_ending(const char *media_type);	/* ".pdf"; "" if it is none of ours */
/* ED.5 by ED.4: Base64 (also when it says nothing), Hex or A. ERR_SYNTAX: it is not; ERR_UNSUPPORTED: another encoding; ERR_TOOBIG. */
enum err hl7_file_bytes(const char *encoding, const char *text, struct arena *mem, struct span *ret_bytes) MUST_USE;

#endif
