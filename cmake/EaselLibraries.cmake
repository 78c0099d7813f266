# EaselLibraries: the libraries that we link, and llhttp, which Debian ships as source.
# SPDX-License-Identifier: Apache-2.0
#
# OpenSSL, libcurl, libpq and llama.cpp are absent on purpose: they are opened at run time, at first need.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
set(EASEL_PKGS libuv sqlite3 libcjson md4c libxxhash zlib)
add_library(easel_libraries INTERFACE)
foreach(pkg IN LISTS EASEL_PKGS)
    pkg_check_modules(EASEL_${pkg} IMPORTED_TARGET ${pkg})
    if(NOT EASEL_${pkg}_FOUND)
        message(FATAL_ERROR "Easel needs ${pkg}, which pkg-config does not find. Run `sh tools/setup.sh` or install its -dev package.")
    endif()
    # md4c-html is a second library of the same package; we write our own HTML, so the parser alone is enough.
    target_link_libraries(easel_libraries INTERFACE PkgConfig::EASEL_${pkg})
endforeach()
target_link_libraries(easel_libraries INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)

set(EASEL_LLHTTP_DIR /usr/share/llhttp CACHE PATH "Folder with llhttp's api.c, http.c, llhttp.c")
find_path(EASEL_LLHTTP_INCLUDE llhttp.h HINTS /usr/share/include/llhttp ${EASEL_LLHTTP_DIR} ${EASEL_LLHTTP_DIR}/include)
set(EASEL_LLHTTP_SOURCES ${EASEL_LLHTTP_DIR}/api.c ${EASEL_LLHTTP_DIR}/http.c ${EASEL_LLHTTP_DIR}/llhttp.c)
if(NOT EASEL_LLHTTP_INCLUDE OR NOT EXISTS ${EASEL_LLHTTP_DIR}/llhttp.c)
    message(FATAL_ERROR "Easel needs the sources of llhttp in ${EASEL_LLHTTP_DIR} (Debian: node-llhttp). Run `sh tools/setup.sh` or set EASEL_LLHTTP_DIR.")
endif()
add_library(easel_llhttp OBJECT ${EASEL_LLHTTP_SOURCES})
target_include_directories(easel_llhttp SYSTEM PUBLIC ${EASEL_LLHTTP_INCLUDE})
target_compile_options(easel_llhttp PRIVATE -w -fvisibility=hidden -ffunction-sections -fdata-sections -fno-omit-frame-pointer)
set_target_properties(easel_llhttp PROPERTIES POSITION_INDEPENDENT_CODE ON)
if(EASEL_SANITIZE)
    # Not `undefined`: the generated parser is its authors' to keep clean.
    string(REPLACE ",undefined" "" llhttp_sanitize "${EASEL_SANITIZE}")
    target_compile_options(easel_llhttp PRIVATE -fsanitize=${llhttp_sanitize} -O1 -g)
endif()
if(EASEL_FUZZ)
    target_compile_options(easel_llhttp PRIVATE -fsanitize=fuzzer-no-link)
endif()
target_include_directories(easel_flags SYSTEM INTERFACE ${EASEL_LLHTTP_INCLUDE})
