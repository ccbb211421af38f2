/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_change - what a changed referral (REF^I13, ORC-1 XO) says that the referral which was sent did not. */
#ifndef HEALTH_HL7_CHANGE_H
#define HEALTH_HL7_CHANGE_H

#include "proto/base/arena.h"
#include "proto/record.h"

/* A line for each field of `is` that `was` has otherwise or not at all, "child.phone: 032 000 001"; the reason in words comes first
 * and without its path. What `is` leaves out is taken as unchanged, since senders leave out much; so are its number, its
 * parties and its times, which are about the sending. NULL: nothing differs, or the arena is full. */
const char *hl7_changes(const struct record *was, const struct record *is, struct arena *mem);

#endif
