# EaselAssets: scripts and style sheets become one C file with arrays, so that a built program needs no Node.
# SPDX-License-Identifier: Apache-2.0

file(GLOB_RECURSE EASEL_WEB_SOURCES CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/web/core/* ${PROJECT_SOURCE_DIR}/web/theme/*
    ${PROJECT_SOURCE_DIR}/elements/*.ts ${PROJECT_SOURCE_DIR}/elements/*.css)
set(EASEL_ASSETS_C ${PROJECT_BINARY_DIR}/generated/assets.c)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(EXISTS ${PROJECT_SOURCE_DIR}/web/core/main.ts)
    find_program(EASEL_NODE NAMES node nodejs REQUIRED)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/web/node_modules)
        message(WARNING "web/node_modules is missing, so the browser's part cannot be built. Run `sh tools/setup.sh`.")
    endif()
    set(bundle ${EASEL_NODE} ${PROJECT_SOURCE_DIR}/web/build.mjs --out ${PROJECT_BINARY_DIR}/web)
else()
    set(bundle ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/web)
endif()
add_custom_command(OUTPUT ${EASEL_ASSETS_C}
    COMMAND ${bundle}
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed.py ${PROJECT_BINARY_DIR}/web ${EASEL_ASSETS_C}
    DEPENDS ${EASEL_WEB_SOURCES} ${PROJECT_SOURCE_DIR}/tools/embed.py ${PROJECT_SOURCE_DIR}/web/build.mjs
        ${PROJECT_SOURCE_DIR}/web/package-lock.json
    COMMENT "Browser assets" VERBATIM)
add_library(easel_assets OBJECT ${EASEL_ASSETS_C})
# The arrays are data: no sanitizer has anything to look at.
target_compile_options(easel_assets PRIVATE -w -fvisibility=hidden -fdata-sections)
target_include_directories(easel_assets PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
set_target_properties(easel_assets PROPERTIES POSITION_INDEPENDENT_CODE ON)
