# SPDX-License-Identifier: GPL-2.0-or-later
SUMMARY = "Line discipline for AT command lines, for atmqttd"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/GPL-2.0-only;md5=801f80980d171dd6425610833a22dbe6"
PV = "0.1.0"

inherit module externalsrc

EXTERNALSRC = "${ATMQTT_SOURCE}"
EXTERNALSRC_BUILD = "${WORKDIR}/build"

# Only what the module is made of: beside the source, and without its Makefile,
# which is that of the daemon and the tests.
do_configure() {
	rm -rf ${B}/*
	cp -r ${S}/Kbuild ${S}/dkms.conf ${S}/kmod ${S}/include ${B}/
}

kbuild() {
	unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS
	oe_runmake -C ${STAGING_KERNEL_DIR} O=${STAGING_KERNEL_BUILDDIR} \
		CC="${KERNEL_CC}" LD="${KERNEL_LD}" AR="${KERNEL_AR}" \
		M=${B} "$@"
}

do_compile() {
	kbuild modules
}

do_install() {
	kbuild INSTALL_MOD_PATH=${D}${root_prefix} DEPMOD=echo modules_install
}
