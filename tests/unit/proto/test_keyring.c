/* SPDX-License-Identifier: EUPL-1.2 */
/* keyring - keys in memory and in files: one use each, private, never over another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/bytes.h"
#include "proto/keyring.h"

static char folder[64];

static int
make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/nasoka-keyring-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
drop_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(fputs(text, f) >= 0, 1);
	fclose(f);
}

/* Known answers: RFC 8032 test 1 for Ed25519, the first iteration of RFC 7748 5.2 for X25519. */
static void
test_known(void **state)
{
	uint8_t seed[KEY_LEN];
	struct key *key;
	char hex[2 * KEY_LEN + 1];

	(void)state;
	assert_int_equal(bytes_unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed, KEY_LEN), OK);
	assert_int_equal(key_from_seed(KEY_SIGNING, seed, &key), OK);
	bytes_hex(key_public(key)->b, KEY_LEN, hex);
	assert_string_equal(hex, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	key_free(key);
	assert_int_equal(bytes_unhex("0900000000000000000000000000000000000000000000000000000000000000", seed, KEY_LEN), OK);
	assert_int_equal(key_from_seed(KEY_SEALING, seed, &key), OK);
	assert_int_equal(key_use_of(key), KEY_SEALING);
	bytes_hex(key_public(key)->b, KEY_LEN, hex);
	assert_string_equal(hex, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
	key_free(key);
}

/* The same secret under another use is another key id; the symmetric public half is not the secret. */
static void
test_uses(void **state)
{
	static const uint8_t seed[KEY_LEN] = { 1, 2, 3 };
	struct key *a, *b, *c;

	(void)state;
	assert_int_equal(key_from_seed(KEY_SIGNING, seed, &a), OK);
	assert_int_equal(key_from_seed(KEY_WITNESS, seed, &b), OK);
	assert_int_equal(key_from_seed(KEY_LOCAL, seed, &c), OK);
	assert_memory_equal(key_public(a), key_public(b), KEY_LEN);
	assert_false(key_id_eq(key_id(a), key_id(b)));
	assert_memory_not_equal(key_public(c), seed, KEY_LEN);
	assert_int_equal(key_from_seed((enum key_use)99, seed, &a), ERR_FORMAT);
	assert_string_equal(key_use_name((enum key_use)0), "?");
	key_free(a);
	key_free(b);
	key_free(c);
	key_free(NULL);
}

/* What is saved is private and loads back; it is never written over. */
static void
test_save_load(void **state)
{
	struct key *key, *back = NULL;
	struct why why;
	struct stat st;

	(void)state;
	for (int use = KEY_SIGNING; use <= KEY_KEK; use++) {
		const char *path = path_of("a.key");

		assert_int_equal(key_make((enum key_use)use, &key), OK);
		assert_int_equal(key_save(key, path), OK);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(key_save(key, path), ERR_EXISTS);
		assert_int_equal(key_load(path, (enum key_use)use, &back, &why), OK);
		assert_memory_equal(key_secret(key), key_secret(back), KEY_LEN);
		assert_true(key_id_eq(key_id(key), key_id(back)));
		assert_int_equal(unlink(path), 0);
		key_free(key);
		key_free(back);
	}
	assert_int_equal(key_make(KEY_LOG, &key), OK);
	assert_int_equal(key_save(key, path_of("no/such/folder")), ERR_KEYFILE);
	key_free(key);
	assert_int_equal(rmdir(folder), 0);	/* no name that it was written under is left */
	assert_int_equal(mkdir(folder, 0700), 0);
}

/* A file that others may read, a link, a folder, nothing, or a key of another use is refused, and says why. */
static void
test_refused_files(void **state)
{
	struct key *key, *back;
	struct why why;
	char target[128];

	(void)state;
	assert_int_equal(key_make(KEY_SIGNING, &key), OK);
	snprintf(target, sizeof(target), "%s", path_of("b.key"));
	assert_int_equal(key_save(key, target), OK);
	assert_int_equal(key_load(target, KEY_WITNESS, &back, &why), ERR_KEYFILE);
	assert_non_null(strstr(why.text, "witness"));
	assert_int_equal(chmod(target, 0640), 0);
	assert_int_equal(key_load(target, KEY_SIGNING, &back, &why), ERR_KEYFILE);
	assert_non_null(strstr(why.text, "chmod 600"));
	assert_int_equal(chmod(target, 0600), 0);
	assert_int_equal(symlink(target, path_of("link")), 0);
	assert_int_equal(key_load(path_of("link"), KEY_SIGNING, &back, &why), ERR_KEYFILE);
	assert_int_equal(key_load(folder, KEY_SIGNING, &back, &why), ERR_KEYFILE);
	assert_int_equal(key_load(path_of("none"), KEY_SIGNING, &back, &why), ERR_KEYFILE);
	unlink(path_of("link"));
	unlink(target);
	key_free(key);
}

/* Every damage of the text is refused: a changed secret does not fit its key id. */
static void
test_damaged(void **state)
{
	static const char *const bad[] = {
		"", "x", "nasoka-key v1 signing ", "nasoka-key v2 signing 0011223344556677\nAAAA\n",
		"nasoka-key v1 signing 0011223344556677\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"nasoka-key v1 signing 00112233445566zz\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"nasoka-key v1 signing 0011223344556677\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA*=\n",
		"nasoka-key v1 signing 0011223344556677\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
	};
	struct key *back;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file(path_of("c.key"), bad[i], 0600);
		assert_int_equal(key_load(path_of("c.key"), KEY_SIGNING, &back, &why), ERR_KEYFILE);
		unlink(path_of("c.key"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),	      cmocka_unit_test(test_uses),    cmocka_unit_test(test_save_load),
		cmocka_unit_test(test_refused_files), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests_name("keyring", tests, make_folder, drop_folder);
}
