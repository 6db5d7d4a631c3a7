// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Certificates and keys in all the forms that hosts upload.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tls/pem.h"
#include "tests/unit/pem_samples.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/coding.h>

#define BOM	"\xef\xbb\xbf"
#define TEXT	"subject=CN = atmqtt test\nissuer=a -- b\n"

/* A file: exactly as long as it is, so that ASan sees a byte too far. */
static struct mqtt_pem file_of(const void *p, size_t len)
{
	void *copy = malloc(len ? len : 1);

	memcpy(copy, p, len);
	return (struct mqtt_pem){ copy, len };
}

static struct mqtt_pem text_file(const char *text)
{
	return file_of(text, strlen(text));
}

static void drop_file(struct mqtt_pem *file)
{
	free((void *)file->p);
}

/* The DER of the first block whose label ends with @kind */
static struct mqtt_pem der_file(const char *pem, const char *kind)
{
	char text[4096], der[4096];
	word32 len = sizeof(der);
	const char *p;
	size_t n = 0;

	p = strstr(pem, kind) + strlen(kind) + strlen("-----");
	for (; *p != '-'; p++)
		if (*p != '\n')
			text[n++] = *p;
	assert_int_equal(Base64_Decode((byte *)text, (word32)n, (byte *)der,
				       &len), 0);
	return file_of(der, len);
}

static struct mqtt_pem join(struct mqtt_pem a, struct mqtt_pem b)
{
	struct mqtt_pem sum = { malloc(a.len + b.len), a.len + b.len };

	memcpy((char *)sum.p, a.p, a.len);
	memcpy((char *)sum.p + a.len, b.p, b.len);
	drop_file(&a);
	drop_file(&b);
	return sum;
}

/* All newlines of @text replaced */
static struct mqtt_pem ends(const char *text, const char *end)
{
	char out[4096];
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '\n')
			n += (size_t)sprintf(out + n, "%s", end);
		else
			out[n++] = *text;
	}
	return file_of(out, n);
}

static void expect_pem(const struct pem *pem, const char *text)
{
	assert_int_equal(pem->len, strlen(text));
	assert_memory_equal(pem->p, text, pem->len);
}

static void take(struct pem *pem, struct mqtt_pem file)
{
	struct mqtt_reason why = { .text = "?" };

	if (pem_add_certificates(pem, &file, &why))
		fail_msg("%s", why.text);
	drop_file(&file);
}

static void certificates_of_any_look_are_one(void **state)
{
	static const char nul[] = PEM_CERT;
	struct pem pem = { 0 };

	(void)state;
	take(&pem, text_file(PEM_CERT));
	expect_pem(&pem, PEM_CERT);
	take(&pem, text_file(PEM_CERT));
	take(&pem, text_file(BOM PEM_CERT));
	take(&pem, text_file(TEXT PEM_CERT TEXT));
	take(&pem, text_file(PEM_CERT PEM_CERT));
	take(&pem, text_file(PEM_KEY PEM_CERT));
	take(&pem, text_file(PEM_EC_PARAMETERS PEM_SEC1_KEY PEM_CERT));
	take(&pem, file_of(nul, sizeof(nul)));
	take(&pem, file_of(nul, sizeof(nul) - 2));
	take(&pem, ends(PEM_CERT, "\r\n"));
	take(&pem, ends(PEM_CERT, "\r"));
	take(&pem, ends(PEM_CERT, " \n"));
	take(&pem, ends(PEM_CERT, "\n\n"));
	take(&pem, ends(PEM_CERT, ""));
	take(&pem, der_file(PEM_CERT, "CERTIFICATE"));
	take(&pem, join(der_file(PEM_CERT, "CERTIFICATE"),
			file_of("\0\r\n", 3)));
	assert_int_equal(pem.count, 1);
	expect_pem(&pem, PEM_CERT);
	pem_drop(&pem);
}

static void others_are_added_in_their_order(void **state)
{
	struct pem pem = { 0 };

	(void)state;
	take(&pem, text_file(PEM_OTHER_CERT));
	take(&pem, text_file(PEM_CERT PEM_OTHER_CERT PEM_ED25519_CERT));
	assert_int_equal(pem.count, 3);
	expect_pem(&pem, PEM_OTHER_CERT PEM_CERT PEM_ED25519_CERT);
	pem_drop(&pem);
	take(&pem, join(der_file(PEM_CERT, "CERTIFICATE"),
			der_file(PEM_OTHER_CERT, "CERTIFICATE")));
	assert_int_equal(pem.count, 2);
	expect_pem(&pem, PEM_CERT PEM_OTHER_CERT);
	pem_drop(&pem);
}

