/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_ADMIN_METRICS_READ_H
#define SRC_DAEMON_ADMIN_METRICS_READ_H

#include "metrics.h"

/* The readers of the table: each writes the values of one metric. */

/* metrics_daemon.c */
void read_build(struct scrape *scrape);
void read_ready(struct scrape *scrape);
void read_alarms(struct scrape *scrape);
void read_reload_ok(struct scrape *scrape);
void read_reload_time(struct scrape *scrape);
void read_clock_offset(struct scrape *scrape);
void read_clock_trusted(struct scrape *scrape);
void read_cpu(struct scrape *scrape);
void read_resident(struct scrape *scrape);
void read_virtual(struct scrape *scrape);
void read_start_time(struct scrape *scrape);
void read_open_fds(struct scrape *scrape);
void read_max_fds(struct scrape *scrape);

/* metrics_store.c */
void read_received(struct scrape *scrape);
void read_accepted(struct scrape *scrape);
void read_duplicates(struct scrape *scrape);
void read_rejected(struct scrape *scrape);
void read_over_limit(struct scrape *s);
void read_removed(struct scrape *s);
void read_unknown(struct scrape *s);
void read_unknown_bytes(struct scrape *s);
void read_unknown_limit(struct scrape *s);
void read_unknown_limit_bytes(struct scrape *s);
void read_backlog(struct scrape *scrape);
void read_backlog_limit(struct scrape *scrape);
void read_receiving_stopped(struct scrape *scrape);
void read_commits(struct scrape *scrape);
void read_commit_duration(struct scrape *scrape);
void read_settles(struct scrape *scrape);
void read_checkpoints(struct scrape *scrape);
void read_store_size(struct scrape *scrape);
void read_store_free(struct scrape *scrape);
void read_disk_free(struct scrape *scrape);
void read_disk_wanted(struct scrape *scrape);

/* metrics_queues.c */
void read_messages(struct scrape *scrape);
void read_lag(struct scrape *scrape);
void read_deletes_failed(struct scrape *scrape);
void read_deletes_failing(struct scrape *scrape);
void read_damaged(struct scrape *scrape);
void read_pollers(struct scrape *scrape);
void read_depth(struct scrape *scrape);
void read_queue_failing(struct scrape *scrape);
void read_last_receive(struct scrape *scrape);
void read_last_message(struct scrape *scrape);
void read_sqs_calls(struct scrape *scrape);
void read_seller_accepted(struct scrape *scrape);
void read_seller_last(struct scrape *scrape);
void read_seller_troubled(struct scrape *scrape);

/* metrics_webhooks.c */
void read_deliveries(struct scrape *scrape);
void read_moves(struct scrape *scrape);
void read_attempts(struct scrape *scrape);
void read_attempt_duration(struct scrape *scrape);
void read_delivery_time(struct scrape *scrape);
void read_webhook_backlog(struct scrape *scrape);
void read_oldest_age(struct scrape *scrape);
void read_in_flight(struct scrape *scrape);
void read_limit(struct scrape *scrape);
void read_rate(struct scrape *scrape);
void read_throttled(struct scrape *scrape);
void read_filtered(struct scrape *scrape);
void read_filter_blocks(struct scrape *scrape);
void read_breaker(struct scrape *scrape);
void read_paused(struct scrape *scrape);
void read_last_success(struct scrape *scrape);

/* metrics_credentials.c */
void read_lwa_calls(struct scrape *scrape);
void read_api_calls(struct scrape *scrape);
void read_token_end(struct scrape *scrape);
void read_secret_end(struct scrape *scrape);
void read_certificate_end(struct scrape *scrape);
void read_aws_end(struct scrape *scrape);
void read_aws_failures(struct scrape *scrape);

#endif
