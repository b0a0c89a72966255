/* SPDX-License-Identifier: MIT */
#include "rng.h"

__extension__ typedef unsigned __int128 uint128;

#define STEP 0x9e3779b97f4a7c15ULL

uint64_t rng_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

uint64_t rng_pair(uint64_t a, uint64_t b)
{
    return rng_mix(rng_mix(a + STEP) ^ (b * STEP + 1));
}

uint64_t rng_next(uint64_t *state)
{
    *state += STEP;
    return rng_mix(*state);
}

uint64_t rng_below(uint64_t *state, uint64_t limit)
{
    return (uint64_t)(((uint128)rng_next(state) * limit) >> 64);
}

double rng_unit(uint64_t *state)
{
    return (double)(rng_next(state) >> 11) * 0x1.0p-53;
}

static char *put_hex(char *out, uint64_t value, unsigned digits)
{
    for (unsigned i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[(value >> (4 * (digits - 1 - i))) & 15];
    return out + digits;
}

void rng_uuid(char out[RNG_UUID_MAX], uint64_t high, uint64_t low)
{
    char *at = put_hex(out, high >> 32, 8);
    *at++ = '-';
    at = put_hex(at, (high >> 16) & 0xffff, 4);
    *at++ = '-';
    at = put_hex(at, (high & 0xfff) | 0x4000, 4);
    *at++ = '-';
    at = put_hex(at, ((low >> 48) & 0x3fff) | 0x8000, 4);
    *at++ = '-';
    at = put_hex(at, low & 0xffffffffffffULL, 12);
    *at = '\0';
}
