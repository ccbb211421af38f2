/* SPDX-License-Identifier: EUPL-1.2 */
/* quota - limits are the configuration's, each less its last part, which only an EMERGENCY may use. */
#include "hub/quota.h"

#include "proto/base/bug.h"

static struct share_row
share_of(struct hub *hub, const char *recipient, const char *sender)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_SHARES, row_key_share(recipient, sender, &key));
	struct share_row share = { 0 };

	if (value.p == NULL || row_decode_share(value, &share) != OK)
		return (struct share_row){ 0 };
	return share;
}

static void
put_share(struct hub *hub, const char *recipient, const char *sender, const struct share_row *share)
{
	struct row_key key;
	struct span at = row_key_share(recipient, sender, &key);

	if (share->messages == 0)
		state_del(hub, TABLE_SHARES, at);
	else
		state_put(hub, TABLE_SHARES, at, row_share(share, hub->mem));
}

bool
quota_is_disk_low(const struct hub *hub, enum envelope_class class, enum priority priority)
{
	uint64_t low = hub->config->limits.disk_low_bytes, percent = hub->config->limits.disk_low_percent;
	uint64_t part = priority == PRIORITY_EMERGENCY ? QUOTA_DISK_EMERGENCY_PART : 1;

	if (hub->room == 0 || bug(BUG_DISK_LOW_IGNORED))
		return false;
	if (class == CLASS_RECEIPT)
		return hub->room < low / QUOTA_DISK_RECEIPT_PART;
	return hub->room < low / part || hub->room < hub->total / 100 * percent / part;
}

/* What of a limit this message may use. */
static uint64_t
open_part(const struct hub *hub, const struct header *h, uint64_t limit)
{
	uint32_t kept = h->priority == PRIORITY_EMERGENCY ? 0 : hub->config->limits.emergency_percent;

	return limit - limit / 100 * kept - limit % 100 * kept / 100;
}

static enum err
check_queue(struct hub *hub, const struct header *h, const char *to, struct why *why)
{
	uint64_t messages = hub->config->limits.queued_messages, bytes = hub->config->limits.queued_bytes;
	uint64_t percent = hub->config->limits.sender_percent;
	const struct party *p = state_party(hub, to);
	struct share_row share;

	if (p == NULL)
		return ERR_STORE;
	if (bug(BUG_QUOTA_IGNORED))
		return OK;
	if (p->row.queued >= open_part(hub, h, messages) || p->row.queued_bytes >= open_part(hub, h, bytes))
		return why_set(why, ERR_FULL, "to", "the recipient's queue is full");
	share = share_of(hub, to, h->from);
	if (share.messages >= open_part(hub, h, messages * percent / 100) ||
	    share.bytes >= open_part(hub, h, bytes / 100 * percent))
		return why_set(why, ERR_FULL, "to", "the sender's share of the recipient's queue is used up");
	return OK;
}

enum err
quota_check(struct hub *hub, const struct header *h, struct why *why)
{
	const struct party *from;
	enum err e;

	if (quota_is_disk_low(hub, h->class, h->priority))
		return why_set(why, ERR_FULL, "hub", "little room on the disk");
	if (h->class == CLASS_RECEIPT)
		return OK;
	if ((from = state_party(hub, h->from)) == NULL)
		return ERR_STORE;
	if (from->row.under_way >= open_part(hub, h, hub->config->limits.sent_messages) ||
	    from->row.under_way_bytes >= open_part(hub, h, hub->config->limits.sent_bytes))
		return why_set(why, ERR_FULL, "from", "too much of this agency is under way");
	for (size_t i = 0; i < h->n_to; i++)
		if ((e = check_queue(hub, h, h->to[i], why)) != OK)
			return e;
	return OK;
}

void
quota_add(struct hub *hub, struct party *p, struct party *from, uint64_t bytes)
{
	struct share_row share;

	p->row.queued++;
	p->row.queued_bytes += bytes;
	state_dirty(p);
	if (from == NULL)
		return;
	from->row.under_way++;
	from->row.under_way_bytes += bytes;
	state_dirty(from);
	share = share_of(hub, p->id, from->id);
	share.messages++;
	share.bytes += bytes;
	put_share(hub, p->id, from->id, &share);
}

void
quota_sub(struct hub *hub, struct party *p, struct party *from, uint64_t bytes)
{
	struct share_row share;

	p->row.queued--;
	p->row.queued_bytes -= bytes;
	state_dirty(p);
	if (from == NULL)
		return;
	from->row.under_way--;
	from->row.under_way_bytes -= bytes;
	state_dirty(from);
	share = share_of(hub, p->id, from->id);
	share.messages -= share.messages > 0;
	share.bytes -= share.bytes < bytes ? share.bytes : bytes;
	put_share(hub, p->id, from->id, &share);
}
