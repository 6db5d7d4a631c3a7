# SPDX-License-Identifier: GPL-2.0-or-later
# Included by the top-level Makefile when CROSS is an architecture of Debian's:
# its compiler, and in SYSROOT the libraries of tests/bed/make-root.
CROSS_TRIPLET_arm64 := aarch64-linux-gnu
CROSS_TRIPLET_armhf := arm-linux-gnueabihf
CROSS_TRIPLET := $(CROSS_TRIPLET_$(CROSS))
ifeq ($(CROSS_TRIPLET),)
$(error CROSS is arm64 or armhf)
endif

ifeq ($(SYSROOT),)
SYSROOT := $(shell tests/bed/deps cross && tests/bed/make-root $(CROSS))
endif
ifeq ($(SYSROOT),)
$(error there is no root directory for $(CROSS))
endif

BUILD := build/$(CROSS)
CC := $(CROSS_TRIPLET)-gcc --sysroot=$(SYSROOT)
OBJCOPY := $(CROSS_TRIPLET)-objcopy
CROSS_PKG := $(SYSROOT)/usr/lib/$(CROSS_TRIPLET)/pkgconfig
PKG_CONFIG := env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
	      PKG_CONFIG_LIBDIR=$(CROSS_PKG):$(SYSROOT)/usr/share/pkgconfig \
	      pkg-config
