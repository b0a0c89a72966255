/* SPDX-License-Identifier: MIT */
#include "fault_memory.h"

#include <sqlite3.h>
#include <stdlib.h>

static sqlite3_mem_methods real;
static unsigned left; /* allocations until the one that fails; 0: none fails */
static bool struck;

static bool fails(void)
{
    if (!left || --left)
        return false;
    struck = true;
    return true;
}

static void *allocate(int size)
{
    return fails() ? NULL : real.xMalloc(size);
}

static void *resize(void *old, int size)
{
    return fails() ? NULL : real.xRealloc(old, size);
}

void fault_memory_install(void)
{
    sqlite3_mem_methods ours;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        abort();
    ours = real;
    ours.xMalloc = allocate;
    ours.xRealloc = resize;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK)
        abort();
}

void fault_memory_arm(unsigned n)
{
    left = n;
    struck = false;
}

bool fault_memory_struck(void)
{
    return struck;
}
