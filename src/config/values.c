/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "aws/sqs_arn.h"
#include "base/clock.h"
#include "base/memory.h"
#include "journal/events.h"
#include "receive/receiver.h"
#include "spapi/notification_types.h"
#include "wire/server.h"

struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit durations[] = {
    {"s", USEC_PER_SEC}, {"m", USEC_PER_MIN}, {"h", USEC_PER_HOUR}, {"d", USEC_PER_DAY}};
static const struct unit sizes[] = {{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}};

#define UNITS ELEMENTS(durations)

/* Read digits and a unit. -EINVAL: it is something else; -ERANGE: it is too large for any limit. */
static int read_quantity(const char *value, const struct unit units[UNITS], uint64_t *ret)
{
    size_t digits = strspn(value, "0123456789");
    AUTOFREE char *number = memory_copy(value, digits);
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(value + digits, units[i].name) != 0)
            continue;
        int r = text_to_u64(number, ret);
        return r < 0 || !__builtin_mul_overflow(*ret, units[i].factor, ret) ? r : -ERANGE;
    }
    return -EINVAL;
}

/* Append a quantity with the largest unit that fits. */
static void print_quantity(struct text *out, const struct unit units[UNITS], uint64_t quantity)
{
    size_t i = UNITS - 1;
    while (i > 0 && (quantity == 0 || quantity % units[i].factor != 0))
        i--;
    text_appendf(out, "%llu%s", (unsigned long long)(quantity / units[i].factor), units[i].name);
}

/* Return the smallest unit that makes a bare number a duration that the key takes; NULL: none. */
static const char *unit_meant(const struct config_key *key, const char *number)
{
    for (size_t i = 0; i < UNITS; i++) {
        AUTOFREE char *value = memory_format("%.20s%s", number, durations[i].name);
        uint64_t quantity;
        if (read_quantity(value, durations, &quantity) == 0 && quantity >= key->min &&
            quantity <= key->max)
            return durations[i].name;
    }
    return NULL;
}

static int parse_quantity(const struct config_key *key, const char *value,
                          const struct unit units[UNITS], const char *example, uint64_t *target,
                          struct error *error)
{
    uint64_t quantity = 0;
    int r = read_quantity(value, units, &quantity);
    const char *unit = r == -EINVAL && units == durations ? unit_meant(key, value) : NULL;
    if (unit)
        return error_set(error, ERROR_CONFIG, "\"%.60s\" has no unit: is %.60s%s meant?", value,
                         value, unit);
    if (r == -EINVAL)
        return error_set(error, ERROR_CONFIG, "\"%.60s\" is not %s", value, example);
    if (r == 0 && quantity >= key->min && quantity <= key->max) {
        *target = quantity;
        return 0;
    }
    AUTOTEXT struct text range = {0};
    print_quantity(&range, units, key->min);
    text_append_string(&range, " and ");
    print_quantity(&range, units, key->max);
    return error_set(error, ERROR_CONFIG, "%.60s is not between %s", value, range.data);
}

CONFIG_PARSER(config_parse_duration)
{
    (void)place;
    return parse_quantity(key, value, durations, "a duration such as 20s, 5m, 12h or 7d", target,
                          error);
}

CONFIG_PARSER(config_parse_forever)
{
    (void)place;
    if (strcmp(value, "forever") != 0)
        return parse_quantity(key, value, durations, "\"forever\" or a duration such as 90d",
                              target, error);
    *(uint64_t *)target = 0;
    return 0;
}

CONFIG_PARSER(config_parse_off)
{
    (void)place;
    if (strcmp(value, "off") != 0)
        return parse_quantity(key, value, durations, "\"off\" or a duration such as 30d", target,
                              error);
    *(uint64_t *)target = 0;
    return 0;
}

CONFIG_PARSER(config_parse_size)
{
    (void)place;
    return parse_quantity(key, value, sizes, "a size such as 64K, 256M or 4G", target, error);
}

