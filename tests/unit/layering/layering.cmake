# SPDX-License-Identifier: GPL-2.0-or-later
#
# In each room, compiles a source that includes one header of another room, for every pair of rooms: it has to
# compile where the dependency is one of the design, and to fail for want of that header where it is not.
cmake_minimum_required(VERSION 3.25)

# What each room may include besides its own headers.
set(may_base "")
set(may_model base)
set(may_sysfs base model)
set(may_observe base model sysfs)
set(may_initramfs base)
set(may_doctor base model sysfs observe initramfs)
set(may_config base model)
set(may_policy base model)
set(may_apply base model sysfs)
set(may_variant base)
set(may_capture base model sysfs observe initramfs doctor)

# A header of each room, and of those above the library.
set(headers
  apply/apply.h base/strv.h capture/root.h config/config-load.h doctor/doctor.h initramfs/initramfs.h model/plan.h observe/observe.h policy/policy.h sysfs/sysfs.h
  variant/variant.h bus/bus-server.h cli/verb.h)

set(failures 0)
function(complain)
  string(CONCAT text ${ARGN})
  message(NOTICE "${text}")
  math(EXPR n "${failures} + 1")
  set(failures ${n} PARENT_SCOPE)
endfunction()

# Sets ret to the compiler's exit status and ret_said to what it said.
function(compile room header ret ret_said)
  file(READ ${SCRATCH}/${room}.path path)
  list(TRANSFORM path PREPEND -I)
  set(source ${SCRATCH}/${room}-intruder.c)
  file(WRITE ${source} "#include \"${header}\"\nextern int unused;\n")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${COMPILER} -std=gnu17 -D_GNU_SOURCE -Wall -Werror -fsyntax-only
      ${path} ${source}
    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  set(${ret} ${status} PARENT_SCOPE)
  set(${ret_said} "${said}" PARENT_SCOPE)
endfunction()

set(pairs 0)
foreach(room base model sysfs observe initramfs doctor config policy apply variant capture)
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "/.*" "" other ${header})
    math(EXPR pairs "${pairs} + 1")
    if(NOT EXISTS ${SOURCE_DIR}/lib/${header} AND NOT EXISTS ${SOURCE_DIR}/daemon/${header}
        AND NOT EXISTS ${SOURCE_DIR}/${header})
      complain("${header} is not there any more: name another header of that room")
      continue()
    endif()
    compile(${room} ${header} status said)
    if(other STREQUAL room OR other IN_LIST may_${room})
      if(NOT status EQUAL 0)
        complain("${room} cannot include ${header}:\n" "${said}")
      endif()
    elseif(status EQUAL 0)
      complain("${room} can include ${header}")
    elseif(NOT said MATCHES "${header}(: No such file|' file not found)")
      complain("${room} fails to include ${header}, but not for want of it:\n" "${said}")
    endif()
  endforeach()
endforeach()

# The folders of the rooms are neighbours, so a path through ".." would go around all this.
file(GLOB_RECURSE sources ${SOURCE_DIR}/lib/*.[ch] ${SOURCE_DIR}/daemon/*.[ch] ${SOURCE_DIR}/cli/*.[ch])
list(LENGTH sources n_sources)
if(n_sources EQUAL 0)
  complain("no sources below ${SOURCE_DIR}")
endif()
foreach(source IN LISTS sources)
  file(STRINGS ${source} lines REGEX "^[ \t]*#[ \t]*include.*\\.\\./")
  if(lines)
    complain("${source} includes by a path with \"..\": ${lines}")
  endif()
endforeach()

if(failures GREATER 0)
  message(FATAL_ERROR "${failures} of ${pairs} pairs of rooms, or sources, break the layers")
endif()
message(STATUS "${pairs} pairs of rooms, ${n_sources} sources")
