/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http_transport_private.h"

/* curl's own default (CURLOPT_CA_CACHE_TIMEOUT(3)). */
#define CA_CACHE_S (24 * 60 * 60L)

struct http_transport {
    uint64_t serial; /* an address may be used again after a free, a serial is not */
    char *ca_file, *certificate, *key, *proxy, *no_proxy;
    bool environment;
    struct http_limits limits;
    bool no_link_local;
};

struct http_transport *http_transport_new(const struct http_transport_options *options)
{
    static uint64_t last;
    struct http_transport *transport = NEW(struct http_transport);
    *transport = (struct http_transport){
        .serial = ++last,
        .ca_file = memory_string(options->ca_file),
        .certificate = memory_string(options->certificate),
        .key = memory_string(options->key),
        .proxy = memory_string(options->proxy),
        .no_proxy = memory_string(options->no_proxy),
        .environment = options->environment,
        .limits = {.connect = options->connect_timeout_ms,
                   .lookup = options->lookup_timeout_ms,
                   .tls = options->tls_timeout_ms},
        .no_link_local = options->no_link_local,
    };
    return transport;
}

void http_transport_free(struct http_transport *transport)
{
    if (!transport)
        return;
    free(transport->ca_file);
    free(transport->certificate);
    free(transport->key);
    free(transport->proxy);
    free(transport->no_proxy);
    free(transport);
}

struct http_limits http_transport_limits(const struct http_transport *transport)
{
    return transport ? transport->limits : (struct http_limits){0};
}

static bool v4_is_link_local(const unsigned char *bytes)
{
    return bytes[0] == 169 && bytes[1] == 254;
}

/* Prefixes behind which a translator finds an IPv4 address, and where that stands: NAT64 (RFC 6052,
 * RFC 8215, the latter with 48 bits), 6to4 (RFC 3056), IPv4-compatible (RFC 4291). */
static bool embeds_link_local(const unsigned char *bytes)
{
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b}, none[12] = {0};
    static const unsigned char local_nat64[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
    if (memcmp(bytes, nat64, sizeof(nat64)) == 0 || memcmp(bytes, none, sizeof(none)) == 0)
        return v4_is_link_local(bytes + 12);
    if (memcmp(bytes, local_nat64, sizeof(local_nat64)) == 0) /* of any length from 48 to 96 */
        return v4_is_link_local(bytes + 6) || v4_is_link_local(bytes + 7) ||
               v4_is_link_local(bytes + 9) || v4_is_link_local(bytes + 12);
    return bytes[0] == 0x20 && bytes[1] == 0x02 && v4_is_link_local(bytes + 2);
}

static bool v6_is_link_local(const struct in6_addr *address)
{
    static const struct in6_addr ec2 = {{{0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}}};
    if (IN6_IS_ADDR_V4MAPPED(address))
        return v4_is_link_local(&address->s6_addr[12]);
    return IN6_IS_ADDR_LINKLOCAL(address) || memcmp(address, &ec2, sizeof(ec2)) == 0 ||
           embeds_link_local(address->s6_addr);
}

bool http_transport_is_link_local(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof(v4));
        return v4_is_link_local((const unsigned char *)&v4.sin_addr);
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&v6, address, sizeof(v6));
    return v6_is_link_local(&v6.sin6_addr);
}

/* Open a socket, unless the address is link-local. curl asks with the resolved address, so no name
 * leads there. */
static curl_socket_t on_socket(void *userdata, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_transport_state *state = userdata;
    (void)purpose;
    if (http_transport_is_link_local(&address->addr)) {
        state->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* For calls without a transport. */
static const struct http_transport usual = {.environment = true};

void http_transport_proxy(const struct http_transport *transport, const char *url,
                          char ret[HTTP_PROXY_NAME_MAX])
{
    transport = transport ? transport : &usual;
    struct http_proxy_rules rules = {
        .proxy = transport->proxy,
        .no_proxy = transport->no_proxy,
        .environment = transport->environment,
    };
    http_proxy_name(&rules, url, ret);
}

/* Return the facts of libcurl. It composes the versions of all its libraries for each question. */
static const curl_version_info_data *built(void)
{
    static const curl_version_info_data *known;
    if (!known)
        known = curl_version_info(CURLVERSION_NOW);
    return known;
}

/* Set the authorities. NULL would also remove the machine's, which are built into curl. curl would
 * keep the authorities of a file for a day. */
static void apply_authorities(CURL *easy, const struct http_transport *transport, bool fresh)
{
    if (fresh && !transport->ca_file)
        return;
    curl_easy_setopt(easy, CURLOPT_CAINFO,
                     transport->ca_file ? transport->ca_file : built()->cainfo);
    curl_easy_setopt(easy, CURLOPT_CAPATH, transport->ca_file ? NULL : built()->capath);
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, transport->ca_file ? 0L : CA_CACHE_S);
}

/* Set our certificate. A session may continue with the certificate that it began with, so there are
 * none with one. */
static void apply_certificate(CURL *easy, const struct http_transport *transport, bool fresh)
{
    if (fresh && !transport->certificate)
        return;
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, transport->certificate ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSLCERT, transport->certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEY, transport->key);
}

/* Set the proxy. For curl, "" means no proxy and NULL means the environment's. */
static void apply_proxy(CURL *easy, const struct http_transport *transport, bool fresh)
{
    const char *absent = transport->environment ? NULL : "";
    const char *proxy = transport->proxy ? transport->proxy : absent;
    const char *no_proxy = transport->no_proxy ? transport->no_proxy : absent;
    if (!fresh || proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
    if (!fresh || no_proxy)
        curl_easy_setopt(easy, CURLOPT_NOPROXY, no_proxy);
}

void http_transport_apply(struct http_transport_state *state, CURL *easy,
                          const struct http_transport *transport)
{
    state->refused = false;
    transport = transport ? transport : &usual;
    if (state->serial == transport->serial)
        return;
    bool fresh = state->serial ==
                 usual.serial; /* curl's defaults, or those of the usual one, which are equal */
    state->serial = transport->serial;
    apply_authorities(easy, transport, fresh);
    apply_certificate(easy, transport, fresh);
    apply_proxy(easy, transport, fresh);
    if (fresh && !transport->no_link_local)
        return;
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, transport->no_link_local ? on_socket : NULL);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, state);
}
