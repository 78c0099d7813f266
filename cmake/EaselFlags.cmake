# EaselFlags: how every file of ours is compiled, kept off the programs of those who use the library.
# SPDX-License-Identifier: Apache-2.0

add_library(easel_flags INTERFACE)
set_target_properties(easel_flags PROPERTIES INTERFACE_POSITION_INDEPENDENT_CODE ON)
target_compile_features(easel_flags INTERFACE c_std_11)
target_compile_options(easel_flags INTERFACE
    -std=gnu11 -Wall -Wextra -pedantic -fno-omit-frame-pointer -fvisibility=hidden -ffunction-sections -fdata-sections
    -fstack-protector-strong
    $<$<BOOL:${EASEL_WERROR}>:-Werror>
    # File names in messages are those of the source tree, wherever it was built.
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
target_compile_definitions(easel_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
if(NOT EASEL_SANITIZE)
    # Fortified functions hide from the sanitizers; without optimisation they only warn.
    target_compile_definitions(easel_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
target_include_directories(easel_flags INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/generated)

# Links of our own programs. Addresses survive in the build id: it tells one build's functions from another's.
add_library(easel_link INTERFACE)
target_link_options(easel_link INTERFACE -Wl,--gc-sections -Wl,--as-needed -Wl,--build-id=sha1 -rdynamic)

if(EASEL_SANITIZE)
    target_compile_options(easel_flags INTERFACE -fsanitize=${EASEL_SANITIZE} -fno-sanitize-recover=all -O1 -g)
    target_link_options(easel_flags INTERFACE -fsanitize=${EASEL_SANITIZE})
    target_link_options(easel_link INTERFACE -fsanitize=${EASEL_SANITIZE})
endif()
if(EASEL_FUZZ)
    target_compile_options(easel_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(easel_link INTERFACE -fsanitize=fuzzer-no-link)
endif()
