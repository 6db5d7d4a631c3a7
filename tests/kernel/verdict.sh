# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
#
# Sourced, with $cache set: a check that passed is not done again while nothing that it looks at
# has changed.  It prints what it said, and that it was said earlier.
# ATMQTT_AFRESH=1 does everything again.
#
#   CACHE/verdicts/NAME-KEY         what a check said that passed

# known_verdict NAME PATH...: prints it or fails.  These are all files, and all
# below these directories, that may change what the check says; relative names
# make the key the same in every clone.  Sets $verdict.
known_verdict() {
	local name=$1 key

	shift
	key=$(find "$@" -type f -print0 | sort -z | xargs -0 sha256sum |
		sha256sum | cut -c1-16)
	# shellcheck disable=SC2154	# the caller's
	verdict=$cache/verdicts/$name-$key
	[ -z "${ATMQTT_AFRESH-}" ] && [ -e "$verdict" ] || return 1
	echo "# kept verdict $key of $(date -r "$verdict" '+%F %T')"
	cat "$verdict"
}

# What is said is passed on, and kept: for when it has passed.
keep_verdict() {
	mkdir -p "${verdict%/*}"
	tee "$verdict.$$"
	mv "$verdict.$$" "$verdict"
}
