/* SPDX-License-Identifier: MIT */
#include "webhook/remedy.h"

#include "base/memory.h"
#include "base/text.h"

/* The first row that fits is the answer; the last fits everything. */
static const struct {
    int status;
    const char *error_class, *remedy;
} remedies[] = {
    {401, NULL,
     "the receiver does not accept the signature or the authorization: compare the secret on both "
     "sides (dockbell verify) and both clocks"},
    {403, NULL, "the receiver or a firewall before it does not let this machine in"},
    {404, NULL, "compare the path in url with what the receiver serves"},
    {405, NULL, "the receiver does not take POST at this path; compare url"},
    {410, NULL,
     "the receiver has given this address up; a delivery answered so pauses the webhook. Correct "
     "url, then: dockbell queue resume WEBHOOK"},
    {429, NULL, "the receiver wants fewer requests: lower concurrency"},
    {0, "token",
     "nothing is sent without a token: look at the oauth_ keys and at the token endpoint's log"},
    {0, "http_3xx", "redirects are never followed: put the final address into url"},
    {0, "http_4xx",
     "the receiver refuses this test; order events may fare better. Its log tells why; a receiver "
     "answers 2xx to types that it does not know"},
    {0, "http_5xx", "the receiver has a problem of its own; its log tells which"},
    {0, "dns", "look at the host name in url and at this machine's resolver (resolvectl query)"},
    {0, "connect", "is the receiver running, and does a firewall let this machine through?"},
    {0, "tls",
     "look at the receiver's certificate: openssl s_client -connect HOST:443. One of a private "
     "authority must be known to this machine (update-ca-certificates)"},
    {0, "timeout",
     "without a connection a firewall drops packets, or the address is wrong; else the receiver "
     "took "
     "longer than timeout: it should store the event, answer, and work then"},
    {0, "reset",
     "the connection broke before the answer was complete: look at the receiver's log "
     "and at proxies in between"},
    {0, NULL, "look at the receiver's log"},
};

const char *webhook_remedy(int status, const char *error_class)
{
    size_t i = 0;
    for (; i < ELEMENTS(remedies) - 1; i++)
        if (remedies[i].status ? remedies[i].status == status
                               : text_equal(remedies[i].error_class, error_class))
            break;
    return remedies[i].remedy;
}
