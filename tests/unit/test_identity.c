// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Who a board is, by a /sys and an /etc of a folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/identity.h"

#define DT	"sys/firmware/devicetree/base/serial-number"
#define SOC	"sys/devices/soc0/serial_number"
#define DMI	"sys/class/dmi/id/product_serial"
#define NET	"sys/class/net/"
#define ID	"etc/machine-id"
#define ID_1	"0123456789abcdef0123456789abcdef\n"
#define ID_2	"1123456789abcdef0123456789abcdef\n"

static char root[64];

static int setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/atmqtt-identity-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_dirs(char *path)
{
	char *p;

	for (p = path + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

static void put(const char *name, const char *text, size_t len)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	make_dirs(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

/* @bus: what its device is on; NULL: it has none. */
static void put_link(const char *link, const char *address, const char *assign,
		     const char *bus)
{
	char path[256];

	snprintf(path, sizeof(path), NET "%s/address", link);
	put_text(path, address);
	snprintf(path, sizeof(path), NET "%s/addr_assign_type", link);
	put_text(path, assign);
	snprintf(path, sizeof(path), NET "%s/type", link);
	put_text(path, "1\n");
	if (!bus)
		return;
	snprintf(path, sizeof(path), "%s/" NET "%s/device/", root, link);
	make_dirs(path);
	strcat(path, "subsystem");
	assert_int_equal(symlink(bus, path), 0);
}

static struct identity derive(void)
{
	struct identity id;

	assert_int_equal(identity_derive(root, "ttyS1", &id), 0);
	return id;
}

static void expect_source(const char *source)
{
	struct identity id = derive();

	assert_string_equal(id.source, source);
}

/* By the textbook: from the right, every other digit twice. */
static void assert_checked(const char *digits, size_t n)
{
	unsigned int sum = 0, d;
	size_t i;

	assert_int_equal(strlen(digits), n);
	assert_int_equal(strspn(digits, "0123456789"), n);
	for (i = 0; i < n; i++) {
		d = (unsigned int)(digits[n - 1 - i] - '0') << (i % 2);
		sum += d / 10 + d % 10;
	}
	assert_int_equal(sum % 10, 0);
}

static void the_numbers_check(void **state)
{
	char iccid[IDENTITY_ICCID + 1];
	struct identity id;
	char serial[32];
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(serial, sizeof(serial), "10000000%08x", i);
		put(DT, serial, strlen(serial) + 1);
		id = derive();
		assert_checked(id.imei, 15);
		assert_memory_equal(id.imei, "00", 2);
		identity_iccid(id.imei, iccid);
		assert_checked(iccid, 20);
		assert_memory_equal(iccid, "8986", 4);
	}
}

static void each_source_gives_way_to_a_better_one(void **state)
{
	(void)state;
	put_text(ID, ID_1);
	expect_source("machine id");
	put_link("usb0", "00:11:22:33:44:55\n", "0\n", "../../bus/usb");
	expect_source("MAC address of usb0");
	put_link("wlan0", "00:11:22:33:44:56\n", "0\n", "../../bus/sdio");
	expect_source("MAC address of wlan0");
	put_link("eth1", "00:11:22:33:44:57\n", "0\n", "../../bus/pci");
	expect_source("MAC address of eth1");
	put_link("eth0", "00:11:22:33:44:58\n", "0\n", "../../bus/platform");
	expect_source("MAC address of eth0");
	put_text(DMI, " PF1234X \n");
	expect_source("serial number of DMI");
	put_text(SOC, "0A1B2C3D\n");
	expect_source("serial number of the SoC");
	put(DT, "10000000a1b2c3d4", 17);
	expect_source("serial number of the device tree");
}

static void what_is_not_the_boards_is_passed_over(void **state)
{
	(void)state;
	put_text(ID, ID_1);
	put_link("br0", "00:11:22:33:44:55\n", "0\n", NULL);
	put_link("eth0", "00:11:22:33:44:55\n", "1\n", "../../bus/platform");
	put_link("eth1", "00:11:22:33:44:55\n", "3\n", "../../bus/platform");
	put_link("eth2", "00:00:00:00:00:00\n", "0\n", "../../bus/platform");
	put_link("eth3", "02:11:22:33:44:55\n", "0\n", "../../bus/platform");
	put_link("eth4", "\n", "0\n", "../../bus/platform");
	put_link("can0", "00:11:22:33:44:55\n", "0\n", "../../bus/platform");
	put_text(NET "can0/type", "280\n");
	put_text(NET "bonding_masters", "\n");
	expect_source("machine id");
}

static const char *const placeholders[] = {
	"", "\n", "   \n", "0", "000", "00000000\n", "0000000000000000",
	"ffffffff", "FF-FF-FF-FF", "xxxxxxxxxxxx", "........", "0123456789\n",
	"123456789", "1234567890", "12345678", "To be filled by O.E.M.\n",
	"To Be Filled By O.E.M.", "Default string\n", "DEFAULT STRING",
	"System Serial Number", "Not Specified", "None", "N/A", "Unknown\n",
};

static void placeholders_are_no_serial_numbers(void **state)
{
	size_t i;

	(void)state;
	put_text(ID, ID_1);
	for (i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++) {
		print_message("%s\n", placeholders[i]);
		put_text(DMI, placeholders[i]);
		put_text(DT, placeholders[i]);
		expect_source("machine id");
	}
}

static void one_image_on_two_boards_is_two_modules(void **state)
{
	struct identity a, b, again;

	(void)state;
	put_text(ID, ID_1);
	put(DT, "10000000a1b2c3d4", 17);
	a = derive();
	again = derive();
	assert_memory_equal(&a, &again, sizeof(a.imei));
	put(DT, "10000000a1b2c3d5", 17);
	b = derive();
	assert_string_not_equal(a.imei, b.imei);
	/* and one board with another image is still the same */
	put_text(ID, ID_2);
	put(DT, "10000000a1b2c3d4", 17);
	b = derive();
	assert_string_equal(a.imei, b.imei);
}

static void two_modules_have_two_cards(void **state)
{
	char a[IDENTITY_ICCID + 1], b[IDENTITY_ICCID + 1];

	(void)state;
	identity_iccid("001234567890128", a);
	identity_iccid("001234567890136", b);
	assert_string_not_equal(a, b);
	identity_iccid("001234567890128", b);
	assert_string_equal(a, b);
}

static void two_ports_are_two_modules(void **state)
{
	struct identity a, b;

	(void)state;
	put_text(ID, ID_1);
	assert_int_equal(identity_derive(root, "ttyS1", &a), 0);
	assert_int_equal(identity_derive(root, "ttyS2", &b), 0);
	assert_string_not_equal(a.imei, b.imei);
}

static void a_serial_number_that_cannot_be_read_is_none(void **state)
{
	(void)state;
	put_text(ID, ID_1);
	put_text(DMI "/a-folder", "");
	expect_source("machine id");
}

static void a_board_with_nothing_has_no_identity(void **state)
{
	struct identity id;

	(void)state;
	assert_int_equal(identity_derive(root, "ttyS1", &id), -ENOENT);
	put_text(ID, "uninitialized\n");
	assert_int_equal(identity_derive(root, "ttyS1", &id), -ENOENT);
}

int main(void)
{
#define ROW(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(the_numbers_check),
		ROW(each_source_gives_way_to_a_better_one),
		ROW(what_is_not_the_boards_is_passed_over),
		ROW(placeholders_are_no_serial_numbers),
		ROW(one_image_on_two_boards_is_two_modules),
		ROW(two_ports_are_two_modules),
		ROW(two_modules_have_two_cards),
		ROW(a_serial_number_that_cannot_be_read_is_none),
		ROW(a_board_with_nothing_has_no_identity),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
