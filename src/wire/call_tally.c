/* SPDX-License-Identifier: MIT */
#include "wire/call_tally.h"

static enum call_outcome outcome_of(enum error_kind kind)
{
    switch (kind) {
    case ERROR_NONE:
        return CALL_OK;
    case ERROR_THROTTLED:
        return CALL_THROTTLED;
    case ERROR_CREDENTIALS:
    case ERROR_CLOCK:
    case ERROR_REFUSED:
        return CALL_REFUSED;
    case ERROR_CANCELLED:
        return CALL_GIVEN_UP;
    default:
        return error_is_transport(kind) ? CALL_UNREACHABLE : CALL_FAILED;
    }
}

void call_tally_add(struct call_tally *tally, const struct error *error)
{
    tally->calls[outcome_of(error->kind)]++;
}

const char *call_outcome_name(enum call_outcome outcome)
{
    static const char *const names[CALL_OUTCOMES] = {
        [CALL_OK] = "ok",         [CALL_THROTTLED] = "throttled",     [CALL_REFUSED] = "refused",
        [CALL_FAILED] = "failed", [CALL_UNREACHABLE] = "unreachable", [CALL_GIVEN_UP] = "given_up",
    };
    return names[outcome];
}
