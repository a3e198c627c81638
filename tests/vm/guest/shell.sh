# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The root shell of 'tests/vm/lab shell': the lab's functions at hand, and how to leave.
# shellcheck shell=bash
. /run/daxtier-lab/job
stty rows "$LAB_ROWS" cols "$LAB_COLUMNS" 2>/dev/null
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LAB_TMP=/run
. /usr/lib/daxtier-lab/cxl.sh
. /usr/lib/daxtier-lab/memory.sh
. /usr/lib/daxtier-lab/plug.sh
. /usr/lib/daxtier-lab/ranges.sh
write() { printf '%s' "$2" >"$1"; }
dmesg --console-level err
systemctl is-system-running --wait >/dev/null
udevadm settle --timeout=60
PS1='\[\033[1m\]root@cxlhost\[\033[0m\]:\w# '
[ "$LAB_COLOUR" = 1 ] || PS1='root@cxlhost:\w# '
cat <<EOF

A virtual CXL host: nodes 0 and 1 are DRAM, a $((LAB_CXL0_SIZE >> 20)) MiB CXL device (serial $LAB_CXL0_SERIAL) waits for a region,
and a $((LAB_NVDIMM0_SIZE >> 30)) GiB nvdimm sits on node $LAB_NVDIMM0_NODE at distance $LAB_NVDIMM0_DISTANCE. Nothing here outlives the shell.

  cxl_dax_create $LAB_CXL0_SERIAL $LAB_CXL0_SIZE    make a region of the CXL device (the memory appears)
  nvdimm_dax_create $LAB_NVDIMM0_NODE                  make a devdax device of the nvdimm
  dax_zones dax0.0                     in which zones its blocks are
  cxl_dax_destroy dax0.0               offline it and take the region apart
EOF
if command -v daxtierctl >/dev/null; then
    systemctl start daxtierd.service
    cat <<EOF

daxtierd is $(systemctl is-active daxtierd.service).
  daxtierctl status                    what it manages; also: plan, show dax0.0
  journalctl -fu daxtierd &            follow what it decides
  systemctl mask --now daxtierd        to see what this kernel does when left alone
EOF
fi
cat <<EOF

To leave: 'exit'. If the host hangs: Ctrl-A, then X.

EOF
