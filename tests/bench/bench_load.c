/* SPDX-License-Identifier: EUPL-1.2 */
/* bench_load - how much goes through one hub with everything on: sealed envelopes from N senders, each with so many in flight, to a
 * receiver each, and their receipts back.
 *
 *	bench_load --dir WORLD --endpoint tcp://... [--hub-pid PID] [--senders N] [--window W] [--messages N] [--bytes N]
 *		   [--seconds N] [--json]
 *
 * WORLD is a folder as config/stage/world.py makes it, with agencies sender-1.. and receiver-1...; the hub runs. The records are sealed
 * before the clock starts; signed when they are submitted. Rates count from the first submit to the last accepted, taken by the
 * receiver, acknowledged at the sender. All stations live in one thread and keep nothing on disk: the load is the hub's.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/station.h"

#define SENDERS_MAX 64

struct load {
	const char *dir, *endpoint;
	pid_t hub;			/* 0: not told */
	size_t senders, window, messages, bytes;
	int64_t seconds;		/* given up after */
	bool json;

	struct enrolled enrolled;
	struct loop *loop;
	struct station *from[SENDERS_MAX], *to[SENDERS_MAX];
	size_t n_up;
	int64_t seal_ns, begun_ns, hub_ns, own_ns, end_mono_ms;
	bool is_late;
};

struct totals {
	struct station_count sum;	/* times: the last of all */
	int64_t p50_ns, p99_ns;
};

/* CPU time used so far; 0 if the process is not there. */
static int64_t
cpu_ns(pid_t pid)
{
	clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
	struct timespec t = { 0 };

	if (pid != 0 && clock_getcpuclockid(pid, &clock) != 0)
		return 0;
	return clock_gettime(clock, &t) == 0 ? (int64_t)t.tv_sec * 1000000000 + t.tv_nsec : 0;
}

static size_t
messages_of(const struct load *l, size_t sender)
{
	return l->messages / l->senders + (sender < l->messages % l->senders);
}

static void
add_count(const struct station *s, struct station_count *sum)
{
	struct station_count c;

	station_get_count(s, &c);
	sum->submitted += c.submitted;
	sum->accepted += c.accepted;
	sum->delivered += c.delivered;
	sum->acknowledged += c.acknowledged;
	sum->refused += c.refused;
	sum->bytes_out += c.bytes_out;
	sum->bytes_in += c.bytes_in;
	sum->envelope_bytes += c.envelope_bytes;
	if (c.accepted_ns > sum->accepted_ns)
		sum->accepted_ns = c.accepted_ns;
	if (c.delivered_ns > sum->delivered_ns)
		sum->delivered_ns = c.delivered_ns;
	if (c.acknowledged_ns > sum->acknowledged_ns)
		sum->acknowledged_ns = c.acknowledged_ns;
}

static void
count(const struct load *l, struct station_count *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i < l->senders; i++) {
		add_count(l->from[i], sum);
		add_count(l->to[i], sum);
	}
}

/* -- events -- */

static void
on_up(void *arg)
{
	struct load *l = arg;

	if (++l->n_up < 2 * l->senders)
		return;
	l->hub_ns = l->hub ? cpu_ns(l->hub) : 0;
	l->own_ns = cpu_ns(0);
	l->begun_ns = parcel_now_ns();
	for (size_t i = 0; i < l->senders; i++) {
		station_start(l->to[i]);
		station_start(l->from[i]);
	}
}

static void
on_moved(void *arg)
{
	struct load *l = arg;
	struct station_count sum;

	count(l, &sum);
	if (sum.acknowledged == l->messages || sum.refused > 0)
		loop_stop(l->loop);
}

static int64_t
on_tick(void *arg)
{
	struct load *l = arg;

	if (clock_mono_ms() >= l->end_mono_ms) {
		l->is_late = true;
		loop_stop(l->loop);
	}
	return 100;
}

/* -- before and after -- */

static struct station *
make_station(struct load *l, const char *role, size_t i, size_t window, size_t cap)
{
	struct station_options o = {
		.enrolled = &l->enrolled, .loop = l->loop, .agency = arena_fmt(l->enrolled.mem, "%s-%zu", role, i + 1),
		.endpoint = l->endpoint, .window = window, .cap = cap, .arg = l, .on_up = on_up, .on_moved = on_moved,
	};

	return station_new(&o);
}

