/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SECONDS_PER_DAY 86400

struct civil {
    int year, month, day, hour, minute, second;
};

/* Return the days since 1970-01-01 of a date in the Gregorian calendar. Years are counted from
 * March, so that the leap day is the last day of the year. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct civil civil_from_seconds(uint64_t seconds)
{
    int64_t days = (int64_t)(seconds / SECONDS_PER_DAY) + 719468;
    int64_t era = days / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    unsigned of_day = (unsigned)(seconds % SECONDS_PER_DAY);
    return (struct civil){
        .year = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(of_day / 3600),
        .minute = (int)(of_day / 60 % 60),
        .second = (int)(of_day % 60),
    };
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Convert to seconds since 1970. Return false if the date is invalid or outside 1970 to 9999. A
 * leap second counts as the second after it. */
static bool civil_to_seconds(const struct civil *c, int64_t *ret)
{
    if (c->year < 1969 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > days_in_month(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
        c->second > 60)
        return false;
    *ret = days_from_civil(c->year, c->month, c->day) * SECONDS_PER_DAY + c->hour * 3600 +
           c->minute * 60 + c->second;
    return true;
}

/* Write the last `count` digits of a number and one character. Return the position behind them.
 * Each message needs two times, and snprintf takes ten times as many instructions. */
static char *put(char *out, int value, int count, char behind)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    out[count] = behind;
    return out + count + 1;
}

void clock_rfc3339(char out[CLOCK_TEXT_MAX], uint64_t usec)
{
    struct civil c = civil_from_seconds(usec / USEC_PER_SEC);
    out = put(out, c.year, c.year > 9999 ? 6 : 4, '-');
    out = put(out, c.month, 2, '-');
    out = put(out, c.day, 2, 'T');
    out = put(out, c.hour, 2, ':');
    out = put(out, c.minute, 2, ':');
    out = put(out, c.second, 2, '.');
    out = put(out, (int)(usec / USEC_PER_MSEC % 1000), 3, 'Z');
    *out = '\0';
}

void clock_aws_stamp(char out[17], uint64_t usec)
{
    struct civil c = civil_from_seconds(usec / USEC_PER_SEC);
    out = put(out, c.year * 10000 + c.month * 100 + c.day, 8, 'T');
    out = put(out, c.hour * 10000 + c.minute * 100 + c.second, 6, 'Z');
    *out = '\0';
}

/* A position in text that is not NUL-terminated. */
struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *c, const char *one_of)
{
    if (c->at == c->end || *c->at == '\0' || !strchr(one_of, *c->at))
        return false;
    c->at++;
    return true;
}

static bool take_digit(struct cursor *c, int *ret)
{
    if (c->at == c->end || *c->at < '0' || *c->at > '9')
        return false;
    *ret = *c->at++ - '0';
    return true;
}

/* Take exactly `count` digits. */
static bool take_number(struct cursor *c, int count, int *ret)
{
    int value = 0, digit;
    while (count-- > 0) {
        if (!take_digit(c, &digit))
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

/* Take "." and digits. Digits behind the microseconds are ignored. */
static bool take_fraction(struct cursor *c, uint64_t *ret_usec)
{
    uint64_t usec = 0, scale = 100000;
    int digit;
    if (!take_digit(c, &digit))
        return false;
    do {
        usec += (uint64_t)digit * scale;
        scale /= 10;
    } while (take_digit(c, &digit));
    *ret_usec = usec;
    return true;
}

/* Take Z, +hh:mm, +hhmm or +hh. *ret_seconds is the number of seconds that local time is ahead. */
static bool take_zone(struct cursor *c, int64_t *ret_seconds)
{
    int hours, minutes = 0;
    *ret_seconds = 0;
    if (take(c, "Zz"))
        return true;
    bool negative = c->at < c->end && *c->at == '-';
    if (!take(c, "+-") || !take_number(c, 2, &hours))
        return false;
    bool more = take(c, ":") || c->at < c->end;
    if (more && !take_number(c, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *ret_seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

int clock_parse_rfc3339(const char *text, size_t size, uint64_t *ret_usec)
{
    struct cursor c = {text, text + size};
    struct civil civil = {0};
    uint64_t fraction = 0;
    int64_t seconds, zone;

    if (!take_number(&c, 4, &civil.year) || !take(&c, "-") || !take_number(&c, 2, &civil.month) ||
        !take(&c, "-") || !take_number(&c, 2, &civil.day) || !take(&c, "Tt ") ||
        !take_number(&c, 2, &civil.hour) || !take(&c, ":") || !take_number(&c, 2, &civil.minute))
        return -EINVAL;
    if (take(&c, ":")) {
        if (!take_number(&c, 2, &civil.second))
            return -EINVAL;
        if (take(&c, ".,") && !take_fraction(&c, &fraction))
            return -EINVAL;
    }
    if (!take_zone(&c, &zone) || c.at != c.end || !civil_to_seconds(&civil, &seconds))
        return -EINVAL;
    seconds -= zone;
    if (seconds < 0)
        return -EINVAL;
    *ret_usec = (uint64_t)seconds * USEC_PER_SEC + fraction;
    return 0;
}

static int month_number(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (strncmp(names + 3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

/* Whether the string ends behind the matched format. If the format did not match to its
 * end, %n stays 0. */
#define AT_END(text, consumed) ((consumed) > 0 && (text)[consumed] == '\0')

/* Read "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool read_imf_date(const char *text, struct civil *c)
{
    char month[4];
    int n = 0;
    sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &c->day, month, &c->year,
           &c->hour, &c->minute, &c->second, &n);
    if (!AT_END(text, n))
        return false;
    c->month = month_number(month);
    return true;
}

/* Read "Sunday, 06-Nov-94 08:49:37 GMT". A year that seems more than 50 years ahead is
 * in the past. */
static bool read_rfc850_date(const char *text, struct civil *c)
{
    char month[4];
    int n = 0;
    sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &c->day, month, &c->year,
           &c->hour, &c->minute, &c->second, &n);
    if (!AT_END(text, n))
        return false;
    int this_year = civil_from_seconds(clock_trusted_usec() / USEC_PER_SEC).year;
    c->month = month_number(month);
    c->year += this_year / 100 * 100;
    if (c->year > this_year + 50)
        c->year -= 100;
    return true;
}

/* Read "Sun Nov  6 08:49:37 1994". */
static bool read_asctime_date(const char *text, struct civil *c)
{
    char month[4];
    int n = 0;
    sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &c->day, &c->hour,
           &c->minute, &c->second, &c->year, &n);
    if (!AT_END(text, n))
        return false;
    c->month = month_number(month);
    return true;
}

int clock_parse_http_date(const char *text, uint64_t *ret_usec)
{
    struct civil civil = {0};
    int64_t seconds;

    if (!read_imf_date(text, &civil) && !read_rfc850_date(text, &civil) &&
        !read_asctime_date(text, &civil))
        return -EINVAL;
    if (civil.day < 0 || civil.hour < 0 || civil.minute < 0 || civil.second < 0 ||
        !civil_to_seconds(&civil, &seconds) || seconds < 0)
        return -EINVAL;
    *ret_usec = (uint64_t)seconds * USEC_PER_SEC;
    return 0;
}
