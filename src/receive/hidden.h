/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVE_HIDDEN_H
#define SRC_RECEIVE_HIDDEN_H

#include "relay/tally.h"

/* Messages that are left in SQS and hidden there for RECEIVER_HIDE_S. SQS has 120 000 places for
 * hidden messages of a queue, so there is a limit. */

/* Whether one more message may be hidden. */
bool hidden_has_room(struct hidden *hidden);

/* Count a message that was hidden. */
void hidden_add(struct hidden *hidden);

#endif
