/* SPDX-License-Identifier: MIT */
#include "webhook/remedy.h"

#include "base/memory.h"
#include "base/text.h"

/* The first row that fits is the answer. The last row fits everything. */
static const struct {
    int status;
    const char *error_class, *remedy;
} remedies[] = {
    {401, NULL,
     "the receiver does not accept the signature or the authorization: compare the secret on both "
     "sides (dockbell verify) and both clocks"},
    {402, NULL, "the receiver's account or license has expired: ask its operator"},
    {403, NULL, "the receiver or a firewall before it does not let this machine in"},
    {404, NULL, "compare the path in url with what the receiver serves"},
    {405, NULL, "the receiver does not take POST at this path; compare url"},
    {406, NULL, "the receiver does not answer in the form that it is asked for: look at its log"},
    {407, NULL, "a proxy asks for a user and a password: put them into proxy"},
    {408, NULL, "the receiver did not get the request in time: look at the network in between"},
    {410, NULL,
     "the receiver has given this address up; a delivery answered so pauses the webhook. Correct "
     "url, then: dockbell queue resume WEBHOOK"},
    {413, NULL,
     "a limit on the size of requests, often in a proxy: allow 4 MB; a notification has up to 1 "
     "MB, "
     "and the envelope repeats its items"},
    {421, NULL, "this server does not serve the host in url: compare url with its configuration"},
    {423, NULL, "the receiver is locked, perhaps for maintenance: look at its log"},
    {425, NULL, "the receiver cannot take requests yet: look at its log"},
    {426, NULL, "the receiver wants another protocol: compare the scheme and port of url"},
    {428, NULL, "the receiver wants conditional requests, which are not for webhooks: compare url"},
    {429, NULL, "the receiver wants fewer requests: set rate a little below its own limit"},
    {431, NULL, "the receiver does not take so many header bytes: shorten headers, or allow 16 KB"},
    {451, NULL, "a filter on the way blocks the request: look at the proxies in between"},
    {0, "token",
     "nothing is sent without a token: look at the oauth_ keys and at the token endpoint's log"},
    {0, "unreadable",
     "accept_if, refuse_if and done_if need an answer in JSON, not compressed, of at most 64 KiB: "
     "look at what answers at url, a proxy perhaps"},
    {0, "not_accepted", "something else than the receiver may answer; compare url, and accept"},
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
    {0, "no-tls",
     "write http:// in url if the receiver is to be reached without TLS, or the port on which it "
     "speaks HTTPS"},
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