CONFIG_PARSER(config_parse_number)
{
    static const struct unit plain[UNITS] = {{"", 1}, {"", 1}, {"", 1}, {"", 1}};
    (void)place;
    return parse_quantity(key, value, plain, "a number", target, error);
}

CONFIG_PARSER(config_parse_count)
{
    uint64_t number = 0;
    int r = config_parse_number(key, value, place, &number, error);
    if (r == 0)
        *(unsigned *)target = (unsigned)number;
    return r;
}

static int replace(char **target, const char *value)
{
    free(*target);
    *target = memory_string(value);
    return 0;
}

CONFIG_PARSER(config_parse_path)
{
    (void)key, (void)place;
    if (value[0] != '/')
        return error_set(error, ERROR_CONFIG, "\"%.200s\" is not an absolute path", value);
    if (strlen(value) >= PATH_MAX - NAME_MAX)
        return error_set(error, ERROR_CONFIG, "the path is too long");
    return replace(target, value);
}

/* Whether the value has 1 to `max` bytes, all of them letters, digits or among `others`. */
static bool consists_of(const char *value, size_t max, const char *others)
{
    size_t size = strlen(value);
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at > 126 || (!isalnum((unsigned char)*at) && !strchr(others, *at)))
            return false;
    return size >= 1 && size <= max;
}

CONFIG_PARSER(config_parse_word)
{
    (void)key, (void)place;
    if (!consists_of(value, 256, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"))
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" has blanks or characters that cannot be in it", value);
    return replace(target, value);
}

bool config_name_is_valid(const char *name)
{
    return consists_of(name, CONFIG_NAME_MAX, "._-") && isalnum((unsigned char)name[0]);
}

static int check_name(const char *value, struct error *error)
{
    if (config_name_is_valid(value))
        return 0;
    return error_set(
        error, ERROR_CONFIG,
        "\"%.100s\" cannot be a name: letters, digits, dots, dashes and underscores, at "
        "most %d",
        value, CONFIG_NAME_MAX);
}

CONFIG_PARSER(config_parse_name)
{
    (void)key, (void)place;
    int r = check_name(value, error);
    return r < 0 ? r : replace(target, value);
}

CONFIG_PARSER(config_parse_region)
{
    static const char *const regions[] = {"na", "eu", "fe"};
    (void)key, (void)place;
    for (size_t i = 0; i < ELEMENTS(regions); i++)
        if (strcmp(value, regions[i]) == 0)
            return replace(target, value);
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is not one of na, eu, fe", value);
}

CONFIG_PARSER(config_parse_arn)
{
    (void)key, (void)place;
    int r = sqs_arn_check(value, error);
    return r < 0 ? r : replace(target, value);
}

static int parse_url(const char *value, bool with_path, char **target, struct error *error)
{
    const char *problem = config_url_problem(value, with_path);
    if (problem)
        return error_set(error, ERROR_CONFIG, "%s", problem);
    replace(target, value);
    size_t size = strlen(*target);
    if (!with_path && (*target)[size - 1] == '/')
        (*target)[size - 1] = '\0';
    return 0;
}

CONFIG_PARSER(config_parse_url)
{
    (void)key, (void)place;
    return parse_url(value, true, target, error);
}

CONFIG_PARSER(config_parse_endpoint)
{
    (void)key, (void)place;
    return parse_url(value, false, target, error);
}

CONFIG_PARSER(config_parse_level)
{
    static const struct {
        const char *word;
        enum event_level level;
    } levels[] = {{"error", EVENT_ERROR},
                  {"warning", EVENT_WARNING},
                  {"notice", EVENT_NOTICE},
                  {"info", EVENT_INFO},
                  {"debug", EVENT_DEBUG}};
    (void)key, (void)place;
    for (size_t i = 0; i < ELEMENTS(levels); i++)
        if (strcmp(value, levels[i].word) == 0) {
            *(unsigned *)target = levels[i].level;
            return 0;
        }
    return error_set(error, ERROR_CONFIG,
                     "\"%.60s\" is not one of error, warning, notice, info, debug", value);
}

CONFIG_PARSER(config_parse_unknown)
{
    (void)key, (void)place;
    static const char *const words[] = {
        [UNKNOWN_HOLD] = "hold",
        [UNKNOWN_DROP] = "drop",
        [UNKNOWN_FORWARD] = "forward",
    };
    for (unsigned i = 0; i < ELEMENTS(words); i++)
        if (strcmp(value, words[i]) == 0) {
            *(unsigned *)target = i;
            return 0;
        }
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is not hold, drop or forward", value);
}

CONFIG_PARSER(config_parse_flag)
{
    (void)key, (void)place;
    static const struct {
        const char *word;
        bool yes;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},   {"1", true},
                 {"no", false}, {"false", false}, {"off", false}, {"0", false}};
    for (size_t i = 0; i < ELEMENTS(words); i++)
        if (strcasecmp(value, words[i].word) == 0) {
            *(bool *)target = words[i].yes;
            return 0;
        }
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is neither yes nor no", value);
}