static void
prepare(struct load *l)
{
	enrolled_open(l->dir, &l->enrolled);
	if (loop_new(&l->loop) != OK)
		enrolled_die("no loop");
	for (size_t i = 0; i < l->senders; i++) {
		size_t n = messages_of(l, i);
		int64_t begun;

		l->from[i] = make_station(l, "sender", i, l->window, n);
		l->to[i] = make_station(l, "receiver", i, 0, n);
		begun = parcel_now_ns();
		station_load(l->from[i], arena_fmt(l->enrolled.mem, "receiver-%zu", i + 1), n, l->bytes);
		l->seal_ns += parcel_now_ns() - begun;
	}
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
sum_up(const struct load *l, struct totals *t)
{
	int64_t *ns = calloc(l->messages, sizeof(*ns));
	size_t n = 0;

	memset(t, 0, sizeof(*t));
	count(l, &t->sum);
	for (size_t i = 0; ns && i < l->senders; i++)
		n += station_latencies(l->from[i], ns + n);
	if (n > 0) {
		qsort(ns, n, sizeof(*ns), compare);
		t->p50_ns = ns[n / 2];
		t->p99_ns = ns[n - 1 - n / 100];
	}
	free(ns);
}

static double
rate(size_t n, int64_t begun_ns, int64_t end_ns)
{
	return end_ns > begun_ns ? (double)n * 1e9 / (double)(end_ns - begun_ns) : 0;
}

static double
us_each(int64_t ns, size_t n)
{
	return n ? (double)ns / 1e3 / (double)n : 0;
}

static void
print(const struct load *l, const struct totals *t)
{
	const struct station_count *c = &t->sum;
	double accepted = rate(c->accepted, l->begun_ns, c->accepted_ns), delivered = rate(c->delivered, l->begun_ns, c->delivered_ns),
	       acknowledged = rate(c->acknowledged, l->begun_ns, c->acknowledged_ns);
	double hub = us_each(l->hub_ns, l->messages), own = us_each(l->own_ns, l->messages), seal = us_each(l->seal_ns, l->messages);
	double envelope = c->submitted ? (double)c->envelope_bytes / (double)c->submitted : 0;
	double wire = (double)(c->bytes_in + c->bytes_out) / (double)l->messages;

	if (l->json) {
		printf("{\"senders\":%zu,\"window\":%zu,\"messages\":%zu,\"record_bytes\":%zu,\"accepted\":%zu,\"delivered\":%zu,"
		       "\"acknowledged\":%zu,\"refused\":%zu,", l->senders, l->window, l->messages, l->bytes, c->accepted, c->delivered,
		       c->acknowledged, c->refused);
		printf("\"accepted_per_s\":%.1f,\"delivered_per_s\":%.1f,\"acknowledged_per_s\":%.1f,\"confirm_p50_us\":%.0f,"
		       "\"confirm_p99_us\":%.0f,", accepted, delivered, acknowledged, (double)t->p50_ns / 1e3, (double)t->p99_ns / 1e3);
		printf("\"hub_cpu_us\":%.1f,\"stations_cpu_us\":%.1f,\"seal_us\":%.1f,\"envelope_bytes\":%.0f,\"wire_bytes\":%.0f}\n",
		       hub, own, seal, envelope, wire);
		return;
	}
	printf("%zu x %zu, %zu records of %zu bytes: %zu accepted, %zu delivered, %zu acknowledged, %zu refused\n", l->senders, l->window,
	       l->messages, l->bytes, c->accepted, c->delivered, c->acknowledged, c->refused);
	printf("per second: %.0f accepted, %.0f delivered, %.0f acknowledged\n", accepted, delivered, acknowledged);
	printf("confirmed after %.0f us (p50), %.0f us (p99)\n", (double)t->p50_ns / 1e3, (double)t->p99_ns / 1e3);
	printf("each: %.1f us of the hub's CPU, %.1f us of the stations'; sealed before in %.1f us; envelope of %.0f bytes, %.0f on the wire\n",
	       hub, own, seal, envelope, wire);
}

static void
usage(FILE *to)
{
	fputs("usage: bench_load --dir WORLD --endpoint ENDPOINT [--hub-pid PID] [--senders N] [--window N] [--messages N]\n"
	      "                  [--bytes N] [--seconds N] [--json]\n", to);
}

static bool
parse_options(int argc, char **argv, struct load *l)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' }, { "endpoint", required_argument, NULL, 'e' },
		{ "hub-pid", required_argument, NULL, 'p' }, { "senders", required_argument, NULL, 's' },
		{ "window", required_argument, NULL, 'w' }, { "messages", required_argument, NULL, 'm' },
		{ "bytes", required_argument, NULL, 'b' }, { "seconds", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd': l->dir = optarg; break;
		case 'e': l->endpoint = optarg; break;
		case 'p': l->hub = (pid_t)enrolled_number(optarg, 1, INT32_MAX); break;
		case 's': l->senders = enrolled_number(optarg, 1, SENDERS_MAX); break;
		case 'w': l->window = enrolled_number(optarg, 1, 4096); break;
		case 'm': l->messages = enrolled_number(optarg, 1, 10000000); break;
		case 'b': l->bytes = enrolled_number(optarg, 1, 4096); break;
		case 't': l->seconds = (int64_t)enrolled_number(optarg, 1, 86400); break;
		case 'j': l->json = true; break;
		default: return false;
		}
	}
	return l->dir && l->endpoint && optind == argc;
}

int
main(int argc, char **argv)
{
	struct load l = { .senders = 1, .window = 1, .messages = 1000, .bytes = 1024, .seconds = 120 };
	struct totals t;
	bool is_whole;

	if (!parse_options(argc, argv, &l)) {
		usage(stderr);
		return 64;
	}
	prepare(&l);
	l.end_mono_ms = clock_mono_ms() + l.seconds * CLOCK_SECOND;
	loop_add_tick(l.loop, on_tick, &l);
	loop_run(l.loop);
	l.hub_ns = l.hub ? cpu_ns(l.hub) - l.hub_ns : 0;
	l.own_ns = cpu_ns(0) - l.own_ns;
	sum_up(&l, &t);
	print(&l, &t);
	is_whole = !l.is_late && t.sum.acknowledged == l.messages && t.sum.accepted == l.messages && t.sum.refused == 0;
	for (size_t i = 0; i < l.senders; i++) {
		station_free(l.from[i]);
		station_free(l.to[i]);
	}
	loop_free(l.loop);
	enrolled_close(&l.enrolled);
	return is_whole ? 0 : 1;
}
