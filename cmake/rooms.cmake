# SPDX-License-Identifier: GPL-2.0-or-later
#
# A room is one folder, one static library and one include prefix. Its headers are reachable only through a
# folder of its own in the build tree, so a source that includes a room its target does not name does not build.

add_library(daxtier-flags INTERFACE)
target_compile_definitions(daxtier-flags INTERFACE _GNU_SOURCE PROJECT_VERSION="${PROJECT_VERSION}")
target_compile_options(daxtier-flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
  -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wno-unused-parameter
  -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion
  -fno-common -fstack-protector-strong $<$<C_COMPILER_ID:GNU>:-Wlogical-op>)
if(DAXTIER_WERROR)
  target_compile_options(daxtier-flags INTERFACE -Werror)
endif()
if(DAXTIER_SANITIZE)
  target_compile_options(daxtier-flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(daxtier-flags INTERFACE -fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE MATCHES "^Rel")
  target_compile_options(daxtier-flags INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
endif()
target_link_options(daxtier-flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)

# daxtier_room(NAME SOURCES a.c … [ROOMS other …] [LIBS PkgConfig::X …])
# ROOMS are visible to whoever uses this room as well; LIBS are its own.
function(daxtier_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;ROOMS;LIBS" ${ARGN})
  set(view ${PROJECT_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${name} SYMBOLIC)
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${view})
  target_link_libraries(${name} PUBLIC ${ARG_ROOMS} PRIVATE daxtier-flags ${ARG_LIBS})
endfunction()
