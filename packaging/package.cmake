# SPDX-License-Identifier: MIT
# Packages by cpack: scripts/package configures with the prefix /usr and runs it. A plain installation
# has none of this.
set(CPACK_PACKAGE_NAME dockbell)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR Dockbell)
set(DOCKBELL_MAINTAINER "Dockbell <dockbell@localhost.localdomain>" CACHE STRING
    "Name and address of whoever makes packages")
set(CPACK_PACKAGE_CONTACT ${DOCKBELL_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Amazon order notifications to a warehouse's webhook")
set(CPACK_PACKAGE_DESCRIPTION
    "Receives order notifications of Amazon's Selling Partner API from SQS queues,
stores them, and posts each of them, signed and in order per order, to the
webhook of a warehouse management system, for as long as it takes.
.
Also contains dockbell-sandbox, an Amazon in a box for tests of one's own.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
# The configuration lies outside of the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};dockbell;ALL;/"
                                 "${PROJECT_BINARY_DIR};dockbell;package;/")
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/packaging/compress.cmake)
set(CPACK_GENERATOR DEB)
find_program(DOCKBELL_RPMBUILD rpmbuild)
if(DOCKBELL_RPMBUILD)
  list(APPEND CPACK_GENERATOR RPM)
endif()

set(package_folder ${PROJECT_SOURCE_DIR}/packaging)
install(FILES config/dockbell.conf DESTINATION share/dockbell COMPONENT package EXCLUDE_FROM_ALL)
install(FILES config/dockbell.conf DESTINATION /etc/dockbell COMPONENT package EXCLUDE_FROM_ALL
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES packaging/deb/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT package
        EXCLUDE_FROM_ALL)
install(FILES packaging/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT package
        EXCLUDE_FROM_ALL)
install(FILES packaging/deb/lintian-overrides DESTINATION share/lintian/overrides RENAME dockbell
        COMPONENT package EXCLUDE_FROM_ALL)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# procps: ExecReload uses kill.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd (>= 252), ca-certificates, procps")
# The linked symbols are older than security fixes: CVE-2024-25189 of libjwt; CVE-2023-50471, CVE-2023-50472
# and CVE-2023-53154 of cJSON. Other releases have other versions.
cmake_host_system_information(RESULT release QUERY DISTRIB_ID DISTRIB_VERSION_ID)
if(release STREQUAL "debian;12")
  string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS
         ", libjwt0 (>= 1.10.2-1+deb12u1), libcjson1 (>= 1.7.15-1+deb12u4)")
endif()
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${package_folder}/deb/postinst ${package_folder}/deb/prerm
    ${package_folder}/deb/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_REQUIRES "systemd >= 252, ca-certificates")
set(CPACK_RPM_PRE_INSTALL_SCRIPT_FILE ${package_folder}/rpm/pre)
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${package_folder}/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${package_folder}/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${package_folder}/rpm/postun)
set(CPACK_RPM_USER_FILELIST "%dir %attr(0750,root,dockbell) /etc/dockbell"
    "%config(noreplace) %attr(0640,root,dockbell) /etc/dockbell/dockbell.conf")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc /etc/dockbell /usr/lib/systemd /usr/lib/systemd/system /usr/lib/systemd/catalog
    /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/share/man /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man8
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/lintian
    /usr/share/lintian/overrides /usr/share/doc)
include(CPack)
