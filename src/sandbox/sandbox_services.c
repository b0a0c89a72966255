/* SPDX-License-Identifier: MIT */
/* The services behind the server, which the control endpoint can start again. */
#include "sandbox.h"

void sandbox_start_services(struct sandbox *sandbox)
{
    lwa_init(&sandbox->lwa, &sandbox->office);
    spapi_init(&sandbox->spapi, &sandbox->office, &sandbox->lwa, &sandbox->sqs,
               sandbox->options.rate_limit);
    rotation_init(&sandbox->rotation, &sandbox->office, &sandbox->lwa, &sandbox->sqs,
                  sandbox->options.rate_limit);
}

void sandbox_reset(struct sandbox *sandbox)
{
    publisher_reset(&sandbox->publisher);
    simclock_set_offset(&sandbox->clock, 0);
    sandbox->office.faults = (struct faults){.count = 0};
    sandbox->office.tally = (struct tally){.count = 0};
    sqs_reset(&sandbox->sqs);
    spapi_clear(&sandbox->spapi);
    sandbox_start_services(sandbox);
}
