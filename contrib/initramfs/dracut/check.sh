#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by dracut once the root file system is mounted.
/lib/daxtierd/boot-claim check "${NEWROOT:?}" || :
