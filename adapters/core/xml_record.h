/* SPDX-License-Identifier: EUPL-1.2 */
/* xml_record - a record's messages as XML: an element for each field under its own name, in one namespace, lists repeated.
 *
 * The same for every kind, since it walks the type description. Pure; written into a buf, whose error is sticky.
 */
#ifndef ADAPTER_XML_RECORD_H
#define ADAPTER_XML_RECORD_H

#include "proto/base/bytes.h"
#include "proto/record.h"

#define XML_RECORD_NS "urn:nasoka:record:1"

/* The fields that are present, in the order of record.def, without an element around them. */
void xml_record_put_fields(struct buf *b, const struct record_type *type, const void *msg);
/* A whole document: <record xmlns=...>. */
void xml_record_put(struct buf *b, const struct record *record);

#endif