CONFIG_PARSER(config_parse_listen)
{
    bool loopback;
    (void)key, (void)place;
    if (server_check_listen(value, &loopback) < 0)
        return error_set(error, ERROR_CONFIG,
                         "\"%.60s\" is not an address and a port such as 127.0.0.1:9464 or "
                         "[::1]:9464, nor a Unix socket such as unix:/run/dockbell/admin.sock",
                         value);
    return replace(target, value);
}

/* Whether items[at] is already there: earlier in the same list, or in the key's value before. */
static bool is_repeated(char **items, size_t at, char **before)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(items[i], items[at]) == 0)
            return true;
    return text_list_has(before, items[at]);
}

/* Add the items of a list if all pass `check`. An empty value empties the list. */
static int parse_list(const char *value, int (*check)(const char *item, struct error *error),
                      char ***target, struct error *error)
{
    if (value[0] == '\0') {
        text_list_free(*target);
        *target = NULL;
        return 0;
    }
    char **items = text_split_list(value);
    size_t old = text_list_size(*target), count = text_list_size(items);
    int r = count ? 0 : error_set(error, ERROR_CONFIG, "there is nothing between the commas");
    for (size_t i = 0; i < count && r == 0; i++) {
        r = check(items[i], error);
        if (r == 0 && is_repeated(items, i, *target))
            r = error_set(error, ERROR_CONFIG, "\"%.100s\" is in the list twice", items[i]);
    }
    if (r < 0) {
        text_list_free(items);
        return r;
    }
    *target = memory_resize(*target, old + count + 1, sizeof(**target));
    memcpy(*target + old, items, (count + 1) * sizeof(*items));
    free(items);
    return 0;
}

CONFIG_PARSER(config_parse_names)
{
    (void)key, (void)place;
    return parse_list(value, check_name, target, error);
}

static int check_type(const char *item, struct error *error)
{
    if (consists_of(item, 128, "_"))
        return 0;
    return error_set(error, ERROR_CONFIG,
                     "\"%.100s\" is not a notification type such as ORDER_CHANGE", item);
}

CONFIG_PARSER(config_parse_types)
{
    (void)key, (void)place;
    return parse_list(value, check_type, target, error);
}

/* Accept every word: Amazon adds values without notice, so none is known to be wrong. */
static int check_word(const char *item, struct error *error)
{
    if (consists_of(item, 128, "_-"))
        return 0;
    return error_set(error, ERROR_CONFIG,
                     "\"%.100s\" has other characters than letters, digits, _ and -", item);
}

CONFIG_PARSER(config_parse_words)
{
    (void)key, (void)place;
    return parse_list(value, check_word, target, error);
}

