/* SPDX-License-Identifier: EUPL-1.2 */
/* header_check - the table of what each class carries, each cell broken once. */
#include "trust_world.h"

static struct world *w;
static struct header good[CLASS_ANNOUNCE + 1], h;
static struct share shares[WORLD_AUDITORS];

static int
make(void **state)
{
	struct header *x;

	(void)state;
	w = world_new();
	good[CLASS_DATA] = world_seal(w, 2).header;
	x = &good[CLASS_RECEIPT];
	*x = good[CLASS_DATA];
	x->class = CLASS_RECEIPT;
	x->n_to = x->n_wraps = 1;
	x->seq = 0;
	x->n_shares = 0;
	x->capsule = SPAN_NONE;
	x->registered_by_ms = x->respond_by_ms = 0;
	x->in_reply_to = x->id;
	x->stage = STAGE_DELIVERED;
	x->received.b[0] = 1;
	x = &good[CLASS_NOTICE];
	*x = good[CLASS_RECEIPT];
	x->class = CLASS_NOTICE;
	x->from = AGENCY_HUB;
	x->n_wraps = 0;
	memset(&x->commit, 0, sizeof(x->commit));
	x->stage = STAGE_NONE;
	memset(&x->received, 0, sizeof(x->received));
	x = &good[CLASS_ANNOUNCE];
	*x = good[CLASS_NOTICE];
	x->class = CLASS_ANNOUNCE;
	x->from = world_ids[0];
	x->n_to = 0;
	memset(&x->thread, 0, sizeof(x->thread));
	memset(&x->in_reply_to, 0, sizeof(x->in_reply_to));
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	world_free(w);
	return 0;
}

static void
begin(enum envelope_class class)
{
	struct why why;

	h = good[class];
	if (h.n_shares > 0) {
		memcpy(shares, h.shares, sizeof(shares));
		h.shares = shares;
	}
	assert_int_equal(header_check(&h, &why), OK);
}

static void
assert_bad(const char *where)
{
	struct why why;
	enum envelope_class class = h.class;

	assert_int_equal(header_check(&h, &why), ERR_FORMAT);
	assert_string_equal(why.where, where);
	if (class >= CLASS_DATA && class <= CLASS_ANNOUNCE)
		begin(class);
}

/* What every class has. */
static void
test_all_classes(void **state)
{
	(void)state;
	for (int i = CLASS_DATA; i <= CLASS_ANNOUNCE; i++) {
		begin((enum envelope_class)i);
		h.id.b[6] = 0x40;
		assert_bad("id");
		h.directory_version = 0;
		assert_bad("directory_version");
		memset(&h.signing_key, 0, sizeof(h.signing_key));
		assert_bad("signing_key");
		h.priority = (enum priority)0;
		assert_bad("priority");
		h.priority = (enum priority)4;
		assert_bad("priority");
		h.created_ms = 0;
		assert_bad("created");
		h.expires_ms = -1;
		assert_bad("clocks");
		h.from = "Nobody";
		assert_bad("from");
		h.from = i == CLASS_NOTICE ? "plovdiv-gp" : AGENCY_HUB;
		assert_bad("from");
	}
	begin(CLASS_DATA);
	h.class = (enum envelope_class)5;
	assert_bad("class");
}

/* Recipients: how many, none twice, not the sender, not the hub. */
static void
test_to(void **state)
{
	(void)state;
	begin(CLASS_DATA);
	h.n_to = 0;
	assert_bad("to");
	h.to[1] = h.to[0];
	assert_bad("to");
	h.to[1] = h.from;
	assert_bad("to");
	h.to[0] = AGENCY_HUB;
	assert_bad("to");
	begin(CLASS_RECEIPT);
	h.n_to = 2;
	assert_bad("to");
	begin(CLASS_NOTICE);
	h.n_to = 0;
	assert_bad("to");
	begin(CLASS_ANNOUNCE);
	h.to[0] = "plovdiv-ozd";
	h.n_to = 1;
	assert_bad("to");
}

