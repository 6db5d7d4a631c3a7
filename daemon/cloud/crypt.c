// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/cloud/crypt.h"

#include <errno.h>
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/hmac.h>

static const struct {
	enum wc_HashType wolf;
	size_t size;
} types[] = {
	[HASH_MD5] = { WC_HASH_TYPE_MD5, 16 },
	[HASH_SHA1] = { WC_HASH_TYPE_SHA, 20 },
	[HASH_SHA256] = { WC_HASH_TYPE_SHA256, 32 },
};

size_t hash_size(enum hash type)
{
	return types[type].size;
}

int hash_data(enum hash type, const void *data, size_t len, uint8_t *out)
{
	return wc_Hash(types[type].wolf, data, (word32)len, out,
		       (word32)types[type].size) ? -EIO : 0;
}

int hash_hmac(enum hash type, const void *key, size_t key_len,
	      const void *data, size_t len, uint8_t *out)
{
	Hmac hmac;
	int rc;

	if (wc_HmacInit(&hmac, NULL, INVALID_DEVID))
		return -EIO;
	rc = wc_HmacSetKey(&hmac, (int)types[type].wolf, key, (word32)key_len);
	if (!rc)
		rc = wc_HmacUpdate(&hmac, data, (word32)len);
	if (!rc)
		rc = wc_HmacFinal(&hmac, out);
	wc_HmacFree(&hmac);
	explicit_bzero(&hmac, sizeof(hmac));
	return rc ? -EIO : 0;
}

void hex_encode(const uint8_t *in, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (; len; len--, in++) {
		*out++ = digits[*in >> 4];
		*out++ = digits[*in & 15];
	}
	*out = 0;
}

int hash_data_hex(enum hash type, const char *text, char *out)
{
	uint8_t raw[HASH_MAX];
	int rc = hash_data(type, text, strlen(text), raw);

	if (!rc)
		hex_encode(raw, types[type].size, out);
	return rc;
}

int hash_hmac_hex(enum hash type, const void *key, size_t key_len,
		  const char *text, char *out)
{
	uint8_t raw[HASH_MAX];
	int rc = hash_hmac(type, key, key_len, text, strlen(text), raw);

	if (!rc)
		hex_encode(raw, types[type].size, out);
	return rc;
}

int base64_encode(const uint8_t *in, size_t len, char *out, size_t size)
{
	word32 n = (word32)size;

	if (size < (len + 2) / 3 * 4 + 1)
		return -E2BIG;
	if (Base64_Encode_NoNl(in, (word32)len, (byte *)out, &n))
		return -E2BIG;
	out[n] = 0;
	return 0;
}

/* wolfCrypt's decoder passes over line ends and what follows the padding. */
static int is_base64(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789+/");
	size_t padding = strspn(text + n, "=");

	return n && padding <= 2 && !text[n + padding] &&
	       (n + padding) % 4 == 0;
}

int base64_decode(const char *text, uint8_t *out, size_t *len)
{
	word32 n = (word32)*len;

	if (!is_base64(text))
		return -EINVAL;
	if (*len < strlen(text) / 4 * 3)
		return -E2BIG;
	if (Base64_Decode((const byte *)text, (word32)strlen(text), out, &n))
		return -EINVAL;
	*len = n;
	return 0;
}

static int aes_end(Aes *aes, int rc)
{
	wc_AesFree(aes);
	explicit_bzero(aes, sizeof(*aes));
	return rc ? -EIO : 0;
}

/* 0: aes_end() is to follow. */
static int aes_start(Aes *aes, const uint8_t *key, const uint8_t *iv,
		     int direction, size_t len)
{
	int rc;

	if (len % AES_BLOCK)
		return -EINVAL;
	if (wc_AesInit(aes, NULL, INVALID_DEVID))
		return -EIO;
	rc = wc_AesSetKey(aes, key, AES_KEY, iv, direction);
	return rc ? aes_end(aes, rc) : 0;
}

int aes_cbc_decrypt(const uint8_t *key, const uint8_t *iv, uint8_t *data,
		    size_t len)
{
	Aes aes;
	int rc = aes_start(&aes, key, iv, AES_DECRYPTION, len);

	if (rc)
		return rc;
	return aes_end(&aes, wc_AesCbcDecrypt(&aes, data, data, (word32)len));
}

int aes_ecb_encrypt(const uint8_t *key, uint8_t *data, size_t len)
{
	Aes aes;
	int rc = aes_start(&aes, key, NULL, AES_ENCRYPTION, len);

	if (rc)
		return rc;
	return aes_end(&aes, wc_AesEcbEncrypt(&aes, data, data, (word32)len));
}

int aes_ecb_decrypt(const uint8_t *key, uint8_t *data, size_t len)
{
	Aes aes;
	int rc = aes_start(&aes, key, NULL, AES_DECRYPTION, len);

	if (rc)
		return rc;
	return aes_end(&aes, wc_AesEcbDecrypt(&aes, data, data, (word32)len));
}
