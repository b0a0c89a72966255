/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_COLUMNS_H
#define SRC_STORE_COLUMNS_H

/*
 * The columns of the statements with many of them. One list makes both the SQL text and the places
 * from which the columns are read (query_at), so that the two cannot differ.
 */

/* Of SQL_DELIVERY: LANE_ROW_event and so on. */
/* clang-format off */
#define LANE_ROW_COLUMNS(X) \
    X(notification) X(webhook) X(lane) X(event) X(state) X(retry) X(next) X(not_before) \
    X(age) X(attempts) X(faults) X(event_faults) X(cause) X(state_of) X(resend)
/* clang-format on */

#define LANE_ROW_PLACE(column) LANE_ROW_##column,
enum { LANE_ROW_BEGIN, LANE_ROW_COLUMNS(LANE_ROW_PLACE) };

/* Of SQL_ROW, of the tables d (delivery) and n (notification): ROW_d_state and so on. */
/* clang-format off */
#define ROW_COLUMNS(X) \
    X(d, id) X(n, nid) X(d, webhook) X(n, queue) X(n, seller) X(n, seller_id) X(n, type) \
    X(n, order_id) X(d, state) X(d, attempts) X(d, faults) X(d, event_faults) X(d, resend) \
    X(n, received) X(d, event) X(d, next) X(d, done) X(d, status) X(d, cause) \
    X(d, error_class) X(d, error) X(n, marketplace) X(n, message_id) X(n, published) \
    X(n, sent) X(d, last_attempt) X(d, not_before) X(d, superseded_by) X(d, format) \
    X(n, id)
/* clang-format on */

#define ROW_PLACE(table, column) ROW_##table##_##column,
enum { ROW_BEGIN, ROW_COLUMNS(ROW_PLACE) };

/* Of SQL_CLAIM_ONE, of the tables d, n, p (prefix) and b (body): CLAIM_d_lane and so on. */
/* clang-format off */
#define CLAIM_COLUMNS(X) \
    X(d, lane) X(d, state_of) X(d, event) X(d, attempts) X(d, faults) X(d, event_faults) \
    X(d, resend) X(d, last_attempt) X(n, nid) X(n, queue) X(n, seller) X(n, type) \
    X(n, order_id) X(n, received) X(n, published) X(p, bytes) X(b, bytes) X(d, format) \
    X(n, seller_id) X(n, id) X(p, seal) X(b, seal)
/* clang-format on */

#define CLAIM_PLACE(table, column) CLAIM_##table##_##column,
enum { CLAIM_BEGIN, CLAIM_COLUMNS(CLAIM_PLACE) };

#endif