/* Thread, seq and basis belong to conversations. */
static void
test_thread(void **state)
{
	(void)state;
	begin(CLASS_DATA);
	memset(&h.thread, 0, sizeof(h.thread));
	assert_bad("thread");
	h.seq = 0;
	assert_bad("seq");
	h.basis[0] = (struct basis){ "nobody", 1 };
	h.n_basis = 1;
	assert_bad("basis");
	h.basis[0] = (struct basis){ h.to[0], 0 };
	h.n_basis = 1;
	assert_bad("basis");
	h.basis[0] = h.basis[1] = (struct basis){ h.to[0], 1 };
	h.n_basis = 2;
	assert_bad("basis");
	begin(CLASS_RECEIPT);
	h.seq = 1;
	assert_bad("seq");
	memset(&h.thread, 0, sizeof(h.thread));
	assert_bad("thread");
	begin(CLASS_ANNOUNCE);
	h.thread.b[0] = 1;
	assert_bad("thread");
}

/* References are message ids, and only where the class has them. */
static void
test_references(void **state)
{
	(void)state;
	begin(CLASS_DATA);
	h.in_reply_to.b[0] = 1;
	assert_bad("in_reply_to");
	h.supersedes.b[0] = 1;
	assert_bad("supersedes");
	h.n_closes = 1;
	assert_bad("closes");
	h.closes[0] = h.closes[1] = h.id;
	h.n_closes = 2;
	assert_bad("closes");
	begin(CLASS_RECEIPT);
	memset(&h.in_reply_to, 0, sizeof(h.in_reply_to));
	assert_bad("in_reply_to");
	h.supersedes = h.id;
	assert_bad("supersedes");
	h.closes[0] = h.id;
	h.n_closes = 1;
	assert_bad("closes");
	h.respond_by_ms = 1;
	assert_bad("clocks");
	begin(CLASS_ANNOUNCE);
	h.in_reply_to = h.id;
	assert_bad("in_reply_to");
}

/* Stage and refusal are a receipt's. */
static void
test_stage(void **state)
{
	struct why why;

	(void)state;
	begin(CLASS_DATA);
	h.stage = STAGE_SEEN;
	assert_bad("stage");
	h.refusal = REFUSAL_PERMANENT;
	assert_bad("refusal");
	h.received.b[0] = 1;
	assert_bad("received");
	begin(CLASS_RECEIPT);
	h.stage = STAGE_STORED;
	assert_bad("stage");
	h.stage = (enum stage)8;
	assert_bad("stage");
	h.stage = STAGE_REFUSED;
	assert_bad("refusal");
	h.refusal = REFUSAL_CONFLICT;
	assert_bad("refusal");
	h.stage = STAGE_REFUSED;
	h.refusal = REFUSAL_CONFLICT;
	assert_int_equal(header_check(&h, &why), OK);
	memset(&h.received, 0, sizeof(h.received));
	assert_bad("received");
}

/* The wish for a message under a newer key says nothing under seal and refuses nothing. */
static void
test_reseal(void **state)
{
	struct why why;

	(void)state;
	begin(CLASS_RECEIPT);
	h.stage = STAGE_RESEAL;
	assert_bad("wraps");
	h.stage = STAGE_RESEAL;
	h.n_wraps = 0;
	memset(&h.commit, 0, sizeof(h.commit));
	assert_int_equal(header_check(&h, &why), OK);
	h.refusal = REFUSAL_PERMANENT;
	assert_bad("refusal");
}

