/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

char **text_split_list(const char *list)
{
    size_t count = 0;
    char **items = memory_resize(NULL, 1, sizeof(*items));
    while (list && *list) {
        size_t size = strcspn(list, ",");
        const char *start = list, *end = list + size;
        while (start < end && isspace((unsigned char)*start))
            start++;
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        if (end > start) {
            items = memory_resize(items, count + 2, sizeof(*items));
            items[count++] = memory_copy(start, (size_t)(end - start));
        }
        list += size + (list[size] == ',');
    }
    items[count] = NULL;
    return items;
}

void text_list_free(char **list)
{
    for (char **item = list; item && *item; item++)
        free(*item);
    free(list);
}

size_t text_list_size(char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

bool text_list_has(char *const *list, const char *item)
{
    for (; list && *list; list++)
        if (strcmp(*list, item) == 0)
            return true;
    return false;
}
