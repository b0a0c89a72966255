# SPDX-License-Identifier: MIT
# What the compiler adds against faults that an attacker could use, as far as it knows how; and no path
# of the build in the programs, so that a build elsewhere gives the same bytes.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)

function(harden_with flag variable)
  check_c_compiler_flag(${flag} ${variable})
  if(${variable})
    add_compile_options(${flag})
  endif()
endfunction()

# Level 3 needs a compiler that knows sizes at run time; the C library takes it for 2 elsewhere, with a
# warning. Without optimization there is none of it: other build types leave it to the user's flags.
if(NOT DOCKBELL_SANITIZE AND CMAKE_BUILD_TYPE MATCHES "^(RelWithDebInfo|Release)$")
  set(CMAKE_REQUIRED_FLAGS "-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
  check_c_source_compiles("#include <stdio.h>
    #if __USE_FORTIFY_LEVEL < 3
    #error no level 3
    #endif
    int main(void) { return 0; }" DOCKBELL_HAS_FORTIFY_3)
  unset(CMAKE_REQUIRED_FLAGS)
  if(DOCKBELL_HAS_FORTIFY_3)
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  else()
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
endif()

harden_with(-fstack-clash-protection DOCKBELL_HAS_STACK_CLASH)
# Not with the tests: valgrind and the sanitizers would not see what was never set.
if(NOT DOCKBELL_TESTS AND NOT DOCKBELL_SANITIZE)
  harden_with(-ftrivial-auto-var-init=zero DOCKBELL_HAS_AUTO_VAR_INIT)
endif()

harden_with(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. DOCKBELL_HAS_FILE_PREFIX_MAP)
if(DOCKBELL_HAS_FILE_PREFIX_MAP)
  add_compile_options(-ffile-prefix-map=${PROJECT_BINARY_DIR}=.)
endif()
