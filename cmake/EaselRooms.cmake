# EaselRooms: one set of objects per room, and the library made of all.
# SPDX-License-Identifier: Apache-2.0
#
#   easel_room_<name>  an archive of one room, for tests: a room's test needs only the rooms above it to compile
#   easel_all          an archive of everything with internal names visible, for tests, fuzz targets and our own tools
#   easel::easel       build/libeasel.a, what users link: one object in which only EZ_API names are left

function(easel_compile target)
    target_link_libraries(${target} PRIVATE easel_flags easel_libraries)
    add_dependencies(${target} easel_llhttp)
endfunction()

set(EASEL_OBJECTS $<TARGET_OBJECTS:easel_llhttp> $<TARGET_OBJECTS:easel_assets>)
set(EASEL_FOUND_ROOMS)
add_library(easel_llhttp_archive STATIC $<TARGET_OBJECTS:easel_llhttp>)
set_target_properties(easel_llhttp_archive PROPERTIES LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/rooms EXCLUDE_FROM_ALL ON)

foreach(room IN LISTS EASEL_ROOMS ITEMS elements)
    if(room STREQUAL elements)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/elements/*.c)
        list(FILTER sources EXCLUDE REGEX "/demo\\.c$")
    else()
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${room}/*.c)
    endif()
    list(FILTER sources EXCLUDE REGEX "_test\\.c$|/test_main\\.c$")
    if(NOT sources)
        continue()
    endif()
    add_library(easel_${room} OBJECT ${sources})
    easel_compile(easel_${room})
    if(room STREQUAL elements)
        # What a group of elements shares: "input/field.h".
        target_include_directories(easel_elements PRIVATE ${PROJECT_SOURCE_DIR}/elements)
    endif()
    add_library(easel_room_${room} STATIC $<TARGET_OBJECTS:easel_${room}>)
    set_target_properties(easel_room_${room} PROPERTIES LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/rooms
        EXCLUDE_FROM_ALL ON)
    list(APPEND EASEL_OBJECTS $<TARGET_OBJECTS:easel_${room}>)
    list(APPEND EASEL_FOUND_ROOMS ${room})
endforeach()

add_library(easel_all STATIC ${EASEL_OBJECTS})
set_target_properties(easel_all PROPERTIES LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/rooms)
target_link_libraries(easel_all PUBLIC easel_libraries)
set_target_properties(easel_all PROPERTIES EXCLUDE_FROM_ALL ON)
target_include_directories(easel_all PUBLIC ${PROJECT_SOURCE_DIR}/include)

if(EASEL_SANITIZE)
    add_library(easel STATIC ${EASEL_OBJECTS})
else()
    # Internal names have no prefix of the library, so they must not meet those of a user's program.
    set(whole ${PROJECT_BINARY_DIR}/easel.o)
    add_custom_command(OUTPUT ${whole}
        COMMAND ${CMAKE_LINKER} -r -o ${whole} @${PROJECT_BINARY_DIR}/easel.rsp
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${whole}
        DEPENDS ${EASEL_OBJECTS} ${PROJECT_BINARY_DIR}/easel.rsp
        COMMENT "One object" VERBATIM)
    file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/easel.rsp CONTENT "$<JOIN:${EASEL_OBJECTS},\n>\n")
    add_library(easel STATIC ${whole})
    set_source_files_properties(${whole} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
endif()
set_target_properties(easel PROPERTIES LINKER_LANGUAGE C ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} POSITION_INDEPENDENT_CODE ON)
# Both spellings are right: <easel/easel.h>, and <easel.h> as the one file of `make dist` has it.
target_include_directories(easel INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/easel>
    $<INSTALL_INTERFACE:include> $<INSTALL_INTERFACE:include/easel>)
target_link_libraries(easel INTERFACE $<BUILD_INTERFACE:easel_libraries>)
add_library(easel::easel ALIAS easel)
