/* SPDX-License-Identifier: EUPL-1.2 */
/* proof - a leaf of another type is no proof: a conflict is in the log, too. */
#include "adapters/core/proof.h"

#include "proto/base/bug.h"

enum leaf_type
proof_leaf_type(enum envelope_class class, enum stage stage)
{
	if (class == CLASS_NOTICE)
		return LEAF_NOTICE;
	if (class == CLASS_ANNOUNCE)
		return LEAF_ANNOUNCE;
	if (class != CLASS_RECEIPT)
		return LEAF_SUBMIT;
	if (stage == STAGE_RESEAL)
		return LEAF_RESEAL;
	return stage == STAGE_REGISTERED ? LEAF_REGISTERED : stage == STAGE_SEEN ? LEAF_SEEN :
	    stage == STAGE_REFUSED ? LEAF_REFUSED : stage == STAGE_WITHDRAWN ? LEAF_WITHDRAWN : LEAF_DELIVERED;
}

bool
proof_is_of(struct adapter *a, struct span leaf_bytes, struct span salt, struct span detail_bytes, const struct msgid *id,
	    const struct hash *env_hash, const char *from, struct leaf *ret_leaf)
{
	struct detail detail;
	struct hash hash;

	if (salt.n != LEAF_SALT_LEN || leaf_decode(leaf_bytes, ret_leaf) != OK ||
	    detail_decode(detail_bytes, a->mem, &detail) != OK)
		return false;
	detail_hash(salt.p, detail_bytes, &hash);
	return hash_eq(&hash, &ret_leaf->detail) && msgid_eq(&detail.id, id) && hash_eq(&detail.env_hash, env_hash) &&
	       detail.from && strcmp(detail.from, from) == 0;
}

bool
proof_of_delivery(struct adapter *a, const struct deliver_item *item, const struct envelope *env, const struct checkpoint *cp)
{
	struct leaf leaf;
	struct hash hash;

	if (!proof_is_of(a, item->leaf, item->salt, item->detail, &env->header.id, &env->hash, env->header.from, &leaf) ||
	    leaf.type != proof_leaf_type(env->header.class, env->header.stage))
		return bug(BUG_PROOF_NOT_CHECKED);
	leaf_hash(item->leaf.p, &hash);
	return merkle_check_inclusion(&hash, leaf.seq, cp->size, item->path, item->n_path, &cp->root) || bug(BUG_PROOF_NOT_CHECKED);
}