static void certificates_can_be_replaced(void **state)
{
	struct mqtt_pem file = text_file(PEM_CERT);
	struct pem pem = { 0 };
	struct mqtt_reason why;

	(void)state;
	take(&pem, text_file(PEM_OTHER_CERT));
	assert_int_equal(pem_set_certificates(&pem, &file, &why), 0);
	assert_int_equal(pem.count, 1);
	expect_pem(&pem, PEM_CERT);
	pem_drop(&pem);
	drop_file(&file);
}

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "hello", "no certificate" },
	{ "", "no certificate" },
	{ PEM_KEY, "no certificate" },
	{ "\x30", "certificate is cut short" },
	{ "\x30\x84\x01\x01\x01\x01", "certificate is cut short" },
	{ "\x30\x80\x01\x01", "certificate is cut short" },
	{ "\x30\x03\x02\x01\x01", "certificate is damaged" },
	{ "-----BEGIN ", "certificate is cut short" },
	{ "-----BEGIN CERTIFICATE-----", "certificate is cut short" },
	{ "-----BEGIN CERTIFICATE-----\nMIIB", "certificate is cut short" },
	{ "-----BEGIN CERTIFICATE-----\nMIIB\n-----END ",
	  "certificate is cut short" },
	{ "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
	  "certificate is damaged" },
	{ PEM_CERT "-----BEGIN CERTIFICATE-----\nMIIB\n"
		   "-----END CERTIFICATE-----\n", "certificate is damaged" },
	{ PEM_CERT "-----BEGIN CERTIFICATE-----\n!!!!\n"
		   "-----END CERTIFICATE-----\n", "certificate is damaged" },
};

static void what_is_none_changes_nothing(void **state)
{
	struct pem pem = { 0 };
	struct mqtt_reason why;
	struct mqtt_pem file;
	size_t i;

	(void)state;
	take(&pem, text_file(PEM_OTHER_CERT));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		file = text_file(bad[i].text);
		assert_int_equal(pem_add_certificates(&pem, &file, &why),
				 -EINVAL);
		assert_string_equal(why.text, bad[i].why);
		assert_int_equal(pem_set_certificates(&pem, &file, &why),
				 -EINVAL);
		expect_pem(&pem, PEM_OTHER_CERT);
		drop_file(&file);
	}
	pem_drop(&pem);
}

/* Every place where an upload may end */
static void what_is_cut_short_is_none(void **state)
{
	struct mqtt_pem der = der_file(PEM_CERT, "CERTIFICATE");
	struct mqtt_pem key = der_file(PEM_KEY, "PRIVATE KEY");
	struct pem pem = { 0 };
	struct mqtt_reason why;
	struct mqtt_pem file;
	size_t i;

	(void)state;
	for (i = 0; i < der.len; i++) {
		file = file_of(der.p, i);
		assert_int_equal(pem_add_certificates(&pem, &file, &why),
				 -EINVAL);
		drop_file(&file);
	}
	for (i = 0; i < key.len; i++) {
		file = file_of(key.p, i);
		assert_int_equal(pem_set_key(&pem, &file, &why), -EINVAL);
		drop_file(&file);
	}
	for (i = 0; i < sizeof(PEM_CERT) - 2; i++) {
		file = file_of(PEM_CERT, i);
		if (i < sizeof(PEM_CERT) - 7)	/* "-----" and some dashes */
			assert_int_equal(pem_add_certificates(&pem, &file,
							      &why), -EINVAL);
		drop_file(&file);
	}
	assert_null(pem.p);
	drop_file(&der);
	drop_file(&key);
}

/* A run of certificates that differ only in their signatures' last bytes */
static void there_is_a_bound(void **state)
{
	struct mqtt_pem der = der_file(PEM_CERT, "CERTIFICATE");
	struct pem pem = { 0 };
	struct mqtt_reason why;
	int i, rc = 0;

	(void)state;
	for (i = 0; i < 1000 && !rc; i++) {
		((uint8_t *)der.p)[der.len - 1] = (uint8_t)i;
		((uint8_t *)der.p)[der.len - 2] = (uint8_t)(i >> 8);
		rc = pem_add_certificates(&pem, &der, &why);
	}
	assert_int_equal(rc, -E2BIG);
	assert_string_equal(why.text, "too many certificates");
	assert_true(pem.count > 60 && pem.len <= PEM_MAX);
	pem_drop(&pem);
	drop_file(&der);
}

static void one_after_the_other_is_taken_off(void **state)
{
	struct mqtt_pem rest = { PEM_CERT PEM_OTHER_CERT,
				 strlen(PEM_CERT PEM_OTHER_CERT) };
	struct mqtt_pem none = { 0 };
	struct mqtt_pem one;

	(void)state;
	assert_true(pem_next(&rest, &one));
	assert_int_equal(one.len, strlen(PEM_CERT));
	assert_true(pem_next(&rest, &one));
	assert_int_equal(one.len, strlen(PEM_OTHER_CERT));
	assert_memory_equal(one.p, PEM_OTHER_CERT, one.len);
	assert_false(pem_next(&rest, &one));
	assert_false(pem_next(&none, &one));
}

