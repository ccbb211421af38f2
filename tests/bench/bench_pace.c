/* SPDX-License-Identifier: EUPL-1.2 */
/* bench_pace - how long a message takes from its sender to its recipient's receipt, at a steady rate, while one more recipient
 * is as it is.
 *
 *	bench_pace --dir WORLD --endpoint tcp://... [--pairs N] [--rate N] [--messages N] [--others N]
 *	bench_pace --dir WORLD --endpoint tcp://... --receive AGENCY [--credit N] [--pause MS]
 *
 * The first: sender-1..N to receiver-1..N, so many messages each and a second, measured; and `others` a second more from
 * sender-N+1 to receiver-N+1, which is the business of another process, the second form. That one takes what comes until it is
 * killed; MS for each message. A message is timed from the moment at which it was due, whether it could go then or not.
 * Prints JSON.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/station.h"

#define PAIRS_MAX 16
#define TICK_MS 2
#define RECORD_BYTES 1024
#define GIVE_UP_MS (60 * CLOCK_SECOND)
#define RECEIVE_CAP 200000

struct pace {
	const char *dir, *endpoint, *receive;
	size_t pairs, rate, messages, others, credit, pause_ms;

	struct enrolled enrolled;
	struct loop *loop;
	struct station *from[PAIRS_MAX + 1], *to[PAIRS_MAX];	/* from[pairs]: to the other one */
	size_t n_up, n_stations;
	int64_t begun_ns, end_ms;
	bool is_late;
};

static int64_t
interval_ns(size_t rate)
{
	return rate > 0 ? INT64_C(1000000000) / (int64_t)rate : 0;
}

static size_t
due(const struct pace *p, size_t rate)
{
	return (size_t)((parcel_now_ns() - p->begun_ns) / interval_ns(rate)) + 1;
}

static size_t
others_of(const struct pace *p)
{
	return p->messages * p->others / p->rate;
}

static void
on_up(void *arg)
{
	struct pace *p = arg;

	if (++p->n_up < p->n_stations)
		return;
	p->begun_ns = parcel_now_ns();
	for (size_t i = 0; i < p->pairs; i++) {
		station_start(p->to[i]);
		station_start(p->from[i]);
	}
	if (p->from[p->pairs])
		station_start(p->from[p->pairs]);
}

static void
on_moved(void *arg)
{
	struct pace *p = arg;
	struct station_count c;
	size_t n = 0;

	for (size_t i = 0; i < p->pairs; i++) {
		station_get_count(p->from[i], &c);
		n += c.acknowledged + c.refused;
	}
	if (n == p->pairs * p->messages)
		loop_stop(p->loop);
}

static int64_t
on_tick(void *arg)
{
	struct pace *p = arg;

	if (clock_mono_ms() >= p->end_ms) {
		p->is_late = true;
		loop_stop(p->loop);
	}
	if (p->begun_ns == 0)
		return TICK_MS;
	for (size_t i = 0; i < p->pairs; i++)
		station_release(p->from[i], due(p, p->rate));
	if (p->from[p->pairs])
		station_release(p->from[p->pairs], due(p, p->others));
	return TICK_MS;
}

