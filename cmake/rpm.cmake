# SPDX-License-Identifier: GPL-2.0-or-later
#
# "cpack -G RPM" in a build folder that was configured with the prefix /usr makes the package of the distribution that it
# runs on. Debian's packages are made from debian/.
set(CPACK_GENERATOR RPM)
set(CPACK_PACKAGE_NAME daxtierd)
set(CPACK_PACKAGE_VENDOR "The daxtierd authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION
"daxtierd turns dax devices - CXL regions, memory that firmware sets aside,
persistent memory in devdax mode - into system memory as a policy says: in
which zone, and with the memmap in DRAM or on the device.")
# Files go where their readers look, whatever the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES OFF) # rpmbuild does
set(CPACK_RPM_PACKAGE_LICENSE GPL-2.0-or-later)
set(CPACK_RPM_PACKAGE_DESCRIPTION ${CPACK_PACKAGE_DESCRIPTION})
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE_DIST ON)
# Other libraries are found by rpmbuild; this one is loaded when it is asked.
set(CPACK_RPM_PACKAGE_REQUIRES "systemd, dbus, libnuma.so.1()(64bit)")
set(CPACK_RPM_PACKAGE_SUGGESTS "polkit, dracut")
set(CPACK_RPM_USER_FILELIST "%config(noreplace) /etc/daxtier.conf")
# Last of all: else cpack takes each file that does not go below the prefix for a configuration file.
install(CODE "unset(CMAKE_ABSOLUTE_DESTINATION_FILES)")
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/contrib/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/contrib/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/contrib/rpm/postun)
# Folders of others; what is left is below /usr/share/doc/daxtierd and the like.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /etc /usr/lib/dracut /usr/lib/dracut/modules.d /usr/lib/systemd /usr/lib/systemd/catalog /usr/lib/systemd/system
  /usr/lib/udev /usr/lib/udev/rules.d /usr/libexec /usr/sbin
  /usr/share/man /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man7 /usr/share/man/man8
  /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/site-functions
  /usr/share/zsh/vendor-completions /usr/share/fish /usr/share/fish/vendor_completions.d
  /usr/share/dbus-1 /usr/share/dbus-1/system-services /usr/share/dbus-1/system.d
  /usr/share/initramfs-tools /usr/share/initramfs-tools/hooks /usr/share/initramfs-tools/scripts
  /usr/share/initramfs-tools/scripts/init-bottom /usr/share/initramfs-tools/scripts/init-top
  /usr/share/polkit-1 /usr/share/polkit-1/actions)
include(CPack)
