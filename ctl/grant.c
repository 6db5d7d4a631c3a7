// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * owner: for who has attached with a program that names nobody.
 */
#include "ctl/grant.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/family.h"

#define NAME_MAX_LEN	256

/* ---- names ---- */

/* The largest number is nobody. */
static bool parse_number(const char *text, uint32_t *id)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	*id = (uint32_t)n;
	return !*end && n < GRANT_NOBODY;
}

static enum ctl_status parse_user(const char *name, uint32_t *uid)
{
	const struct passwd *user = getpwnam(name);

	if (user)
		*uid = user->pw_uid;
	else if (!parse_number(name, uid))
		return ctl_fail(CTL_USAGE, "owner: there is no user '%s'", name);
	return CTL_OK;
}

static enum ctl_status parse_group(const char *name, uint32_t *gid)
{
	const struct group *group = getgrnam(name);

	if (group)
		*gid = group->gr_gid;
	else if (!parse_number(name, gid))
		return ctl_fail(CTL_USAGE, "owner: there is no group '%s'",
				name);
	return CTL_OK;
}

enum ctl_status grant_parse(const char *text, struct grant *out)
{
	const char *colon = strchrnul(text, ':');
	enum ctl_status status = CTL_OK;
	char user[NAME_MAX_LEN];

	*out = (struct grant){ GRANT_NOBODY, GRANT_NOBODY };
	snprintf(user, sizeof(user), "%.*s", (int)(colon - text), text);
	if (colon != text || !*colon)
		status = parse_user(user, &out->uid);
	if (!status && *colon)
		status = parse_group(colon + 1, &out->gid);
	return status;
}

static void user_text(uint32_t uid, char *out, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (uid == GRANT_NOBODY)
		*out = '\0';
	else if (user)
		snprintf(out, size, "%s", user->pw_name);
	else
		snprintf(out, size, "%u", uid);
}

static void group_text(uint32_t gid, char *out, size_t size)
{
	const struct group *group = getgrgid(gid);

	if (gid == GRANT_NOBODY)
		*out = '\0';
	else if (group)
		snprintf(out, size, ":%s", group->gr_name);
	else
		snprintf(out, size, ":%u", gid);
}

void grant_text(const struct grant *grant, char *out, size_t size)
{
	char user[NAME_MAX_LEN], group[NAME_MAX_LEN];

	user_text(grant->uid, user, sizeof(user));
	group_text(grant->gid, group, sizeof(group));
	snprintf(out, size, "%s%s", user, group);
	if (!*out)
		snprintf(out, size, "-");
}

/* ---- the port ---- */

struct search {
	uint32_t device;
	uint32_t id;
	unsigned int found;
};

static void look(void *ctx, const struct n_at_port *port)
{
	struct search *s = ctx;

	if (port->device != s->device)
		return;
	s->id = port->id;
	s->found++;
}

/* Each mount of devpts has a terminal of the same number. */
enum ctl_status grant_port(const struct grant *grant, dev_t device,
			   const char *path)
{
	struct search s = { .device = (uint32_t)device };
	enum ctl_status status = family_ports(look, &s);

	if (status)
		return status;
	if (!s.found)
		return ctl_fail(CTL_NO_PORT, "%s: n_at is not attached", path);
	if (s.found > 1)
		return ctl_fail(CTL_FAILED,
				"%s: %u ports are of a tty with this number",
				path, s.found);
	return family_set_owner(s.id, grant->uid, grant->gid);
}

/* ---- the command ---- */

/* It is not opened: that would raise modem lines. */
static enum ctl_status find_device(const char *path, dev_t *device)
{
	struct stat st;

	if (stat(path, &st))
		return ctl_fail(CTL_FAILED, "%s: %s", path, strerror(errno));
	if (!S_ISCHR(st.st_mode))
		return ctl_fail(CTL_FAILED, "%s: not a tty", path);
	*device = st.st_rdev;
	return CTL_OK;
}

enum ctl_status ctl_owner_command(int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	enum ctl_status status;
	char path[PATH_MAX];
	struct grant grant;
	dev_t device = 0;

	if (getopt_long(argc, argv, "", options, NULL) != -1 ||
	    argc - optind != 2)
		return ctl_usage();
	ctl_tty_path(argv[optind], path, sizeof(path));
	status = grant_parse(argv[optind + 1], &grant);
	if (!status)
		status = find_device(path, &device);
	return status ? status : grant_port(&grant, device, path);
}
