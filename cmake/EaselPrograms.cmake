# EaselPrograms: the command line, the gallery, the examples, the benchmarks.
# SPDX-License-Identifier: Apache-2.0

# What users would write is compiled as they compile it, against the library as they get it.
function(easel_user_program name folder)
    add_executable(${name} ${ARGN})
    target_compile_options(${name} PRIVATE -std=c11 -Wall -Wextra -pedantic -fno-omit-frame-pointer $<$<BOOL:${EASEL_WERROR}>:-Werror>
        -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
    if(EASEL_SANITIZE)
        target_compile_options(${name} PRIVATE -fsanitize=${EASEL_SANITIZE} -fno-sanitize-recover=all -g)
    endif()
    target_link_libraries(${name} PRIVATE easel::easel easel_link m)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder})
endfunction()

function(easel_inner_program name folder)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE easel_flags easel_all easel_link)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder})
endfunction()

file(GLOB cli CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/*.c)
list(FILTER cli EXCLUDE REGEX "_test\\.c$")
if(cli)
    # `easel run` loads a page that calls the library in here, so all of it is there, used or not.
    add_executable(easel_cli ${cli} ${EASEL_OBJECTS})
    target_link_libraries(easel_cli PRIVATE easel_flags easel_libraries easel_link)
    set_target_properties(easel_cli PROPERTIES OUTPUT_NAME easel RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endif()

file(GLOB gallery CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/gallery/*.c)
file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.c)
if(NOT gallery AND EXISTS ${PROJECT_SOURCE_DIR}/examples/gallery.c)
    set(gallery ${PROJECT_SOURCE_DIR}/examples/gallery.c)
endif()
list(FILTER examples EXCLUDE REGEX "/gallery\\.c$")
if(gallery)
    # The gallery shows the demos, which are compiled once more as parts of it; each is one file with one page function.
    easel_user_program(gallery "." ${gallery})
    target_include_directories(gallery PRIVATE ${PROJECT_SOURCE_DIR})
endif()
foreach(file IN LISTS examples)
    get_filename_component(name ${file} NAME_WE)
    easel_user_program(example_${name} examples ${file})
    set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name})
endforeach()

# What `make` builds: all but tests and benchmarks, which `ninja` alone builds as well.
add_custom_target(programs)
foreach(name IN ITEMS easel easel_cli gallery)
    if(TARGET ${name})
        add_dependencies(programs ${name})
    endif()
endforeach()
foreach(file IN LISTS examples)
    get_filename_component(name ${file} NAME_WE)
    add_dependencies(programs example_${name})
endforeach()

file(GLOB benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.c)
foreach(file IN LISTS benches)
    get_filename_component(name ${file} NAME_WE)
    easel_inner_program(bench_${name} bench ${file})
    set_target_properties(bench_${name} PROPERTIES OUTPUT_NAME ${name})
endforeach()
# Ours among those that bench/compare compares.
file(GLOB contestants CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/contestants/*/*.c)
foreach(file IN LISTS contestants)
    get_filename_component(name ${file} NAME_WE)
    easel_user_program(contestant_${name} bench ${file})
    set_target_properties(contestant_${name} PROPERTIES OUTPUT_NAME ${name})
endforeach()
