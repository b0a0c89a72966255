/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/trace.h"
#include "forwarder_private.h"

/* The most deliveries that are claimed in one transaction. */
#define CLAIM_MAX 512U

bool forwarder_is_silent(const struct forwarder *f)
{
    return f->stopping || pending_is_pause(&f->pending) || pause_is_on(&f->pause) ||
           f->pace.resting || !breaker_lets_pass(&f->breaker);
}

/* Return the number of deliveries that may be in memory. More would only wait there for their
 * turn. */
static unsigned room_of(const struct forwarder *f)
{
    unsigned slots = forwarder_slots(f) + forwarder_ahead(f);
    uint32_t turns = pace_within(&f->pace, FORWARDER_AHEAD_USEC);
    unsigned sending = slots_sending(&f->slots);
    return turns < slots - sending ? sending + turns : slots;
}

/* Return the number of deliveries in memory, without the suspects that wait. */
unsigned forwarder_have(const struct forwarder *f)
{
    return slots_sending(&f->slots) + attempts_queued(&f->attempts) +
           attempts_claimed(&f->attempts);
}

unsigned forwarder_wants(const struct forwarder *f)
{
    unsigned have = forwarder_have(f);
    unsigned room = room_of(f);
    if (attempts_bytes(&f->attempts) >= FORWARDER_BYTES_MAX || have >= room)
        return 0;
    return room - have < CLAIM_MAX ? room - have : CLAIM_MAX;
}

void backlog_expect(struct backlog *backlog)
{
    backlog->more = true;
}

bool backlog_is_expected(const struct backlog *backlog)
{
    return backlog->more;
}

uint64_t backlog_due_usec(const struct backlog *backlog)
{
    return backlog->due_usec;
}

bool backlog_take_unwitnessed(struct backlog *backlog)
{
    bool unwitnessed = backlog->unwitnessed;
    backlog->unwitnessed = false;
    return unwitnessed;
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
        struct attempt *attempt = attempts_new(&f->attempts);
        attempt->forwarder = f;
        attempt->claim = claims[i];
        attempt->probe = query->probe;
        attempt->suspect = forwarder_suspects(f, &claims[i]);
        attempts_add_claimed(&f->attempts, attempt);
    }
    return 0;
}

/* Without a token, claim nothing: due deliveries wait for the token in the store. */
static int look_without_token(struct forwarder *f, struct store *store)
{
    f->backlog.more = false;
    int r = store_next_due(store, f->webhook, &f->backlog.due_usec);
    token_want(&f->token,
               r == 0 && f->backlog.due_usec && f->backlog.due_usec <= store_delay_usec(store));
    return r;
}

static int claim_due(struct forwarder *f, struct store *store)
{
    unsigned want = forwarder_wants(f);
    size_t count = 0;
    if (!token_is_good(&f->token))
        return look_without_token(f, store);
    if (!want)
        return 0;
    struct claim_query query = {
        .webhook = f->webhook,
        .now_usec = store_delay_usec(store),
        .first = want - want / 4,
        .retries = want / 4,
        .first_only =
            attempts_suspects(&f->attempts) >= SUSPECTS_MAX ||
            attempts_suspects(&f->attempts) >= pace_within(&f->pace, FORWARDER_AHEAD_USEC),
        .bytes = FORWARDER_BYTES_MAX - attempts_bytes(&f->attempts),
    };
    int r = take(f, store, &query, &count);
    if (r)
        return r;
    f->backlog.more = count == want;
    f->backlog.due_usec = 0;
    return f->backlog.more || query.first_only
               ? 0
               : store_next_due(store, f->webhook, &f->backlog.due_usec);
}

/* Whether a first attempt is under way. It will be a witness as well. */
static bool witness_is_under_way(const struct forwarder *f)
{
    for (const struct attempt *a = slots_first(&f->slots); a; a = a->next)
        if (a->claim.attempt == 1)
            return true;
    return false;
}

static void probe_begins(struct forwarder *f)
{
    const struct claim *claim = &attempts_first_claimed(&f->attempts)->claim;
    breaker_probe(&f->breaker, breaker_lane(claim->lane, claim->delivery));
}

static int claim_probe(struct forwarder *f, struct store *store)
{
    size_t count = 0;
    if (!forwarder_has_turn(f))
        return 0;
    bool due = breaker_may_probe(&f->breaker, clock_boot_usec()) && !f->breaker.doubted;
    if (!due && !breaker_wants_witness(&f->breaker, clock_boot_usec()))
        return 0;
    if (!token_is_good(&f->token)) {
        int r = store_next_due(store, f->webhook, &f->backlog.due_usec);
        bool waits = r == 0 && f->backlog.due_usec; /* a probe need not be due */
        token_want(&f->token, waits);
        if (r || waits)
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
        probe_begins(f);
    else if (f->breaker.doubted)
        f->backlog.unwitnessed = !witness_is_under_way(f);
    else if (due)
        breaker_probe_void(&f->breaker, clock_boot_usec());
    return 0;
}

int forwarder_claim(struct forwarder *f, struct store *store)
{
    if (!forwarder_is_silent(f))
        return claim_due(f, store);
    return f->stopping || pause_is_on(&f->pause) ? 0 : claim_probe(f, store);
}

void forwarder_void(struct forwarder *f)
{
    struct attempt *attempt;
    while ((attempt = attempts_take_claimed(&f->attempts)) != NULL) {
        if (attempt->probe)
            breaker_probe_void(&f->breaker, clock_boot_usec());
        attempts_end(&f->attempts, attempt);
    }
    f->backlog.unwitnessed = false;
    f->backlog.more = true;
}
