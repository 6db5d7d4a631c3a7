/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Small files under the state directory, of mode 0600: replaced as a whole
 * or not at all, also when power fails.  All of it blocks for the disk, as a
 * module's flash would.
 */
#ifndef ATMQTT_STATE_FILE_H
#define ATMQTT_STATE_FILE_H

#include <stddef.h>

/*
 * In all of these @name is the file's; a slash in it (ttys have some) stands
 * as "_".  -ENOENT when @dir is NULL, -ENAMETOOLONG.
 */

/* 0 or a negative errno; then what was there is still there. */
int state_file_write(const char *dir, const char *name, const void *data,
		     size_t len);

/*
 * At most @size - 1 bytes, and a NUL behind them.  Their number, or a
 * negative errno: -ENOENT when there is none, -EFBIG when it is longer.
 */
int state_file_read(const char *dir, const char *name, char *data,
		    size_t size);

/* 0, also when there was none, or a negative errno. */
int state_file_remove(const char *dir, const char *name);

#endif /* ATMQTT_STATE_FILE_H */
