/* SPDX-License-Identifier: MIT */
#include "generator.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"

#define STEP_USEC        (137 * USEC_PER_MSEC) /* between two events of a series */
#define EVENT_LAG_USEC   5926000ULL            /* as in a captured ORDER_CHANGE: change, event, */
#define PUBLISH_LAG_USEC 7222000ULL            /* publishing */
#define LATER_USEC       (4 * USEC_PER_DAY)
#define CANCEL_ONE_IN    16 /* orders whose buyer wants to cancel */
#define COPY_NEAR        10 /* half of the copies come within this many messages */
#define SWAP_NEAR        50

/* The state of an order at its k-th event. */
static const struct stage {
    const char *status, *type, *reason;
    unsigned shipped; /* of the first item, which has 2 */
} stages[] = {
    {"Pending", "OrderStatusChange", "Order Status Change", 0},
    {"Unshipped", "OrderStatusChange", "Order Status Change", 0},
    {"PartiallyShipped", "OrderStatusChange", "Order Status Change", 1},
    {"Shipped", "OrderStatusChange", "Order Status Change", 2},
};
static const struct stage cancel_wish = {"Unshipped", "BuyerRequestedChange",
                                         "Buyer Requested Cancel", 0};

/* The values for the placeholders of a template. */
struct values {
    char id[RNG_UUID_MAX], subscription[RNG_UUID_MAX];
    char change[CLOCK_TEXT_MAX], event[CLOCK_TEXT_MAX], publish[CLOCK_TEXT_MAX];
    char purchase[CLOCK_TEXT_MAX], later[CLOCK_TEXT_MAX];
    char order[32];
    uint64_t order_hash;
    unsigned number;
    const char *seller;
    const struct stage *stage;
};

static const struct sample *sample_of(const struct generator *generator, uint64_t n)
{
    return generator->sample ? generator->sample : &samples[n % SAMPLES_ALL];
}

static const struct stage *stage_of(uint64_t order_hash, uint64_t k)
{
    bool cancels = order_hash % CANCEL_ONE_IN == 0;
    if (cancels && k >= 2)
        return &cancel_wish;
    return &stages[k < ELEMENTS(stages) ? k : ELEMENTS(stages) - 1];
}

/* Write an order id of 3-7-7 digits. The last seven go through all numbers before one repeats. */
static void write_order_id(char out[32], uint64_t seed, uint64_t order)
{
    uint64_t hash = rng_pair(seed, order);
    uint64_t last = (order * 7654321 + rng_mix(seed) % 10000000) % 10000000;
    snprintf(out, 32, "%03u-%07u-%07u", (unsigned)(300 + hash % 700),
             (unsigned)((hash >> 16) % 10000000), (unsigned)last);
}

static void make_values(struct values *values, const struct generator *generator,
                        const struct sample *sample, uint64_t n)
{
    uint64_t order = n % generator->orders;
    uint64_t kind = (uint64_t)(sample - samples);
    uint64_t change_usec = generator->start_usec + n * STEP_USEC;
    values->order_hash = rng_pair(generator->seed, order);
    values->number = (unsigned)(100000000 + values->order_hash % 900000000);
    values->stage = stage_of(values->order_hash, n / generator->orders);
    values->seller = generator->seller_id;
    rng_uuid(values->id, rng_pair(generator->seed ^ (kind << 56), 2 * n),
             rng_pair(generator->seed ^ (kind << 56), 2 * n + 1));
    rng_uuid(values->subscription, rng_mix(kind + 1), rng_mix(kind + 2));
    clock_rfc3339(values->change, change_usec);
    clock_rfc3339(values->event, change_usec + EVENT_LAG_USEC);
    clock_rfc3339(values->publish, change_usec + PUBLISH_LAG_USEC);
    clock_rfc3339(values->purchase, generator->start_usec + order * STEP_USEC - USEC_PER_MIN);
    clock_rfc3339(values->later, generator->start_usec + order * STEP_USEC + LATER_USEC);
    write_order_id(values->order, generator->seed, order);
}

static void put(struct text *out, const struct values *values, char letter)
{
    unsigned second = (unsigned)(1 + values->order_hash % 3); /* quantity of the second item */
    switch (letter) {
    case 'i':
        text_append_string(out, values->id);
        break;
    case 'v':
        text_append_string(out, values->subscription);
        break;
    case 'e':
        text_append_string(out, values->event);
        break;
    case 'p':
        text_append_string(out, values->publish);
        break;
    case 'c':
        text_append_string(out, values->change);
        break;
    case 'b':
        text_append_string(out, values->purchase);
        break;
    case 'l':
        text_append_string(out, values->later);
        break;
    case 's':
        text_append_string(out, values->seller);
        break;
    case 'o':
        text_append_string(out, values->order);
        break;
    case 'S':
        text_append_string(out, values->stage->status);
        break;
    case 'T':
        text_append_string(out, values->stage->type);
        break;
    case 'R':
        text_append_string(out, values->stage->reason);
        break;
    case 'B':
        text_append_string(out, values->stage == &cancel_wish ? "true" : "false");
        break;
    case 'O':
        text_appendf(out, "%u", values->number);
        break;
    case 'n':
        text_appendf(out, "47%u202", values->number);
        break;
    case 'N':
        text_appendf(out, "47%u210", values->number);
        break;
    case 'q':
        text_append_char(out, '2');
        break;
    case 'Q':
        text_appendf(out, "%u", second);
        break;
    case 'x':
        text_appendf(out, "%u", values->stage->shipped);
        break;
    case 'u':
        text_appendf(out, "%u", 2 + second - values->stage->shipped);
        break;
    case 'z':
        text_appendf(out, "%05u", values->number % 100000);
        break;
    default:
        abort(); /* a placeholder that samples.h does not have */
    }
}