static struct station *
make_station(struct pace *p, const char *role, size_t i, size_t cap)
{
	struct station_options o = {
		.enrolled = &p->enrolled, .loop = p->loop, .agency = arena_fmt(p->enrolled.mem, "%s-%zu", role, i + 1),
		.endpoint = p->endpoint, .cap = cap, .is_paced = role[0] == 's', .is_forgetful = true, .arg = p, .on_up = on_up,
		.on_moved = on_moved,
	};

	p->n_stations++;
	return station_new(&o);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
print(const struct pace *p)
{
	int64_t *ns = calloc(p->pairs * p->messages, sizeof(*ns));
	struct station_count c, other = { 0 };
	size_t n = 0, refused = 0;

	for (size_t i = 0; ns && i < p->pairs; i++) {
		n += station_round_trips(p->from[i], p->begun_ns, interval_ns(p->rate), ns + n);
		station_get_count(p->from[i], &c);
		refused += c.refused;
	}
	if (p->from[p->pairs])
		station_get_count(p->from[p->pairs], &other);
	if (n > 0)
		qsort(ns, n, sizeof(*ns), compare);
	printf("{\"messages\":%zu,\"acknowledged\":%zu,\"refused\":%zu,\"p50_us\":%.0f,\"p99_us\":%.0f,\"max_us\":%.0f,"
	       "\"others_accepted\":%zu,\"others_refused\":%zu}\n", p->pairs * p->messages, n, refused,
	       n ? (double)ns[n / 2] / 1e3 : 0, n ? (double)ns[n - 1 - n / 100] / 1e3 : 0, n ? (double)ns[n - 1] / 1e3 : 0,
	       other.accepted, other.refused);
	free(ns);
}

static void
pace(struct pace *p)
{
	for (size_t i = 0; i < p->pairs; i++) {
		p->from[i] = make_station(p, "sender", i, p->messages);
		p->to[i] = make_station(p, "receiver", i, p->messages);
		station_load(p->from[i], arena_fmt(p->enrolled.mem, "receiver-%zu", i + 1), p->messages, RECORD_BYTES);
	}
	if (p->others > 0) {
		p->from[p->pairs] = make_station(p, "sender", p->pairs, others_of(p));
		station_load(p->from[p->pairs], arena_fmt(p->enrolled.mem, "receiver-%zu", p->pairs + 1), others_of(p), RECORD_BYTES);
	}
	p->end_ms = clock_mono_ms() + GIVE_UP_MS;
	loop_add_tick(p->loop, on_tick, p);
	loop_run(p->loop);
	print(p);
}

static void
on_received(void *arg)
{
	(void)arg;
}

static void
on_ready(void *arg)
{
	struct pace *p = arg;

	station_start(p->to[0]);
	puts("up");
	fflush(stdout);
}

static void
receive(struct pace *p)
{
	struct station_options o = {
		.enrolled = &p->enrolled, .loop = p->loop, .agency = p->receive, .endpoint = p->endpoint, .cap = RECEIVE_CAP,
		.is_forgetful = true, .credit = p->credit, .pause_ms = (unsigned)p->pause_ms, .arg = p, .on_up = on_ready,
		.on_moved = on_received,
	};

	p->to[0] = station_new(&o);
	loop_run(p->loop);
}

static bool
parse_options(int argc, char **argv, struct pace *p)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' }, { "endpoint", required_argument, NULL, 'e' },
		{ "pairs", required_argument, NULL, 'n' }, { "rate", required_argument, NULL, 'r' },
		{ "messages", required_argument, NULL, 'm' }, { "others", required_argument, NULL, 'o' },
		{ "receive", required_argument, NULL, 'a' }, { "credit", required_argument, NULL, 'c' },
		{ "pause", required_argument, NULL, 'p' }, { NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd': p->dir = optarg; break;
		case 'e': p->endpoint = optarg; break;
		case 'n': p->pairs = enrolled_number(optarg, 1, PAIRS_MAX); break;
		case 'r': p->rate = enrolled_number(optarg, 1, 10000); break;
		case 'm': p->messages = enrolled_number(optarg, 1, 100000); break;
		case 'o': p->others = enrolled_number(optarg, 0, 10000); break;
		case 'a': p->receive = optarg; break;
		case 'c': p->credit = enrolled_number(optarg, 1, 1000000); break;
		case 'p': p->pause_ms = enrolled_number(optarg, 0, 60000); break;
		default: return false;
		}
	}
	return p->dir && p->endpoint && optind == argc;
}

int
main(int argc, char **argv)
{
	struct pace p = { .pairs = 3, .rate = 50, .messages = 200 };

	if (!parse_options(argc, argv, &p)) {
		fputs("usage: bench_pace --dir WORLD --endpoint ENDPOINT [--pairs N] [--rate N] [--messages N] [--others N]\n"
		      "       bench_pace --dir WORLD --endpoint ENDPOINT --receive AGENCY [--credit N] [--pause MS]\n", stderr);
		return 64;
	}
	enrolled_open(p.dir, &p.enrolled);
	if (loop_new(&p.loop) != OK)
		enrolled_die("no loop");
	if (p.receive)
		receive(&p);
	else
		pace(&p);
	for (size_t i = 0; i < PAIRS_MAX; i++) {
		station_free(p.from[i]);
		station_free(p.to[i]);
	}
	loop_free(p.loop);
	enrolled_close(&p.enrolled);
	return p.is_late ? 1 : 0;
}
