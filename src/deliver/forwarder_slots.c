/* SPDX-License-Identifier: MIT */
/* Gives out slots, so that orders that never answer delay no others. */
#include "base/clock.h"
#include "forwarder_private.h"

/* A request is late when it takes this many times the mean answer time, but not before
 * LATE_USEC. */
#define LATE_TIMES 8
#define LATE_USEC  USEC_PER_SEC

unsigned forwarder_slots(const struct forwarder *f)
{
    unsigned slots = f->ramp.limit + f->n_late;
    return slots < f->ramp.ceiling ? slots : f->ramp.ceiling;
}

bool forwarder_has_turn(const struct forwarder *f)
{
    return pace_next_usec(&f->pace) <= clock_boot_usec();
}

static bool is_late(const struct forwarder *f, const struct attempt *attempt, uint64_t boot_usec)
{
    uint64_t taken = boot_usec - attempt->started_boot_usec;
    return taken >= LATE_USEC && taken / LATE_TIMES >= f->answer_usec;
}

void forwarder_note_late(struct forwarder *f, uint64_t boot_usec)
{
    for (struct attempt *a = f->sending; a; a = a->next)
        if (!a->late && is_late(f, a, boot_usec)) {
            a->late = true;
            f->n_late++;
        }
}

/* A resent delivery has never failed. A delivery that an operator tries again starts from the
 * beginning. */
bool forwarder_suspects(const struct forwarder *f, const struct claim *claim)
{
    bool failed = claim->faults > 0 || (claim->attempt == 2 && claim->resend == 0 &&
                                        !second_chance_has(&f->second_chances, claim->delivery));
    return failed && breaker_others_work(&f->breaker, breaker_lane(claim->lane, claim->delivery),
                                         claim->last_attempt_usec);
}

/* Return the number of slots that suspects may hold at a time. */
static unsigned share(const struct forwarder *f)
{
    unsigned slots = forwarder_slots(f) / 4;
    return slots ? slots : 1;
}

struct attempt *forwarder_next(struct forwarder *f)
{
    if (f->n_sending >= forwarder_slots(f))
        return NULL;
    if (f->suspects.count && f->n_suspects_sending < share(f))
        return attempt_dequeue(&f->suspects);
    return f->queued.count ? attempt_dequeue(&f->queued) : NULL;
}

void forwarder_took_slot(struct forwarder *f, const struct attempt *attempt)
{
    f->n_sending++;
    f->n_suspects_sending += attempt->suspect;
}

void forwarder_gave_slot(struct forwarder *f, const struct attempt *attempt)
{
    f->n_sending--;
    f->n_late -= attempt->late;
    f->n_suspects_sending -= attempt->suspect;
    /* Retries may be claimed again. */
    f->more = f->more || attempt->suspect;
}
