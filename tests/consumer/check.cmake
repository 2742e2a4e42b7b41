# SPDX-License-Identifier: MIT
#
# cmake -D MODE=installed|components|subfolder|fetched -D SOURCE=<checkout> -D BUILD=<its build folder> -D WORK=<scratch>
#       -D CONFIGURE=<options> -D COMPONENTS=<those found here> -P check.cmake
# Builds and runs projects that use cloakroom, and sees that mistakes are answered with the name of what is missing.
#
#   installed    the project beside this file, and test_package
#   components   components/, with each component alone, and with each library hidden
#   subfolder    the project beside this file, with cloakroom in a subfolder
#   fetched      the same by FetchContent, but for the download
set(folder ${WORK}/${MODE})
set(prefix ${folder}/prefix)
set(project ${CMAKE_CURRENT_LIST_DIR})
file(REMOVE_RECURSE ${folder})

if(MODE MATCHES "installed|components")
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND CONFIGURE -D CMAKE_PREFIX_PATH=${prefix})
elseif(MODE STREQUAL subfolder)
  list(APPEND CONFIGURE -D CLOAKROOM_FOLDER=${SOURCE})
else()
  list(APPEND CONFIGURE -D CLOAKROOM_REPOSITORY=${SOURCE} -D FETCHCONTENT_SOURCE_DIR_CLOAKROOM=${SOURCE})
endif()

function(configure source name)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${source} ${CONFIGURE} -B ${folder}/${name} ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(build name)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${folder}/${name} ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Configures in a folder of its own; must fail with `words` in what CMake says.
function(expect_refusal words)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${project} ${CONFIGURE} -B ${folder}/refused ${ARGN}
    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE errors)
  file(REMOVE_RECURSE ${folder}/refused)
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}")
  string(FIND "${errors}" "${words}" position)
  if(result EQUAL 0 OR position EQUAL -1)
    message(FATAL_ERROR "Configuring with ${ARGN} should be refused with \"${words}\":\n${errors}")
  endif()
endfunction()

if(MODE STREQUAL components)
  configure(${project}/components hidden -D HIDDEN=ON)
  list(JOIN COMPONENTS "," components)
  configure(${project}/components alone -D COMPONENTS=${components})
  build(alone)
  return()
endif()

configure(${project} build)
if(MODE STREQUAL fetched)
  build(build --target core)
  run(${folder}/build/core)
  return()
endif()
build(build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${folder}/build --output-on-failure)

expect_refusal("cloakroom needs SQLite3" -D CMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON)
if(MODE STREQUAL installed)
  expect_refusal("cloakroom has no component \"nonsense\"" -D COMPONENT=nonsense)
  configure(${SOURCE}/test_package test_package)
  build(test_package)
  run(${folder}/test_package/test_package)
else()
  expect_refusal("cloakroom::add_httplib_to_CLOAKROOM_COMPONENTS" -D COMPONENT=httplib)
endif()
