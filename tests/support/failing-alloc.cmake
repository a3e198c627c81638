# SPDX-License-Identifier: GPL-2.0-or-later
set(FAILING_ALLOC_LINK_OPTIONS "")
foreach(function malloc calloc realloc reallocarray strdup strndup vasprintf __vasprintf_chk asprintf __asprintf_chk
    open_memstream)
  list(APPEND FAILING_ALLOC_LINK_OPTIONS -Wl,--wrap=${function})
endforeach()
