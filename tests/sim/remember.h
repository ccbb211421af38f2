/* SPDX-License-Identifier: EUPL-1.2 */
/* remember - signing and verifying, remembered: pure functions, whose answer to the same question is the same. Header-only, for the one
 * program that includes it, all of whose calls come here; its workers share what they know.
 */
#ifndef SIM_REMEMBER_H
#define SIM_REMEMBER_H

#include <sodium.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define REMEMBER_ANSWERS (1u << 20)
#define REMEMBER_TRIES 16			/* places where one may be; beyond them it is not remembered */

enum remember_what { REMEMBER_SIGN = 1, REMEMBER_VERIFY, REMEMBER_KEY };
enum { REMEMBER_FREE, REMEMBER_BEING_WRITTEN, REMEMBER_KNOWN };

struct remember_answer {
	_Atomic int state;
	int result;
	uint8_t question[24];
	uint8_t bytes[crypto_sign_PUBLICKEYBYTES + crypto_sign_SECRETKEYBYTES];
};

static struct remember_answer *remember_answers;

/* Before the first worker. */
static inline void
remember_open(void)
{
	remember_answers = mmap(NULL, REMEMBER_ANSWERS * sizeof(*remember_answers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
			    -1, 0);
	if (remember_answers == MAP_FAILED)
		remember_answers = NULL;
}

/* Its answer, or a place for it, which the caller fills and calls known; NULL: there is none. */
static inline struct remember_answer *
remember_find(enum remember_what what, const uint8_t *parts[], const size_t lens[], size_t n)
{
	uint8_t question[24] = { (uint8_t)what };
	crypto_generichash_state st;
	uint64_t at;
	int free_place;

	if (remember_answers == NULL)
		return NULL;
	(void)crypto_generichash_init(&st, NULL, 0, sizeof(question) - 1);
	for (size_t i = 0; i < n; i++)
		(void)crypto_generichash_update(&st, parts[i], lens[i]);
	(void)crypto_generichash_final(&st, question + 1, sizeof(question) - 1);
	memcpy(&at, question + 1, sizeof(at));
	for (unsigned i = 0; i < REMEMBER_TRIES; i++) {
		struct remember_answer *a = &remember_answers[(at + i) % REMEMBER_ANSWERS];

		free_place = REMEMBER_FREE;
		if (atomic_compare_exchange_strong(&a->state, &free_place, REMEMBER_BEING_WRITTEN)) {
			memcpy(a->question, question, sizeof(question));
			return a;
		}
		if (free_place == REMEMBER_KNOWN && memcmp(a->question, question, sizeof(question)) == 0)
			return a;
	}
	return NULL;
}

int
crypto_sign_detached(unsigned char *sig, unsigned long long *sig_n, const unsigned char *text, unsigned long long n,
		     const unsigned char *sk)
{
	struct remember_answer *a = remember_find(REMEMBER_SIGN, (const uint8_t *[]){ sk, text }, (const size_t[]){ crypto_sign_SECRETKEYBYTES, n }, 2);

	if (a == NULL || sig_n != NULL)
		return crypto_sign_ed25519_detached(sig, sig_n, text, n, sk);
	if (atomic_load(&a->state) != REMEMBER_KNOWN) {
		a->result = crypto_sign_ed25519_detached(a->bytes, NULL, text, n, sk);
		atomic_store(&a->state, REMEMBER_KNOWN);
	}
	memcpy(sig, a->bytes, crypto_sign_BYTES);
	return a->result;
}

int
crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *text, unsigned long long n, const unsigned char *pk)
{
	struct remember_answer *a = remember_find(REMEMBER_VERIFY, (const uint8_t *[]){ pk, sig, text },
					  (const size_t[]){ crypto_sign_PUBLICKEYBYTES, crypto_sign_BYTES, n }, 3);

	if (a == NULL)
		return crypto_sign_ed25519_verify_detached(sig, text, n, pk);
	if (atomic_load(&a->state) != REMEMBER_KNOWN) {
		a->result = crypto_sign_ed25519_verify_detached(sig, text, n, pk);
		atomic_store(&a->state, REMEMBER_KNOWN);
	}
	return a->result;
}

int
crypto_sign_seed_keypair(unsigned char *pk, unsigned char *sk, const unsigned char *seed)
{
	struct remember_answer *a = remember_find(REMEMBER_KEY, (const uint8_t *[]){ seed }, (const size_t[]){ crypto_sign_SEEDBYTES }, 1);

	if (a == NULL)
		return crypto_sign_ed25519_seed_keypair(pk, sk, seed);
	if (atomic_load(&a->state) != REMEMBER_KNOWN) {
		a->result = crypto_sign_ed25519_seed_keypair(a->bytes, a->bytes + crypto_sign_PUBLICKEYBYTES, seed);
		atomic_store(&a->state, REMEMBER_KNOWN);
	}
	memcpy(pk, a->bytes, crypto_sign_PUBLICKEYBYTES);
	memcpy(sk, a->bytes + crypto_sign_PUBLICKEYBYTES, crypto_sign_SECRETKEYBYTES);
	return a->result;
}

#endif
