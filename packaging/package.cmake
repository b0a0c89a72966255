# SPDX-License-Identifier: MIT
# Packages by cpack: scripts/package configures with the prefix /usr and runs it. A plain installation
# has none of this. There are two packages, and each is a group of two components: what a plain
# installation has too, and what is only in the package.
#   dockbell          group daemon:  components dockbell and package
#   dockbell-sandbox  group sandbox: components sandbox and sandbox_package
set(CPACK_PACKAGE_NAME dockbell)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR Dockbell)
set(DOCKBELL_MAINTAINER "Dockbell <dockbell@localhost.localdomain>" CACHE STRING
    "Name and address of the maintainer of packages")
set(CPACK_PACKAGE_CONTACT ${DOCKBELL_MAINTAINER})
# cpack would put a common summary before the descriptions of all packages: each has its own.
set(daemon_summary "Amazon order notifications to a warehouse's webhook")
set(daemon_description
    "Receives order notifications of Amazon's Selling Partner API from SQS queues,
stores them, and posts each of them, signed and in order per order, to the
webhook of a warehouse management system, for as long as it takes.")
set(sandbox_summary "Amazon in a box and a webhook receiver, to test Dockbell with")
set(sandbox_description
    "dockbell-sandbox answers as Login with Amazon, the Selling Partner API's
notifications and SQS do, with faults on demand. dockbell-receiver receives
webhooks, verifies their signatures and counts what a warehouse would mind.
.
For tests of one's own: a machine in production does not need it.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
# The configuration lies outside of the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL dockbell package sandbox sandbox_package)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_DOCKBELL_GROUP daemon)
set(CPACK_COMPONENT_PACKAGE_GROUP daemon)
set(CPACK_COMPONENT_SANDBOX_GROUP sandbox)
set(CPACK_COMPONENT_SANDBOX_PACKAGE_GROUP sandbox)
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

# What each package has beside its documentation: copyright, changes, and a list of what it is made of
# (scripts/sbom).
function(install_papers name component)
  set(folder share/doc/${name})
  install(FILES packaging/deb/copyright packaging/changelog DESTINATION ${folder}
          COMPONENT ${component} EXCLUDE_FROM_ALL)
  configure_file(packaging/deb/lintian-overrides.in packaging/${name}.overrides @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/packaging/${name}.overrides DESTINATION share/lintian/overrides
          RENAME ${name} COMPONENT ${component} EXCLUDE_FROM_ALL)
  set(programs)
  foreach(program IN LISTS ARGN)
    list(APPEND programs $<TARGET_FILE:${program}>)
  endforeach()
  set(sbom ${PROJECT_BINARY_DIR}/packaging/${name}.spdx.json)
  install(CODE "execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/sbom ${name} ${PROJECT_VERSION}
                                        ${programs} OUTPUT_FILE ${sbom} COMMAND_ERROR_IS_FATAL ANY)"
          COMPONENT ${component} EXCLUDE_FROM_ALL)
  install(FILES ${sbom} DESTINATION ${folder} COMPONENT ${component} EXCLUDE_FROM_ALL)
endfunction()
install_papers(dockbell package dockbell)
install_papers(dockbell-sandbox sandbox_package dockbell-sandbox dockbell-receiver)

# Debian 12's libraries with security fixes: the linked symbols are older than these. CVE-2024-25189 of
# libjwt; CVE-2023-50471, CVE-2023-50472 and CVE-2023-53154 of cJSON. Other releases have other versions.
cmake_host_system_information(RESULT release QUERY DISTRIB_ID DISTRIB_VERSION_ID)
if(release STREQUAL "debian;12")
  set(fixed_jwt ", libjwt0 (>= 1.10.2-1+deb12u1)")
  set(fixed_json "libcjson1 (>= 1.7.15-1+deb12u4)")
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DAEMON_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME dockbell)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DAEMON_DESCRIPTION "${daemon_summary}\n${daemon_description}")
# procps: ExecReload uses kill.
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS "systemd (>= 252), ca-certificates, procps${fixed_jwt}")
if(fixed_json)
  string(APPEND CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS ", ${fixed_json}")
endif()
set(CPACK_DEBIAN_DAEMON_PACKAGE_SUGGESTS dockbell-sandbox)
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
    ${package_folder}/deb/postinst ${package_folder}/deb/prerm
    ${package_folder}/deb/postrm)

set(CPACK_DEBIAN_SANDBOX_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_SANDBOX_PACKAGE_NAME dockbell-sandbox)
set(CPACK_DEBIAN_SANDBOX_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_SANDBOX_PACKAGE_DEPENDS ${fixed_json})
set(CPACK_DEBIAN_SANDBOX_DESCRIPTION "${sandbox_summary}\n${sandbox_description}")
# 0.1.0 had the sandbox in its one package.
set(CPACK_DEBIAN_SANDBOX_PACKAGE_BREAKS "dockbell (<< 0.2.0)")
set(CPACK_DEBIAN_SANDBOX_PACKAGE_REPLACES "dockbell (<< 0.2.0)")

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_MAIN_COMPONENT daemon)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_DAEMON_PACKAGE_NAME dockbell)
set(CPACK_RPM_DAEMON_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_DAEMON_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_DAEMON_PACKAGE_SUMMARY ${daemon_summary})
set(CPACK_RPM_DAEMON_PACKAGE_DESCRIPTION ${daemon_description})
set(CPACK_RPM_DAEMON_PACKAGE_REQUIRES "systemd >= 252, ca-certificates")
set(CPACK_RPM_DAEMON_PACKAGE_SUGGESTS dockbell-sandbox)
set(CPACK_RPM_DAEMON_PRE_INSTALL_SCRIPT_FILE ${package_folder}/rpm/pre)
set(CPACK_RPM_DAEMON_POST_INSTALL_SCRIPT_FILE ${package_folder}/rpm/post)
set(CPACK_RPM_DAEMON_PRE_UNINSTALL_SCRIPT_FILE ${package_folder}/rpm/preun)
set(CPACK_RPM_DAEMON_POST_UNINSTALL_SCRIPT_FILE ${package_folder}/rpm/postun)
set(CPACK_RPM_DAEMON_USER_FILELIST "%dir %attr(0750,root,dockbell) /etc/dockbell"
    "%config(noreplace) %attr(0640,root,dockbell) /etc/dockbell/dockbell.conf")
set(CPACK_RPM_SANDBOX_PACKAGE_NAME dockbell-sandbox)
set(CPACK_RPM_SANDBOX_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_SANDBOX_PACKAGE_GROUP "Development/Tools")
set(CPACK_RPM_SANDBOX_PACKAGE_SUMMARY ${sandbox_summary})
set(CPACK_RPM_SANDBOX_PACKAGE_DESCRIPTION ${sandbox_description})
set(CPACK_RPM_SANDBOX_PACKAGE_CONFLICTS "dockbell < 0.2.0")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc /etc/dockbell /usr/lib/systemd /usr/lib/systemd/system /usr/lib/systemd/catalog
    /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/share/man /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man8
    /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/lintian
    /usr/share/lintian/overrides /usr/share/doc)
include(CPack)
