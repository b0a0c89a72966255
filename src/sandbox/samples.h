/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SAMPLES_H
#define SRC_SANDBOX_SAMPLES_H

#include <stddef.h>

/*
 * Notifications as templates, in the shapes of Amazon's schemas and published samples. A ' means ",
 * and $ with a letter is a placeholder for a value of the message (generator.c):
 *
 *   $i NotificationId       $e EventTime           $p PublishTime        $c time of the change
 *   $b purchase date        $l a later date        $s seller             $o order id
 *   $O other ids' number    $n $N item ids         $q $Q quantities      $x $X shipped
 *   $u unshipped in all     $S order status        $T change type        $R change reason
 *   $B buyer wants to cancel: true or false        $z postal code        $v subscription id
 */
struct sample {
    const char *name; /* the `type` of /_sandbox/publish */
    const char *text;
};

#define SAMPLES_ALL 12 /* the first of the table; type ALL has them in turn */

extern const struct sample samples[];
extern const size_t samples_count;

/* Return the sample with this name, or NULL. */
const struct sample *samples_find(const char *name);

#endif
