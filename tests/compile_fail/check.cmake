# SPDX-License-Identifier: MIT
#
# cmake -D SOURCE=<file> -D COMPILE=<compiler;flags> -P check.cmake
# Compiles SOURCE with WELL_FORMED defined, which must work, and without, which must fail, with the words of each
# "// expect: <words>" line in the compiler's output.
execute_process(COMMAND ${COMPILE} -DWELL_FORMED ${SOURCE} RESULT_VARIABLE result ERROR_VARIABLE errors)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "The well-formed twin does not compile:\n${errors}")
endif()

execute_process(COMMAND ${COMPILE} ${SOURCE} RESULT_VARIABLE result ERROR_VARIABLE errors)
if(result EQUAL 0)
  message(FATAL_ERROR "It compiles, and must not.")
endif()
file(STRINGS ${SOURCE} lines REGEX "^// expect: ")
if(NOT lines)
  message(FATAL_ERROR "${SOURCE} has no line '// expect: <words>'.")
endif()
foreach(line IN LISTS lines)
  string(REPLACE "// expect: " "" words "${line}")
  string(FIND "${errors}" "${words}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "The compiler's output lacks \"${words}\":\n${errors}")
  endif()
endforeach()
