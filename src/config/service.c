/* SPDX-License-Identifier: MIT */
#include "config/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* systemd's own socket, which works without a message bus. */
#define SYSTEMD_SOCKET "unix:path=/run/systemd/private"
#define UNIT           "/org/freedesktop/systemd1/unit/dockbell_2eservice"
#define MANAGER        "org.freedesktop.systemd1"
#define ANSWER_USEC    2000000

static int open_bus(sd_bus **ret)
{
    sd_bus *bus = NULL;
    int r = sd_bus_new(&bus);
    if (r >= 0)
        r = sd_bus_set_address(bus, SYSTEMD_SOCKET);
    if (r >= 0)
        r = sd_bus_start(bus);
    if (r >= 0)
        r = sd_bus_set_method_call_timeout(bus, ANSWER_USEC);
    if (r < 0)
        sd_bus_unref(bus);
    else
        *ret = bus;
    return r;
}

static int add_credentials(struct service *service, sd_bus *bus, const char *property)
{
    sd_bus_message *answer = NULL;
    const char *id, *path;
    int r = sd_bus_get_property(bus, MANAGER, UNIT, MANAGER ".Service", property, NULL, &answer,
                                "a(ss)");
    if (r >= 0)
        r = sd_bus_message_enter_container(answer, 'a', "(ss)");
    while (r >= 0 && (r = sd_bus_message_read(answer, "(ss)", &id, &path)) > 0) {
        service->credentials = memory_resize(service->credentials, service->n_credentials + 1,
                                             sizeof(*service->credentials));
        service->credentials[service->n_credentials++] =
            (struct service_credential){memory_string(id), memory_string(path)};
    }
    sd_bus_message_unref(answer);
    return r;
}

static int ask(struct service *service, sd_bus *bus)
{
    AUTOFREE char *state = NULL;
    int r =
        sd_bus_get_property_string(bus, MANAGER, UNIT, MANAGER ".Unit", "LoadState", NULL, &state);
    if (r >= 0 && strcmp(state, "loaded") != 0)
        return -ENOENT;
    if (r >= 0)
        r = sd_bus_get_property_string(bus, MANAGER, UNIT, MANAGER ".Service", "User", NULL,
                                       &service->user);
    if (r >= 0)
        r = add_credentials(service, bus, "LoadCredential");
    if (r >= 0)
        r = add_credentials(service, bus, "LoadCredentialEncrypted");
    return r < 0 ? r : 0;
}

int service_ask(struct service *ret)
{
    sd_bus *bus = NULL;
    *ret = (struct service){0};
    int r = geteuid() == 0 ? open_bus(&bus) : -EPERM;
    if (r < 0)
        return r;
    r = ask(ret, bus);
    sd_bus_flush_close_unref(bus);
    if (r < 0)
        service_clear(ret);
    return r;
}

void service_clear(struct service *service)
{
    for (size_t i = 0; i < service->n_credentials; i++) {
        free(service->credentials[i].id);
        free(service->credentials[i].path);
    }
    free(service->credentials);
    free(service->user);
    *service = (struct service){0};
}

bool service_loads(const struct service *service, const char *name, const char *path)
{
    for (size_t i = 0; i < service->n_credentials; i++) {
        const struct service_credential *line = &service->credentials[i];
        size_t size = strlen(line->path);
        bool directory = text_starts(path, line->path) && path[size] == '/' &&
                         strcmp(path + size + 1, name) == 0;
        /* Without a slash, it is a name in one of the credstores. */
        bool store = text_equal(line->id, name) && !strchr(line->path, '/') &&
                     strstr(path, "/credstore") != NULL;
        bool file = text_equal(line->id, name) && text_equal(line->path, path);
        if (directory || store || file)
            return true;
    }
    return false;
}
