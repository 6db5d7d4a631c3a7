# shellcheck shell=bash disable=SC2016,SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
#
# Sourced: the kernels that Debian has, and a chroot that compiles for them.
#
#   $root                a trixie chroot: gcc-14, also for ARM, clang-19, sparse
#   $root/usr/src/linux-headers-RELEASE
#
# Each suite's index is known to the chroot's apt, only trixie is installed
# from; the mirror is the one that this machine's apt uses.  Needs root and
# mmdebstrap.

suites="bullseye bullseye-security bookworm bookworm-security trixie
	trixie-security trixie-backports forky sid"
armhf_suites="bookworm trixie" # the others need not have it in step
compiler=gcc-14
clang="clang-19"
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${ATMQTT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/atmqtt}
key=$(sed -n '/^suites=/,/^# -- kernels/p' "${BASH_SOURCE[0]}" |
	sha256sum | cut -c1-12)
dir=$cache/matrix-$key
root=$dir/root

say() { echo "$(basename "$0"): $*" >&2; }
die() { say "$*"; exit 1; }

# lock_archive: until the caller's end nobody else changes the chroot
lock_archive() {
	[ "$(id -u)" = 0 ] || die "must be root, for chroot"
	[ "$(uname -m)" = x86_64 ] || die "knows how to compile on amd64 only"
	mkdir -p "$cache"
	exec 9>"$cache/matrix.lock"
	flock 9
}

# mirror [LABEL]
mirror() {
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
		'Identifier: Packages' | sed -n "s/^${1-Debian} //p" | sed -n 1p
}

# -- chroot ------------------------------------------------------------------

# in_root COMMAND...: with a /proc that goes with it, which objtool of 7.x needs
in_root() {
	unshare --mount sh -ec '
		mount -t proc proc "$0/proc"
		root=$0
		exec chroot "$root" "$@"' "$root" "$@"
}

prepare_chroot() {
	local uri suite suite_uri

	[ ! -e "$dir/done" ] || return 0
	"$top/tests/bed/deps" matrix
	uri=$(mirror)
	[ -n "$uri" ] || die "apt knows no Debian mirror"
	say "preparing a chroot with compilers (2 minutes)"
	rm -rf "$dir"
	mkdir -p "$dir"
	mmdebstrap --quiet --variant=apt --mode=root --include="make,libc6-dev,$(
		)libelf1t64,sparse,$clang,$compiler,$compiler-aarch64-linux-gnu,$(
		)$compiler-arm-linux-gnueabihf" \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='APT::Default-Release "trixie"' \
		--dpkgopt='path-exclude=/usr/share/{man,doc,locale}/*' \
		trixie "$root" "deb $uri trixie main"
	in_root dpkg --add-architecture arm64
	in_root dpkg --add-architecture armhf
	for suite in $suites; do
		suite_uri=$uri
		case $suite in
		*-security) suite_uri=$(mirror Debian-Security) ;;
		esac
		[ -n "$suite_uri" ] || continue
		case " $armhf_suites " in
		*" $suite "*) echo "deb $suite_uri $suite main" ;;
		*) echo "deb [arch=amd64,arm64] $suite_uri $suite main" ;;
		esac
	done >"$root/etc/apt/sources.list"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	mkdir -p "$root/m"
	touch "$dir/done"
}

# -- kernels -----------------------------------------------------------------

# Their lists take much room: they are there while something is fetched.
open_index() {
	say "asking the mirror what kernels there are"
	# a mirror may be about to change one of them
	in_root apt-get -qq -o Acquire::Languages=none update ||
		in_root apt-get -qq -o Acquire::Languages=none update ||
		say "not all suites are known"
}

close_index() {
	in_root apt-get -qq clean
	rm -rf "$root"/var/lib/apt/lists/* "$root/deb"
}

# versions ARCH: of the kernels that there are, oldest first
versions() {
	in_root apt-cache madison "linux-headers-$(flavour "$1"):$1" |
		awk -F'|' '{ gsub(/ /, "", $2); print $2 }' | sort -uV
}

# all_series ARCH: 5.10, 6.1 ...
all_series() { versions "$1" | cut -d. -f-2 | uniq; }

# series_version SERIES ARCH: the version of it, "newest" is a series too
series_version() {
	versions "$2" |
		if [ "$1" = newest ]; then cat; else grep "^$1\." || true; fi |
		tail -1
}

flavour() {
	case $1 in
	armhf) echo armmp ;;
	*) echo "$1" ;;
	esac
}

# depends PACKAGE=VERSION PATTERN: the dependency that matches, with its version
depends() {
	in_root apt-cache show "$1" | sed -n 's/^Depends: //p' |
		tr ',' '\n' | sed 's/^ *//' | grep -E "$2" |
		sed -E 's/ \((>?=) ([^)]*)\)/=\2/' | sort -u
}

# fetch PACKAGE=VERSION...: into the chroot's /deb
fetch() {
	in_root sh -ec 'rm -rf /deb && mkdir /deb && cd /deb &&
		apt-get -qq -o APT::Sandbox::User=root download "$@"' sh "$@"
}

# of_arch PACKAGE=VERSION ARCH: PACKAGE:ARCH=VERSION
of_arch() { echo "${1%%=*}:$2=${1#*=}"; }

# Only unpacked: headers of several kernels cannot all be installed.  Prints
# the release.
unpack_headers() {
	local version=$1 arch=$2 headers parts

	headers=$(depends "linux-headers-$(flavour "$arch"):$arch=$version" \
		'^linux-headers-')
	mapfile -t parts < <(of_arch "$headers" "$arch"
		depends "$(of_arch "$headers" "$arch")" \
			'^linux-(headers-.*-common|kbuild-)')
	fetch "${parts[@]}"
	in_root sh -ec 'for deb in /deb/*.deb; do dpkg-deb -x "$deb" /; done
		rm -rf /deb'
	headers=${headers%%=*}
	mend_checker "$root/usr/src/${headers/%-$(flavour "$arch")/-common}"
	echo "${headers#linux-headers-}"
}

# Debian's headers of 7.x lack the script that asks whether sparse is young
# enough, and without it sparse is not run.
mend_checker() {
	local script=$1/scripts/checker-valid.sh

	[ ! -e "$script" ] || return 0
	printf '#!/bin/sh\necho 1\n' >"$script"
	chmod +x "$script"
}
