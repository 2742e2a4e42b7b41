# SPDX-License-Identifier: MIT
#
# cmake -D MODE=installed|subfolder -D SOURCE=<checkout> -D BUILD=<its build folder> -D WORK=<scratch>
#       -D CONFIGURE=<options> -P check.cmake
# Builds and runs the project beside this file, and sees that mistakes are answered with the name of what is missing.
set(folder ${WORK}/${MODE})
set(prefix ${folder}/prefix)
set(configure ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} ${CONFIGURE})
file(REMOVE_RECURSE ${folder})

if(MODE STREQUAL installed)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND configure -D CMAKE_PREFIX_PATH=${prefix})
else()
  list(APPEND configure -D CLOAKROOM_FOLDER=${SOURCE})
endif()

# Configures in a folder of its own; must fail with `words` in what CMake says.
function(expect_refusal words)
  execute_process(COMMAND ${configure} -B ${folder}/refused ${ARGN}
    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE errors)
  file(REMOVE_RECURSE ${folder}/refused)
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}")
  string(FIND "${errors}" "${words}" position)
  if(result EQUAL 0 OR position EQUAL -1)
    message(FATAL_ERROR "Configuring with ${ARGN} should be refused with \"${words}\":\n${errors}")
  endif()
endfunction()

execute_process(COMMAND ${configure} -B ${folder}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${folder}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${folder}/build --output-on-failure COMMAND_ERROR_IS_FATAL ANY)

expect_refusal("cloakroom needs SQLite3" -D CMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON)
if(MODE STREQUAL installed)
  expect_refusal("cloakroom has no component \"nonsense\"" -D COMPONENT=nonsense)
else()
  expect_refusal("cloakroom::add_httplib_to_CLOAKROOM_COMPONENTS" -D COMPONENT=httplib)
endif()
