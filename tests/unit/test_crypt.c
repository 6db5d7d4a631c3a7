// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is left of a key when wolfCrypt fails: nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>

#include "daemon/cloud/crypt.h"

static const uint8_t key[16] = "a secret, 16 b.";

static struct {
	int set_key_rc;
	int open;	/* initialised and not freed */
	Aes *aes;
} wolf;

/* These stand in front of the library's. */
int wc_AesInit(Aes *aes, void *heap, int device)
{
	(void)heap;
	(void)device;
	memset(aes, 0, sizeof(*aes));
	wolf.aes = aes;
	wolf.open++;
	return 0;
}

int wc_AesSetKey(Aes *aes, const byte *k, word32 len, const byte *iv,
		 int direction)
{
	(void)iv;
	(void)direction;
	memcpy(aes->key, k, len);
	return wolf.set_key_rc;
}

void wc_AesFree(Aes *aes)
{
	assert_ptr_equal(aes, wolf.aes);
	wolf.open--;
}

static void a_key_that_fails_is_freed(void **state)
{
	uint8_t data[16] = { 0 };

	(void)state;
	wolf.set_key_rc = -1;
	assert_int_equal(aes_cbc_decrypt(key, key, data, sizeof(data)), -EIO);
	assert_int_equal(wolf.open, 0);
	assert_int_equal(aes_ecb_encrypt(key, data, sizeof(data)), -EIO);
	assert_int_equal(wolf.open, 0);
	assert_int_equal(aes_ecb_decrypt(key, data, sizeof(data)), -EIO);
	assert_int_equal(wolf.open, 0);
}

static void half_a_block_is_refused(void **state)
{
	uint8_t data[16] = { 0 };

	(void)state;
	assert_int_equal(aes_ecb_encrypt(key, data, 15), -EINVAL);
	assert_int_equal(wolf.open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_fails_is_freed),
		cmocka_unit_test(half_a_block_is_refused),
	};

	return cmocka_run_group_tests_name("crypt", tests, NULL, NULL);
}
