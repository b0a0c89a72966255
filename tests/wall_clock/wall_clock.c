/* SPDX-License-Identifier: MIT */
/* Preloaded, it moves a program's wall clock while the program runs: the file that $WALL_CLOCK
 * names holds the microseconds that are added, as 8 bytes. Every other clock, and timers, stay
 * real, as on a machine whose clock is set. (Debian's libfaketime 0.9.10 also moves timers of
 * CLOCK_BOOTTIME.) */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_USEC 1000
#define USEC_PER_SEC  1000000
#define NSEC_PER_SEC  1000000000

static int64_t ahead_usec(void)
{
    static const volatile int64_t *ahead;
    if (!ahead) {
        const char *name = getenv("WALL_CLOCK");
        int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
        void *map =
            file < 0 ? MAP_FAILED : mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, file, 0);
        if (file >= 0)
            close(file);
        if (map == MAP_FAILED)
            abort();
        ahead = map;
    }
    return *ahead;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    int r = (int)syscall(SYS_clock_gettime, id, ret);
    if (r < 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
        return r;
    int64_t ahead = ahead_usec(), nsec = ret->tv_nsec + ahead % USEC_PER_SEC * NSEC_PER_USEC;
    int64_t carry = nsec < 0 ? -1 : nsec / NSEC_PER_SEC;
    ret->tv_sec += ahead / USEC_PER_SEC + carry;
    ret->tv_nsec = nsec - carry * NSEC_PER_SEC;
    return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    ret->tv_sec = now.tv_sec;
    ret->tv_usec = now.tv_nsec / NSEC_PER_USEC;
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
