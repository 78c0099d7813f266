# EaselFuzz: fuzz/<name>_fuzz.c becomes build-fuzz/<name>_fuzz, a libFuzzer target.
# SPDX-License-Identifier: Apache-2.0

if(NOT CMAKE_C_COMPILER_ID STREQUAL Clang)
    message(FATAL_ERROR "Fuzz targets need clang's libFuzzer: use `cmake --preset fuzz`.")
endif()
file(GLOB targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.c)
foreach(file IN LISTS targets)
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} ${file})
    target_link_libraries(${name} PRIVATE easel_flags easel_all easel_link)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endforeach()
