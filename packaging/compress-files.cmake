# SPDX-License-Identifier: MIT
# Run by cpack when everything is in its staging directory, one folder for each package: manual pages and the list of changes are
# compressed there, without a time, so that the same source gives the same package.
set(stage ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
file(GLOB pages ${stage}/*/usr/share/man/man*/*.[1-9])
file(GLOB changes ${stage}/*/usr/share/doc/*/changelog)
foreach(file IN LISTS pages changes)
  execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
# Debian's own files have no place elsewhere. Debian's package makes its configuration in postinst: a
# conffile would ask a question at each upgrade with another sample.
if(CPACK_GENERATOR STREQUAL DEB)
  file(GLOB needless ${stage}/*/etc)
elseif(CPACK_GENERATOR STREQUAL RPM)
  file(GLOB needless ${stage}/*/usr/share/lintian ${stage}/*/usr/share/doc/*/copyright)
endif()
file(REMOVE_RECURSE ${needless})
# Files that the build made have its time; one time for all of them gives the same package.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find ${stage} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
