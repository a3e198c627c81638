#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by dracut before udev starts.
/lib/daxtierd/boot-claim take || :
