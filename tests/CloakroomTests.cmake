# SPDX-License-Identifier: MIT
#
# How the folders of tests/ become programs and ctest cases.

set(header_root ${PROJECT_SOURCE_DIR}/include)
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${header_root} ${header_root}/*.hpp)
foreach(component IN LISTS cloakroom_missing_components)
  list(REMOVE_ITEM headers cloakroom/http/${component}.hpp)
endforeach()
if(CLOAKROOM_TEST_SINGLE_HEADER)
  set(suite_prefix single_header/)
endif()
set(everything_header ${CMAKE_CURRENT_BINARY_DIR}/everything/support/everything.hpp)

# cloakroom_tested: include/. cloakroom_tested_single: a tree in which every header forwards to the single one, all
# optional parts switched on.
add_library(cloakroom_tested INTERFACE)
target_link_libraries(cloakroom_tested INTERFACE cloakroom_everything)

add_library(cloakroom_tested_single INTERFACE)
foreach(header IN LISTS headers)
  if(NOT header STREQUAL cloakroom.hpp)
    file(CONFIGURE OUTPUT forwarding/${header} CONTENT "#include <cloakroom.hpp>\n")
  endif()
endforeach()
target_include_directories(cloakroom_tested_single INTERFACE
  ${CMAKE_CURRENT_BINARY_DIR}/forwarding ${PROJECT_SOURCE_DIR}/single_include)
target_compile_features(cloakroom_tested_single INTERFACE cxx_std_20)
foreach(component IN LISTS cloakroom_found_components)
  string(TOUPPER CLOAKROOM_WITH_${component} switch)
  target_compile_definitions(cloakroom_tested_single INTERFACE CLOAKROOM_WITH_TESTING ${switch})
  list(APPEND dependencies ${cloakroom_component_${component}})
endforeach()
list(TRANSFORM cloakroom_core PREPEND cloakroom::dep_ OUTPUT_VARIABLE core_libraries)
list(TRANSFORM dependencies PREPEND cloakroom::dep_ OUTPUT_VARIABLE component_libraries)
target_link_libraries(cloakroom_tested_single INTERFACE ${core_libraries} ${component_libraries})

# A program with strict warnings, "support/..." and the paths of what tests read, on `tested`. Not optimized: that takes
# two thirds of the time; examples and benchmarks show what optimizers say.
function(_cloakroom_add_test_program target tested)
  add_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/everything)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU,Clang>:-O0>)
  target_compile_definitions(${target} PRIVATE CLOAKROOM_TEST_VECTORS="${PROJECT_SOURCE_DIR}/tests/vectors/django.json")
  target_link_libraries(${target} PRIVATE cloakroom_strict ${tested} $<$<TARGET_EXISTS:custom_policies>:cloakroom::dep_lmdb>)
endfunction()

# The single header is compiled once, by the first of its programs.
function(_cloakroom_precompile_single_header target)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>) # so that ccache sees it
  get_property(first GLOBAL PROPERTY cloakroom_precompiled_single_header)
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE <cloakroom.hpp>)
    set_property(GLOBAL PROPERTY cloakroom_precompiled_single_header ${target})
  endif()
endfunction()

# A test program on the headers that this configuration tests.
function(_cloakroom_add_suite_program target)
  if(CLOAKROOM_TEST_SINGLE_HEADER)
    _cloakroom_add_test_program(${target} cloakroom_tested_single ${ARGN})
    _cloakroom_precompile_single_header(${target})
  else()
    _cloakroom_add_test_program(${target} cloakroom_tested ${ARGN})
  endif()
endfunction()

# Sets `kept` to those of the sources that start threads, or have laws start them.
function(_cloakroom_keep_threads kept)
  set(with_threads "")
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} threads
      REGEX "std::(jthread|thread|async)|run_threads|on_threads|stress|(signer|user_store|revocation)_laws" LIMIT_COUNT 1)
    if(threads)
      list(APPEND with_threads ${source})
    endif()
  endforeach()
  set(${kept} "${with_threads}" PARENT_SCOPE)
endfunction()

# tests/<folder>/*.cpp, as test_<folder>.
function(cloakroom_add_catch_tests folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  if(NOT TARGET custom_policies)
    list(FILTER sources EXCLUDE REGEX "/examples/custom_policies\\.cpp$")
  endif()
  foreach(component IN LISTS cloakroom_missing_components)
    list(FILTER sources EXCLUDE REGEX "/http/${component}\\.cpp$")
  endforeach()
  if(CLOAKROOM_TEST_THREADS_ONLY)
    _cloakroom_keep_threads(sources ${sources})
  endif()
  if(NOT sources)
    return()
  endif()

  _cloakroom_add_suite_program(test_${folder} ${sources})
  target_link_libraries(test_${folder} PRIVATE Catch2::Catch2WithMain)
  catch_discover_tests(test_${folder} TEST_PREFIX ${suite_prefix}${folder}/ PROPERTIES LABELS ${folder} TIMEOUT 600)
endfunction()

# tests/<folder>/<example>.py, run with the path of the built example. Modules that tests share start with "_".
function(cloakroom_add_python_tests folder)
  get_property(examples GLOBAL PROPERTY cloakroom_examples)
  get_property(left_out GLOBAL PROPERTY cloakroom_examples_left_out)
  if(NOT CLOAKROOM_TEST_INTEROP)
    list(APPEND left_out django_side_by_side)
  endif()
  file(GLOB scripts CONFIGURE_DEPENDS ${folder}/[!_]*.py)
  foreach(script IN LISTS scripts)
    cmake_path(GET script STEM name)
    if(name IN_LIST left_out)
      continue()
    endif()
    if(NOT name IN_LIST examples)
      message(FATAL_ERROR "tests/${folder}/${name}.py is named after no example; examples are: ${examples}")
    endif()
    add_test(NAME ${folder}/${name} COMMAND Python3::Interpreter ${script} $<TARGET_FILE:${name}>)
    set_tests_properties(${folder}/${name} PROPERTIES LABELS ${folder} TIMEOUT 600)
  endforeach()
endfunction()

# tests/interop/<engine>.py, run with the path of the server in interop/cloakroom_side.
function(cloakroom_add_interop_tests)
  _cloakroom_add_suite_program(interop_server interop/cloakroom_side/main.cpp)
  file(GLOB scripts CONFIGURE_DEPENDS interop/[!_]*.py)
  foreach(script IN LISTS scripts)
    cmake_path(GET script STEM name)
    set(test ${suite_prefix}interop/${name})
    add_test(NAME ${test} COMMAND Python3::Interpreter ${script} $<TARGET_FILE:interop_server>)
    set_tests_properties(${test} PROPERTIES LABELS interop TIMEOUT 600)
  endforeach()
endfunction()

# tests/compared/*.cpp: a program that the script of its name feeds, and whose answers it compares with Python's own.
function(cloakroom_add_compared_programs)
  file(GLOB sources CONFIGURE_DEPENDS compared/*.cpp)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    set(test ${suite_prefix}compared/${name})
    _cloakroom_add_suite_program(compared_${name} ${source})
    add_test(NAME ${test} COMMAND Python3::Interpreter
      ${CMAKE_CURRENT_SOURCE_DIR}/compared/${name}.py $<TARGET_FILE:compared_${name}>)
    set_tests_properties(${test} PROPERTIES LABELS compared TIMEOUT 600)
  endforeach()
endfunction()

# Every header compiles alone, included twice; and two units that include all of them make one program.
function(cloakroom_add_header_checks)
  list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>\n" OUTPUT_VARIABLE includes)
  list(JOIN includes "" includes)
  file(CONFIGURE OUTPUT ${everything_header} CONTENT "${includes}")

  foreach(header IN LISTS headers)
    string(REPLACE / _ unit ${header})
    file(CONFIGURE OUTPUT alone/${unit}.cpp CONTENT "#include <${header}>\n#include <${header}>\n")
    list(APPEND units ${CMAKE_CURRENT_BINARY_DIR}/alone/${unit}.cpp)
  endforeach()
  if(CLOAKROOM_TEST_HEADERS)
    add_library(headers_alone OBJECT ${units})
    target_link_libraries(headers_alone PRIVATE cloakroom_strict cloakroom_everything)
  endif()

  file(GLOB sources CONFIGURE_DEPENDS two_units/*.cpp)
  _cloakroom_add_test_program(two_units cloakroom_tested ${sources})
  add_test(NAME two_units/include COMMAND two_units)
  set_tests_properties(two_units/include PROPERTIES LABELS two_units)
  if(CLOAKROOM_TEST_HEADERS OR CLOAKROOM_TEST_SINGLE_HEADER)
    _cloakroom_add_test_program(two_units_single cloakroom_tested_single ${sources})
    add_test(NAME single_header/two_units COMMAND two_units_single)
    set_tests_properties(single_header/two_units PROPERTIES LABELS single_header)
  endif()
endfunction()

# tests/compile_fail/*.cpp: refused with the words of its "// expect:" lines, accepted with -DWELL_FORMED. All of them
# include the umbrella, which is compiled once, by the first of these tests; without it they only take longer.
function(cloakroom_add_compile_fail_tests)
  set(folders $<TARGET_PROPERTY:cloakroom_everything,INTERFACE_INCLUDE_DIRECTORIES>)
  file(GENERATE OUTPUT include_flags CONTENT "$<$<BOOL:${folders}>:-I$<JOIN:${folders}, -I>>\n")
  set(compile ${CMAKE_CXX_COMPILER} -std=c++20 @${CMAKE_CURRENT_BINARY_DIR}/include_flags)

  set(umbrella ${CMAKE_CURRENT_BINARY_DIR}/precompiled/umbrella.hpp)
  file(CONFIGURE OUTPUT ${umbrella} CONTENT "#include <cloakroom.hpp>\n")
  list(TRANSFORM headers PREPEND ${header_root}/ OUTPUT_VARIABLE dependencies)
  add_custom_command(OUTPUT ${umbrella}.gch COMMAND ${compile} -x c++-header ${umbrella} -o ${umbrella}.gch
    DEPENDS ${dependencies} ${umbrella} VERBATIM)
  add_custom_target(compile_fail_umbrella DEPENDS ${umbrella}.gch)
  add_test(NAME compile_fail/umbrella
    COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target compile_fail_umbrella)
  set_tests_properties(compile_fail/umbrella PROPERTIES LABELS compile_fail FIXTURES_SETUP compile_fail_umbrella)

  file(GLOB sources CONFIGURE_DEPENDS compile_fail/*.cpp)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_test(NAME compile_fail/${name} COMMAND ${CMAKE_COMMAND} -D SOURCE=${source}
      "-DCOMPILE=${compile};-fsyntax-only;-include;${umbrella}" -P ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check.cmake)
    set_tests_properties(compile_fail/${name} PROPERTIES LABELS compile_fail FIXTURES_REQUIRED compile_fail_umbrella)
  endforeach()
endfunction()

# tests/consumer: the installed package and the subfolder, each configured, built and run as a stranger's project; and
# whether what each platform calls its packages is found.
function(cloakroom_add_consumer_tests)
  set(options -G ${CMAKE_GENERATOR} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER})
  set(consumer ${CMAKE_CURRENT_SOURCE_DIR}/consumer)
  set(work ${CMAKE_CURRENT_BINARY_DIR}/consumer)
  foreach(mode installed components subfolder fetched)
    add_test(NAME consumer/${mode} COMMAND ${CMAKE_COMMAND} -D MODE=${mode} -D SOURCE=${PROJECT_SOURCE_DIR}
      -D BUILD=${PROJECT_BINARY_DIR} -D WORK=${work} "-DCONFIGURE=${options}" "-DCOMPONENTS=${cloakroom_found_components}"
      -P ${consumer}/check.cmake)
    list(APPEND names consumer/${mode})
  endforeach()
  add_test(NAME consumer/stand_ins COMMAND ${CMAKE_COMMAND} --fresh -G ${CMAKE_GENERATOR}
    -S ${consumer}/stand_ins -B ${work}/stand_ins -D HELPER=${PROJECT_SOURCE_DIR}/cmake/CloakroomDependencies.cmake)
  set_tests_properties(${names} consumer/stand_ins PROPERTIES LABELS consumer TIMEOUT 1200)
endfunction()

# tests/single_header: the single header alone in a folder, with the command that the documentation has.
function(cloakroom_add_single_header_tests)
  add_test(NAME single_header/drop_in COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/single_header/drop_in.py
    ${CMAKE_CXX_COMPILER} ${CMAKE_CURRENT_BINARY_DIR}/include_flags ${cloakroom_found_components})
  set_tests_properties(single_header/drop_in PROPERTIES LABELS single_header TIMEOUT 1200)
endfunction()

# What keeps the tree in order, as far as it needs no particular version of a tool, and the tests of those tools.
function(cloakroom_add_tool_tests)
  set(tools ${PROJECT_SOURCE_DIR}/tools)
  add_test(NAME tools/check_layers COMMAND Python3::Interpreter ${tools}/check_layers)
  add_test(NAME tools/check_security COMMAND Python3::Interpreter ${tools}/check_security)
  add_test(NAME tools/check_behaviours COMMAND Python3::Interpreter ${tools}/check_behaviours)
  add_test(NAME tools/amalgamate_check COMMAND Python3::Interpreter ${tools}/amalgamate --check)
  set(names tools/check_layers tools/check_security tools/check_behaviours tools/amalgamate_check)
  file(GLOB scripts CONFIGURE_DEPENDS tools/*.py)
  foreach(script IN LISTS scripts)
    cmake_path(GET script STEM name)
    add_test(NAME tools/${name} COMMAND Python3::Interpreter ${script})
    list(APPEND names tools/${name})
  endforeach()
  set_tests_properties(${names} PROPERTIES LABELS tools)
endfunction()
