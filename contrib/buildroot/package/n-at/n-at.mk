################################################################################
#
# n-at
#
################################################################################

N_AT_VERSION = 0.1.0
N_AT_SITE = $(BR2_EXTERNAL_ATMQTT_PATH)/../..
N_AT_SITE_METHOD = local
N_AT_LICENSE = GPL-2.0

# Its Kbuild is at the top of the source.
$(eval $(kernel-module))
$(eval $(generic-package))