/*
 * Keys
 */

static void take_key(struct mqtt_pem file, const char *want)
{
	struct mqtt_reason why = { .text = "?" };
	struct pem pem = { 0 };

	if (pem_set_key(&pem, &file, &why))
		fail_msg("%s", why.text);
	assert_int_equal(pem.count, 1);
	expect_pem(&pem, want);
	pem_drop(&pem);
	drop_file(&file);
}

static void keys_of_any_look_are_taken(void **state)
{
	static const char *const keys[] = { PEM_KEY, PEM_SEC1_KEY,
					    PEM_PKCS1_KEY, PEM_PKCS8_KEY };
	char text[8192];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		take_key(text_file(keys[i]), keys[i]);
		take_key(der_file(keys[i], "PRIVATE KEY"), keys[i]);
		take_key(ends(keys[i], "\r\n"), keys[i]);
		take_key(ends(keys[i], "\r"), keys[i]);
		take_key(file_of(keys[i], strlen(keys[i]) + 1), keys[i]);
		take_key(file_of(keys[i], strlen(keys[i]) - 1), keys[i]);
		snprintf(text, sizeof(text), BOM PEM_CERT TEXT "%s" TEXT,
			 keys[i]);
		take_key(text_file(text), keys[i]);
		snprintf(text, sizeof(text), PEM_EC_PARAMETERS "%s" PEM_CERT,
			 keys[i]);
		take_key(text_file(text), keys[i]);
	}
}

static struct mqtt_pem keyless_der(void)
{
	return der_file(PEM_CERT, "CERTIFICATE");
}

static struct mqtt_pem locked_der(void)
{
	return der_file(PEM_LOCKED_PKCS8_KEY, "PRIVATE KEY");
}

static const struct {
	const char *text;
	struct mqtt_pem (*make)(void);
	const char *why;
} bad_keys[] = {
	{ .text = "hello", .why = "no key" },
	{ .text = PEM_CERT, .why = "no key" },
	{ .make = keyless_der, .why = "no key" },
	{ .text = PEM_LOCKED_KEY, .why = "key has a password" },
	{ .text = PEM_LOCKED_PKCS8_KEY, .why = "key has a password" },
	{ .make = locked_der, .why = "key has a password" },
	{ .text = "-----BEGIN PRIVATE KEY-----\nMIGH",
	  .why = "key is cut short" },
	{ .text = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n"
		  "-----END PRIVATE KEY-----\n", .why = "key is damaged" },
};

static void what_is_no_key_changes_nothing(void **state)
{
	struct mqtt_pem file = text_file(PEM_KEY);
	struct pem pem = { 0 };
	struct mqtt_reason why;
	size_t i;

	(void)state;
	assert_int_equal(pem_set_key(&pem, &file, &why), 0);
	drop_file(&file);
	for (i = 0; i < sizeof(bad_keys) / sizeof(bad_keys[0]); i++) {
		file = bad_keys[i].make ? bad_keys[i].make() :
					  text_file(bad_keys[i].text);
		assert_int_equal(pem_set_key(&pem, &file, &why), -EINVAL);
		assert_string_equal(why.text, bad_keys[i].why);
		expect_pem(&pem, PEM_KEY);
		drop_file(&file);
	}
	pem_drop(&pem);
}

static void a_key_finds_its_certificate(void **state)
{
	const struct mqtt_pem cert = { PEM_CERT, strlen(PEM_CERT) };
	const struct mqtt_pem other = { PEM_OTHER_CERT,
					strlen(PEM_OTHER_CERT) };
	const struct mqtt_pem key = { PEM_SEC1_KEY, strlen(PEM_SEC1_KEY) };

	(void)state;
	assert_true(pem_is_pair(&cert, &key));
	assert_false(pem_is_pair(&other, &key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_any_look_are_one),
		cmocka_unit_test(others_are_added_in_their_order),
		cmocka_unit_test(certificates_can_be_replaced),
		cmocka_unit_test(what_is_none_changes_nothing),
		cmocka_unit_test(what_is_cut_short_is_none),
		cmocka_unit_test(there_is_a_bound),
		cmocka_unit_test(one_after_the_other_is_taken_off),
		cmocka_unit_test(keys_of_any_look_are_taken),
		cmocka_unit_test(what_is_no_key_changes_nothing),
		cmocka_unit_test(a_key_finds_its_certificate),
	};

	return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}
