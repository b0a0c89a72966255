/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/trace.h"
#include "forwarder_private.h"

/* The most deliveries that are claimed in one transaction. */
#define CLAIM_MAX 512U

bool forwarder_is_silent(const struct forwarder *f)
{
    return f->stopping || f->pause || f->paused_usec || f->pace.resting ||
           !breaker_lets_pass(&f->breaker);
}

/* Return the number of deliveries that wait in memory, so that a slot that becomes free need not
 * wait for the next commit. It is the number that the slots can send within FORWARDER_AHEAD_USEC,
 * but at least enough to fill them once. */
unsigned forwarder_ahead(const struct forwarder *f)
{
    uint64_t answer = f->answer_usec ? f->answer_usec : FORWARDER_AHEAD_USEC;
    uint64_t count = f->ramp.limit * FORWARDER_AHEAD_USEC / answer;
    if (count < f->ramp.limit)
        return f->ramp.limit;
    return count < FORWARDER_AHEAD_MAX ? (unsigned)count : FORWARDER_AHEAD_MAX;
}

/* Return the number of deliveries that may be in memory. More would only wait there for their
 * turn. */
static unsigned room_of(const struct forwarder *f)
{
    unsigned slots = forwarder_slots(f) + forwarder_ahead(f);
    uint32_t turns = pace_within(&f->pace, FORWARDER_AHEAD_USEC);
    return turns < slots - f->n_sending ? f->n_sending + turns : slots;
}

unsigned forwarder_wants(const struct forwarder *f)
{
    unsigned have = f->n_sending + f->queued.count + f->n_claimed;
    unsigned room = room_of(f);
    if (f->bytes >= FORWARDER_BYTES_MAX || have >= room)
        return 0;
    return room - have < CLAIM_MAX ? room - have : CLAIM_MAX;
}

static int take(struct forwarder *f, struct store *store, const struct claim_query *query,
                size_t *ret_count)
{
    struct claim claims[CLAIM_MAX];
    int r = store_claim(store, query, claims, ret_count);
    if (r)
        return r;
    TRACE("webhook %lld: claimed %zu of %zu, %zu retries%s", (long long)query->webhook, *ret_count,
          query->first + query->retries, query->retries, query->probe ? ", a probe" : "");
    for (size_t i = *ret_count; i-- > 0;) {
        struct attempt *attempt = attempt_new(f);
        attempt->forwarder = f;
        attempt->claim = claims[i];
        attempt->probe = query->probe;
        attempt->suspect = forwarder_suspects(f, &claims[i]);
        f->bytes += claims[i].body_size;
        attempt_push(&f->claimed, attempt);
        f->n_claimed++;
    }
    return 0;
}

/* Without a token, claim nothing: due deliveries wait for the token in the store. */
static int look_without_token(struct forwarder *f, struct store *store)
{
    f->more = false;
    int r = store_next_due(store, f->webhook, &f->due_usec);
    f->wants_token = r == 0 && f->due_usec && f->due_usec <= store_delay_usec(store);
    return r;
}

static int claim_due(struct forwarder *f, struct store *store)
{
    unsigned want = forwarder_wants(f);
    size_t count = 0;
    if (!access_token_is_good(&f->token))
        return look_without_token(f, store);
    if (!want)
        return 0;
    struct claim_query query = {
        .webhook = f->webhook,
        .now_usec = store_delay_usec(store),
        .first = want - want / 4,
        .retries = want / 4,
        .first_only = f->suspects.count >= SUSPECTS_MAX ||
                      f->suspects.count >= pace_within(&f->pace, FORWARDER_AHEAD_USEC),
        .bytes = FORWARDER_BYTES_MAX - f->bytes,
    };
    int r = take(f, store, &query, &count);
    if (r)
        return r;
    f->more = count == want;
    f->due_usec = 0;
    return f->more || query.first_only ? 0 : store_next_due(store, f->webhook, &f->due_usec);
}

/* Whether a first attempt is under way. It will be a witness as well. */
static bool witness_is_under_way(const struct forwarder *f)
{
    for (const struct attempt *a = f->sending; a; a = a->next)
        if (a->claim.attempt == 1)
            return true;
    return false;
}

static int claim_probe(struct forwarder *f, struct store *store)
{
    size_t count = 0;
    if (!forwarder_has_turn(f))
        return 0;
    bool due = breaker_may_probe(&f->breaker, clock_boot_usec()) && !f->breaker.doubted;
    if (!due && !breaker_wants_witness(&f->breaker, clock_boot_usec()))
        return 0;
    if (!access_token_is_good(&f->token)) {
        int r = store_next_due(store, f->webhook, &f->due_usec);
        f->wants_token = r == 0 && f->due_usec; /* a probe need not be due */
        if (r || f->wants_token)
            return r;
    }
    struct claim_query query = {
        .webhook = f->webhook,
        .now_usec = store_delay_usec(store),
        .probe = true,
        .avoid_lane = f->breaker.probe_lane,
        .newest = !due || breaker_probes_newest(&f->breaker),
        .untried = !due,
        .bytes = FORWARDER_BYTES_MAX,
    };
    int r = take(f, store, &query, &count);
    if (r)
        return r;
    if (count)
        breaker_probe(&f->breaker,
                      breaker_lane(f->claimed->claim.lane, f->claimed->claim.delivery));
    else if (f->breaker.doubted)
        f->unwitnessed = !witness_is_under_way(f);
    else if (due)
        breaker_probe_void(&f->breaker, clock_boot_usec());
    return 0;
}

int forwarder_claim(struct forwarder *f, struct store *store)
{
    if (!forwarder_is_silent(f))
        return claim_due(f, store);
    return f->stopping || f->paused_usec ? 0 : claim_probe(f, store);
}

void forwarder_void(struct forwarder *f)
{
    while (f->claimed) {
        struct attempt *attempt = f->claimed;
        attempt_unlink(attempt);
        f->n_claimed--;
        if (attempt->probe)
            breaker_probe_void(&f->breaker, clock_boot_usec());
        attempt_end(f, attempt);
    }
    f->unwitnessed = false;
    f->more = true;
}
