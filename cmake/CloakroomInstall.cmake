# SPDX-License-Identifier: MIT
#
# The headers, and a config that is the same whatever was found while building: nothing in it depends on the machine.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_folder ${CMAKE_INSTALL_DATADIR}/cmake/cloakroom)
list(JOIN cloakroom_components " " cloakroom_components_text)
configure_file(cmake/cloakroomConfig.cmake.in cloakroomConfig.cmake @ONLY)
write_basic_package_version_file(cloakroomConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)

install(TARGETS cloakroom EXPORT cloakroomTargets FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT cloakroomTargets NAMESPACE cloakroom:: DESTINATION ${config_folder})
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/cloakroomConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/cloakroomConfigVersion.cmake
  cmake/CloakroomDependencies.cmake
  DESTINATION ${config_folder})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/cloakroom)