static void expand(struct text *out, const char *template, const struct values *values)
{
    for (const char *at = template; *at;) {
        size_t plain = strcspn(at, "'$");
        text_append(out, at, plain);
        at += plain;
        if (*at == '\'') {
            text_append_char(out, '"');
            at++;
        } else if (*at == '$') {
            put(out, values, at[1]);
            at += 2;
        }
    }
}

static void wrap(struct text *out, const struct generator *generator, const struct text *plain,
                 const struct values *values)
{
    if (generator->wrap == WRAP_STRING) {
        AUTOTEXT struct text string = {0};
        json_bytes(&string, NULL, plain->data, plain->size);
        text_append(out, string.data, string.size);
        return;
    }
    AUTOTEXT struct text sns = {0};
    json_open(&sns, NULL, '{');
    json_string(&sns, "Type", "Notification");
    json_string(&sns, "MessageId", values->subscription);
    json_string(&sns, "TopicArn", "arn:aws:sns:eu-west-1:444455556666:amazon-orders");
    json_bytes(&sns, "Message", plain->data, plain->size);
    json_string(&sns, "Timestamp", values->publish);
    json_close(&sns, '}');
    text_append(out, sns.data, sns.size);
}

void generator_write(const struct generator *generator, uint64_t n, struct text *out,
                     char id[RNG_UUID_MAX])
{
    const struct sample *sample = sample_of(generator, n);
    struct values values;
    make_values(&values, generator, sample, n);
    memcpy(id, values.id, RNG_UUID_MAX);
    AUTOTEXT struct text compact = {0}, plain = {0};
    expand(&compact, sample->text, &values);
    if (generator->wrap == WRAP_NONE) {
        json_spread(out, compact.data, compact.size);
        return;
    }
    json_spread(&plain, compact.data, compact.size);
    wrap(out, generator, &plain, &values);
}

struct planned {
    uint64_t position;
    uint32_t number;
};

static int compare_planned(const void *a, const void *b)
{
    const struct planned *left = a, *right = b;
    if (left->position != right->position)
        return left->position < right->position ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* Add copies of exactly round(count * share) of the notifications, each some way behind its first.
 * Return the new size. */
static size_t add_copies(struct planned *planned, uint32_t count, double share, uint64_t *random)
{
    uint64_t wanted = (uint64_t)((double)count * share + 0.5);
    size_t size = count;
    for (uint32_t i = 0; i < count && wanted > 0; i++) {
        if (rng_below(random, count - i) >= wanted)
            continue;
        uint64_t reach = rng_next(random) % 2 ? COPY_NEAR : count / 4 + COPY_NEAR;
        planned[size++] = (struct planned){i + 1 + rng_below(random, reach), i};
        wanted--;
    }
    qsort(planned, size, sizeof(planned[0]), compare_planned);
    return size;
}

/* Swap exactly round(size * share) of the places with a later one. */
static void disorder_plan(struct planned *planned, size_t size, uint64_t orders, double share,
                          uint64_t *random)
{
    uint64_t wanted = (uint64_t)((double)size * share + 0.5);
    for (size_t i = 0; i + 1 < size && wanted > 0; i++) {
        if (rng_below(random, size - i) >= wanted)
            continue;
        size_t left = size - i - 1;
        size_t other = i + 1 + rng_below(random, left < SWAP_NEAR ? left : SWAP_NEAR);
        if (orders <= left)
            other = i + orders;
        struct planned swap = planned[i];
        planned[i] = planned[other];
        planned[other] = swap;
        wanted--;
    }
}

void generator_plan(struct generator_plan *ret, const struct generator *generator, uint32_t count,
                    double duplicates, double disorder)
{
    uint64_t random = rng_pair(generator->seed, 0);
    struct planned *planned = memory_resize(NULL, 2 * (size_t)count + 1, sizeof(*planned));
    for (uint32_t i = 0; i < count; i++)
        planned[i] = (struct planned){i, i};
    size_t size = add_copies(planned, count, duplicates, &random);
    disorder_plan(planned, size, generator->orders, disorder, &random);
    ret->order = memory_resize(NULL, size + 1, sizeof(ret->order[0]));
    ret->size = size;
    for (size_t i = 0; i < size; i++)
        ret->order[i] = planned[i].number;
    free(planned);
}
