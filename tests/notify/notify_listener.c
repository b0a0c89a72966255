/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * systemd's end of $NOTIFY_SOCKET, for tests: binds the datagram socket that its argument names,
 * says "listening", and then writes one line per datagram to stdout: the time since boot in usec,
 * then the assignments with tabs between them. Runs until it is killed.
 */

/* More than systemd itself takes. */
#define DATAGRAM_MAX 8192

static int bind_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        fprintf(stderr, "%s: too long for a socket\n", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        perror(path);
        return -1;
    }
    return fd;
}

static void write_line(char *datagram, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (datagram[i] == '\n')
            datagram[i] = '\t';
    printf("%llu %.*s\n", (unsigned long long)clock_boot_usec(), (int)size, datagram);
}

int main(int argc, char **argv)
{
    char datagram[DATAGRAM_MAX];
    if (argc != 2) {
        fprintf(stderr, "usage: dockbell-notify-listener SOCKET\n");
        return 2;
    }
    int fd = bind_to(argv[1]);
    if (fd < 0)
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("listening");
    for (ssize_t size; (size = recv(fd, datagram, sizeof(datagram), 0)) >= 0;)
        write_line(datagram, (size_t)size);
    perror("recv");
    return 1;
}
