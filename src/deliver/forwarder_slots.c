/* SPDX-License-Identifier: MIT */
/* Gives out slots, so that orders that never answer delay no others. */
#include "base/clock.h"
#include "forwarder_private.h"

/* A request is late when it takes this many times the mean answer time, but not before
 * LATE_USEC. */
#define LATE_TIMES 8
#define LATE_USEC  USEC_PER_SEC

/* How often to look for late requests, while others wait for a slot. */
#define LOOK_USEC (USEC_PER_SEC / 2)

/* The running mean of answer times moves by 1 / 2^ANSWER_SHIFT of the difference per answer. So it
 * outlasts the answers of a single turn, which are alike. */
#define ANSWER_SHIFT 8

unsigned forwarder_slots(const struct forwarder *f)
{
    unsigned slots = f->ramp.limit + f->slots.n_late;
    return slots < f->ramp.ceiling ? slots : f->ramp.ceiling;
}

/* So many wait that a slot that becomes free need not wait for the next commit. It is the number
 * that the slots can send within FORWARDER_AHEAD_USEC, but at least enough to fill them once. */
unsigned forwarder_ahead(const struct forwarder *f)
{
    uint64_t answer = f->slots.answer_usec ? f->slots.answer_usec : FORWARDER_AHEAD_USEC;
    uint64_t count = f->ramp.limit * FORWARDER_AHEAD_USEC / answer;
    if (count < f->ramp.limit)
        return f->ramp.limit;
    return count < FORWARDER_AHEAD_MAX ? (unsigned)count : FORWARDER_AHEAD_MAX;
}

bool forwarder_has_turn(const struct forwarder *f)
{
    return pace_next_usec(&f->pace) <= clock_boot_usec();
}

static bool is_late(const struct forwarder *f, const struct attempt *attempt, uint64_t boot_usec)
{
    uint64_t taken = boot_usec - attempt->started_boot_usec;
    return taken >= LATE_USEC && taken / LATE_TIMES >= f->slots.answer_usec;
}

bool forwarder_waits_for_late(const struct forwarder *f)
{
    unsigned slots = forwarder_slots(f);
    return attempts_queued(&f->attempts) && f->slots.n_sending >= slots && slots < f->ramp.ceiling;
}

uint64_t forwarder_late_look_usec(struct forwarder *f, uint64_t boot_usec)
{
    if (!f->slots.look_usec)
        f->slots.look_usec = boot_usec + LOOK_USEC;
    return f->slots.look_usec;
}

bool forwarder_mark_late(struct forwarder *f, uint64_t boot_usec)
{
    if (!f->slots.look_usec || boot_usec < f->slots.look_usec)
        return false;
    f->slots.look_usec = 0;
    for (struct attempt *a = f->slots.sending; a; a = a->next)
        if (!a->late && is_late(f, a, boot_usec)) {
            a->late = true;
            f->slots.n_late++;
        }
    return true;
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
    if (f->slots.n_sending >= forwarder_slots(f))
        return NULL;
    if (attempts_suspects(&f->attempts) && f->slots.n_suspects < share(f))
        return attempts_dequeue(&f->attempts, true);
    return attempts_dequeue(&f->attempts, false);
}

void slots_take(struct slots *slots, struct attempt *attempt)
{
    attempt_push(&slots->sending, attempt);
    slots->n_sending++;
    slots->n_suspects += attempt->suspect;
}

static void note_answer_time(struct slots *slots, uint64_t usec)
{
    if (!slots->answer_usec)
        slots->answer_usec = usec;
    slots->answer_usec += (usec >> ANSWER_SHIFT) - (slots->answer_usec >> ANSWER_SHIFT);
}

void slots_give(struct slots *slots, struct attempt *attempt, uint64_t duration_usec)
{
    attempt_unlink(attempt);
    note_answer_time(slots, duration_usec);
    slots->n_sending--;
    slots->n_late -= attempt->late;
    slots->n_suspects -= attempt->suspect;
}

const struct attempt *slots_first(const struct slots *slots)
{
    return slots->sending;
}

unsigned slots_sending(const struct slots *slots)
{
    return slots->n_sending;
}

void slots_take_over(struct slots *slots, const struct slots *other)
{
    slots->answer_usec = other->answer_usec;
}

void slots_clear(struct slots *slots)
{
    attempt_free_list(slots->sending);
}
