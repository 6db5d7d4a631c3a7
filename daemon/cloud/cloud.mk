# SPDX-License-Identifier: GPL-2.0-or-later
# The objects of the cloud commands; the includer sets BUILD.
CLOUD_NAMES := config crypt http json tuya_codec tuya_data
CLOUD_OBJS := $(CLOUD_NAMES:%=$(BUILD)/daemon/cloud/%.o)
