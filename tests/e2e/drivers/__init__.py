# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Whole drivers, one family a module: from the microcontroller's reset on.

Each has a class that is a driver.Driver.  It sends what such firmware sends,
and reads by that firmware's own rules: sscanf(), fixed offsets, a buffer of
one frame, polls.  Waits that are blind there are shorter here, by a factor
that the module names; what fails with any module is told in a comment and not
asked for.
"""
