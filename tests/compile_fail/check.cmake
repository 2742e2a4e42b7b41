# SPDX-License-Identifier: MIT
#
# cmake -D SOURCE=<file> -D COMPILE=<compiler;flags> -P check.cmake
# Compiles SOURCE with WELL_FORMED defined, which must work, and without, which must fail. What the compiler then says
# has at most 25 lines, and in them the words of each "// expect: <words>" line. Where more lines follow that the library
# has no part in, a line "// goes on: <why>" says so; the words still stand in the first 25. The source that g++ quotes
# beneath its lines, from version 13 on beneath nearly all, is not counted.
set(limit 25)

execute_process(COMMAND ${COMPILE} -DWELL_FORMED ${SOURCE} RESULT_VARIABLE result ERROR_VARIABLE errors)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "The well-formed twin does not compile:\n${errors}")
endif()

execute_process(COMMAND ${COMPILE} ${SOURCE} RESULT_VARIABLE result ERROR_VARIABLE errors)
if(result EQUAL 0)
  message(FATAL_ERROR "It compiles, and must not.")
endif()

string(REGEX REPLACE "\n +[0-9]* \\|[^\n]*" "" without_source "${errors}")
string(REGEX REPLACE "[^\n]" "" line_ends "${without_source}")
string(LENGTH "${line_ends}" count)
if(count GREATER limit)
  file(STRINGS ${SOURCE} goes_on REGEX "^// goes on: ")
  if(NOT goes_on)
    message(FATAL_ERROR "The compiler says ${count} lines, more than ${limit}:\n${errors}")
  endif()
  set(rest "${without_source}")
  set(errors "")
  foreach(number RANGE 1 ${limit})
    string(FIND "${rest}" "\n" end)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" 0 ${end} line)
    string(SUBSTRING "${rest}" ${end} -1 rest)
    string(APPEND errors "${line}")
  endforeach()
endif()

file(STRINGS ${SOURCE} expectations REGEX "^// expect: ")
if(NOT expectations)
  message(FATAL_ERROR "${SOURCE} has no line '// expect: <words>'.")
endif()
foreach(expectation IN LISTS expectations)
  string(REPLACE "// expect: " "" words "${expectation}")
  string(FIND "${errors}" "${words}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "The compiler's first ${limit} lines lack \"${words}\":\n${errors}")
  endif()
endforeach()
