# SPDX-License-Identifier: MIT
#
# Finds what cloakroom needs. The build and the installed cloakroomConfig.cmake both use this file, so that both
# agree on every platform. One row per third-party library:
#
#   set(cloakroom_dependency_<name> [OPTIONAL]
#     PACKAGE <find_package arguments>       as CMake looks for it
#     TARGETS <names>                        what the package may call it, best first
#     [PKG_CONFIG <modules>]                 where no such target can be used
#     [HEADER <folder>/<name>]               is included without the folder; where there is one, it is added
#     [DEBIAN <package>] [VCPKG <ports>] [CONAN <package>])   what to install
#
# and its name in a list of what needs it: cloakroom_core, or cloakroom_component_<component>. The recipe for Conan and
# the port for vcpkg name the same packages, which tests/tools/packages.py compares.
#
# Our own build sets cloakroom_global to GLOBAL, so that the targets found here are known in a parent project, too.

set(cloakroom_dependency_botan PACKAGE Botan CONFIG
  TARGETS botan::botan Botan::Botan botan::botan-static Botan::Botan-static PKG_CONFIG botan-3 botan-2
  DEBIAN libbotan-3-dev or libbotan-2-dev VCPKG botan CONAN botan)
set(cloakroom_dependency_zlib PACKAGE ZLIB TARGETS ZLIB::ZLIB DEBIAN zlib1g-dev VCPKG zlib CONAN zlib)
set(cloakroom_dependency_threads PACKAGE Threads TARGETS Threads::Threads)
# Headers alone, these four. vcpkg has Boost in pieces, the others as a whole.
set(cloakroom_dependency_boost PACKAGE Boost 1.74 CONFIG TARGETS Boost::headers Boost::boost
  DEBIAN libboost-dev VCPKG boost-hana CONAN boost)
set(cloakroom_dependency_asio PACKAGE Boost 1.74 CONFIG TARGETS Boost::headers Boost::boost VCPKG boost-asio)
set(cloakroom_dependency_beast PACKAGE Boost 1.74 CONFIG TARGETS Boost::headers Boost::boost
  DEBIAN libboost-dev VCPKG boost-asio boost-beast CONAN boost)
set(cloakroom_dependency_cereal PACKAGE cereal CONFIG TARGETS cereal::cereal cereal PKG_CONFIG cereal
  DEBIAN libcereal-dev VCPKG cereal CONAN cereal)
set(cloakroom_dependency_sqlite PACKAGE SQLite3 TARGETS SQLite3::SQLite3 SQLite::SQLite3
  DEBIAN libsqlite3-dev VCPKG sqlite3 CONAN sqlite3)
set(cloakroom_dependency_postgres PACKAGE PostgreSQL TARGETS PostgreSQL::PostgreSQL PKG_CONFIG libpq
  DEBIAN libpq-dev VCPKG libpq CONAN libpq)
# The lower case keeps Debian's HiredisConfig out of sight, which fails without a version.
set(cloakroom_dependency_redis PACKAGE hiredis CONFIG TARGETS hiredis::hiredis PKG_CONFIG hiredis
  DEBIAN libhiredis-dev VCPKG hiredis CONAN hiredis)
# TLS came with hiredis 1.0. Where it is not, the headers find that out and do without.
set(cloakroom_dependency_redis_tls OPTIONAL PACKAGE hiredis_ssl CONFIG TARGETS hiredis::hiredis_ssl PKG_CONFIG hiredis_ssl)
set(cloakroom_dependency_memcached PACKAGE libmemcached NAMES libmemcached-awesome libmemcached CONFIG
  TARGETS libmemcached::libmemcached PKG_CONFIG libmemcached
  DEBIAN libmemcached-dev VCPKG libmemcached-awesome CONAN libmemcached)
set(cloakroom_dependency_httplib PACKAGE httplib CONFIG TARGETS httplib::httplib PKG_CONFIG cpp-httplib
  DEBIAN libcpp-httplib-dev VCPKG cpp-httplib CONAN cpp-httplib)
# vcpkg moves the headers into a folder that the module does not name. Conan has no package of it.
set(cloakroom_dependency_fastcgi PACKAGE fcgi CONFIG TARGETS fcgi::fcgi PKG_CONFIG fcgi HEADER fastcgi/fcgiapp.h
  DEBIAN libfcgi-dev VCPKG fastcgi)
set(cloakroom_dependency_drogon PACKAGE Drogon CONFIG TARGETS Drogon::Drogon
  DEBIAN libdrogon-dev VCPKG drogon CONAN drogon)
set(cloakroom_dependency_crow PACKAGE Crow CONFIG TARGETS Crow::Crow VCPKG crow CONAN crowcpp-crow)

# What examples/custom_policies keeps sessions in.
set(cloakroom_dependency_lmdb PACKAGE lmdb CONFIG TARGETS lmdb::lmdb lmdb PKG_CONFIG lmdb DEBIAN liblmdb-dev VCPKG lmdb)

set(cloakroom_core botan zlib boost threads)

