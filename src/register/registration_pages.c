/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "registration.h"
#include "spapi/notification_types.h"

/* Amazon's pages have 100 subscriptions. More pages of one type and seller are not read: tokens
 * that lead from page to page for ever must not stop registration. */
#define PAGES_MAX 50

void registration_pages_reset(struct registration_pages *pages)
{
    free(pages->token);
    free(pages->best);
    *pages = (struct registration_pages){0};
}

static int score_of(const struct notifications_subscription *s, const char *type,
                    const char *destination)
{
    return 1 + 2 * text_equal(s->destination_id, destination) +
           text_equal(s->payload_version, amazon_type_version(type));
}

static const struct notifications_subscription *best_of(const struct notifications_answer *answer,
                                                        const char *type, const char *destination,
                                                        int *ret_score)
{
    const struct notifications_subscription *best = NULL;
    *ret_score = 0;
    for (size_t i = 0; i < answer->subscription_count; i++) {
        int score = score_of(&answer->subscriptions[i], type, destination);
        best = score > *ret_score ? &answer->subscriptions[i] : best;
        *ret_score = score > *ret_score ? score : *ret_score;
    }
    return best;
}

static void go_to_page(struct registration_pages *pages, char *token)
{
    free(pages->token);
    pages->token = token;
}

bool registration_pages_take(struct registration_pages *pages, const char *type,
                             const char *destination, const struct notifications_answer *answer,
                             const struct notifications_subscription **ret)
{
    int score;
    *ret = best_of(answer, type, destination, &score);
    if (pages->again)
        return true;
    if (score > pages->score) {
        pages->score = score;
        free(pages->best);
        pages->best = memory_string(pages->token);
    }
    if (answer->next_token && ++pages->count < PAGES_MAX) {
        go_to_page(pages, memory_string(answer->next_token));
        return false;
    }
    if (!pages->score || text_equal(pages->best, pages->token))
        return true;
    /* An answer lives no longer than its callback, so the best page is read again. */
    pages->again = true;
    go_to_page(pages, TAKE(pages->best));
    return false;
}
