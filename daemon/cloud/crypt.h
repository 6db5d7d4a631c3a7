/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The hashes, ciphers and spellings that the clouds use, by wolfCrypt.
 */
#ifndef ATMQTT_CLOUD_CRYPT_H
#define ATMQTT_CLOUD_CRYPT_H

#include <stddef.h>
#include <stdint.h>

#define HASH_MAX	32	/* bytes of the longest */
#define HASH_HEX_MAX	(2 * HASH_MAX + 1)

enum hash {
	HASH_MD5,
	HASH_SHA1,
	HASH_SHA256,
};

size_t hash_size(enum hash type);

/* @out has hash_size() bytes.  0 or -EIO. */
int hash_data(enum hash type, const void *data, size_t len, uint8_t *out);
int hash_hmac(enum hash type, const void *key, size_t key_len,
	      const void *data, size_t len, uint8_t *out);

/* The same in hexadecimal, small letters, with a NUL behind. */
int hash_data_hex(enum hash type, const char *text, char *out);
int hash_hmac_hex(enum hash type, const void *key, size_t key_len,
		  const char *text, char *out);

/* 2 * @len small hexadecimal digits and a NUL */
void hex_encode(const uint8_t *in, size_t len, char *out);

/*
 * Without line ends and with a NUL behind; @size is that of @out.  0 or
 * -E2BIG.
 */
int base64_encode(const uint8_t *in, size_t len, char *out, size_t size);

/*
 * Strict: padded, nothing else in it, not empty.  @len is the size of @out
 * and then what was decoded.  0, -EINVAL or -E2BIG.
 */
int base64_decode(const char *text, uint8_t *out, size_t *len);

#define AES_KEY		16	/* bytes: AES-128 */
#define AES_BLOCK	16

/* In place; @len is a multiple of AES_BLOCK.  0, -EINVAL or -EIO. */
int aes_cbc_decrypt(const uint8_t *key, const uint8_t *iv, uint8_t *data,
		    size_t len);
int aes_ecb_encrypt(const uint8_t *key, uint8_t *data, size_t len);
int aes_ecb_decrypt(const uint8_t *key, uint8_t *data, size_t len);

#endif /* ATMQTT_CLOUD_CRYPT_H */
