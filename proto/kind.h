/* SPDX-License-Identifier: EUPL-1.2 */
/* kind - what sorts of record there are, what their threads are about, and which step of a referral's life they take.
 *
 * One table (kind.def). The sending adapter asks it before it seals, the receiving one before it stores. Pure.
 */
#ifndef PROTO_KIND_H
#define PROTO_KIND_H

#include "proto/lifecycle.h"
#include "proto/record.h"

#define RECORD_BODY_FIRST 10	/* tag of the first body in struct record */

enum topic { TOPIC_NONE, TOPIC_REFERRAL, TOPIC_CONFERENCE, TOPIC_TRANSFER, TOPIC_REPORT, TOPIC_THREAD /* between adapters alone */ };

struct kind {
	unsigned number;
	const char *code;		/* "info-request" */
	const char *body;		/* the field of struct record: "info_request" */
	enum topic topic;		/* TOPIC_NONE: of any */
	bool begins;			/* a thread; otherwise it goes on one */
	unsigned actors;		/* who may say it: ACTOR_INITIATOR, ACTOR_RECIPIENT or both */
	bool only_open;			/* not after the thread has ended */
};

const struct kind *kind_by_code(const char *code);	/* NULL if there is none; NULL is fine */
const void *kind_body(const struct record *record);	/* NULL if it is not there */
/* The initiator's number for what the thread is about: referral_id, conference_id or transfer_id of the body; NULL: it has none. */
const char *kind_reference(const struct record *record);
const char *kind_reference_field(const struct record *record);	/* its name in the body: "referral_id", also where it names none yet */
enum topic kind_topic(const struct record *record);	/* of an attachment, of consent: by what it names */
/* Of a record that is whole: may it be said by `actor`, and while the thread stands open or has ended? ERR_BAD_ACTOR, ERR_BAD_TRANSITION. */
enum err kind_check(const struct record *record, enum actor actor, bool is_open, struct why *why) MUST_USE;

/* Does a thread of that topic still go on in this state? A transfer ends with its answer. */
bool kind_is_open(enum topic topic, enum state now);
/* The state of a thread that is no referral's after the record; `now` where it changes none. */
enum state kind_state_after(const struct record *record, enum state now);
bool kind_is_shredded(const struct record *record);	/* the answer that all that came is destroyed: it ends a referral or an offer of transfer */
/* The step of a referral's life that the record takes when `actor` says it in state `now`: "T03"; NULL: none. A status
 * change is not asked: it names its own. */
const char *kind_transition(const struct record *record, enum state now, enum actor actor);
bool kind_may_step(const struct record *record);	/* is record->step one that this kind takes? */
/* The step that the record takes, as a status change; what it points to is the record's. False: it takes none, and its
 * `transition` is the kind's code, for tables of what any record asks for and answers (closing.h).
 */
bool kind_step(const struct record *record, struct status *ret_status);

#endif
