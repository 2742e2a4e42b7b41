# SPDX-License-Identifier: MIT
#
# What our own programs are built with and nobody else's: strict warnings, ccache when it is there. Warnings are errors
# but in Release, so that a newer compiler's new warning keeps nobody from running an example.
add_library(cloakroom_strict INTERFACE)
target_compile_options(cloakroom_strict INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<NOT:$<CONFIG:Release>>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-fconcepts-diagnostics-depth=2>)

# All components together that were found.
set(cloakroom_found_components ${cloakroom_components})
list(REMOVE_ITEM cloakroom_found_components "" ${cloakroom_missing_components})
add_library(cloakroom_everything INTERFACE)
list(TRANSFORM cloakroom_found_components PREPEND cloakroom:: OUTPUT_VARIABLE everything)
target_link_libraries(cloakroom_everything INTERFACE ${everything})

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
