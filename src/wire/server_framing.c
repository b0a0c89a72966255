/* SPDX-License-Identifier: MIT */
/* Requests whose end a proxy could see at another place than we do. It would then also see another
 * next request. */
#include <strings.h>

#include "server_exchange.h"

struct framing {
    unsigned lengths, codings, hosts;
};

static enum MHD_Result count(void *userdata, enum MHD_ValueKind kind, const char *name,
                             const char *value)
{
    struct framing *framing = userdata;
    (void)kind, (void)value;
    framing->lengths += strcasecmp(name, "content-length") == 0;
    framing->codings += strcasecmp(name, "transfer-encoding") == 0;
    framing->hosts += strcasecmp(name, "host") == 0;
    return MHD_YES;
}

bool server_exchange_is_ambiguous(const struct exchange *exchange)
{
    struct framing framing = {0};
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count, &framing);
    return framing.lengths + framing.codings > 1 || framing.hosts > 1;
}
