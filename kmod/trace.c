// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The code behind the tracepoints, of which there is to be one.
 */
#define CREATE_TRACE_POINTS
#include "trace.h"