set(cloakroom_components cereal sqlite postgres redis memcached httplib beast fastcgi drogon crow)
# Those that not every system has a package for. Our own tests and examples go on without them.
set(cloakroom_rare_components drogon crow)
set(cloakroom_component_cereal cereal)
set(cloakroom_component_sqlite sqlite)
set(cloakroom_component_postgres postgres)
set(cloakroom_component_redis redis redis_tls)
set(cloakroom_component_memcached memcached)
set(cloakroom_component_httplib httplib)
set(cloakroom_component_beast beast)
set(cloakroom_component_fastcgi fastcgi)
set(cloakroom_component_drogon drogon asio)
set(cloakroom_component_crow crow)

# Whether `target` exists and all absolute paths of its include folders do, too. Debian 13's Botan config makes targets
# that point nowhere. Generator expressions cannot be judged here and pass.
function(_cloakroom_usable target result)
  set(${result} FALSE PARENT_SCOPE)
  if(NOT TARGET ${target})
    return()
  endif()
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  foreach(folder IN LISTS folders)
    if(IS_ABSOLUTE "${folder}" AND NOT EXISTS "${folder}")
      return()
    endif()
  endforeach()
  set(${result} TRUE PARENT_SCOPE)
endfunction()

# Makes cloakroom::dep_<name>, which wraps whatever target serves here. `problem` becomes empty, or a sentence.
function(cloakroom_find_dependency name problem)
  set(${problem} "" PARENT_SCOPE)
  if(TARGET cloakroom::dep_${name})
    return()
  endif()
  cmake_parse_arguments(row "OPTIONAL" "" "PACKAGE;TARGETS;PKG_CONFIG;HEADER;DEBIAN;VCPKG;CONAN"
    ${cloakroom_dependency_${name}})
  if(cloakroom_global)
    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)
  endif()

  set(winner "")
  find_package(${row_PACKAGE} QUIET)
  foreach(candidate IN LISTS row_TARGETS)
    _cloakroom_usable(${candidate} usable)
    if(usable)
      set(winner ${candidate})
      break()
    endif()
  endforeach()
  if(NOT winner AND row_PKG_CONFIG)
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_search_module(CLOAKROOM_${name} QUIET IMPORTED_TARGET ${cloakroom_global} ${row_PKG_CONFIG})
      if(CLOAKROOM_${name}_FOUND)
        set(winner PkgConfig::CLOAKROOM_${name})
      endif()
    endif()
  endif()

  if(winner)
    add_library(cloakroom::dep_${name} INTERFACE IMPORTED ${cloakroom_global})
    target_link_libraries(cloakroom::dep_${name} INTERFACE ${winner})
    if(row_HEADER)
      unset(above)
      find_path(above ${row_HEADER} NO_CACHE)
      if(above)
        cmake_path(GET row_HEADER PARENT_PATH folder)
        cmake_path(APPEND above ${folder})
        target_include_directories(cloakroom::dep_${name} INTERFACE ${above})
      endif()
    endif()
    return()
  endif()
  if(row_OPTIONAL)
    add_library(cloakroom::dep_${name} INTERFACE IMPORTED ${cloakroom_global})
    return()
  endif()
  list(GET row_PACKAGE 0 package)
  set(text "cloakroom needs ${package}, and found no CMake package of that name")
  if(row_PKG_CONFIG)
    list(JOIN row_PKG_CONFIG " or " modules)
    string(APPEND text " and no pkg-config module ${modules}")
  endif()
  set(where "")
  foreach(system Debian vcpkg Conan)
    string(TOUPPER ${system} key)
    if(row_${key})
      list(JOIN row_${key} " " packages)
      list(APPEND where "${packages} (${system})")
    endif()
  endforeach()
  if(where)
    list(JOIN where ", " where)
    string(APPEND text ". Install ${where}, or")
  else()
    string(APPEND text ". Install it, or")
  endif()
  set(${problem} "${text} add its prefix to CMAKE_PREFIX_PATH." PARENT_SCOPE)
endfunction()

# Makes cloakroom::<component> with what it needs. `problem` becomes empty, or a sentence.
function(cloakroom_find_component component problem)
  set(${problem} "" PARENT_SCOPE)
  if(NOT component IN_LIST cloakroom_components)
    list(JOIN cloakroom_components ", " known)
    set(${problem} "cloakroom has no component \"${component}\"; there are ${known}." PARENT_SCOPE)
    return()
  endif()
  if(TARGET cloakroom::${component})
    return()
  endif()
  foreach(name IN LISTS cloakroom_component_${component})
    cloakroom_find_dependency(${name} missing)
    if(missing)
      set(${problem} "${missing}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  list(TRANSFORM cloakroom_component_${component} PREPEND cloakroom::dep_ OUTPUT_VARIABLE libraries)
  add_library(cloakroom::${component} INTERFACE IMPORTED ${cloakroom_global})
  target_link_libraries(cloakroom::${component} INTERFACE cloakroom::cloakroom ${libraries})
endfunction()
