/* SPDX-License-Identifier: EUPL-1.2 */
/* Which mail goes when, once, and what a failing server and a crash do to it. */
#include "tests/support/paper_files.h"

#include "adapters/core/duty.h"
#include "adapters/core/mailing.h"
#include "proto/note.h"

static const char *const mailboxes[] = { "duty@agency.example" };

/* A mailer that keeps what it is given; the test says what became of it. */
struct post {
	struct mailer mailer;
	char last[8192];
	unsigned n;
	bool is_busy;
};

static enum err
take_letter(void *arg, struct span text)
{
	struct post *post = arg;

	if (post->is_busy)
		return ERR_BUSY;
	snprintf(post->last, sizeof(post->last), "%.*s", (int)text.n, (const char *)text.p);
	post->n++;
	return OK;
}

/* Party 0 mails; digests at eight. The world's clock begins at noon in Bulgaria. */
static struct paper *
up(struct post *post)
{
	struct paper *p = paper_up();
	struct adapter_config *c = &p->party[0].desk.config;

	memset(post, 0, sizeof(*post));
	post->mailer = (struct mailer){ .send = take_letter, .arg = post };
	c->mail.on = true;
	c->mail.from = "nasoka@agency.example";
	c->mail.to = mailboxes;
	c->mail.n_to = 1;
	c->mail.digest_hour = 8;
	p->party[0].desk.adapter->p.mailer = &post->mailer;
	return p;
}

static void
refer(struct paper *p, const char *id, const char *priority)
{
	(void)paper_take(p, 0, adesk_referral(p->mem, id, world_ids[1], priority, "x"));
	paper_run(p);
}

static void
mailed(struct paper *p, enum err e)
{
	assert_int_equal(adapter_mailed(p->party[0].desk.adapter, e), OK);
}

static bool
has(struct paper *p, const struct post *post, const char *text)
{
	const char *at = strstr(post->last, "\r\n\r\n") + 4;
	char *joined = arena_str(p->mem, at), *end = joined;
	struct span plain;

	for (; *at; at++)
		if (*at != '\r' && *at != '\n')
			*end++ = *at;
	*end = '\0';
	assert_int_equal(note_unbase64(span_str(joined), p->mem, &plain), OK);
	return adesk_has(plain, text);
}

/* To eight o'clock of the next day in Bulgaria. */
static void
to_morning(struct paper *p)
{
	struct civil c = clock_to_sofia(p->now_ms, NULL);

	p->now_ms += (32 - c.hour) * CLOCK_HOUR - c.minute * CLOCK_MINUTE;
	p->now_ms -= p->now_ms % CLOCK_MINUTE;
}

/* An EMERGENCY that is late is mailed at once, and once; others wait for the list of the day. */
static void
at_once_for_emergencies(void **state)
{
	struct post post;
	struct paper *p = up(&post);

	(void)state;
	refer(p, "R-1", "emergency");
	refer(p, "R-2", "routine");
	paper_tick(p, 0, 0);
	assert_int_equal(post.n, 0);
	paper_tick(p, 0, CLOCK_DAY);
	assert_int_equal(post.n, 1);
	assert_true(has(p, &post, "EMERGENCY\r\n  from: "));
	mailed(p, OK);
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(paper_count(p, 0, TABLE_MAIL), 0);
	/* the list of the day has both, for both stand open */
	while (post.n == 1)
		paper_tick(p, 0, CLOCK_HOUR);
	assert_true(has(p, &post, " - EMERGENCY\r\n") && has(p, &post, "not registered in time"));
	assert_non_null(strstr(post.last, "Subject: =?UTF-8?B?TmFzb2thOiBkZWFkbGluZXM=?="));
	paper_down(p);
}

/* The list goes once a day at its hour while something is late, and not at all when nothing is. */
static void
once_a_day(void **state)
{
	struct post post;
	struct paper *p = up(&post);
	unsigned n;

	(void)state;
	to_morning(p);
	paper_tick(p, 0, 0);
	assert_int_equal(post.n, 0);		/* nothing is open */
	refer(p, "R-1", "routine");
	p->now_ms += CLOCK_DAY;
	to_morning(p);
	paper_tick(p, 0, -CLOCK_MINUTE);
	n = post.n;
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(post.n, n + 1);
	mailed(p, OK);
	for (int i = 0; i < 15; i++)
		paper_tick(p, 0, CLOCK_HOUR);
	assert_int_equal(post.n, n + 1);
	to_morning(p);
	paper_tick(p, 0, 0);
	assert_int_equal(post.n, n + 2);
	mailed(p, OK);
	/* registered and answered: silence, while the answer itself is not late */
	p->now_ms += 15 * CLOCK_HOUR;
	(void)paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "status.case_no=C-1\n"));
	paper_run(p);
	to_morning(p);
	paper_tick(p, 0, 0);
	assert_int_equal(post.n, n + 2);
	paper_down(p);
}