/* A withdrawal goes to all recipients, with the message's seq, and seals nothing; other receipts have neither. */
static void
test_withdrawal(void **state)
{
	struct header withdrawal;
	struct why why;

	(void)state;
	begin(CLASS_RECEIPT);
	h.seq = 1;
	assert_bad("seq");
	h.stage = STAGE_WITHDRAWN;
	h.n_wraps = 0;
	memset(&h.commit, 0, sizeof(h.commit));
	assert_bad("seq");
	h.stage = STAGE_WITHDRAWN;
	h.seq = 3;
	assert_bad("wraps");
	h.stage = STAGE_WITHDRAWN;
	h.seq = 3;
	h.n_wraps = 0;
	memset(&h.commit, 0, sizeof(h.commit));
	h.to[1] = world_ids[2];
	h.n_to = 2;
	assert_int_equal(header_check(&h, &why), OK);
	withdrawal = h;
	h.refusal = REFUSAL_PERMANENT;
	assert_bad("refusal");
	h = withdrawal;
	h.basis[0] = (struct basis){ h.to[0], 1 };
	h.n_basis = 1;
	assert_bad("basis");
	h = withdrawal;
	memset(&h.in_reply_to, 0, sizeof(h.in_reply_to));
	assert_bad("in_reply_to");
	h = withdrawal;
	memset(&h.received, 0, sizeof(h.received));
	assert_bad("received");
	h = withdrawal;
	h.n_to = 0;
	assert_bad("to");
	h = withdrawal;
	h.class = CLASS_DATA;
	assert_bad("stage");
}

/* Wraps are exactly the recipients; what is sealed is committed to. */
static void
test_wraps(void **state)
{
	struct why why;

	(void)state;
	begin(CLASS_DATA);
	h.n_wraps = 0;
	assert_bad("wraps");
	h.n_wraps = 1;
	assert_bad("wraps");
	h.wraps[1].agency = h.to[0];
	assert_bad("wraps");
	h.wraps[0].box = SPAN_NONE;
	assert_bad("wraps");
	h.wraps[0].box.n = ENVELOPE_BOX_MAX + 1;
	assert_bad("wraps");
	memset(&h.wraps[0].key, 0, sizeof(h.wraps[0].key));
	assert_bad("wraps");
	memset(&h.commit, 0, sizeof(h.commit));
	assert_bad("commit");
	begin(CLASS_RECEIPT);
	h.n_wraps = 0;
	assert_bad("commit");
	h.n_wraps = 0;
	memset(&h.commit, 0, sizeof(h.commit));
	assert_int_equal(header_check(&h, &why), OK);
	begin(CLASS_NOTICE);
	h.n_wraps = 1;
	assert_bad("wraps");
	h.commit.b[0] = 1;
	assert_bad("commit");
}

/* Capsule, shares and attachments. */
static void
test_audit(void **state)
{
	(void)state;
	begin(CLASS_DATA);
	h.capsule.n--;
	assert_bad("capsule");
	h.capsule = SPAN_NONE;
	assert_bad("capsule");
	h.n_shares = 1;
	assert_bad("shares");
	shares[2].auditor = 4;
	assert_bad("shares");
	shares[2].box.n = 0;
	assert_bad("shares");
	memset(&shares[2].hash, 0, sizeof(shares[2].hash));
	assert_bad("shares");
	memset(&shares[2].key, 0, sizeof(shares[2].key));
	assert_bad("shares");
	h.n_attachments = 1;
	h.attachments[0] = (struct attachment){ { { 1 } }, 0 };
	assert_bad("attachments");
	h.n_attachments = 1;
	h.attachments[0] = (struct attachment){ { { 1 } }, ENVELOPE_ATTACHMENT_MAX + 1 };
	assert_bad("attachments");
	begin(CLASS_RECEIPT);
	h.capsule = good[CLASS_DATA].capsule;
	assert_bad("capsule");
	h.shares = shares;
	h.n_shares = WORLD_AUDITORS;
	assert_bad("shares");
	h.attachments[0] = (struct attachment){ { { 1 } }, 1 };
	h.n_attachments = 1;
	assert_bad("attachments");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_classes), cmocka_unit_test(test_to),	  cmocka_unit_test(test_thread),
		cmocka_unit_test(test_references),  cmocka_unit_test(test_stage), cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_audit),	    cmocka_unit_test(test_withdrawal),
		cmocka_unit_test(test_reseal),
	};

	return cmocka_run_group_tests_name("header_check", tests, make, drop);
}
