/* SPDX-License-Identifier: MIT */
#include "kept.h"

#include <string.h>

bool kept_add(struct kept *kept, const struct iovec parts[], size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].iov_len;
    if (kept->bytes.size + sizeof(size) + size > KEPT_MAX)
        return false;
    text_append(&kept->bytes, (const char *)&size, sizeof(size));
    for (size_t i = 0; i < count; i++)
        text_append(&kept->bytes, parts[i].iov_base, parts[i].iov_len);
    return true;
}

int kept_flush(struct kept *kept, kept_send_fn send)
{
    struct text *bytes = &kept->bytes;
    size_t at = 0, size;
    int r = 0;
    while (at < bytes->size) {
        memcpy(&size, bytes->data + at, sizeof(size));
        r = send(bytes->data + at + sizeof(size), size);
        if (r < 0)
            break;
        at += sizeof(size) + size;
    }
    if (at)
        memmove(bytes->data, bytes->data + at, bytes->size - at);
    bytes->size -= at;
    if (!bytes->size)
        text_clear(bytes);
    return r;
}