static int check_change(const char *item, struct error *error)
{
    if (strcmp(item, "OrderStatusChange") == 0 || strcmp(item, "BuyerRequestedChange") == 0 ||
        strcmp(item, "DeliveryTipChange") == 0)
        return 0;
    return error_set(error, ERROR_CONFIG,
                     "\"%.60s\" is not one of OrderStatusChange, BuyerRequestedChange, "
                     "DeliveryTipChange",
                     item);
}

CONFIG_PARSER(config_parse_changes)
{
    (void)key, (void)place;
    return parse_list(value, check_change, target, error);
}

/* Check a status. A redirect is never a success: the event was not taken there. */
static int check_status(const char *item, struct error *error)
{
    if (strlen(item) == 3 && strspn(item, "0123456789") == 3 && strchr("245", item[0]))
        return 0;
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is not an HTTP status of 2xx, 4xx or 5xx",
                     item);
}

CONFIG_PARSER(config_parse_statuses)
{
    (void)key, (void)place;
    return parse_list(value, check_status, target, error);
}

CONFIG_PARSER(config_parse_test)
{
    (void)key, (void)place;
    return success_test_parse(target, value, error);
}

static int check_marketplace(const char *item, struct error *error)
{
    if (consists_of(item, 20, ""))
        return 0;
    return error_set(error, ERROR_CONFIG,
                     "\"%.60s\" is not a marketplace id such as A1PA6795UKMFR9", item);
}

CONFIG_PARSER(config_parse_marketplaces)
{
    (void)key, (void)place;
    return parse_list(value, check_marketplace, target, error);
}

CONFIG_PARSER(config_parse_aggregation)
{
    (void)key, (void)place;
    const char *period = amazon_aggregation(value);
    if (period)
        return replace(target, period);
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is neither 5m nor 10m", value);
}

/* Whether one of the filters is of the type in the first `size` bytes of value. */
static bool has_filter(char *const *filters, const char *value, size_t size)
{
    for (; filters && *filters; filters++)
        if (strncmp(*filters, value, size + 1) == 0)
            return true;
    return false;
}

static int check_filter(const char *value, const char *colon, char *const *before,
                        struct error *error)
{
    if (!colon)
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" is not TYPE: EXPRESSION, such as ORDER_CHANGE: "
                         "OrderChangeNotification.Summary.FulfillmentType == 'MFN'",
                         value);
    AUTOFREE char *type = memory_copy(value, (size_t)(colon - value));
    const char *expression = colon + 1 + strspn(colon + 1, " \t");
    int r = check_type(type, error);
    if (r == 0 && has_filter(before, value, strlen(type)))
        r = error_set(error, ERROR_CONFIG, "%s has a filter expression already", type);
    if (r == 0 && (!*expression || strlen(expression) > FILTER_EXPRESSION_MAX))
        r = error_set(error, ERROR_CONFIG,
                      "the expression for %s has %zu bytes: Amazon takes 1 to %d", type,
                      strlen(expression), FILTER_EXPRESSION_MAX);
    return r;
}

CONFIG_PARSER(config_parse_filter)
{
    char ***filters = target;
    (void)key, (void)place;
    if (value[0] == '\0') {
        text_list_free(*filters);
        *filters = NULL;
        return 0;
    }
    int r = check_filter(value, strchr(value, ':'), *filters, error);
    if (r < 0)
        return r;
    size_t count = text_list_size(*filters);
    *filters = memory_resize(*filters, count + 2, sizeof(**filters));
    (*filters)[count] = memory_string(value);
    (*filters)[count + 1] = NULL;
    return 0;
}

CONFIG_PARSER(config_parse_encoding)
{
    (void)key, (void)place;
    if (strcmp(value, "hex") != 0 && strcmp(value, "base64") != 0)
        return error_set(error, ERROR_CONFIG, "\"%.60s\" is neither hex nor base64", value);
    return replace(target, value);
}

CONFIG_PARSER(config_parse_format)
{
    (void)key, (void)place;
    if (webhook_format_find(value, target))
        return 0;
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is not one of standard, raw, cloudevents",
                     value);
}
