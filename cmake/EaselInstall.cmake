# EaselInstall: headers, library, command line, and what find_package(easel) reads.
# SPDX-License-Identifier: Apache-2.0

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS easel EXPORT easel-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET easel_cli)
    install(TARGETS easel_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
set(config ${CMAKE_INSTALL_LIBDIR}/cmake/easel)
install(EXPORT easel-targets NAMESPACE easel:: DESTINATION ${config})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/easel-config.cmake.in ${PROJECT_BINARY_DIR}/easel-config.cmake INSTALL_DESTINATION ${config})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/easel-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/easel-config.cmake ${PROJECT_BINARY_DIR}/easel-config-version.cmake DESTINATION ${config})
