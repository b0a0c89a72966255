# SPDX-License-Identifier: MIT
# Read by cpack before it packs: what differs between the kinds of package.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/compress-files.cmake)
