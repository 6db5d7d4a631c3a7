# SPDX-License-Identifier: GPL-2.0-or-later
SUMMARY = "MQTT AT interface on serial ports"
LICENSE = "GPL-2.0-or-later & (EPL-2.0 | EDL-1.0)"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/GPL-2.0-or-later;md5=fed54355545ffd980b814dab4a3b312c"
PV = "0.1.0"

DEPENDS = "c-ares curl jansson libconfuse libnl libuv paho-mqtt-c systemd wolfssl"

inherit externalsrc features_check pkgconfig systemd useradd

REQUIRED_DISTRO_FEATURES = "systemd"

EXTERNALSRC = "${ATMQTT_SOURCE}"
EXTERNALSRC_BUILD = "${ATMQTT_SOURCE}"

EXTRA_OEMAKE = " \
	BUILD=${WORKDIR}/build \
	VERSION=${PV} \
	V=1 \
	PREFIX=${prefix} \
	BINDIR=${bindir} \
	SBINDIR=${sbindir} \
	MANDIR=${mandir} \
	UNITDIR=${systemd_system_unitdir} \
	MQTT_PAHO=${STAGING_LIBDIR}/libpaho-mqtt3a.a \
"

do_compile() {
	oe_runmake daemon
}

do_install() {
	oe_runmake install DESTDIR=${D}
	install -Dm644 ${S}/systemd/n-at.default ${D}${sysconfdir}/default/n-at
	install -Dm640 ${S}/doc/atmqttd.conf.example \
		${D}${sysconfdir}/atmqttd.conf
}

# The ports are the board's: its image enables n-at@TTY.service, or brings a
# file /etc/default/n-at-TTY.
SYSTEMD_SERVICE:${PN} = "atmqttd.service"

USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system atmqtt"
USERADD_PARAM:${PN} = "--system --no-create-home \
	--home-dir ${localstatedir}/lib/atmqttd \
	--shell ${base_sbindir}/nologin --user-group --groups atmqtt atmqttd; \
	--system --no-create-home --home-dir / \
	--shell ${base_sbindir}/nologin --user-group --groups dialout n-at"

FILES:${PN} += " \
	${datadir}/bash-completion \
	${nonarch_libdir}/sysusers.d \
	${nonarch_libdir}/tmpfiles.d \
	${nonarch_libdir}/udev \
	${systemd_system_unitdir}/n-at@.service \
"
CONFFILES:${PN} = "${sysconfdir}/atmqttd.conf ${sysconfdir}/default/n-at"
RRECOMMENDS:${PN} = "n-at ca-certificates"