/* A server that fails is tried again, ever more seldom, each time told; then it is given up, and the day's list has it. */
static void
tried_again(void **state)
{
	struct post post;
	struct paper *p = up(&post);
	int64_t pause = MAILING_RETRY_MIN_MS;

	(void)state;
	p->party[0].desk.config.mail.digest_hour = 23;
	refer(p, "R-1", "emergency");
	paper_tick(p, 0, CLOCK_DAY);
	for (unsigned i = 1; i <= MAILING_TRIES_MAX; i++) {
		assert_int_equal(post.n, i);
		mailed(p, ERR_PEER_DOWN);
		assert_non_null(strstr(p->party[0].told, "mail.failed kind=now"));
		if (i == MAILING_TRIES_MAX)
			break;
		paper_tick(p, 0, pause - 1);
		assert_int_equal(post.n, i);
		paper_tick(p, 0, 1);
		pause = 2 * pause < MAILING_RETRY_MAX_MS ? 2 * pause : MAILING_RETRY_MAX_MS;
		/* the list of the day stays out of this test */
		p->party[0].desk.config.mail.digest_hour = (unsigned)(clock_to_sofia(p->now_ms, NULL).hour + 2) % 24;
		if (p->party[0].desk.config.mail.digest_hour < 2)
			p->party[0].desk.config.mail.digest_hour = 23;
	}
	assert_non_null(strstr(p->party[0].told, "next=never"));
	assert_int_equal(paper_count(p, 0, TABLE_MAIL), 0);
	paper_down(p);
}

/* A crash while a mail is under way loses nothing: it is tried again after the pause, and each try is counted. */
static void
crash(void **state)
{
	struct post post;
	struct paper *p = up(&post);

	(void)state;
	p->party[0].desk.config.mail.digest_hour = 23;
	refer(p, "R-1", "emergency");
	paper_tick(p, 0, CLOCK_DAY);
	assert_int_equal(post.n, 1);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	p->party[0].desk.adapter->p.mailer = &post.mailer;
	paper_tick(p, 0, MAILING_RETRY_MIN_MS - 1);
	assert_int_equal(post.n, 1);
	paper_tick(p, 0, 1);
	assert_int_equal(post.n, 2);
	mailed(p, OK);
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(post.n, 2);
	paper_down(p);
}

/* Many at once are one mail; what does not fit into it comes with the next. */
static void
many_at_once(void **state)
{
	struct post post;
	struct paper *p = up(&post);

	(void)state;
	p->party[0].desk.config.mail.digest_hour = 23;
	for (unsigned i = 0; i < 3; i++)
		refer(p, arena_fmt(p->mem, "R-%u", i), "emergency");
	paper_tick(p, 0, CLOCK_DAY);
	assert_int_equal(post.n, 1);
	assert_int_equal(p->party[0].desk.adapter->mailing.n_items, 3);
	mailed(p, OK);
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(post.n, 1);
	paper_down(p);
}

/* A file in parts is one item, at once and in the list of the day, and no part of it brings another mail. */
static void
file_once(void **state)
{
	struct why why = { .where = "" };
	struct post post;
	struct paper *p = up(&post);

	(void)state;
	refer(p, "R-1", "emergency");
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, 2 * WHOLE_PART_BYTES + 9), NULL, &why), OK);
	files_send(p, 0);
	paper_run(p);
	p->party[0].desk.config.mail.digest_hour = 23;
	paper_tick(p, 0, CLOCK_DAY);
	assert_int_equal(post.n, 1);
	assert_int_equal(p->party[0].desk.adapter->mailing.n_items, 2);
	assert_true(has(p, &post, "a file in 3 parts, not confirmed: 3\r\n"));
	mailed(p, OK);
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(post.n, 1);
	while (post.n == 1)
		paper_tick(p, 0, CLOCK_HOUR);
	assert_int_equal(p->party[0].desk.adapter->mailing.n_items, 2);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_once_for_emergencies), cmocka_unit_test(once_a_day), cmocka_unit_test(tried_again),
		cmocka_unit_test(crash), cmocka_unit_test(many_at_once), cmocka_unit_test(file_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
